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
 * Busy without a hint: a second and half of the time since anybody was unreachable, but at most half of what is left, and
 * at least 0.6 s; times U(0.5, 1.5).
 *
 *     since unreachable:  0             4             20            38 s
 *     left of 40 s:       40            36            20            2 s
 *     wait:               0.5 … 1.5     1.5 … 4.5     5 … 15        0.5 … 1.5 s
 *
 * A client cannot know how many it is one of. But the longer a server has been busy, the larger the crowd in front of it: so
 * the spread grows with that time, whatever the size of the crowd and the rate of the server. Half of what is left, so that no
 * wait passes the deadline: whoever the server could have let in would be lost.
 */
export const whenBusy: Schedule = jittered(({ sinceUnreachable, remaining }) =>
  Math.min(1_000 + sinceUnreachable / 2, Math.max(600, remaining / 2)),
);

/** The schedule of a room that is given none: the server's hint, else by whether anybody answered. */
export const defaultSchedule: Schedule = honouringServer((attempt) =>
  attempt.verdict.kind === 'busy' ? whenBusy(attempt) : whenUnreachable(attempt),
);
