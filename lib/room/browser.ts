import { defer, EMPTY, filter, fromEvent, map, merge, type Observable } from 'rxjs';

/** A hint that the device or its network is back: reason to try now, never a proof. */
export interface Wake {
  /** Milliseconds that the device slept or the page was frozen, where that is known; else 0. */
  readonly suspendedFor: number;
}

const page = (): (Window & typeof globalThis) | undefined =>
  typeof window === 'undefined' || typeof document === 'undefined' ? undefined : window;

/**
 * The wakes of a web page: `online`, becoming visible, resuming from a freeze, coming back from the back/forward cache.
 * Nothing where there is no page.
 *
 * Sleep shows as wall-clock time that the monotonic clock did not count, or as the time since a freeze.
 */
export const browserWake = (): Observable<Wake> =>
  defer(() => {
    const window = page();
    if (window === undefined) return EMPTY;
    const { document } = window;
    let frozenAt: number | null = null;
    let offset = clockOffset();
    const freezes = merge(fromEvent(document, 'freeze'), fromEvent(window, 'pagehide')).pipe(
      map(() => {
        frozenAt = Date.now();
        return null;
      }),
    );
    const wakes = merge(
      fromEvent(window, 'online'),
      fromEvent(window, 'pageshow'),
      fromEvent(document, 'resume'),
      fromEvent(document, 'visibilitychange').pipe(filter(() => document.visibilityState === 'visible')),
    ).pipe(
      map((): Wake => {
        const frozenFor = frozenAt === null ? 0 : Date.now() - frozenAt;
        const sleptFor = clockOffset() - offset;
        frozenAt = null;
        offset = clockOffset();
        return { suspendedFor: Math.max(frozenFor, sleptFor < LEAST_SLEEP ? 0 : sleptFor) };
      }),
    );
    return merge(freezes, wakes).pipe(filter((wake) => wake !== null));
  });

/** The closing of the page, so that the others in the room need not wait for a timeout. Nothing where there is none. */
export const browserLeave = (): Observable<unknown> =>
  defer(() => {
    const window = page();
    // A persisted page goes into the back/forward cache: coming back is a wake.
    return window === undefined
      ? EMPTY
      : fromEvent<PageTransitionEvent>(window, 'pagehide').pipe(filter(({ persisted }) => !persisted));
  });

/** Grows while the device sleeps, where the monotonic clock stands still then; small steps are clock corrections. */
const clockOffset = (): number => Date.now() - performance.now();

const LEAST_SLEEP = 5_000;
