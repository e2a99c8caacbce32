import { deadlineError } from '../recovery/loss.js';
import { FOUND_DOWN } from '../recovery/failure.js';
import { healed, newStanding, tallyAfter } from '../recovery/standing.js';
import type { Dismissal } from '../recovery/verdict.js';
import type { Cause } from './attempt.js';
import type { Failed } from './connection-state.js';
import { endEpisode } from './episode.js';
import { lossFrom } from './loss-from.js';
import type { Draft, Model } from './model.js';
import { backToFirst, forgetPlaces } from './places.js';
import type { DerivePolicy } from './policy.js';
import { downLegs, dropSession, forgetPrevious, settleSession, type Linked } from './session.js';

type At<L> = Draft<L, DerivePolicy>;

export const isOver = <L>({ state: { state } }: Model<L>): boolean => state === 'disconnected' || state === 'failed';

/** What is broken; a first join has broken nothing, whatever the server says. */
export const shownCause = <L>({ state, episode }: Model<L>): Cause | null =>
  state.state === 'connecting' ? null : (episode?.cause ?? null);

export function beginJoining<L>({ model, now }: At<L>): void {
  model.state = { state: 'connecting', reason: 'joinChannel' };
  model.standing = newStanding(now);
}

/** Both healths are up: of a first join, of the old link again, or of another one. */
export function connect<L>(draft: At<L>, session: Linked<L>): void {
  const { model, now, policy, events } = draft;
  const { state, episode, standing } = model;
  const quiet = state.state === 'connected';
  const same = quiet && state.link === session.link;
  if (episode === null && same) return;
  if (episode !== null) {
    events.push({ type: 'healed', at: now, quiet: same, cause: episode.cause, after: now - episode.loss.aliveAt });
  }
  const joined = state.state === 'connecting';
  if (!same)
    model.state = { state: 'connected', reason: joined ? 'joinSucceed' : 'rejoinSucceed', link: session.link };
  const loss = episode?.loss ?? lossFrom(draft, now);
  const tally = episode?.recovery.tally ?? tallyAfter(standing, now, policy.stableAfter);
  model.standing = healed(loss, tally, now, joined ? 'joined' : quiet ? 'quiet' : 'loud');
  endEpisode(draft);
  settleSession(draft);
  backToFirst(draft);
}

/** The trouble has lasted. */
export function announce<L>({ model }: At<L>, cause: Cause | null): void {
  const reason =
    cause === 'redispatch' ? cause : cause === 'media' ? 'mediaConnectionDisconnected' : 'signalDisconnected';
  model.state = { state: 'reconnecting', reason, link: model.session?.linked === true ? model.session.link : null };
}

/** Ends everything: nothing runs, nothing is waited for. */
function end<L>(draft: At<L>, state: Model<L>['state']): void {
  const { model, now } = draft;
  model.state = state;
  model.standing = newStanding(now);
  dropSession(draft);
  endEpisode(draft);
  forgetPlaces(draft);
}

export function endFailed<L>(draft: At<L>, failed: Pick<Failed, 'reason' | 'error' | 'suspendedFor'>): void {
  const attempts = draft.model.episode?.recovery.attempts ?? 0;
  end(draft, { state: 'failed', ...failed, attempts, cause: missing(draft.model) });
}

export function endLeft<L>(draft: At<L>): void {
  end(draft, { state: 'disconnected', reason: 'leaveChannel' });
  forgetPrevious(draft);
}

const dismissals = { closed: 'channelClosed', kicked: 'serverKicked', duplicateUser: 'duplicateUser' } as const;

export function endDismissed<L>(draft: At<L>, { kind }: Dismissal): void {
  end(draft, { state: 'disconnected', reason: dismissals[kind] });
  forgetPrevious(draft);
}

/** The deadline has passed. `suspendedFor`: how long the device slept (ms), where that is what it passed in. */
export function endLate<L>(draft: At<L>, suspendedFor: number): void {
  const { episode, state } = draft.model;
  const { attempts, lastFailure } = episode?.recovery ?? { attempts: 0, lastFailure: FOUND_DOWN };
  endFailed(draft, {
    reason: state.state === 'connecting' ? stageFailed(draft.model) : 'timeout',
    error: deadlineError(episode?.loss ?? { deadline: draft.policy.deadline, spent: 0 }, attempts, lastFailure),
    ...(suspendedFor > 0 ? { suspendedFor } : {}),
  });
}

/** What could not be had: the room's information, or the join itself. */
export const stageFailed = <L>({ episode }: Model<L>): 'requestChannelFailed' | 'joinChannelFailed' =>
  episode?.stage === 'request' ? 'requestChannelFailed' : 'joinChannelFailed';

/** Which legs were missing at the end: for a break what `progress$` names, for a join those of its last link. */
function missing<L>({ state, episode, session }: Model<L>): Failed['cause'] {
  const cause = state.state === 'connecting' ? (downLegs(session) ?? episode?.cause) : episode?.cause;
  return cause === undefined || cause === 'redispatch' ? null : cause;
}
