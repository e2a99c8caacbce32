import { extended, isOverdue, mayBeExtended, redated } from '../recovery/loss.js';
import { tallyAfter } from '../recovery/standing.js';
import type { Cause } from './attempt.js';
import { announce, connect, endDismissed, endLate, isOver, longestSettle, lossFrom, missingOf } from './derivation.js';
import type { Draft } from './draft.js';
import { announceAt, attemptAt } from './due-times.js';
import { beginEpisode, climb, enterStage, nameCause, nameError, setLoss } from './episode.js';
import type { Episode, Session } from './model.js';
import { dismissalOf, type Moment } from './moment.js';
import { putFirst, takeList } from './places.js';
import type { DerivePolicy } from './policy.js';
import { aliveUntil, askForLife, downLegs, dropSession } from './session.js';

type At<L> = Draft<L, DerivePolicy>;

/**
 * Second phase: what the facts of the frame mean for the state. In this order: the deadline, the server's dismissal, its other
 * notices, the end of the link, the healths. The first that ends the room ends the frame.
 */
export function derive<L>(draft: At<L>, moment: Moment): void {
  const { model, now, policy, events } = draft;
  const { ended } = moment;
  if (ended !== null && model.session?.joining === false) events.push({ type: 'linkEnded', at: now, ...ended });
  findBreak(draft, moment);
  judgeTime(draft, moment.suspendedFor);
  if (isOver(model)) return;
  const dismissal = dismissalOf(moment);
  if (dismissal !== undefined) {
    endDismissed(draft, dismissal);
    return;
  }
  for (const notice of moment.notices) if (notice.kind === 'endpoints') takeList(draft, notice.list);
  const { episode } = model;
  if (episode !== null) follow(draft, episode, moment);
  const { session } = model;
  if (session?.link != null && ended === null && downLegs(session) === null && !isSentAway(draft))
    connect(draft, session.link);
  askWhenInDoubt(draft, moment);
  if (model.episode !== null && announceAt(model, policy) <= now) announce(draft, model.episode);
}

/** A connection breaks: lost time begins to count, nothing is announced yet. */
function findBreak<L>(draft: At<L>, { ended, sentTo }: Moment): void {
  const { model, now, policy } = draft;
  const { session, episode, state, standing } = model;
  if (episode !== null || state.state !== 'connected' || session === null) return;
  const cause = brokenOf(session, ended !== null);
  const sent = sentTo !== undefined;
  if (cause === null && !sent) return;
  // What the server says now is a proof of life of now.
  const aliveAt = sent ? now : aliveUntil(session, now, ended !== null);
  const said = ended?.verdict.kind;
  beginEpisode(
    draft,
    cause,
    policy.repairs ? 'repair' : 'rejoin',
    // A budget that is used up leaves just the time until this break is announced: with more, whatever heals within it could
    // break for ever.
    lossFrom(
      draft,
      aliveAt,
      said === 'refused' || said === 'busy',
      ended !== null || sent ? 0 : settleOf(policy, cause),
    ),
    tallyAfter(standing, aliveAt, policy.stableAfter),
  );
}

/** How long what is broken must last before it is announced (ms). */
const settleOf = ({ settle }: DerivePolicy, cause: Cause | null): number =>
  cause === 'media' ? settle.media : cause === 'both' ? Math.min(settle.signal, settle.media) : settle.signal;

/** What is broken of a link: with its end all of it. */
const brokenOf = <L>(session: Session<L>, ended: boolean): Cause | null =>
  !ended ? downLegs(session) : session.hasMedia ? 'both' : 'signal';

/** Nothing was alive while the device slept, and the deadline is judged before everything else. */
function judgeTime<L>(draft: At<L>, suspendedFor: number): void {
  const { model, now, policy, events } = draft;
  const { standing, state, episode } = model;
  const sleptFrom = Math.max(standing.since, now - suspendedFor);
  if (suspendedFor > 0) {
    events.push({ type: 'suspended', at: now, for: suspendedFor });
    if (state.state !== 'connecting' && episode !== null)
      setLoss(
        episode,
        redated(episode.loss, standing, { now, aliveAt: sleptFrom, settle: longestSettle(policy) }, policy),
      );
  }
  // Connected, and nothing is known to be down: only a sleep can have used up the budget.
  const loss = episode?.loss ?? lossFrom(draft, sleptFrom);
  if (!isOverdue(loss, now)) return;
  if (suspendedFor === 0 && episode !== null && isUntried(draft, episode))
    setLoss(episode, extended(loss, now, policy.lateGrace));
  else endLate(draft, loss, suspendedFor);
}

/** Whether timers came so late that no attempt was made: the break was found too late, or the attempt that was due did not begin. */
const isUntried = <L>({ before, now, policy }: At<L>, { loss, recovery }: Episode<L>): boolean =>
  policy.lateGrace > 0 &&
  mayBeExtended(loss, now) &&
  (before.episode === null || (recovery.attempts === 0 && attemptAt(before, policy) < loss.deadlineAt));

/** What the server, the end of the link and the healths mean for a break, or for a join. */
function follow<L>(draft: At<L>, episode: Episode<L>, { ended, sourceError, sentTo }: Moment): void {
  const { model } = draft;
  const { session } = model;
  nameError(episode, ended?.error ?? sourceError);
  if (sentTo !== undefined) {
    putFirst(draft, sentTo);
    climb(episode);
    if (model.state.state !== 'connecting') nameCause(episode, 'redispatch');
  }
  if (session?.link == null || session.joining) {
    // A join that ended has failed; that is for the recovery.
    if (sentTo === undefined) return;
    if (model.state.state === 'connecting') nameCause(episode, missingOf(model));
    dropSession(draft);
    return;
  }
  const cause = brokenOf(session, ended !== null);
  if (cause !== null && episode.cause !== 'redispatch') nameCause(episode, cause);
  // The link itself is gone, or can never be well again: no settling, no repair.
  if (ended !== null || session.signal.ended || session.media.ended) climb(episode);
  if (ended === null) return;
  // What ends now is a join that had succeeded, whatever a repair asked for before.
  enterStage(episode, 'join');
  dropSession(draft);
}

/** A server that sent us elsewhere does not take us back by being well. */
const isSentAway = <L>({ model: { episode, session } }: At<L>): boolean =>
  episode?.cause === 'redispatch' && session?.joining === false;

/** Asks the server for a sign of life when media has gone silent, after a wake, and when the user asks. */
function askWhenInDoubt<L>(draft: At<L>, { doubted, suspendedFor, silenced, retryNow }: Moment): void {
  const { session } = draft.model;
  if (session === null || !session.canProbe || !session.signal.up || session.joining) return;
  if ((doubted || silenced || retryNow) && (session.probe === null || suspendedFor > 0))
    askForLife(draft, draft.now - suspendedFor);
}
