import {
  asyncScheduler,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  map,
  of,
  scheduled,
  switchAll,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { aFunction, aScheduler, aTimeFromZero, readOptions } from '../core/options/options.js';
import { frameOf } from './frame-of.js';

export interface SettleOptions<T> {
  /** When two values say the same. @defaultValue `===` */
  readonly same?: (a: T, b: T) => boolean;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * Lets a value through once it has lasted: each value by its own time, and none that says what was said last.
 *
 *     source:                        u-----d-u-----d-------
 *     settle(v => v === 'd' ? 3 : 0) u----------------d----
 *
 * 0 is the end of the frame: of several values in one frame only the last counts. Unsubscribing, an error and
 * completion drop what has not settled.
 *
 * @param duration - milliseconds that a value must last.
 *
 * @example
 * ```ts
 * import { Subject } from 'rxjs';
 * import { sameHealth, settle, type Health } from 'rejoin';
 *
 * const health$ = new Subject<Health>();
 * health$
 *   .pipe(settle((health) => (health === 'up' ? 0 : 30), { same: sameHealth }))
 *   .subscribe((health) => console.log(health === 'up' ? 'up' : 'down'));
 * health$.next('up');
 * setTimeout(() => health$.next({ down: true }), 10); // a short dip
 * setTimeout(() => health$.next('up'), 20);
 * setTimeout(() => health$.next({ down: true }), 30); // a long one
 * // => up
 * // => down
 * ```
 */
export function settle<T>(duration: (value: T) => number, options: SettleOptions<T> = {}): MonoTypeOperatorFunction<T> {
  const lasting: typeof duration = aFunction('settle: duration', duration);
  const { same, scheduler } = readOptions<Required<SettleOptions<T>>>('settle', options, {
    same: [aFunction, Object.is],
    scheduler: [aScheduler, asyncScheduler],
  });
  const frame = frameOf(scheduler);

  return (source) =>
    defer(() => {
      let latest: T;
      const settled = (value: T): Observable<T> => {
        const ms = aTimeFromZero('settle: duration', lasting(value));
        // A repetition adds nothing, but of one frame the last value counts.
        return ms === 0 ? scheduled(of(0), frame).pipe(map(() => latest)) : timer(ms, scheduler).pipe(map(() => value));
      };
      return source.pipe(
        tap((value) => {
          latest = value;
        }),
        distinctUntilChanged(same),
        map(settled),
        endWith(EMPTY),
        switchAll(),
        distinctUntilChanged(same),
      );
    });
}
