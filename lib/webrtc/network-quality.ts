import {
  asyncScheduler,
  connect,
  distinctUntilChanged,
  endWith,
  exhaustMap,
  ignoreElements,
  map,
  merge,
  scan,
  startWith,
  takeUntil,
} from 'rxjs';
import { aScheduler, aStream, aTime, readOptions, type Read } from '../core/options/options.js';
import { aPeer } from './a-peer.js';
import { onlyHealths } from '../operators/only-healths.js';
import { ratingOf } from './e-model.js';
import { peerConnectionHealth } from './peer-connection-health.js';
import { showNext, unknownQuality, type Quality, type Shown } from './quality.js';
import { readQuality, type QualityReport, type Received, type ReceiverReport } from './read-quality.js';
import { sampleStats, ticks } from './sample-stats.js';
import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/machine/health.js';
import type { PeerConnectionLike } from './peer-connection-health.js';

/** How the network feels in each direction: what we send, and what we receive. */
export interface NetworkQuality {
  readonly up: Quality;
  readonly down: Quality;
}

export interface NetworkQualityOptions {
  /** Milliseconds between two ratings, 2 s as vendors do. @defaultValue 2000 */
  readonly every?: number;
  /** The connection's health: 6 while it is down. @defaultValue `peerConnectionHealth(pc)` */
  readonly health$?: Observable<Health>;
  /** Runs the ratings. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * How weak the network is: 0 unknown, 1 excellent, 2 good, 3 fair, 4 bad, 5 very bad, 6 down.
 *
 *     loss:       0 %    8 % . . . . . . .  0 %
 *     ratings:    ---1---1---4---4---4---4---1---1---1---     every 2 s
 *     result:     0--1-----------4-----------------------1     worse after 2 ratings, better after 3
 *
 * Each rating is the R of the E-model (ITU-T G.107) from the loss of the last 2 s and the delay: half a round trip, what
 * the jitter costs in buffering, and one packet. A direction without a media stream stays 0. Down while the health is, at
 * once; rated anew after it. Emits changes only; errors and completes with the health.
 *
 * @throws {TypeError} | {RangeError} when called, for what is no peer connection, or an option that is unknown or impossible.
 *
 * @example
 * ```ts no-run
 * import { networkQuality } from 'rejoin/webrtc';
 *
 * const pc = new RTCPeerConnection();
 * networkQuality(pc).subscribe(({ up, down }) => {
 *   document.title = Math.max(up, down) > 3 ? 'weak network' : 'fine';
 * });
 * ```
 */
export function networkQuality(
  pc: PeerConnectionLike,
  options: NetworkQualityOptions = {},
): Observable<NetworkQuality> {
  aPeer('networkQuality: pc', pc, ['getStats']);
  const { every, scheduler, health$ } = readOptions<Read<NetworkQualityOptions, 'health$'>>('networkQuality', options, {
    every: [aTime, 2_000],
    health$: [aStream, undefined],
    scheduler: [aScheduler, asyncScheduler],
  });

  const sampled$ = ticks(every, scheduler).pipe(exhaustMap(() => sampleStats(pc, readQuality)));

  return (health$ ?? peerConnectionHealth(pc, { scheduler })).pipe(
    onlyHealths(),
    connect((shared$) => merge(shared$, sampled$.pipe(takeUntil(shared$.pipe(ignoreElements(), endWith('over')))))),
    scan(rate, nothingYet),
    startWith(nothingYet),
    map(({ up, down }): NetworkQuality => ({ up: up.quality, down: down.quality })),
    distinctUntilChanged((a, b) => a.up === b.up && a.down === b.down),
  );
}

interface Rated {
  /** Of the last sample. */
  readonly reports: readonly ReceiverReport[];
  readonly received: Received | null;
  /** Streams whose next report still covers the outage, so it is not rated. */
  readonly staleStreams: readonly string[];
  readonly up: Shown;
  readonly down: Shown;
}

const nothingYet: Rated = { reports: [], received: null, staleStreams: [], up: unknownQuality, down: unknownQuality };

const cut: Shown = { ...unknownQuality, quality: 6 };

/** What is shown after the health has changed, or one more report has come. Pure. */
function rate(rated: Rated, news: Health | QualityReport): Rated {
  const { reports, received, staleStreams, up, down } = rated;
  if (news === 'up') return up === cut ? { ...nothingYet, reports, staleStreams: reports.map(({ id }) => id) } : rated;
  if ('roundTrip' in news) {
    if (up === cut) return { ...rated, reports: news.up };
    const rating = ({ loss, jitter }: Leg): number =>
      ratingOf({ delay: (news.roundTrip ?? 0) / 2 + BUFFERED * jitter + PACKET, loss });
    // Each stream has its own reports: a new one of another stream must not count this one twice.
    const fresh = news.up.filter(({ id, at }) => !reports.some((before) => before.id === id && before.at === at));
    const counted = fresh.filter(({ id }) => !staleStreams.includes(id));
    const came = news.down && since(received, news.down);
    return {
      reports: news.up,
      received: news.down,
      staleStreams: staleStreams.filter((id) => fresh.every((one) => one.id !== id)),
      up:
        news.up.length === 0
          ? unknownQuality
          : counted.length === 0
            ? up
            : showNext(up, Math.min(...counted.map(rating))),
      down: news.down === null ? unknownQuality : showNext(down, came && rating(came)),
    };
  }
  return { ...nothingYet, reports, up: cut, down: cut };
}

/** What is rated of one direction. */
type Leg = Pick<ReceiverReport, 'loss' | 'jitter'>;

/** What came in between two samples; `null` when nothing did, or when the two cannot be compared. */
function since(before: Received | null, now: Received): Leg | null {
  if (before?.id !== now.id) return null;
  const lost = Math.max(0, now.lost - before.lost);
  const all = lost + Math.max(0, now.received - before.received);
  return all === 0 ? null : { loss: lost / all, jitter: now.jitter };
}

/** What a receiver buffers, in jitters. */
const BUFFERED = 2;
/** Milliseconds that a packet of sound waits until it is full. */
const PACKET = 20;
