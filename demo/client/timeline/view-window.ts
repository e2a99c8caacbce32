import type { Span, TimelineRecord } from './record.js';

/** Milliseconds from the left edge to the right one. */
export const span = 90_000;
/** Milliseconds kept free to the right of now. */
const margin = 3_000;
/** The most that is shown of what lies ahead. */
const farthest = 45_000;

/** How much of the future is shown: up to the deadline, so that its line stands still and now walks towards it. */
export function aheadWanted({ deadlineAt }: TimelineRecord, now: number): number {
  return deadlineAt === null ? margin : Math.min(farthest, Math.max(margin, deadlineAt - now + margin));
}

/** Whether the picture of now is the picture of later: no edge in sight, and nothing ahead. */
export function isStill(record: TimelineRecord, now: number): boolean {
  if (record.deadlineAt !== null || record.nextRetryAt !== null) return false;
  const since = now - span;
  const inSight = ({ from, to }: Span<unknown>) => from > since || (to ?? 0) > since;
  return ![record.states, record.signal, record.media, record.attempts].some((lane) => lane.some(inSight));
}
