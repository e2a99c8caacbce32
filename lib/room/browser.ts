import { concatMap, defer, EMPTY, filter, fromEvent, map, merge, type Observable } from 'rxjs';
import { DriftMeter, type Drift } from './known-sleep.js';

/** A hint that the device or its network is back, or has changed: a reason to try now or to ask, never a proof. */
export interface Wake {
  /** Milliseconds that the device slept or the page was frozen, where that is known; else 0. */
  readonly suspendedFor: number;
  /** What may have been a sleep. It counts only as far as the link's last proof of life (`aliveAt`) shows that it was one. */
  readonly drift?: Drift;
  /** A reason to ask the server for a sign of life, and none to try sooner: the network may be gone. @defaultValue false */
  readonly onlyAsk?: boolean;
}

/** What an event of the page means: nothing by itself, that the page stops, or a wake. */
type Meaning = 'none' | 'stop' | 'ask' | 'try';

const page = (): (Window & typeof globalThis) | undefined =>
  typeof window === 'undefined' || typeof document === 'undefined' ? undefined : window;

/**
 * The wakes of a web page: `online`, becoming visible, resuming from a freeze, coming back from the back/forward cache; and
 * as reasons only to ask, `offline` and changes of `navigator.connection`. Nothing where there is no page.
 *
 * The time since a freeze is a sleep. Wall-clock time that the monotonic clock did not count since the last event of the page
 * may be one sleep or hours of naps, so it is told as `drift` and the room judges it by the last proof of life.
 */
export const browserWake = (): Observable<Wake> =>
  defer(() => {
    const window = page();
    if (window === undefined) return EMPTY;
    const { document } = window;
    let frozenAt: number | null = null;
    const meter = new DriftMeter();

    const wakeOf = (meaning: Meaning): readonly Wake[] => {
      meter.observe();
      if (meaning === 'stop') frozenAt ??= Date.now();
      if (meaning === 'stop' || meaning === 'none') return [];
      const suspendedFor = frozenAt === null ? 0 : Date.now() - frozenAt;
      frozenAt = null;
      const found = meter.take();
      // A sleep inside a freeze is told already.
      const drift = found !== undefined && found.ms > suspendedFor ? { drift: found } : {};
      return [{ suspendedFor, ...drift, ...(meaning === 'ask' && { onlyAsk: true }) }];
    };

    const on = (target: EventTarget, name: string, meaning: () => Meaning): Observable<Meaning> =>
      fromEvent(target, name).pipe(map(meaning));
    const stop = (): Meaning => 'stop';
    const ask = (): Meaning => 'ask';
    const tryNow = (): Meaning => 'try';
    const connection = connectionOf(window);
    return merge(
      on(document, 'freeze', stop),
      on(window, 'pagehide', stop),
      on(window, 'online', tryNow),
      on(window, 'pageshow', tryNow),
      on(document, 'resume', tryNow),
      on(document, 'visibilitychange', () => (document.visibilityState === 'visible' ? 'try' : 'none')),
      on(window, 'offline', ask),
      connection === undefined ? EMPTY : on(connection, 'change', ask),
    ).pipe(concatMap(wakeOf));
  });

/** Not every browser has it, and not every TypeScript knows it. */
const connectionOf = (window: object): EventTarget | undefined =>
  (window as { readonly navigator?: { readonly connection?: EventTarget } }).navigator?.connection;

/** The closing of the page, so that the others in the room need not wait for a timeout. Nothing where there is none. */
export const browserLeave = (): Observable<unknown> =>
  defer(() => {
    const window = page();
    // A persisted page goes into the back/forward cache: coming back is a wake.
    return window === undefined
      ? EMPTY
      : fromEvent<PageTransitionEvent>(window, 'pagehide').pipe(filter(({ persisted }) => !persisted));
  });
