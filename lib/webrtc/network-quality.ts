import {
  asyncScheduler,
  catchError,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  exhaustMap,
  ignoreElements,
  map,
  merge,
  repeat,
  scan,
  startWith,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { aScheduler, aStream, aTime, readOptions } from '../core/options.js';
import { ratingOf } from './e-model.js';
import { peerConnectionHealth } from './peer-connection-health.js';
import { showNext, unknownQuality, type Quality, type Shown } from './quality.js';
import { readQuality, type QualityReport, type Received, type Told } from './read-quality.js';
import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
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
 * @throws {TypeError} | {RangeError} when called, for an option that is unknown or impossible.
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
  const { every, scheduler, health$ } = readOptions<Read>('networkQuality', options, {
    every: [aTime, 2_000],
    health$: [aStream, undefined],
    scheduler: [aScheduler, asyncScheduler],
  });

  const reports = defer(() => timer(every, scheduler)).pipe(
    repeat(),
    exhaustMap(() =>
      defer(() => pc.getStats()).pipe(
        take(1),
        map(readQuality),
        catchError(() => EMPTY),
      ),
    ),
  );

  return (health$ ?? peerConnectionHealth(pc, { scheduler })).pipe(
    connect((shared$) => merge(shared$, reports.pipe(takeUntil(shared$.pipe(ignoreElements(), endWith('over')))))),
    scan(rate, nothingYet),
    startWith(nothingYet),
    map(({ up, down }): NetworkQuality => ({ up: up.quality, down: down.quality })),
    distinctUntilChanged((a, b) => a.up === b.up && a.down === b.down),
  );
}

/** The options as they are read. */
type Read = Omit<Required<NetworkQualityOptions>, 'health$'> & { readonly health$: Observable<Health> | undefined };

interface Rated {
  readonly report: QualityReport | null;
  readonly up: Shown;
  readonly down: Shown;
}

const nothingYet: Rated = { report: null, up: unknownQuality, down: unknownQuality };

const cut: Shown = { ...unknownQuality, quality: 6 };

/** What is shown after the health has changed, or one more report has come. Pure. */
function rate(rated: Rated, news: Health | QualityReport): Rated {
  if (news === 'up') return rated.up === cut ? nothingYet : rated;
  if ('roundTrip' in news) {
    if (rated.up === cut) return rated;
    const { report, up, down } = rated;
    return {
      report: news,
      up: news.up?.at === report?.up?.at ? up : shown(up, news.up, news.roundTrip),
      down: shown(down, since(report?.down, news.down), news.roundTrip),
    };
  }
  return { report: null, up: cut, down: cut };
}

/** A direction without a stream is unknown; one without packets changes nothing. */
function shown(before: Shown, leg: Pick<Told, 'loss' | 'jitter'> | null | undefined, roundTrip: number | null): Shown {
  if (leg === undefined) return showNext(before, null);
  if (leg === null) return unknownQuality;
  const delay = (roundTrip ?? 0) / 2 + BUFFERED * leg.jitter + PACKET;
  return showNext(before, ratingOf({ delay, loss: leg.loss }));
}

/** What came in between two reports; `undefined` when nothing did, or nothing that can be compared. */
function since(
  before: Received | null | undefined,
  now: Received | null,
): Pick<Told, 'loss' | 'jitter'> | null | undefined {
  if (now === null) return null;
  if (before?.id !== now.id) return undefined;
  const lost = Math.max(0, now.lost - before.lost);
  const all = lost + Math.max(0, now.received - before.received);
  return all === 0 ? undefined : { loss: lost / all, jitter: now.jitter };
}

/** What a receiver buffers, in jitters. */
const BUFFERED = 2;
/** Milliseconds that a packet of sound waits until it is full. */
const PACKET = 20;
