import { EMPTY, catchError, defer, exhaustMap, filter, from, map, scan, timer, type Observable } from 'rxjs';
import { readStats } from '../../../lib/webrtc/read-stats.js';

/** STUN requests sent and answers received on one pair, at one moment (ms). */
export interface StunCounts {
  readonly at: number;
  readonly pair: string;
  readonly requests: number;
  readonly answers: number;
}

/** Milliseconds that are looked back on; between two looks; and within which an answer proves that some get through. */
const span = 60_000;
const pace = 1_000;
const lately = 9_000;
/** Fewer requests tell nothing. */
const fewest = 6;
/** A healthy pair has all answers but the one that is under way. */
const share = 0.75;

/**
 * Whether packets get lost both ways while some get through: answers to STUN requests still come, but many do not. All are
 * answered on a network that is well, and none on one that is cut, in both directions or in one.
 */
export function areLost(counts: readonly StunCounts[]): boolean {
  const last = counts.at(-1);
  const first = counts[0];
  if (first === undefined || last === undefined) return false;
  const asked = last.requests - first.requests;
  const answered = last.answers - first.answers;
  const before = counts.find(({ at }) => at >= last.at - lately) ?? last;
  return asked >= fewest && answered < share * asked && last.answers > before.answers;
}

/** The same of a peer connection, looked at once a second. */
export const stunLosses = (pc: RTCPeerConnection): Observable<boolean> =>
  timer(pace, pace).pipe(
    exhaustMap(() => defer(() => from(pc.getStats())).pipe(catchError(() => EMPTY))),
    map((report) => readStats(report)),
    map(({ requests, responses }) =>
      requests && responses
        ? { at: Date.now(), pair: responses.id, requests: requests.value, answers: responses.value }
        : null,
    ),
    filter((counts) => counts !== null),
    scan<StunCounts, readonly StunCounts[]>(
      (all, now) => [...all.filter(({ at, pair }) => pair === now.pair && at >= now.at - span), now],
      [],
    ),
    map(areLost),
  );
