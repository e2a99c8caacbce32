import { asyncScheduler, distinctUntilChanged, exhaustMap, map, scan, takeWhile } from 'rxjs';
import { aScheduler, readOptions } from '../core/options.js';
import { look, ticks } from './look.js';
import { readStats } from './read-stats.js';
import type { Observable, SchedulerLike } from 'rxjs';
import type { PeerConnectionLike } from './peer-connection-health.js';
import type { Counters } from './read-stats.js';

/** STUN requests sent and answers received on one pair until one look. */
export interface StunCounts {
  readonly pair: string;
  readonly requests: number;
  readonly answers: number;
}

export interface HeavyLossOptions {
  /** Runs the looks and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** Milliseconds between two looks; how many are looked back on; and in how many an answer proves that some get through. */
const PACE = 1_000;
const SPAN = 60;
const LATELY = 9;
/** Fewer requests tell nothing. */
const FEWEST = 6;
/** A healthy pair has all answers but the one that is under way. */
const SHARE = 0.75;

/**
 * Tells whether many packets get lost while some get through, by the STUN answers of the last minute: they come, but more
 * than a quarter of them is missing.
 *
 *     STUN:    r-a-r-a-r---r-a-r---r-------        r: request, a: answer
 *     result:  -f------------t-------------f       f: false, t: true
 *
 * On a network that is well all are answered, and on one that is cut, in both directions or in one, none: neither is a
 * heavy loss. It needs no media, and says nothing before six requests, about 16 s. Asks once a second; a look that fails is none.
 * Emits what the first look says, then changes; completes once the connection is closed; unsubscribing stops the looks.
 *
 * @throws {TypeError} when called, for an option that is unknown or impossible.
 *
 * @example
 * ```ts no-run
 * import { forbear, webSocketChannel } from 'rejoin/websocket';
 * import { heavyLoss } from 'rejoin/webrtc';
 * import { switchMap } from 'rxjs';
 *
 * const pc = new RTCPeerConnection();
 * let lossy = false;
 * heavyLoss(pc).subscribe((now) => (lossy = now));
 *
 * // Signalling that falls silent while so much gets lost is not told as lost at once.
 * const signal$ = webSocketChannel({ url: 'wss://example.com/' }).pipe(
 *   switchMap(({ health$ }) => health$.pipe(forbear({ when: () => lossy }))),
 * );
 * ```
 */
export function heavyLoss(pc: PeerConnectionLike, options: HeavyLossOptions = {}): Observable<boolean> {
  const { scheduler } = readOptions<Required<HeavyLossOptions>>('heavyLoss', options, {
    scheduler: [aScheduler, asyncScheduler],
  });
  return ticks(PACE, scheduler).pipe(
    map(() => pc.connectionState),
    takeWhile((connectionState) => connectionState !== 'closed'),
    exhaustMap(() => look(pc, readStats)),
    scan<Counters, readonly StunCounts[]>((all, { requests, responses }) => {
      if (!requests || !responses) return all;
      const now = { pair: responses.id, requests: requests.value, answers: responses.value };
      // Another pair begins anew.
      return [...all.filter(({ pair }) => pair === now.pair).slice(-SPAN), now];
    }, []),
    map(isLossy),
    distinctUntilChanged(),
  );
}

/** The same of looks at one pair, the oldest first. Pure. */
export function isLossy(counts: readonly StunCounts[]): boolean {
  const [first] = counts;
  const last = counts.at(-1);
  if (!first || !last) return false;
  const asked = last.requests - first.requests;
  const answered = last.answers - first.answers;
  const before = counts.at(-1 - LATELY) ?? first;
  return asked >= FEWEST && answered < SHARE * asked && last.answers > before.answers;
}
