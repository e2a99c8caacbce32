import { honouringServer } from './honouring-server.js';
import { exponential, type AttemptContext, type Schedule } from './schedule/schedule.js';
import { capped, jittered } from './schedule/schedule-combinators.js';

const within = ({ random }: AttemptContext, from: number, to: number): number => from + (to - from) * random();

// Asked from the second wait on: 500 ms, 1 s, 2 s, then the cap.
const growing = jittered(capped(2_850, exponential({ first: 250 })));

/** Nobody answered: U(0, 500 ms) first, then 0.5, 1, 2, 2.85, 2.85 … s, each × U(0.5, 1.5). */
export const whenUnreachable: Schedule = (attempt) =>
  attempt.position === 1 ? within(attempt, 0, 500) : growing(attempt);

/**
 * Busy without a hint: one long first window that begins with the break, then a short wait, then longer ones. Found by
 * search over simulated herds; spreads a crowd wider than `whenUnreachable` would.
 */
export const whenBusy: Schedule = (attempt) => {
  if (attempt.busyCount <= 1) return Math.max(0, within(attempt, 3_700, 19_950) - attempt.sinceUnreachable / 2);
  return attempt.busyCount === 2 ? within(attempt, 1_000, 4_000) : within(attempt, 16_000, 24_000);
};

/** The schedule of a room that is given none: the server's hint, else by whether anybody answered. */
export const defaultSchedule: Schedule = honouringServer((attempt) =>
  attempt.verdict.kind === 'busy' ? whenBusy(attempt) : whenUnreachable(attempt),
);
