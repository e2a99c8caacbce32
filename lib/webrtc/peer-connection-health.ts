import {
  asyncScheduler,
  connect,
  distinctUntilChanged,
  exhaustMap,
  filter,
  fromEventPattern,
  map,
  merge,
  of,
  scan,
  takeWhile,
} from 'rxjs';
import { sameHealth } from '../core/machine/health.js';
import { aFunction, aNumber, aScheduler, readOptions, type Read } from '../core/options/options.js';
import { aPeer } from './a-peer.js';
import { evaluate, evaluateState, noEvidence } from './evidence.js';
import { readStats } from './read-stats.js';
import { sampleStats, ticks } from './sample-stats.js';
import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { Health } from '../core/machine/health.js';
import type { Evidence } from './evidence.js';
import type { StatsReportLike } from './read-stats.js';

/** What of an `RTCPeerConnection` is watched. */
export interface PeerConnectionLike {
  readonly connectionState: string;
  getStats(): ObservableInput<StatsReportLike>;
  addEventListener(type: 'connectionstatechange' | 'iceconnectionstatechange', listener: () => void): void;
  removeEventListener(type: 'connectionstatechange' | 'iceconnectionstatechange', listener: () => void): void;
}

export interface PeerConnectionHealthOptions {
  /** Milliseconds between two samples of the statistics, 50 to 1000. @defaultValue 250 */
  readonly poll?: number;
  /** Milliseconds without bytes and STUN answers that are a loss while media flows steadily. @defaultValue 1500 */
  readonly silence?: number;
  /** The same while media flows sparsely, as audio with DTX does. @defaultValue 2500, or `silence` where that is longer */
  readonly sparseSilence?: number;
  /** STUN requests without an answer that are a loss whatever flows. @defaultValue 20 */
  readonly unanswered?: number;
  /**
   * Called when half of a loss has passed and nothing came, once a silence. Ask your signalling for a sign of life here
   * (`channel.ask()` of `rejoin/websocket`): when the whole network is gone, that is then known together with the loss.
   * What it throws is the end of the health.
   */
  readonly onDoubt?: () => void;
  /** Runs the polls and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** An answer of `getStats` that took longer (ms) describes a moment that nobody knows: it is no evidence. */
const PATIENCE = 2000;

/**
 * Watches a peer connection and reports, from its statistics, whether media gets through.
 *
 *     statistics:       .....bbbbbbbbb.......bbbb    b: bytes or STUN answers advanced, .: nothing did
 *     connectionState:  -----c----------d-------c    c: connected, d: disconnected
 *     result:           -----u-----------D---u---    u: up, D: { down: true, aliveAt }
 *
 * Silent until the first proof of life. It is down at once when `connectionState` is `failed` or `closed`; after `silence`
 * ms without bytes and STUN answers while media flows; after `unanswered` STUN requests in any situation, an idle data
 * channel too. `disconnected` is a false alarm more often than not: it only makes the next sample come at once. Once down, bytes or
 * STUN answers alone make it up again. `aliveAt` is the time (ms) of the last sample in which either had advanced.
 *
 * Media that both sides stop sending on purpose, without saying so, looks like a loss until the next STUN answer (2.7 s): raise
 * `silence` and `sparseSilence` to 3500 where that happens, as behind a server that pauses streams.
 *
 * Only changes are emitted. One call of `getStats` is out at a time; one that fails or takes over 2 s is no evidence, and
 * while one never returns only `connectionState` is left to judge by. Errors only when `onDoubt` throws; completes when the
 * connection is closed. Unsubscribing stops the polls and removes the listeners; the connection itself is left alone.
 *
 * @throws {TypeError} | {RangeError} when called, for what is no peer connection, or an option that is unknown or impossible.
 *
 * @example
 * ```ts no-run
 * import { peerConnectionHealth } from 'rejoin/webrtc';
 *
 * const pc = new RTCPeerConnection();
 * peerConnectionHealth(pc).subscribe((health) => {
 *   document.title = health === 'up' ? 'in the call' : 'no media';
 * });
 * ```
 */
export function peerConnectionHealth(
  pc: PeerConnectionLike,
  options: PeerConnectionHealthOptions = {},
): Observable<Health> {
  aPeer(`${OWNER}: pc`, pc, ['getStats', 'addEventListener', 'removeEventListener']);
  const {
    poll,
    silence,
    sparseSilence = Math.max(silence, 2500),
    unanswered,
    onDoubt,
    scheduler,
  } = readOptions<Read<PeerConnectionHealthOptions, 'sparseSilence'>>(OWNER, options, {
    poll: [aNumber(50, 1000), 250],
    silence: [aNumber(50, LONGEST), 1500],
    sparseSilence: [aNumber(50, LONGEST), undefined],
    unanswered: [aNumber(1, 1000), 20],
    onDoubt: [aFunction, () => undefined],
    scheduler: [aScheduler, asyncScheduler],
  });
  aNumber(poll, LONGEST)(`${OWNER}: silence`, silence);
  aNumber(silence, LONGEST)(`${OWNER}: sparseSilence`, sparseSilence);
  const limits = { poll, silence, sparseSilence, unanswered };

  type Step = (evidence: Evidence) => Evidence;

  const judge = (): Step => {
    const { connectionState } = pc;
    return (evidence) => evaluateState(evidence, connectionState);
  };
  const sample = (): Observable<Step> => {
    const askedAt = scheduler.now();
    return sampleStats(pc, (report): Step => {
      const at = scheduler.now();
      if (at - askedAt > PATIENCE) return (evidence) => evidence;
      const taken = { at, connectionState: pc.connectionState, counters: readStats(report) };
      return (evidence) => evaluate(evidence, taken, limits);
    });
  };

  const changes = (['connectionstatechange', 'iceconnectionstatechange'] as const).map((type) =>
    fromEventPattern(
      (listener) => pc.addEventListener(type, listener),
      (listener) => pc.removeEventListener(type, listener),
    ),
  );
  return merge(of('now'), ...changes, ticks(poll, scheduler)).pipe(
    // First `connectionState`, also while a sample is under way. Closing fires no event: the polls notice it.
    connect((occasion) => merge(occasion.pipe(map(judge)), occasion.pipe(exhaustMap(sample)))),
    scan((evidence, step) => {
      const next = step(evidence);
      if (next.doubtful && !evidence.doubtful) onDoubt();
      return next;
    }, noEvidence),
    takeWhile(({ closed }) => !closed, true),
    map(({ health }) => health),
    filter((health) => health !== null),
    distinctUntilChanged(sameHealth),
  );
}

const OWNER = 'peerConnectionHealth';
/** The longest silence (ms) that may be no loss. */
const LONGEST = 60_000;
