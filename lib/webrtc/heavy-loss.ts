import { asyncScheduler, connect, distinctUntilChanged, exhaustMap, map, merge, scan, takeWhile } from 'rxjs';
import { aScheduler, readOptions } from '../core/options/options.js';
import { aPeer } from './a-peer.js';
import { readStats } from './read-stats.js';
import { sampleStats, ticks } from './sample-stats.js';
import type { Observable, SchedulerLike } from 'rxjs';
import type { PeerConnectionLike } from './peer-connection-health.js';
import type { Counters } from './read-stats.js';

/** STUN requests sent and answers received on one pair, up to one sample. */
export interface StunCounts {
  /** Time of the sample (ms). */
  readonly at: number;
  readonly pair: string;
  readonly requests: number;
  readonly answers: number;
}

export interface HeavyLossOptions {
  /** Runs the timers and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** Milliseconds between two samples. */
const PACE = 1_000;
/** Milliseconds of samples that count. */
const SPAN = 60_000;
/** Milliseconds after an answer in which packets are known to get through. */
const LATELY = 9_000;
/** Fewer requests prove nothing. */
const FEWEST = 6;
/** So many without an answer between two answers are an outage: in 100 such gaps of 40 % loss each way there are 3 of them. */
const OUTAGE = 8;
/** A healthy pair has every answer except the one under way. */
const SHARE = 0.75;

/**
 * Whether many packets get lost while some get through, judged by the STUN answers of the last minute: they come, but more
 * than a quarter of them are missing.
 *
 *     STUN:    r-a-r---r-a-r---r-a-r---rrrrrrrr        r: request, a: answer
 *     result:  -f-----------------t---------f          f: false, t: true
 *
 * A healthy network answers all requests; one that is cut, in one direction or both, answers none. Neither is a heavy loss,
 * so requests after the last answer are not counted, and 9 s after it the network counts as cut. An outage that is over,
 * eight requests in a row without an answer, is no heavy loss either: its requests are not counted.
 *
 * Needs no media. `false` until there were six requests and an answer to a later one, about 20 s. Samples once a second and
 * skips a sample that fails. Emits from the first second on, then on changes; completes once the connection is closed, also
 * while a sample hangs. Unsubscribing stops the sampling.
 *
 * @throws {TypeError} when called, for what is no peer connection, or an option that is unknown or impossible.
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
 * // While so much gets lost, silent signalling does not count as lost at once.
 * const signal$ = webSocketChannel({ url: 'wss://example.com/' }).pipe(
 *   switchMap(({ health$ }) => health$.pipe(excuseLoss({ when: () => lossy }))),
 * );
 * ```
 */
export function heavyLoss(pc: PeerConnectionLike, options: HeavyLossOptions = {}): Observable<boolean> {
  aPeer('heavyLoss: pc', pc, ['getStats']);
  const { scheduler } = readOptions<Required<HeavyLossOptions>>('heavyLoss', options, {
    scheduler: [aScheduler, asyncScheduler],
  });
  return ticks(PACE, scheduler).pipe(
    // While a sample hangs, time passes and the connection may be closed: every tick counts as an empty sample.
    connect((ticks$) =>
      merge(
        ticks$.pipe(map((): Counters | null => (pc.connectionState === 'closed' ? null : {}))),
        ticks$.pipe(exhaustMap(() => sampleStats(pc, readStats))),
      ),
    ),
    takeWhile((seen) => seen !== null),
    scan<Counters, readonly StunCounts[]>((all, { requests, responses }) => {
      if (!requests || !responses) return all;
      const now = { at: scheduler.now(), pair: responses.id, requests: requests.value, answers: responses.value };
      // Another pair starts from zero.
      return [...all.filter(({ at, pair }) => pair === now.pair && now.at - at <= SPAN), now];
    }, []),
    map((counts) => isLossy(counts, scheduler.now())),
    distinctUntilChanged(),
  );
}

/** The same for the samples of one pair, oldest first; `now` in ms. Pure. */
export function isLossy(counts: readonly StunCounts[], now: number): boolean {
  const newest = counts.at(-1)?.answers ?? 0;
  const before = counts.filter(({ answers }) => answers < newest);
  const [first] = before;
  const last = before.at(-1);
  if (!first || !last) return false;
  const answered = last.answers - first.answers;
  let asked = answered;
  let from = first;
  for (const sample of before) {
    if (sample.answers === from.answers && sample !== last) continue;
    const missing = sample.requests - from.requests - (sample.answers - from.answers);
    if (missing < OUTAGE) asked += missing;
    from = sample;
  }
  return asked >= FEWEST && answered < SHARE * asked && now - last.at <= LATELY;
}
