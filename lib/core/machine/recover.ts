import { FOUND_DOWN, type Failure } from '../recovery/failure.js';
import {
  atOnce,
  attemptStarted,
  broughtForward,
  failed,
  limitAtFrom,
  planned,
  shortcut,
  stopped,
  type Recovery,
} from '../recovery/recovery.js';
import type { Attempt } from './attempt.js';
import { asError } from './as-error.js';
import { endFailed, shownCause, stageFailed } from './derivation.js';
import { attemptAt } from './due-times.js';
import { type Draft, nextId } from './draft.js';
import { type Broken, climb, countAnswers, enterStage, isBroken, nameCause, setRecovery, workOf } from './episode.js';
import type { Work } from './model.js';
import { answeredAt, beginsSweep, enterPlace, leavePlace, placeOf } from './places.js';
import { askForLife, downLegs, dropSession, openSession } from './session.js';
import { redispatchOf, type Moment } from './moment.js';
import { nextKind } from './next-kind.js';
import type { Policy } from './policy.js';
import { limitFailure } from './repair-failure.js';

type At<L> = Broken<L, Policy>;

/** The least time between the beginnings of two attempts when `retryNow()` asks for one (ms), unless wakes may come sooner. */
const RETRY_NOW_FLOOR = 250;

/** Third phase: what becomes of the running attempt, when the next one begins, and whether there is one. */
export function recover<L>(draft: Draft<L, Policy>, moment: Moment): void {
  if (!isBroken(draft)) return;
  if (draft.before.episode === null) begin(draft, moment);
  else proceed(draft, moment);
  hurry(draft, moment);
  if (giveUp(draft)) return;
  startDue(draft);
  tellDue(draft);
}

const recoveryOf = <L>({ model }: At<L>): Recovery<Work<L>> => model.episode.recovery;

/** A join, or a break that was found in this frame. */
function begin<L>(draft: At<L>, moment: Moment): void {
  const { model, now, before } = draft;
  const { loss, recovery } = model.episode;
  if (model.state.state === 'connecting') {
    setRecovery(draft, atOnce(recovery, now, loss, { counted: false }));
    return;
  }
  const failure = moment.ended ?? FOUND_DOWN;
  setRecovery(draft, failed(recovery, failure, now));
  if (redispatchOf(moment) !== undefined) goElsewhere(draft, failure);
  else {
    if (failure.verdict.kind === 'refused' && before.session !== null) {
      answeredAt(draft, before.session.attempt.endpoint, 'refused');
    }
    plan(draft, failure);
    // Timers come so late that there may be no other chance.
    if (loss.extended && recoveryOf(draft).phase.kind !== 'givenUp')
      setRecovery(draft, atOnce(recoveryOf(draft), now, loss, { counted: true }));
  }
}

const plan = <L>(draft: At<L>, failure: Failure): void => {
  const { loss, recovery } = draft.model.episode;
  setRecovery(draft, planned(recovery, failure, draft.now, loss, draft.policy));
};

/** What the frame means for the running attempt, or for the wait. */
function proceed<L>(draft: At<L>, moment: Moment): void {
  const { model, now } = draft;
  const { phase } = recoveryOf(draft);
  const { ended } = moment;
  if (redispatchOf(moment) !== undefined) leaveFor(draft, moment);
  else if (phase.kind === 'attempting') followAttempt(draft, phase.work, phase.limitAt, moment);
  else if (ended !== null) {
    setRecovery(draft, failed(recoveryOf(draft), ended, now));
    const { kind } = ended.verdict;
    if (kind === 'refused' && draft.before.session !== null)
      answeredAt(draft, draft.before.session.attempt.endpoint, kind);
    if (kind === 'busy' || kind === 'fatal') plan(draft, ended);
  } else if (isSignallingBack(draft))
    setRecovery(draft, shortcut(recoveryOf(draft), 'restart', now, model.episode.loss) ?? recoveryOf(draft));
  const { loss } = model.episode;
  // Timers come so late that there may be no other chance.
  if (loss.extended && draft.before.episode?.loss.extended === false)
    setRecovery(draft, broughtForward(recoveryOf(draft), now, now, loss));
}

/** The old link is still there, its signalling works again and its media does not. */
const isSignallingBack = <L>({ before, model }: At<L>): boolean =>
  model.episode.rung === 'repair' && model.episode.cause === 'media' && before.episode?.cause !== 'media';

function followAttempt<L>(draft: At<L>, work: Work<L>, limitAt: number, moment: Moment): void {
  const { session } = draft.model;
  const { ended, repairFailed, relinked } = moment;
  const { kind } = work.attempt;
  if (kind === 'join' || kind === 'rejoin') {
    if (ended !== null) fail(draft, work, ended);
    else if (draft.now >= limitAt) cutAtLimit(draft, work, limitAt);
    return;
  }
  const signalDied = kind === 'restart' && session?.linked === true && !session.signal.up;
  // What the repair needed failed in the same frame: it is cut with that, unless its server says more.
  const isCut = ended !== null || relinked || signalDied;
  if (repairFailed !== null && (!isCut || weightOf(repairFailed) >= Math.max(1, weightOf(ended)))) {
    countAnswers(draft, repairFailed.answers);
    if (repairFailed.stage === 'request') enterStage(draft, 'request');
    fail(draft, work, repairFailed);
  } else if (isCut) {
    cut(draft, work);
    if (ended !== null) {
      setRecovery(draft, failed(recoveryOf(draft), ended, draft.now));
      if (ended.verdict.kind === 'refused')
        answeredAt(draft, draft.before.session?.attempt.endpoint ?? null, 'refused');
    }
    // The probe was dead before anything was repaired: the resume takes the place of the restart.
    if (signalDied && !work.called)
      setRecovery(draft, atOnce(recoveryOf(draft), draft.now, draft.model.episode.loss, { counted: false }));
    else plan(draft, ended ?? FOUND_DOWN);
  } else if (draft.now >= limitAt) cutAtLimit(draft, work, limitAt);
  else if (kind === 'resume' && isSignallingBack(draft)) {
    setRecovery(draft, stopped(recoveryOf(draft)));
    const at = shortcut(recoveryOf(draft), 'restart', draft.now, draft.model.episode.loss);
    if (at === null) plan(draft, FOUND_DOWN);
    else setRecovery(draft, at);
  } else if (!work.called && session?.linked === true && session.probe === null) {
    call(draft, work);
  }
}

/** How much the server says with a failure. */
const weightOf = (failure: Failure | null): number => ['busy', 'fatal'].indexOf(failure?.verdict.kind ?? '') + 1;

function cutAtLimit<L>(draft: At<L>, work: Work<L>, limitAt: number): void {
  const { phase } = recoveryOf(draft);
  const since = phase.kind === 'attempting' ? phase.since : draft.now;
  fail(draft, work, limitFailure(work.attempt.kind, limitAt - since, draft.policy));
}

/** The running attempt failed: what its verdict means for the rung, the place and the next wait. */
function fail<L>(draft: At<L>, { attempt }: Work<L>, failure: Failure): void {
  const { model, now, policy, events } = draft;
  const { kind, number, endpoint, openingLimit } = attempt;
  const { loss, recovery } = model.episode;
  const { session } = model;
  const since = recovery.phase.kind === 'attempting' ? recovery.phase.since : now;
  events.push({ type: 'attemptFailed', at: now, number, kind, error: failure.error, verdict: failure.verdict });
  const isRepair = kind === 'restart' || kind === 'resume';
  const { kind: said } = failure.verdict;
  const hung = said === 'unreachable' && now - since >= openingLimit && (isRepair || session?.linked !== true);
  setRecovery(draft, opened(stopped(failed(recovery, failure, now)), hung));
  if (!isRepair) {
    if (model.state.state === 'connecting' && session?.linked === true) nameCause(draft, downLegs(session));
    dropSession(draft);
    if (said === 'busy' || said === 'refused') answeredAt(draft, endpoint, said);
    else if (said === 'unreachable' && leavePlace(draft)) {
      setRecovery(draft, atOnce(recoveryOf(draft), now, loss, { counted: false }));
      return;
    }
  }
  plan(draft, failure);
  if (!isRepair || recoveryOf(draft).phase.kind === 'givenUp') return;
  // Somebody answered, or other places are left where somebody may.
  const hopeless =
    said === 'unreachable' &&
    model.places.list.length > 1 &&
    kind === 'resume' &&
    now - loss.aliveAt > policy.attemptLimit;
  if (said !== 'refused' && !hopeless) return;
  climb(draft);
  if (said === 'refused') setRecovery(draft, shortcut(recoveryOf(draft), 'rejoin', now, loss) ?? recoveryOf(draft));
}

/** Counts openings in a row that hung. */
const opened = <W>(recovery: Recovery<W>, hung: boolean): Recovery<W> => {
  const { tally } = recovery;
  return { ...recovery, tally: { ...tally, openingsHung: hung ? tally.openingsHung + 1 : 0 } };
};

/** The running attempt is of no use any more. */
function cut<L>(draft: At<L>, { attempt: { number, kind } }: Work<L>): void {
  draft.events.push({ type: 'attemptCut', at: draft.now, number, kind });
  setRecovery(draft, stopped(recoveryOf(draft)));
}

/** The probe has proven signalling alive: the media repair may begin. */
function call<L>(draft: At<L>, work: Work<L>): void {
  const recovery = recoveryOf(draft);
  const { phase } = recovery;
  if (phase.kind === 'attempting')
    setRecovery(draft, { ...recovery, phase: { ...phase, work: { ...work, called: true } } });
}

/** The server sends us elsewhere in mid recovery. */
function leaveFor<L>(draft: At<L>, moment: Moment): void {
  const { now, events, model } = draft;
  const work = workOf(model.episode);
  const said = moment.ended ?? moment.repairFailed;
  const isOwn =
    work !== null && (work.id === draft.before.session?.id ? moment.ended !== null : moment.repairFailed !== null);
  if (work !== null && isOwn && said !== null) {
    const { number, kind } = work.attempt;
    events.push({ type: 'attemptFailed', at: now, number, kind, error: said.error, verdict: said.verdict });
  } else if (work !== null) cut(draft, work);
  if (said !== null) setRecovery(draft, failed(recoveryOf(draft), said, now));
  setRecovery(draft, stopped(recoveryOf(draft)));
  goElsewhere(draft, said ?? FOUND_DOWN);
}

/** Straight to where the server sends us, once until a connection is stable; then by the schedule. */
function goElsewhere<L>(draft: At<L>, failure: Failure): void {
  const recovery = recoveryOf(draft);
  // What another server said about coming back does not hold there.
  const fresh = { ...recovery, tally: { ...recovery.tally, hintAt: null } };
  const straight = shortcut(fresh, 'redispatch', draft.now, draft.model.episode.loss);
  setRecovery(draft, straight ?? fresh);
  if (straight === null) plan(draft, { ...failure, verdict: FOUND_DOWN.verdict });
}

/** A wake or a command brings the next attempt forward. */
function hurry<L>(draft: At<L>, { woken, retryNow }: Moment): void {
  const { now, policy, model } = draft;
  const recovery = recoveryOf(draft);
  const { loss } = model.episode;
  const began = Math.min(now, recovery.tally.beganAt);
  if (retryNow)
    setRecovery(draft, broughtForward(recovery, began + Math.min(RETRY_NOW_FLOOR, policy.wakeFloor), now, loss));
  else if (woken && recovery.phase.kind === 'waiting')
    setRecovery(draft, broughtForward(recovery, began + policy.wakeFloor, now, loss));
}

/** No further attempt: the room ends, once the break is announced. */
function giveUp<L>(draft: At<L>): boolean {
  const { model } = draft;
  const { phase, attempts, lastFailure } = recoveryOf(draft);
  if (phase.kind !== 'givenUp' || model.state.state === 'connected') return false;
  const error = phase.error ?? lastFailure.error;
  endFailed(draft, { reason: stageFailed(model), error: asError(error, attempts) });
  return true;
}

/** Begins the attempt that is due, if one is. */
function startDue<L>(draft: At<L>): void {
  const { model, now, policy, events } = draft;
  if (attemptAt(model, policy) > now) return;
  const { session, episode } = model;
  const { loss, recovery } = episode;
  const id = nextId(draft);
  const kind = nextKind(model);
  const isRepair = kind === 'restart' || kind === 'resume';
  if (!isRepair) enterPlace(draft);
  const limitAt = limitAtFrom(recovery.tally, now, loss, policy);
  const openingLimit =
    beginsSweep(model.places) && !isRepair
      ? policy.openingLimit / 2
      : policy.openingLimit * 2 ** recovery.tally.openingsHung;
  const attempt: Attempt<L> = {
    number: recovery.attempts + 1,
    kind,
    cause: shownCause(model),
    endpoint: placeOf(model.places),
    previous: session?.linked === true ? session.link : model.previous,
    openingLimit: Math.min(openingLimit, limitAt - now),
    limitAt,
    deadlineAt: loss.deadlineAt,
  };
  const asks = kind === 'restart' && session?.linked === true && session.canProbe;
  setRecovery(draft, attemptStarted(recovery, { id, attempt, called: !asks }, now, limitAt));
  if (asks && session.probe === null) askForLife(draft, now);
  if (!isRepair) {
    dropSession(draft);
    openSession(draft, id, attempt);
    enterStage(draft, 'request');
  }
  events.push({
    type: 'attempt',
    at: now,
    number: attempt.number,
    kind,
    cause: attempt.cause,
    endpoint: attempt.endpoint,
  });
}

/** Whenever the time of the next attempt changes, that is told before it comes. */
function tellDue<L>(draft: At<L>): void {
  const { before, model, now, policy, events } = draft;
  const { phase, tally } = recoveryOf(draft);
  if (phase.kind === 'attempting' || phase.kind === 'givenUp') return;
  const at = attemptAt(model, policy);
  if (before.episode?.recovery.phase.kind === phase.kind && attemptAt(before, policy) === at) return;
  events.push({ type: 'waiting', at: now, nextRetryAt: at === Infinity ? null : at, hintAt: tally.hintAt });
}
