import { MAX_DELAY, type Schedule } from './schedule/schedule.js';
import type { Verdict } from './recovery/verdict.js';

/** The hint of a busy server (ms), where it gave one that makes sense; clamped to what a timer can hold. */
export function hintOf(verdict: Verdict): number | undefined {
  const hint = verdict.kind === 'busy' ? verdict.retryAfter : undefined;
  return typeof hint === 'number' && hint >= 0 ? Math.min(MAX_DELAY, hint) : undefined;
}

/**
 * Comes back when a busy server said to: never earlier, and at most `spread` milliseconds later. Everything else is the
 * given schedule's.
 *
 *     server:                     busy, retry after 3 s
 *     honouringServer(schedule):  3000 … 3200
 */
export const honouringServer =
  (schedule: Schedule, { spread = 200 }: { readonly spread?: number } = {}): Schedule =>
  (attempt) => {
    const hint = hintOf(attempt.verdict);
    return hint === undefined ? schedule(attempt) : Math.min(MAX_DELAY, hint + spread * attempt.random());
  };
