import { hintOf } from '../honouring-server.js';
import { askSchedule } from '../schedule/ask-schedule.js';
import type { Schedule } from '../schedule/schedule.js';
import { AttemptLimitError } from './attempt-limit-error.js';
import { FOUND_DOWN, type Failure } from './failure.js';
import type { Loss } from './loss.js';
import type { Shortcut, Tally } from './standing.js';
import { isDismissal } from './verdict.js';

/**
 * Attempts to come back, from a break (or a join) until connected or given up. A plain value; every function here makes a
 * new one. `W` is what a user of it keeps of the running attempt.
 */
export interface Recovery<W> {
  readonly tally: Tally;
  /** Attempts begun in this break. */
  readonly attempts: number;
  readonly lastFailure: Failure;
  /** Whether the one attempt in what was left before the deadline has been planned. */
  readonly lastChanceTaken: boolean;
  readonly phase: Phase<W>;
}

export type Phase<W> =
  /** `counted`: whether the attempt takes a position of the schedule. */
  | { readonly kind: 'waiting'; readonly until: number; readonly counted: boolean }
  | { readonly kind: 'attempting'; readonly since: number; readonly limitAt: number; readonly work: W }
  | { readonly kind: 'untilDeadline' }
  | { readonly kind: 'givenUp'; readonly error: unknown };

export interface RecoveryPolicy {
  readonly schedule: Schedule;
  readonly random: () => number;
  /** Milliseconds that must be left before the deadline for a last chance. */
  readonly lastChanceFrom: number;
  /** Milliseconds that an attempt may take; `Infinity` for no limit. */
  readonly attemptLimit: number;
}

const IDLE = { kind: 'untilDeadline' } as const;

/** Nothing is planned yet: `planned` or `atOnce` comes next. */
export const beginRecovery = (tally: Tally, now: number): Recovery<never> => ({
  tally: { ...tally, unreachableAt: tally.unreachableAt ?? now },
  attempts: 0,
  lastFailure: FOUND_DOWN,
  lastChanceTaken: false,
  phase: IDLE,
});

/** Remembers a failure: what it says about the server, and that it was the last. */
export function failed<W>(recovery: Recovery<W>, failure: Failure, now: number): Recovery<W> {
  const { error, verdict } = failure;
  const hint = hintOf(verdict);
  const tally: { -readonly [K in keyof Tally]: Tally[K] } = { ...recovery.tally };
  if (verdict.kind === 'busy') tally.busyCount++;
  else tally.unreachableAt = now;
  if (hint !== undefined) tally.hintAt = Math.ceil(now + hint);
  if (error instanceof AttemptLimitError) tally.limitsReached++;
  return { ...recovery, lastFailure: failure, tally };
}

/** Counts openings in a row that hung. */
export const openingEnded = <W>(recovery: Recovery<W>, hung: boolean): Recovery<W> => ({
  ...recovery,
  tally: { ...recovery.tally, openingsHung: hung ? recovery.tally.openingsHung + 1 : 0 },
});

/**
 * Plans the next attempt after a failure, within the deadline.
 *
 * A time that was promised is never brought forward. A wait that would end too late gives way once to a last chance, uniform
 * in what is left (after the hint, if one is in force), if enough is left; after that only the deadline is waited for: clipping
 * every wait to what is left would be a storm. A schedule that gives up, or cannot be asked, gives up; so does a verdict
 * that no retry can change.
 */
export function planned<W>(
  recovery: Recovery<W>,
  { error, verdict }: Failure,
  now: number,
  loss: Loss,
  policy: RecoveryPolicy,
): Recovery<W> {
  if (verdict.kind === 'fatal' || isDismissal(verdict)) return givenUp(recovery, error);
  const { tally, phase, lastChanceTaken } = recovery;
  const { schedule, random, lastChanceFrom } = policy;
  const remaining = loss.deadlineAt - now;
  let wait: number;
  try {
    wait = askSchedule(schedule, {
      position: tally.position + 1,
      error,
      verdict,
      busyCount: tally.busyCount,
      sinceUnreachable: now - (tally.unreachableAt ?? now),
      elapsed: now - loss.aliveAt,
      remaining,
      random,
    });
  } catch (thrown) {
    return givenUp(recovery, thrown);
  }
  if (wait === Infinity) return givenUp(recovery, error);
  const floor = earliest(tally, now, loss);
  const promised = phase.kind === 'waiting' ? phase.until : -Infinity;
  const until = Math.max(Math.ceil(now + wait), floor, promised);
  if (until < loss.deadlineAt && !lastChanceTaken) return waiting(recovery, until);
  if (phase.kind === 'waiting') return waiting(recovery, Math.max(promised, floor));
  if (lastChanceTaken || remaining < lastChanceFrom) return { ...recovery, phase: IDLE };
  const from = afterHint(tally, now, loss);
  const chance = Math.max(floor, Math.ceil(from + random() * (loss.deadlineAt - from)));
  return chance < loss.deadlineAt
    ? waiting({ ...recovery, lastChanceTaken: true }, chance)
    : { ...recovery, phase: IDLE };
}

const waiting = <W>(recovery: Recovery<W>, until: number, counted = true): Recovery<W> => ({
  ...recovery,
  phase: { kind: 'waiting', until, counted },
});

export const givenUp = <W>(recovery: Recovery<W>, error: unknown): Recovery<W> => ({
  ...recovery,
  phase: { kind: 'givenUp', error },
});

/** Not before a busy server's hint, if it lies before the deadline. */
const afterHint = ({ hintAt }: Tally, now: number, { deadlineAt }: Loss): number =>
  hintAt !== null && hintAt < deadlineAt ? Math.max(now, hintAt) : now;

/** When an attempt may begin: after the hint, and never two in one millisecond. */
const earliest = (tally: Tally, now: number, loss: Loss): number =>
  // A clock that was set back must not make us wait for the time of the last attempt.
  Math.max(afterHint(tally, now, loss), Math.min(now, tally.beganAt) + 1);

/** Instead of a wait; `counted`: whether it takes a position of the schedule. */
export const atOnce = <W>(
  recovery: Recovery<W>,
  now: number,
  loss: Loss,
  { counted }: { readonly counted: boolean },
): Recovery<W> => waiting(recovery, earliest(recovery.tally, now, loss), counted);

/** Instead of a wait, but never later than what was planned; only once until a connection is stable. `null` when it was used. */
export function shortcut<W>(recovery: Recovery<W>, which: Shortcut, now: number, loss: Loss): Recovery<W> | null {
  const { tally } = recovery;
  if (tally.used.includes(which)) return null;
  const used = { ...recovery, tally: { ...tally, used: [...tally.used, which] } };
  return atOnce(used, now, loss, { counted: which !== 'restart' });
}

/** A wake or a command: the next attempt not later than at `at`, and never before a hint. `retryNow()` also ends a mere wait for the deadline. */
export function broughtForward<W>(recovery: Recovery<W>, at: number, now: number, loss: Loss): Recovery<W> {
  const { phase } = recovery;
  const until = Math.max(at, earliest(recovery.tally, now, loss));
  if (phase.kind === 'waiting') return until < phase.until ? waiting(recovery, until, phase.counted) : recovery;
  return phase.kind === 'untilDeadline' && until < loss.deadlineAt ? waiting(recovery, until) : recovery;
}

/** When the next attempt is due (ms). */
export const dueAt = <W>({ phase }: Recovery<W>): number => (phase.kind === 'waiting' ? phase.until : Infinity);

/** When an attempt that begins now is cut (ms): limits double with each that was reached, within the deadline. */
export const limitAtFrom = (
  { limitsReached }: Tally,
  now: number,
  { deadlineAt }: Loss,
  { attemptLimit }: RecoveryPolicy,
): number => Math.min(now + attemptLimit * 2 ** limitsReached, deadlineAt);

/** The attempt that was due begins. */
export function attemptStarted<W>(recovery: Recovery<W>, work: W, now: number, limitAt: number): Recovery<W> {
  const { tally, phase, attempts } = recovery;
  const { position, hintAt } = tally;
  return {
    ...recovery,
    tally: {
      ...tally,
      position: position + (phase.kind === 'waiting' && phase.counted ? 1 : 0),
      beganAt: now,
      hintAt: hintAt !== null && hintAt <= now ? null : hintAt,
    },
    attempts: attempts + 1,
    phase: { kind: 'attempting', since: now, limitAt, work },
  };
}

/** The running attempt failed; the next one is planned. */
export const attemptFailed = <W>(
  recovery: Recovery<W>,
  failure: Failure,
  now: number,
  loss: Loss,
  policy: RecoveryPolicy,
): Recovery<W> => planned(stopped(failed(recovery, failure, now)), failure, now, loss, policy);

/** The running attempt is over, whatever became of it. */
export const stopped = <W>(recovery: Recovery<W>): Recovery<W> => ({ ...recovery, phase: IDLE });
