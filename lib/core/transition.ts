import type { Cause } from './attempt.js';
import {
  askForLife,
  beginBreak,
  beginJoin,
  cutAtLimit,
  cutRepair,
  cutUncounted,
  dropSession,
  failAttempt,
  failGivenUp,
  failLate,
  planNext,
  redispatch,
  startDue,
} from './ladder.js';
import { hintOf } from './honouring-server.js';
import type { Episode, Model, Session } from './model.js';
import { note, noteProbed, type Heard } from './note.js';
import type { Failure } from './plan-retry.js';
import type { Policy } from './policy.js';
import type { RoomEvent } from './room-event.js';
import type { RoomInput } from './room-input.js';
import { changeEpisode, endDismissed, endLeft, isDismissal, isJoining, isOver, isWell, type Step } from './step.js';
import { announceAt } from './times.js';
import { UNREACHABLE, type Verdict } from './verdict.js';

export interface Transition<L> {
  readonly model: Model<L>;
  readonly events: readonly RoomEvent[];
}

/**
 * What becomes of a room in one frame: everything that was heard in it is noted, then judged together, so that one
 * physical cause is one change however many events report it.
 *
 * Pure. Whatever time alone brings (a deadline, a limit, an announcement, the next attempt) is a comparison with `now`;
 * call it without inputs at `nextAt`. Order of judging: leave, deadline, the server's word, everything else. At most one
 * change of state and at most one attempt begun a call.
 *
 * @param now - wall clock, ms.
 */
export function transition<L>(
  model: Model<L>,
  inputs: readonly RoomInput<L>[],
  now: number,
  policy: Policy,
): Transition<L> {
  const told = (command: 'join' | 'leave'): boolean => inputs.some(({ type }) => type === command);
  if (isOver(model) && !told('join')) return { model, events: [] };
  const step: Step<L> = { model: { ...model }, now, policy, events: [] };
  if (isOver(model)) {
    beginJoin(step);
    startDue(step);
  } else if (told('leave')) endLeft(step);
  else judge(step, note(step, inputs));
  return { model: step.model, events: step.events };
}

function judge<L>(step: Step<L>, heard: Heard): void {
  if (heard.suspendedFor > 0) step.events.push({ type: 'suspended', at: step.now, for: heard.suspendedFor });
  for (const judgement of judgements) {
    judgement(step, heard);
    if (isOver(step.model)) return;
  }
}

/** In the order in which they are judged; the first that ends the room ends the frame. */
const judgements: readonly (<L>(step: Step<L>, heard: Heard) => void)[] = [
  judgeSleep,
  judgeDeadline,
  judgeDismissal,
  judgeWords,
  judgeRelinked,
  judgeRepair,
  judgeEnded,
  judgeProbe,
  judgeHealths,
  judgeSleep,
  judgeDeadline, // a break may date from so long ago that the deadline has already passed
  judgeLimit,
  judgeHints,
  judgeProbing,
  judgeGivenUp,
  announce,
  startDue,
];

/** Nothing was alive while the device slept: a break that was found right after dates from before. */
function judgeSleep<L>(step: Step<L>, { suspendedFor }: Heard): void {
  const { model, now, policy } = step;
  const { episode, connectedAt, state } = model;
  if (suspendedFor === 0 || episode === null || state.state === 'connecting') return;
  const aliveAt = Math.max(connectedAt, now - suspendedFor);
  if (aliveAt < episode.aliveAt) changeEpisode(step, { aliveAt, deadlineAt: aliveAt + policy.deadline });
}

function judgeDeadline<L>(step: Step<L>, { suspendedFor }: Heard): void {
  const { model, now, policy } = step;
  const { episode, connectedAt } = model;
  const deadlineAt = episode?.deadlineAt ?? Math.max(connectedAt, now - suspendedFor) + policy.deadline;
  if (now >= deadlineAt) failLate(step, suspendedFor);
}

/** Whoever says it in this frame: nothing else in it matters. */
function judgeDismissal<L>(step: Step<L>, heard: Heard): void {
  const { words, repairFailed, ended } = heard;
  const word = words.find(isDismissal);
  if (word !== undefined) endDismissed(step, word);
  else if (repairFailed !== null && isDismissal(repairFailed.verdict)) failAttempt(step, repairFailed);
  else if (ended !== null && isDismissal(ended.verdict)) judgeEnded(step, heard);
}

function judgeWords<L>(step: Step<L>, heard: Heard): void {
  const { words, ended } = heard;
  for (const word of words) if (word.kind === 'endpoints') step.model.endpoints = word.list;
  // Sent twice in one frame is sent once: to where it was told last.
  const sent = words.filter(({ kind }) => kind === 'redispatch').at(-1);
  if (sent?.kind !== 'redispatch') return;
  redispatch(step, sent.endpoint);
  // So is one whose link is closed with it: that only carries it out.
  if (ended !== null) heard.ended = { ...ended, verdict: UNREACHABLE };
}

function judgeGivenUp<L>(step: Step<L>): void {
  const { episode, state } = step.model;
  if (episode?.givenUp != null && state.state !== 'connected') failGivenUp(step, episode.givenUp.error);
}

function judgeRepair<L>(step: Step<L>, heard: Heard): void {
  const { repairFailed, ended } = heard;
  if (repairFailed === null) return;
  const { session, episode } = step.model;
  // What it needed died in this frame: it is cut with that, unless its server says more.
  const died = ended !== null || (episode?.work?.attempt.kind === 'restart' && session?.signal.up === false);
  if (died && weightOf(repairFailed) < Math.max(1, weightOf(ended))) return;
  failAttempt(step, repairFailed);
  if (ended === null) return;
  dropLink(step);
  heard.ended = null;
}

/** How much the server says with a failure. */
const weightOf = (failure: Failure | null): number =>
  ['busy', 'fatal', 'redispatch'].indexOf(failure?.verdict.kind ?? '') + 1;

function judgeEnded<L>(step: Step<L>, { ended }: Heard): void {
  if (ended === null || step.model.session === null) return;
  if (isJoining(step.model)) failAttempt(step, ended);
  else loseLink(step, ended);
}

/** The link itself is gone: no settling, no repair. */
function loseLink<L>(step: Step<L>, failure: Failure): void {
  const { verdict } = failure;
  if (isDismissal(verdict)) {
    endDismissed(step, verdict);
    return;
  }
  const { episode } = step.model;
  const cause = dropLink(step);
  if (verdict.kind === 'redispatch') redispatch(step, verdict.endpoint, failure);
  else if (episode === null) beginBreak(step, cause, step.now, failure);
  else if (episode.work !== null || verdict.kind === 'busy')
    planNext(step, { ...failure, verdict: hinted(step, verdict) });
  changeEpisode(step, { last: failure });
}

/** What is lost with the link. */
function dropLink<L>(step: Step<L>): Cause {
  const { session, episode } = step.model;
  const cause = session?.hasMedia === false ? 'signal' : 'both';
  dropSession(step);
  changeEpisode(step, { rung: 'link', cause: episode?.cause === 'redispatch' ? 'redispatch' : cause, work: null });
  return cause;
}

/** A server that says busy without a hint leaves the hint in force that it gave before. */
function hinted<L>({ model, now }: Step<L>, verdict: Verdict): Verdict {
  const left = (model.episode?.hintAt ?? now) - now;
  if (verdict.kind !== 'busy' || hintOf(verdict) !== undefined || left <= 0) return verdict;
  return { kind: 'busy', retryAfter: left };
}

function judgeProbe<L>(step: Step<L>): void {
  const { probe } = step.model;
  if (probe !== null && step.now >= probe.limitAt) noteProbed(step, false);
}

/** A newer link of the same join: what was repaired in the older one is over. */
function judgeRelinked<L>(step: Step<L>, { relinked }: Heard): void {
  if (relinked && !isJoining(step.model)) cutRepair(step);
}

function judgeHealths<L>(step: Step<L>): void {
  const { session, state, episode } = step.model;
  // A server that sent us elsewhere does not take us back by being well.
  const sentAway = episode?.cause === 'redispatch' && !isJoining(step.model);
  if (isWell(session) && !sentAway) heal(step, session);
  else if (session?.link != null && !isJoining(step.model)) {
    const cause = causeOf(session);
    if (episode !== null) followBreak(step, session, cause);
    else if (state.state === 'connected') beginBreak(step, cause, aliveAtOf(session));
    if (session.signal.lost || session.media.lost) changeEpisode(step, { rung: 'link' });
  }
}

function heal<L>(step: Step<L>, session: Session<L> & { readonly link: L }): void {
  const { state, episode } = step.model;
  const same = state.state === 'connected' && state.link === session.link;
  if (episode === null && same) return;
  if (episode !== null) {
    const after = step.now - episode.aliveAt;
    step.events.push({ type: 'healed', at: step.now, quiet: same, cause: episode.cause, after });
  }
  const reason = state.state === 'connecting' ? 'joinSucceed' : 'rejoinSucceed';
  if (!same) step.model.state = { state: 'connected', reason, link: session.link };
  step.model.episode = null;
  step.model.connectedAt = step.now;
}

/** The old link is still there, and one leg of it went up or down. */
function followBreak<L>(step: Step<L>, { signal, media }: Session<L>, cause: Cause): void {
  const { episode } = step.model;
  if (episode === null || episode.cause === 'redispatch') return;
  const before = episode.cause;
  const kind = episode.work?.attempt.kind;
  changeEpisode(step, { cause });
  if (kind === 'restart' && !signal.up) cutUncounted(step);
  else if (episode.rung !== 'repair') return;
  // Signalling is back and media is not: its repair starts at once.
  else if (before !== 'media' && signal.up && !media.up)
    changeEpisode(step, { work: null, retryAt: Math.max(step.now, floorOf(episode)) });
}

function judgeLimit<L>(step: Step<L>): void {
  const { episode } = step.model;
  if (episode?.work != null && step.now >= episode.work.attempt.limitAt) cutAtLimit(step);
}

/** No attempt comes before the hint of a busy server, unless that lies past the deadline. */
const floorOf = <L>({ hintAt, deadlineAt }: Episode<L>): number =>
  hintAt !== null && hintAt < deadlineAt ? hintAt : -Infinity;

/** A wake or a command brings the next attempt forward, never before the server's hint. */
function judgeHints<L>(step: Step<L>, { woken, retryNow }: Heard): void {
  const { model, now, policy } = step;
  const { episode, position } = model;
  if (episode === null || episode.work !== null || !policy.attempts) return;
  const { retryAt } = episode;
  const hint = floorOf(episode);
  if (retryNow) {
    changeEpisode(step, { retryAt: Math.min(retryAt ?? Infinity, Math.max(now, hint)) });
    if (retryAt === null) model.position = { ...position, waits: position.waits + 1 };
  } else if (woken && retryAt !== null) {
    changeEpisode(step, {
      retryAt: Math.min(retryAt, Math.max(now, hint, Math.min(now, model.beganAt) + policy.wakeFloor)),
    });
  }
}

/** Asks the server for a sign of life when media has gone silent, and after a wake. */
function judgeProbing<L>(step: Step<L>, { woken, suspendedFor, silenced }: Heard): void {
  const { model, now } = step;
  const { session, probe } = model;
  if (session === null || !session.canProbe || !session.signal.up || isJoining(model)) return;
  if ((woken || silenced) && (probe === null || suspendedFor > 0)) askForLife(step, now - suspendedFor);
}

function announce<L>(step: Step<L>): void {
  const { model, now, policy } = step;
  if (announceAt(model, policy) > now || model.episode === null) return;
  const { cause } = model.episode;
  const reason =
    cause === 'redispatch' ? cause : cause === 'media' ? 'mediaConnectionDisconnected' : 'signalDisconnected';
  model.state = { state: 'reconnecting', reason, link: model.session?.link ?? null };
}

const causeOf = <L>({ signal, media }: Session<L>): Cause => (signal.up ? 'media' : media.up ? 'signal' : 'both');

const aliveAtOf = <L>({ signal, media }: Session<L>): number =>
  Math.max(signal.up ? -Infinity : signal.aliveAt, media.up ? -Infinity : media.aliveAt);
