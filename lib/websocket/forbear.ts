import { asyncScheduler, catchError, EMPTY, ignoreElements, map, merge, of, switchMap, timer } from 'rxjs';
import { aFunction, aScheduler, aStream, aTime, readOptions } from '../core/options.js';
import type { MonoTypeOperatorFunction, Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';

export interface ForbearOptions {
  /** Asked at every loss: whether it is excused. `heavyLoss` of `rejoin/webrtc` knows when. */
  readonly when: () => boolean;
  /** Subscribed while an excused loss is held back: puts another channel in place. Its errors are ignored. @defaultValue EMPTY */
  readonly meanwhile$?: Observable<unknown>;
  /** Milliseconds that it is held back. @defaultValue 20 000 */
  readonly limit?: number;
  /** @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * Holds back a loss of signalling that is excused: on a network that loses much, though not all, TCP may be silent for more
 * than ten seconds and is yet alive.
 *
 *     health$:      u------d----u--d-------------
 *     when():              true    true
 *     meanwhile$:          ----!   -----------!     another channel is tried
 *     result:       u--------------------------d    d after `limit`, and dated then: the media was alive until now
 *
 * `up` ends it, and so does the next loss, for which `when` is asked anew: one that is not excused passes at once.
 * Unsubscribing ends `meanwhile$` too.
 *
 * @throws {TypeError} | {RangeError} when called, for an option that is missing, unknown or impossible.
 * @throws what `when` throws, as a notification.
 *
 * @example
 * ```ts
 * import { concat, of, timer, map } from 'rxjs';
 * import { forbear } from 'rejoin/websocket';
 * import type { Health } from 'rejoin';
 *
 * const health$ = concat(of<Health[]>('up', { down: true }), timer(20).pipe(map((): Health => 'up')));
 * health$
 *   .pipe(forbear({ when: () => true }))
 *   .subscribe((health) => console.log(JSON.stringify(health)));
 * // => "up"
 * // => "up"
 * ```
 */
export function forbear(options: ForbearOptions): MonoTypeOperatorFunction<Health> {
  const { when, meanwhile$, limit, scheduler } = readOptions<Read>('forbear', options, {
    when: [aFunction, undefined],
    meanwhile$: [aStream, EMPTY],
    limit: [aTime, 20_000],
    scheduler: [aScheduler, asyncScheduler],
  });
  const isExcused: ForbearOptions['when'] = aFunction('forbear: when', when);
  return switchMap((health): Observable<Health> => {
    if (health === 'up' || !isExcused()) return of(health);
    const tried$ = meanwhile$.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
    return merge(tried$, timer(limit, scheduler).pipe(map((): Health => ({ down: true }))));
  });
}

/** The options as they are read. */
type Read = Omit<Required<ForbearOptions>, 'when'> & Pick<Partial<ForbearOptions>, 'when'>;
