import { readOptions } from './options/options.js';
import { MAX_DELAY } from './schedule/max-delay.js';
import { aSchedule } from './schedule/schedule-combinators.js';
import { atLeastZero, type Schedule } from './schedule/schedule.js';
import type { Verdict } from './recovery/verdict.js';

/** The hint of a busy server (ms), where it gave one that makes sense; clamped to what a timer can hold. */
export function hintOf(verdict: Verdict): number | undefined {
  const hint = verdict.kind === 'busy' ? verdict.retryAfter : undefined;
  return typeof hint === 'number' && hint >= 0 ? Math.min(MAX_DELAY, hint) : undefined;
}

/**
 * Comes back when a busy server said to: never earlier, and the first time at most `spread` milliseconds later. From the
 * second "busy" on a hint can only lengthen the schedule's wait: a server that always answers "busy, come back at once" gets
 * no more attempts than one that gives no hint. Giving up stays giving up; everything without a hint is the given schedule's.
 *
 *     server:                              busy, in 3 s    busy, in 3 s    busy, in 9 s
 *     honouringServer(spaced(5_000)):      3 … 3.2 s       5 s             9 … 9.2 s
 */
export function honouringServer(schedule: Schedule, options: { readonly spread?: number } = {}): Schedule {
  aSchedule('honouringServer: schedule', schedule);
  const { spread } = readOptions('honouringServer', options, { spread: [atLeastZero, 200] });
  return (attempt) => {
    const wait = schedule(attempt);
    const hint = hintOf(attempt.verdict);
    if (hint === undefined || wait === Infinity) return wait;
    return Math.min(MAX_DELAY, Math.max(hint + spread * attempt.random(), attempt.busyCount <= 1 ? 0 : wait));
  };
}
