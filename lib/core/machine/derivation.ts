import { FOUND_DOWN } from '../recovery/failure.js';
import { healed } from '../recovery/healed.js';
import { beginLoss, deadlineError, type Loss } from '../recovery/loss.js';
import { newStanding, tallyAfter } from '../recovery/standing.js';
import type { Dismissal } from '../recovery/verdict.js';
import type { Cause } from './attempt.js';
import type { Failed } from './connection-state.js';
import type { Draft } from './draft.js';
import { endEpisode } from './episode.js';
import type { Episode, Model } from './model.js';
import { resetPlaces } from './places.js';
import type { DerivePolicy } from './policy.js';
import { downLegs, dropSession, forgetPrevious, settleSession } from './session.js';

type At<L> = Draft<L, DerivePolicy>;

export const isOver = <L>({ state: { state } }: Model<L>): boolean => state === 'disconnected' || state === 'failed';

/** What is broken; a first join has broken nothing, whatever the server says. */
export const shownCause = <L>({ state, episode }: Model<L>): Cause | null =>
  state.state === 'connecting' ? null : (episode?.cause ?? null);

/** The longest time before a dip is announced (ms). */
export const longestSettle = ({ settle }: DerivePolicy): number => Math.max(settle.signal, settle.media);

/** The lost time of the connection if it broke at `aliveAt`. `answered`: whether the server itself ended it. */
export const lossFrom = <L>({ model, now, policy }: At<L>, aliveAt: number, answered: boolean): Loss =>
  beginLoss(model.standing, { now, aliveAt, answered, settle: longestSettle(policy) }, policy);

export function beginJoining<L>({ model, now }: At<L>): void {
  model.state = { state: 'connecting', reason: 'joinChannel' };
  model.standing = newStanding(now);
}

/** Both healths are up: of a first join, of the old link again, or of another one. */
export function connect<L>(draft: At<L>, link: L): void {
  const { model, now, policy, events } = draft;
  const { state, episode, standing } = model;
  const quiet = state.state === 'connected';
  const same = quiet && state.link === link;
  if (episode !== null) {
    events.push({ type: 'healed', at: now, quiet: same, cause: episode.cause, after: now - episode.loss.aliveAt });
  } else if (same) return;
  const joined = state.state === 'connecting';
  if (!same) model.state = { state: 'connected', reason: joined ? 'joinSucceed' : 'rejoinSucceed', link };
  model.standing = healed(
    episode?.loss ?? lossFrom(draft, now, false),
    episode?.recovery.tally ?? tallyAfter(standing, now, policy.stableAfter),
    now,
    joined ? 'joined' : quiet ? 'quiet' : 'loud',
  );
  endEpisode(draft);
  settleSession(draft);
  resetPlaces(draft, model.places.list);
}

/** The trouble has lasted. */
export function announce<L>({ model }: At<L>, { cause, error, loss }: Episode<L>): void {
  const reason =
    cause === 'redispatch' ? cause : cause === 'media' ? 'mediaConnectionDisconnected' : 'signalDisconnected';
  model.state = { state: 'reconnecting', reason, link: model.session?.link ?? null, error, since: loss.aliveAt };
}

/** Ends everything: nothing runs, nothing is waited for. */
function end<L>(draft: At<L>, state: Model<L>['state']): void {
  const { model, now } = draft;
  model.state = state;
  model.standing = newStanding(now);
  dropSession(draft);
  endEpisode(draft);
  resetPlaces(draft, model.places.own);
  if (state.state === 'disconnected') forgetPrevious(draft);
}

export const endLeft = <L>(draft: At<L>): void => {
  end(draft, { state: 'disconnected', reason: 'leaveChannel' });
};

const dismissals = { closed: 'channelClosed', kicked: 'serverKicked', duplicateUser: 'duplicateUser' } as const;

export const endDismissed = <L>(draft: At<L>, { kind, message }: Dismissal): void => {
  end(draft, {
    state: 'disconnected',
    reason: dismissals[kind],
    ...(typeof message === 'string' && { message }),
  });
};

export function endFailed<L>(draft: At<L>, reason: Failed['reason'], error: Error, suspendedFor = 0): void {
  const { state, session, episode } = draft.model;
  // For a break what `progress$` names, for a join the legs that were not up of its last link.
  const cause = (state.state === 'connecting' && downLegs(session)) || (episode?.cause ?? null);
  end(draft, {
    state: 'failed',
    reason,
    error,
    attempts: episode?.recovery.attempts ?? 0,
    cause: cause === 'redispatch' ? null : cause,
    ...(suspendedFor > 0 && { suspendedFor }),
  });
}

/** The deadline has passed. `suspendedFor`: how long the device slept (ms), where that is what it passed in. */
export function endLate<L>(draft: At<L>, loss: Loss, suspendedFor: number): void {
  const { state, episode } = draft.model;
  const { attempts, lastFailure } = episode?.recovery ?? { attempts: 0, lastFailure: FOUND_DOWN };
  const reason = state.state === 'connecting' ? stageFailed(draft.model) : 'timeout';
  endFailed(draft, reason, deadlineError(loss, attempts, lastFailure), suspendedFor);
}

/** What could not be had: the room's information, or the join itself. */
export const stageFailed = <L>({ episode }: Model<L>): 'requestChannelFailed' | 'joinChannelFailed' =>
  episode?.stage === 'request' ? 'requestChannelFailed' : 'joinChannelFailed';
