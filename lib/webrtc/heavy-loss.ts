import { asyncScheduler, connect, distinctUntilChanged, exhaustMap, map, merge, scan, takeWhile } from 'rxjs';
import { aScheduler, readOptions } from '../core/options/options.js';
import { look, ticks } from './look.js';
import { readStats } from './read-stats.js';
import type { Observable, SchedulerLike } from 'rxjs';
import type { PeerConnectionLike } from './peer-connection-health.js';
import type { Counters } from './read-stats.js';

/** STUN requests sent and answers received on one pair until one look. */
export interface StunCounts {
  /** Time of the look (ms). */
  readonly at: number;
  readonly pair: string;
  readonly requests: number;
  readonly answers: number;
}

export interface HeavyLossOptions {
  /** Runs the looks and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** Milliseconds between two looks; that are looked back on; and in which another answer proves that some get through. */
const PACE = 1_000;
const SPAN = 60_000;
const LATELY = 9_000;
/** Fewer requests tell nothing. */
const FEWEST = 6;
/** So many without an answer between two answers are an outage: in 100 such gaps of 40 % loss each way there are 3 of them. */
const OUTAGE = 8;
/** A healthy pair has all answers but the one that is under way. */
const SHARE = 0.75;

/**
 * Tells whether many packets get lost while some get through, by the STUN answers of the last minute: they come, but more
 * than a quarter of them is missing.
 *
 *     STUN:    r-a-r---r-a-r---r-a-r---rrrrrrrr        r: request, a: answer
 *     result:  -f-----------------t---------f          f: false, t: true
 *
 * On a network that is well all are answered, and on one that is cut, in both directions or in one, none: neither is a
 * heavy loss. What is asked behind the last answer is therefore not counted, and 9 s after it nothing gets through any more.
 * Nor is an outage that is over, eight requests in a row without an answer: what was asked in it is not counted.
 *
 * It needs no media, and says `false` until there were six requests and an answer to a later one, about 20 s. Looks once a
 * second; a look that fails is none. Emits from the first second on, then changes; completes once the connection is closed,
 * also while a look hangs; unsubscribing stops the looks.
 *
 * @throws {TypeError} when called, for an option that is unknown or impossible.
 *
 * @example
 * ```ts no-run
 * import { excuseLoss, webSocketChannel } from 'rejoin/websocket';
 * import { heavyLoss } from 'rejoin/webrtc';
 * import { switchMap } from 'rxjs';
 *
 * const pc = new RTCPeerConnection();
 * let lossy = false;
 * heavyLoss(pc).subscribe((now) => (lossy = now));
 *
 * // Signalling that falls silent while so much gets lost is not told as lost at once.
 * const signal$ = webSocketChannel({ url: 'wss://example.com/' }).pipe(
 *   switchMap(({ health$ }) => health$.pipe(excuseLoss({ when: () => lossy }))),
 * );
 * ```
 */
export function heavyLoss(pc: PeerConnectionLike, options: HeavyLossOptions = {}): Observable<boolean> {
  const { scheduler } = readOptions<Required<HeavyLossOptions>>('heavyLoss', options, {
    scheduler: [aScheduler, asyncScheduler],
  });
  return ticks(PACE, scheduler).pipe(
    // While a look hangs, time passes and the connection may be closed: a tick is a look that sees nothing.
    connect((ticks$) =>
      merge(
        ticks$.pipe(map((): Counters | null => (pc.connectionState === 'closed' ? null : {}))),
        ticks$.pipe(exhaustMap(() => look(pc, readStats))),
      ),
    ),
    takeWhile((seen) => seen !== null),
    scan<Counters, readonly StunCounts[]>((all, { requests, responses }) => {
      if (!requests || !responses) return all;
      const now = { at: scheduler.now(), pair: responses.id, requests: requests.value, answers: responses.value };
      // Another pair begins anew.
      return [...all.filter(({ at, pair }) => pair === now.pair && now.at - at <= SPAN), now];
    }, []),
    map((counts) => isLossy(counts, scheduler.now())),
    distinctUntilChanged(),
  );
}

/** The same of looks at one pair, the oldest first, up to the last answer; `now` in ms. Pure. */
export function isLossy(counts: readonly StunCounts[], now: number): boolean {
  const newest = counts.at(-1)?.answers ?? 0;
  const before = counts.filter(({ answers }) => answers < newest);
  const [first] = before;
  const last = before.at(-1);
  if (!first || !last) return false;
  const answered = last.answers - first.answers;
  let asked = answered;
  let from = first;
  for (const look of before) {
    if (look.answers === from.answers && look !== last) continue;
    const missing = look.requests - from.requests - (look.answers - from.answers);
    if (missing < OUTAGE) asked += missing;
    from = look;
  }
  return asked >= FEWEST && answered < SHARE * asked && now - last.at <= LATELY;
}
