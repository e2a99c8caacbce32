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
  /** Asked at every word of a loss that is not told yet: whether it is excused. `heavyLoss` of `rejoin/webrtc` knows when. */
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
 * `up` ends it. A loss that the source repeats restarts nothing, but `when` is asked anew: one that is not excused passes at
 * once. After a loss was told, its repeats pass. The end of the source is the end of the patience: completing tells what was
 * held back. A server that closes the old channel when it has taken another is to be excused as well: `concat(health$, NEVER)`.
 * Unsubscribing ends `meanwhile$` too.
 *
 * Every `up` passes, also the one after a loss that was never told. Leave it in: who noticed that loss in another way, as a
 * room by its probe, hears only then that it is over, which a `distinctUntilChanged` behind this would keep from it.
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
    let isTold = false;
    const over$ = health$.pipe(ignoreElements(), endWith('over'));
    const held$ = tried$.pipe(takeUntil(merge(timer(limit, scheduler), over$)), endWith<Health>({ down: true }));
    return health$.pipe(
      map((health) => (health === 'up' || isTold || !when() ? of(health) : held$)),
      // What is held back goes on being held back.
      distinctUntilChanged(),
      switchMap((told$) => told$),
      tap((health) => (isTold = health !== 'up')),
    );
  });
}
