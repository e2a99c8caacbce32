import type { CallRecord, FlowEntry, PeerRecord } from './record.js';

/** When a cut was made and when it was undone (ms). */
export interface CutTimes {
  readonly cutAt: number;
  readonly healedAt: number;
}

/** Milliseconds from the cut to the first `reconnecting`; `null` when it was not announced before the heal. */
export function noticedAfter({ states }: CallRecord, { cutAt, healedAt }: CutTimes): number | null {
  const said = states.find(({ state, at }) => state === 'reconnecting' && at >= cutAt);
  return said === undefined || said.at >= healedAt ? null : said.at - cutAt;
}

/** The same for what the platform says of the peer connection. */
export function platformNoticedAfter({ raw }: CallRecord, { cutAt, healedAt }: CutTimes): number | null {
  const said = raw.find(
    ({ source, value, at }) => source === 'connectionState' && value === 'disconnected' && at >= cutAt,
  );
  return said === undefined || said.at >= healedAt ? null : said.at - cutAt;
}

/**
 * Milliseconds from the heal to `connected`, the one that lasted: a relapse counts. 0 when the cut was never announced;
 * `null` when it is not connected at the end of the record.
 */
export function backAfter({ states }: CallRecord, { healedAt }: CutTimes): number | null {
  const last = states.at(-1);
  if (last === undefined) return 0;
  return last.state === 'connected' ? Math.max(0, last.at - healedAt) : null;
}

/** The longest time (ms) in which no bytes arrived, between two moments. */
export function longestPause(flow: readonly FlowEntry[], from: number, to: number): number {
  let longest = 0;
  let movedAt = from;
  let bytes: number | null = null;
  for (const entry of flow.filter(({ at }) => at >= from && at <= to)) {
    if (bytes !== null && entry.bytes !== bytes) {
      longest = Math.max(longest, entry.at - movedAt);
      movedAt = entry.at;
    }
    bytes = entry.bytes;
  }
  return Math.max(longest, to - movedAt);
}

/** Milliseconds from the heal until bytes arrived; `null` when none did. */
export function flowsAfter(flow: readonly FlowEntry[], { healedAt }: CutTimes): number | null {
  const before = flow.findLast(({ at }) => at <= healedAt)?.bytes ?? 0;
  const at = flow.find((entry) => entry.at > healedAt && entry.bytes > before)?.at;
  return at === undefined ? null : at - healedAt;
}

/** Milliseconds from the cut until a peer said that the connection is lost; `null` when it did not before the heal. */
export function peerNoticedAfter({ lost }: PeerRecord, { cutAt, healedAt }: CutTimes): number | null {
  const at = lost.find((time) => time >= cutAt);
  return at === undefined || at >= healedAt ? null : at - cutAt;
}

/** Milliseconds from the heal to the first echo; `null` when none came. */
export function echoedAfter({ echoes }: PeerRecord, { healedAt }: CutTimes): number | null {
  const at = echoes.find((time) => time > healedAt);
  return at === undefined ? null : at - healedAt;
}
