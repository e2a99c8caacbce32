import {
  asyncScheduler,
  connect,
  distinctUntilChanged,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { aFunction, aScheduler, aStream, aTime, readOptions } from '../core/options/options.js';
import type { MonoTypeOperatorFunction, SchedulerLike } from 'rxjs';
import type { Health } from '../core/machine/health.js';

export interface ExcuseLossOptions {
  /** Whether a loss is excused; asked at every `down` until one is emitted. `heavyLoss` of `rejoin/webrtc` knows when. */
  readonly when: () => boolean;
  /** Subscribed while an excused loss is held back: puts another channel in place. Its errors are ignored. @defaultValue EMPTY */
  readonly meanwhile$?: Observable<unknown>;
  /** Milliseconds that it is held back. @defaultValue 20 000 */
  readonly limit?: number;
  /** @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * Holds back an excused loss of signalling: on a network that loses much, though not all, TCP may be silent for more than ten
 * seconds and still be alive.
 *
 *     health$:      u------d----u--d-------------
 *     when():              true    true
 *     meanwhile$:          ----!   -----------!     another channel is tried
 *     result:       u--------------------------d    d after `limit`, dated then: the media was alive until now
 *
 * `up` ends the holding. A loss that the source repeats restarts nothing, but `when` is asked again: if it is no longer
 * excused, it passes at once. After a loss was emitted, its repeats pass. If the source completes, a held loss is emitted. A
 * server may close the old channel once it has taken another: excuse that too with `concat(health$, NEVER)`.
 * Unsubscribing ends `meanwhile$` too.
 *
 * Every `up` passes, also the one after a loss that was never emitted. Do not filter it with `distinctUntilChanged`: a room that
 * noticed the loss by its probe learns from it that the loss is over.
 *
 * @throws {TypeError} | {RangeError} when called, for an option that is missing, unknown or impossible.
 * @throws what `when` throws, as a notification.
 *
 * @example
 * ```ts
 * import { concat, of, timer, map } from 'rxjs';
 * import { excuseLoss } from 'rejoin/websocket';
 * import type { Health } from 'rejoin';
 *
 * const health$ = concat(of<Health[]>('up', { down: true }), timer(20).pipe(map((): Health => 'up')));
 * health$
 *   .pipe(excuseLoss({ when: () => true }))
 *   .subscribe((health) => console.log(JSON.stringify(health)));
 * // => "up"
 * // => "up"
 * ```
 */
export function excuseLoss(options: ExcuseLossOptions): MonoTypeOperatorFunction<Health> {
  const { when, meanwhile$, limit, scheduler } = readOptions<Required<ExcuseLossOptions>>('excuseLoss', options, {
    when: [aFunction],
    meanwhile$: [aStream, EMPTY],
    limit: [aTime, 20_000],
    scheduler: [aScheduler, asyncScheduler],
  });
  const tried$ = new Observable<never>(() => meanwhile$.subscribe({ error: () => undefined }));

  return connect((health$) => {
    let isEmitted = false;
    const over$ = health$.pipe(ignoreElements(), endWith('over'));
    const held$ = tried$.pipe(takeUntil(merge(timer(limit, scheduler), over$)), endWith<Health>({ down: true }));
    return health$.pipe(
      map((health) => (health === 'up' || isEmitted || !when() ? of(health) : held$)),
      // A held loss stays held.
      distinctUntilChanged(),
      switchMap((next$) => next$),
      tap((health) => (isEmitted = health !== 'up')),
    );
  });
}
