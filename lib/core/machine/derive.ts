import { extended, isOverdue, mayBeExtended, redated } from '../recovery/loss.js';
import { tallyAfter } from '../recovery/standing.js';
import type { Cause } from './attempt.js';
import { announce, connect, endDismissed, endLate, isOver } from './derivation.js';
import { announceAt, attemptAt } from './due-times.js';
import { beginEpisode, climb, isBroken, nameCause, setLoss } from './episode.js';
import { longestSettle, lossFrom } from './loss-from.js';
import type { Draft } from './model.js';
import { dismissalOf, redispatchOf, type Moment } from './moment.js';
import { putFirst, takeList } from './places.js';
import type { DerivePolicy } from './policy.js';
import { aliveUntil, askForLife, downLegs, downSince, dropSession, isWell } from './session.js';

type At<L> = Draft<L, DerivePolicy>;

/**
 * Second phase: what the facts of the frame mean for the state. In this order: the deadline, the server's dismissal, its other
 * notices, the end of the link, the healths. The first that ends the room ends the frame.
 */
export function derive<L>(draft: At<L>, moment: Moment): void {
  const { model, now, events } = draft;
  if (moment.suspendedFor > 0) events.push({ type: 'suspended', at: now, for: moment.suspendedFor });
  findBreak(draft, moment);
  judgeTime(draft, moment);
  if (isOver(model)) return;
  const dismissal = dismissalOf(moment);
  if (dismissal !== undefined) {
    endDismissed(draft, dismissal);
    return;
  }
  followServer(draft, moment);
  loseLink(draft, moment);
  followHealths(draft, moment);
  askWhenInDoubt(draft, moment);
  if (model.episode !== null && announceAt(model, draft.policy) <= now) announce(draft, model.episode.cause);
}

/** A connection breaks: lost time begins to count, nothing is announced yet. */
function findBreak<L>(draft: At<L>, moment: Moment): void {
  const { model, now, policy } = draft;
  const { session, episode, state, standing } = model;
  if (episode !== null || state.state !== 'connected' || session?.linked !== true) return;
  const { ended } = moment;
  const sent = redispatchOf(moment) !== undefined;
  const down = downLegs(session);
  if (ended === null && down === null && !sent) return;
  // What the server says now is a proof of life of now.
  const aliveAt = sent ? now : ended === null ? downSince(session) : aliveUntil(session, now);
  const answered = ended?.verdict.kind === 'refused' || ended?.verdict.kind === 'busy';
  const repairable = policy.repairs && ended === null && !sent && !session.signal.ended && !session.media.ended;
  beginEpisode(draft, {
    cause: sent ? 'redispatch' : ended === null ? down : lostWith(session.hasMedia),
    rung: repairable ? 'repair' : 'rejoin',
    // What is announced at once needs no time for that: a server could take us in and drop us for ever in it.
    loss: lossFrom(draft, aliveAt, { answered, ...(ended !== null || sent ? { settle: 0 } : {}) }),
    tally: tallyAfter(standing, aliveAt, policy.stableAfter),
  });
}

/** What is lost with a link. */
const lostWith = (hasMedia: boolean): Cause => (hasMedia ? 'both' : 'signal');

/** Nothing was alive while the device slept, and the deadline is judged before everything else. */
function judgeTime<L>(draft: At<L>, { suspendedFor }: Moment): void {
  const { model, now, policy } = draft;
  const { standing, state } = model;
  const sleptFrom = Math.max(standing.since, now - suspendedFor);
  if (!isBroken(draft)) {
    if (suspendedFor > 0 && isOverdue(lossFrom(draft, sleptFrom), now)) endLate(draft, suspendedFor);
    return;
  }
  if (suspendedFor > 0 && state.state !== 'connecting')
    setLoss(draft, redated(draft.model.episode.loss, standing, { now, aliveAt: sleptFrom, settle: longestSettle(policy) }, policy));
  const { loss } = draft.model.episode;
  if (!isOverdue(loss, now)) return;
  if (suspendedFor === 0 && missedItsOnlyAttempt(draft)) setLoss(draft, extended(loss, now, policy.lateGrace));
  else endLate(draft, suspendedFor);
}

/** Whether timers came so late that no attempt was made: the break was found too late, or the attempt that was due did not begin. */
function missedItsOnlyAttempt<L>({ before, model, now, policy }: At<L>): boolean {
  const { episode } = model;
  if (episode === null || policy.lateGrace === 0 || !mayBeExtended(episode.loss, now)) return false;
  const found = before.episode === null;
  return found || (episode.recovery.attempts === 0 && attemptAt(model, policy) < episode.loss.deadlineAt);
}

/** The server names other places, or sends us to one. */
function followServer<L>(draft: At<L>, moment: Moment): void {
  for (const notice of moment.notices) if (notice.kind === 'endpoints') takeList(draft, notice.list);
  const endpoint = redispatchOf(moment);
  if (endpoint === undefined || !isBroken(draft)) return;
  putFirst(draft, endpoint);
  climb(draft);
  if (draft.model.state.state !== 'connecting') nameCause(draft, 'redispatch');
  if (draft.model.session?.joining === true) dropSession(draft);
}

/** The link itself is gone: no settling, no repair. A join that ended has failed; that is for the recovery. */
function loseLink<L>(draft: At<L>, { ended }: Moment): void {
  const { session, episode } = draft.model;
  if (ended === null || session?.linked !== true || session.joining || !isBroken(draft)) return;
  if (episode?.cause !== 'redispatch') nameCause(draft, lostWith(session.hasMedia));
  climb(draft);
  dropSession(draft);
}

function followHealths<L>(draft: At<L>, { ended }: Moment): void {
  const { session, episode } = draft.model;
  if (session?.linked !== true) return;
  // A server that sent us elsewhere does not take us back by being well.
  const sentAway = episode?.cause === 'redispatch' && !session.joining;
  if (isWell(session)) {
    if (!sentAway && ended === null) connect(draft, session);
  } else if (!session.joining && !sentAway && isBroken(draft)) {
    nameCause(draft, downLegs(session));
    if (session.signal.ended || session.media.ended) climb(draft);
  }
}

/** Asks the server for a sign of life when media has gone silent, and after a wake. */
function askWhenInDoubt<L>(draft: At<L>, { woken, suspendedFor, silenced }: Moment): void {
  const { session } = draft.model;
  if (session?.linked !== true || !session.canProbe || !session.signal.up || session.joining) return;
  if ((woken || silenced) && (session.probe === null || suspendedFor > 0)) askForLife(draft, draft.now - suspendedFor);
}

