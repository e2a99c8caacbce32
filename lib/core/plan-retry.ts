import { hintOf } from './honouring-server.js';
import { MAX_DELAY, type Schedule } from './schedule.js';
import { ScheduleError } from './schedule-error.js';
import type { Verdict } from './verdict.js';

/** Where somebody stands in a schedule. A plain value: every plan makes a new one. */
export interface RetryPosition {
  /** Waits planned since the last connection that lasted. */
  readonly waits: number;
  /** "Busy" answers since the connection broke. */
  readonly busyCount: number;
  /** When a failure was last anything but "busy" (ms); `null` before the first. */
  readonly unreachableAt: number | null;
  /** Whether a wait that would have ended too late has given way to the one last chance. */
  readonly lastChanceTaken: boolean;
}

export interface RetryPolicy {
  readonly schedule: Schedule;
  readonly random: () => number;
  /** Milliseconds that a connection must last to put the schedule back to its beginning. */
  readonly stableAfter: number;
  /** Milliseconds that must be left before the deadline for a last chance. */
  readonly lastChanceFrom: number;
}

export interface Failure {
  readonly error: unknown;
  readonly verdict: Verdict;
}

export interface Bounds {
  readonly now: number;
  /** The last proof of life. */
  readonly aliveAt: number;
  readonly deadlineAt: number;
}

export interface RetryPlan {
  readonly position: RetryPosition;
  /** When to try next (ms); `null` to wait for the deadline. */
  readonly retryAt: number | null;
}

export const START: RetryPosition = { waits: 0, busyCount: 0, unreachableAt: null, lastChanceTaken: false };

/** The position with which a new break begins: where it was, or the start when the connection lasted. */
export const positionAfter = (position: RetryPosition, lastedFor: number, policy: RetryPolicy): RetryPosition => ({
  ...START,
  waits: lastedFor >= policy.stableAfter ? 0 : position.waits,
});

/**
 * Plans the next attempt after a failure, within the deadline.
 *
 * A busy server's hint is kept whatever the schedule says. A wait that would end too late gives way once to a last chance,
 * uniform in what is left (of it, after a hint that can be kept), if enough is left; after that the deadline is waited for.
 * Clipping every wait to what is left would be a storm.
 *
 * @returns the plan, or `'giveUp'` when the schedule says so.
 * @throws {ScheduleError} when the schedule throws or answers anything but milliseconds.
 */
export function planRetry(
  position: RetryPosition,
  failure: Failure,
  bounds: Bounds,
  policy: RetryPolicy,
): RetryPlan | 'giveUp' {
  const { now, deadlineAt } = bounds;
  const busy = failure.verdict.kind === 'busy';
  const next: RetryPosition = {
    waits: position.waits + 1,
    busyCount: busy ? position.busyCount + 1 : position.busyCount,
    unreachableAt: busy ? position.unreachableAt : now,
    lastChanceTaken: position.lastChanceTaken,
  };
  const asked = askSchedule(next, failure, bounds, policy);
  if (asked === Infinity) return 'giveUp';
  // The server's word beats the schedule: never before its hint.
  const hint = hintOf(failure.verdict) ?? 0;
  const wait = Math.max(asked, hint);
  const remaining = deadlineAt - now;
  // Sums of large times are rounded: compare the sum.
  if (now + wait < deadlineAt && !position.lastChanceTaken) return { position: next, retryAt: now + wait };
  if (position.lastChanceTaken || remaining < policy.lastChanceFrom) return { position: next, retryAt: null };
  const from = hint < remaining ? hint : 0;
  const lastAt = now + from + policy.random() * (remaining - from);
  return { position: { ...next, lastChanceTaken: true }, retryAt: lastAt < deadlineAt ? lastAt : null };
}

function askSchedule(
  { waits, busyCount, unreachableAt }: RetryPosition,
  { error, verdict }: Failure,
  { now, aliveAt, deadlineAt }: Bounds,
  { schedule, random }: RetryPolicy,
): number {
  let wait: unknown;
  try {
    wait = schedule({
      position: waits,
      error,
      verdict,
      busyCount,
      sinceUnreachable: unreachableAt === null ? 0 : now - unreachableAt,
      elapsed: now - aliveAt,
      remaining: deadlineAt - now,
      random,
    });
  } catch (cause) {
    throw new ScheduleError('threw', { cause });
  }
  if (typeof wait !== 'number') throw new ScheduleError(`returned a value of type ${typeof wait}`);
  if (!(wait >= 0)) throw new ScheduleError(`returned ${String(wait)}`);
  return wait === Infinity ? wait : Math.min(MAX_DELAY, wait);
}
