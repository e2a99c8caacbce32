import { whenUnreachable } from '../../lib/core/default-schedule.js';
import { honouringServer } from '../../lib/core/honouring-server.js';
import type { Schedule } from '../../lib/core/schedule.js';

/**
 * Busy without a hint, for crowds that a server takes in within ten seconds: U(4, 10.3) s, a fifth longer with each
 * refusal; the first begins with the break. 3,000 at 500 joins a second are back in 11 s instead of 20, 10,000 in 21 to
 * 28 s with half as many refusals again: a client cannot know how many it is one of.
 */
export const whenBrieflyBusy: Schedule = ({ refusals, sinceUnreachable, random }) => {
  const wait = (4_000 + 6_300 * random()) * 1.2 ** Math.min(40, Math.max(0, refusals - 1));
  return refusals <= 1 ? Math.max(0, wait - sinceUnreachable / 2) : wait;
};

/** `defaultSchedule` with `whenBrieflyBusy` in the place of `whenBusy`. */
export const brieflyBusySchedule: Schedule = honouringServer((attempt) =>
  attempt.verdict.kind === 'busy' ? whenBrieflyBusy(attempt) : whenUnreachable(attempt),
);
