import { FOUND_DOWN, type Failure } from '../recovery/failure.js';
import {
  atOnce,
  attemptStarted,
  broughtForward,
  failed,
  limitAtFrom,
  openingEnded,
  planned,
  shortcut,
  stopped,
} from '../recovery/recovery.js';
import { asError } from './as-error.js';
import type { Attempt } from './attempt.js';
import { endFailed, missingOf, shownCause, stageFailed } from './derivation.js';
import { nextId, type Draft } from './draft.js';
import { attemptAt } from './due-times.js';
import { climb, countAnswers, enterStage, nameCause, setRecovery, workOf } from './episode.js';
import type { Episode, Work } from './model.js';
import type { Moment } from './moment.js';
import { nextKind } from './next-kind.js';
import { answeredAt, beginsSweep, enterPlace, leavePlace, placeOf } from './places.js';
import type { Policy } from './policy.js';
import { limitFailure } from './repair-failure.js';
import { askForLife, dropSession, openSession } from './session.js';

type At<L> = Draft<L, Policy>;

/** The least time between the beginnings of two attempts when `retryNow()` asks for one (ms), unless wakes may come sooner. */
const RETRY_NOW_FLOOR = 250;

/** Third phase: what becomes of the running attempt, when the next one begins, and whether there is one. */
export function recover<L>(draft: At<L>, moment: Moment): void {
  const { model, now, policy } = draft;
  const { episode } = model;
  if (episode === null) return;
  const work = workOf(episode);
  if (moment.sentTo !== undefined) goElsewhere(draft, episode, work, moment);
  else if (work !== null) followAttempt(draft, episode, work, moment);
  else followWait(draft, episode, moment);
  hurry(draft, episode, moment);
  const { phase, attempts, lastFailure } = episode.recovery;
  if (phase.kind !== 'givenUp') {
    if (attemptAt(model, policy) <= now) start(draft, episode);
    tellDue(draft, episode);
  } else if (model.state.state !== 'connected') {
    endFailed(draft, stageFailed(model), asError(phase.error ?? lastFailure.error, attempts));
  }
}

function followWait<L>(draft: At<L>, episode: Episode<L>, { ended }: Moment): void {
  const { before, model, now } = draft;
  const found = before.episode === null;
  if (found && model.state.state === 'connecting') goAtOnce(draft, episode, false);
  else if (found || ended !== null) {
    const failure = ended ?? FOUND_DOWN;
    note(draft, episode, failure);
    const { kind } = failure.verdict;
    // What was given up stays so, whatever comes later.
    const isOver = episode.recovery.phase.kind === 'givenUp';
    if (found || kind === 'fatal' || (kind === 'busy' && !isOver)) plan(draft, episode, failure);
  } else if (isSignallingBack(draft, episode)) {
    restartAtOnce(draft, episode);
  }
  // Timers come so late that there may be no other chance.
  if (episode.loss.extended && episode.recovery.attempts === 0)
    setRecovery(episode, broughtForward(episode.recovery, now, now, episode.loss));
}

/** What the frame means for the running attempt. */
function followAttempt<L>(draft: At<L>, episode: Episode<L>, work: Work<L>, moment: Moment): void {
  const { now } = draft;
  const { ended, repairFailed } = moment;
  const { kind } = work.attempt;
  const { session } = draft.model;
  const isRepair = kind === 'restart' || kind === 'resume';
  const signalDied = kind === 'restart' && session?.signal.up === false;
  // What a repair needed failed in the same frame: it is cut with that, unless its server says more.
  const isCut = isRepair && (ended !== null || moment.relinked || signalDied);
  const { phase } = episode.recovery;
  const [since, limitAt] = phase.kind === 'attempting' ? [phase.since, phase.limitAt] : [now, now];
  if (repairFailed !== null && (!isCut || weightOf(repairFailed) >= Math.max(1, weightOf(ended)))) {
    countAnswers(episode, repairFailed.answers);
    enterStage(episode, repairFailed.stage);
    fail(draft, episode, work, repairFailed);
    // What it was to repair is well again, and media is not.
    if (isSignallingBack(draft, episode)) restartAtOnce(draft, episode);
  } else if (isCut) {
    cut(draft, episode, work);
    if (ended !== null) note(draft, episode, ended);
    // The probe was dead before anything was repaired: the resume takes the place of the restart.
    const inPlace = signalDied && !work.called ? shortcut(episode.recovery, 'resume', now, episode.loss) : null;
    if (inPlace === null) plan(draft, episode, ended ?? FOUND_DOWN);
    else setRecovery(episode, inPlace);
  } else if (ended !== null) fail(draft, episode, work, ended);
  else if (now >= limitAt) fail(draft, episode, work, limitFailure(kind, limitAt - since, draft.policy));
  else if (kind === 'resume' && isSignallingBack(draft, episode)) {
    const free = stopped(episode.recovery);
    const at = shortcut(free, 'restart', now, episode.loss);
    setRecovery(episode, at ?? free);
    if (at === null) plan(draft, episode, FOUND_DOWN);
  } else if (!work.called && session?.probe === null && phase.kind === 'attempting') {
    // The probe has proven signalling alive: the media repair may begin.
    setRecovery(episode, { ...episode.recovery, phase: { ...phase, work: { ...work, called: true } } });
  }
}

/** Not later than what was planned; the first time since a stable connection. */
const restartAtOnce = <L>({ now }: At<L>, episode: Episode<L>): void => {
  setRecovery(episode, shortcut(episode.recovery, 'restart', now, episode.loss) ?? episode.recovery);
};

/** The old link is still there, its signalling works again and its media does not. */
const isSignallingBack = <L>({ before }: At<L>, { rung, cause, recovery }: Episode<L>): boolean =>
  rung === 'repair' && cause === 'media' && before.episode?.cause !== 'media' && recovery.phase.kind !== 'givenUp';

/** How much the server says with a failure. */
const weightOf = (failure: Failure | null): number => ['busy', 'fatal'].indexOf(failure?.verdict.kind ?? '') + 1;

const plan = <L>({ now, policy }: At<L>, episode: Episode<L>, failure: Failure): void => {
  setRecovery(episode, planned(episode.recovery, failure, now, episode.loss, policy));
};

const goAtOnce = <L>({ now }: At<L>, episode: Episode<L>, counted: boolean): void => {
  setRecovery(episode, atOnce(episode.recovery, now, episode.loss, { counted }));
};

/** A link ended, or was found down: what its server said counts. */
function note<L>(draft: At<L>, episode: Episode<L>, failure: Failure): void {
  setRecovery(episode, failed(episode.recovery, failure, draft.now));
  if (failure.verdict.kind === 'refused') answeredAt(draft, draft.before.session?.attempt.endpoint ?? null, 'refused');
}

/** The running attempt failed: what its verdict means for the rung, the place and the next wait. */
function fail<L>(draft: At<L>, episode: Episode<L>, { attempt }: Work<L>, failure: Failure): void {
  const { model, now, policy } = draft;
  const { loss } = episode;
  const { session } = model;
  const { kind: said } = failure.verdict;
  const unreachable = said === 'unreachable';
  const isRepair = attempt.kind === 'restart' || attempt.kind === 'resume';
  tellFailed(draft, attempt, failure);
  const hung =
    unreachable && (isRepair || session?.link == null) && now - episode.recovery.tally.beganAt >= attempt.openingLimit;
  setRecovery(episode, openingEnded(stopped(failed(episode.recovery, failure, now)), hung));
  if (!isRepair) {
    if (model.state.state === 'connecting') nameCause(episode, missingOf(model));
    dropSession(draft);
    if (said === 'busy' || said === 'refused') answeredAt(draft, attempt.endpoint, said);
    if (unreachable && leavePlace(draft)) goAtOnce(draft, episode, false);
    else plan(draft, episode, failure);
    return;
  }
  plan(draft, episode, failure);
  // Nobody answered for so long that somebody at another place may.
  const elsewhere = unreachable && attempt.kind === 'resume' && episode.answers === 0 && model.places.list.length > 1;
  if (said === 'refused' || (elsewhere && now - loss.aliveAt > policy.attemptLimit)) climb(episode);
  if (said === 'refused' && episode.recovery.phase.kind !== 'givenUp')
    setRecovery(episode, shortcut(episode.recovery, 'rejoin', now, loss) ?? episode.recovery);
}

/** The running attempt is of no use any more. */
function cut<L>({ events, now }: At<L>, episode: Episode<L>, { attempt: { number, kind } }: Work<L>): void {
  events.push({ type: 'attemptCut', at: now, number, kind });
  setRecovery(episode, stopped(episode.recovery));
}

const tellFailed = <L>({ events, now }: At<L>, { number, kind }: Attempt<L>, failure: Failure): void => {
  events.push({ type: 'attemptFailed', at: now, number, kind, error: failure.error, verdict: failure.verdict });
};

/** Straight to where the server sends us, once until a connection is stable; then by the schedule. */
function goElsewhere<L>(
  draft: At<L>,
  episode: Episode<L>,
  work: Work<L> | null,
  { ended, repairFailed }: Moment,
): void {
  const { before, now } = draft;
  const said = ended ?? repairFailed;
  const own = work === null ? null : work.id === before.session?.id ? ended : repairFailed;
  if (work !== null && own === null) cut(draft, episode, work);
  if (work !== null && own !== null) tellFailed(draft, work.attempt, own);
  const { recovery } = episode;
  const noted = said === null ? recovery : failed(recovery, said, now);
  const left = own === null ? noted : openingEnded(noted, false);
  // What another server said about coming back does not hold there.
  const fresh = stopped({ ...left, tally: { ...left.tally, hintAt: null } });
  const straight = shortcut(fresh, 'redispatch', now, episode.loss);
  setRecovery(episode, straight ?? fresh);
  if (straight === null) plan(draft, episode, { ...FOUND_DOWN, error: said?.error });
}

/** A wake or a command brings the next attempt forward. */
function hurry<L>({ now, policy }: At<L>, episode: Episode<L>, { woken, retryNow }: Moment): void {
  const { recovery, loss } = episode;
  const { wakeFloor } = policy;
  if (!retryNow && (!woken || recovery.phase.kind !== 'waiting')) return;
  const floor = retryNow ? Math.min(RETRY_NOW_FLOOR, wakeFloor) : wakeFloor;
  setRecovery(episode, broughtForward(recovery, Math.min(now, recovery.tally.beganAt) + floor, now, loss));
}

/** Begins the attempt that is due. */
function start<L>(draft: At<L>, episode: Episode<L>): void {
  const { model, now, policy, events } = draft;
  const { session, previous } = model;
  const { loss, recovery } = episode;
  const { openingsHung, hintAt } = recovery.tally;
  if (isSoonerThanTold(draft)) events.push({ type: 'waiting', at: now, nextRetryAt: now, hintAt });
  const kind = nextKind(model);
  const isRepair = kind === 'restart' || kind === 'resume';
  if (!isRepair) enterPlace(draft);
  const { places } = model;
  const limitAt = limitAtFrom(recovery.tally, now, loss, policy);
  const opening = !isRepair && beginsSweep(places) ? 0.5 : 2 ** openingsHung;
  const id = nextId(draft);
  const attempt: Attempt<L> = {
    number: recovery.attempts + 1,
    kind,
    cause: shownCause(model),
    endpoint: placeOf(places),
    previous: session?.link ?? previous,
    openingLimit: Math.min(policy.openingLimit * opening, limitAt - now),
    limitAt,
    deadlineAt: loss.deadlineAt,
  };
  const asks = kind === 'restart' && session?.canProbe === true;
  setRecovery(episode, attemptStarted(recovery, { id, attempt, called: !asks }, now, limitAt));
  if (asks && session.probe === null) askForLife(draft, now);
  if (!isRepair) {
    dropSession(draft);
    openSession(draft, id, attempt);
  }
  // A repair asks for nothing unless its transport does.
  enterStage(episode, isRepair ? 'join' : 'request');
  const { number, cause, endpoint } = attempt;
  events.push({ type: 'attempt', at: now, number, kind, cause, endpoint });
}

/** Whether a later time was told for the attempt that begins now; a link that ends is announced before its dip would have been. */
const isSoonerThanTold = <L>({ before, now, policy }: At<L>): boolean => {
  const told = attemptAt(before, policy);
  return told > now && told < Infinity;
};

/** Whenever the time of the next attempt changes, that is told before it comes. */
function tellDue<L>({ before, model, now, policy, events }: At<L>, { recovery }: Episode<L>): void {
  const { phase, tally } = recovery;
  const at = attemptAt(model, policy);
  if (
    phase.kind === 'attempting' ||
    (before.episode?.recovery.phase.kind === phase.kind && attemptAt(before, policy) === at)
  )
    return;
  events.push({ type: 'waiting', at: now, nextRetryAt: at === Infinity ? null : at, hintAt: tally.hintAt });
}
