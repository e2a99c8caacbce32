import type { Schedule } from './schedule/schedule.js';

/**
 * Busy without a hint, for those who know that their server takes in the largest crowd within ten seconds.
 *
 *     refusal:           1          2            3
 *     whenBrieflyBusy:   4 … 10.3   4.8 … 12.4   5.8 … 14.8 s   a fifth longer each time
 *
 * The first window begins with the break, as that of `whenBusy` does: half of what has passed since is taken off. Simulated
 * at 500 joins a second: of 3,000 cut together 99 % are back in 11 s, not 20; of 5,000 in 11, not 20; of 10,000 in 22 to
 * 27 s, not 21, and with half as many busyCount again. Which is better depends on the size of the crowd, and a client
 * cannot know how many it is one of: that is why it is a preset and not the default.
 *
 * @example
 * ```ts
 * import { honouringServer, whenBrieflyBusy, whenUnreachable } from 'rejoin';
 * const schedule = honouringServer((attempt) =>
 *   attempt.verdict.kind === 'busy' ? whenBrieflyBusy(attempt) : whenUnreachable(attempt),
 * );
 * console.log(typeof schedule); // => function
 * ```
 */
export const whenBrieflyBusy: Schedule = ({ busyCount, sinceUnreachable, random }) => {
  const wait = (4_000 + 6_300 * random()) * 1.2 ** Math.min(40, Math.max(0, busyCount - 1));
  return busyCount <= 1 ? Math.max(0, wait - sinceUnreachable / 2) : wait;
};
