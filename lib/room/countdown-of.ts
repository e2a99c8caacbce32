import { asyncScheduler, Observable, type SchedulerLike } from 'rxjs';
import type { Progress } from '../core/machine/progress.js';
import { aScheduler, aStream, readOptions } from '../core/options/options.js';
import { Alarm } from '../operators/alarm.js';

/** Whole seconds, rounded up. */
export interface Countdown {
  /** Until the next attempt begins; `null` while one runs, and when only the deadline is left to wait for. */
  readonly retryIn: number | null;
  /** Until the room gives up. */
  readonly giveUpIn: number;
}

export interface CountdownOptions {
  /** Runs the timer and tells the time. @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

type Times = Pick<Progress, 'nextRetryAt' | 'deadlineAt'>;

/**
 * The seconds that a user is shown while a room joins or reconnects: until the next attempt, and until it gives up.
 *
 *     progress$:  n--w------------------------r---n    w: next attempt in 2.5 s, giving up in 5.5 s; r: it runs
 *     result:     n--a----b---------c---------d---n    a: 3, 6   b: 2, 5   c: 1, 4   d: null, 3   n: null
 *
 * `null` while there is nothing to count. Starts with the current value, emits only when a number changes, completes with
 * `progress$`, and passes on its error. `retryIn` never shows 0: a wait that is over is `null`, as the attempt is due.
 *
 * Every subscription has one timer of its own, and only while it counts: it fires when a number changes next. A timer that
 * fires late skips the numbers that have passed, and a clock that was set, or a device that slept, is corrected within
 * a second. Unsubscribing cancels the timer.
 *
 * The obvious `snapshot$.pipe(switchMap(() => timer(0, 1_000)))` is right in production, but fails in a marble test with
 * "Expected a due immediate or interval". A room ends its frame by an `asap` action. Where that comes in the same
 * millisecond as a tick, `switchMap` cancels a timer that is already due, and the `run` mode of `TestScheduler` in rxjs 7
 * cannot do that. `countdownOf` leaves such a timer to fire without effect, so it works in virtual time with the default
 * scheduler, and with a `TestScheduler` handed to both the room and the countdown.
 *
 * @throws {TypeError} at once, for a room without `progress$`, and for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { throwError } from 'rxjs';
 * import { countdownOf, createRoom, spaced } from 'rejoin';
 *
 * const join = () => throwError(() => new Error('no network'));
 * const room = createRoom({ join }, { schedule: spaced(1_500), joinDeadline: 10_000 });
 * countdownOf(room).subscribe((countdown) => console.log(JSON.stringify(countdown)));
 * room.join();
 * setTimeout(() => room.leave(), 750);
 * // => null
 * // => {"retryIn":null,"giveUpIn":10}
 * // => {"retryIn":2,"giveUpIn":10}
 * // => {"retryIn":1,"giveUpIn":10}
 * // => null
 * ```
 */
export function countdownOf(
  room: { readonly progress$: Observable<Times | null> },
  options: CountdownOptions = {},
): Observable<Countdown | null> {
  const { scheduler } = readOptions<Required<CountdownOptions>>('countdownOf', options, {
    scheduler: [aScheduler, asyncScheduler],
  });
  const { progress$ } = Object(room) as Partial<typeof room>;
  const times$: Observable<Times | null | undefined> = aStream('countdownOf: progress$', progress$);

  return new Observable((subscriber) => {
    let times: Times | null | undefined = null;
    let shown: Countdown | null | undefined;

    const show = (): void => {
      const now = scheduler.now();
      const countdown = times == null ? null : countdownAt(times, now);
      // Before the value is emitted: a subscriber may end the counting.
      alarm.set(times == null ? Infinity : nextChange(times, now));
      if (shown !== undefined && isSame(shown, countdown)) return;
      shown = countdown;
      subscriber.next(countdown);
    };

    const alarm = new Alarm(scheduler, show);
    // Before `progress$` is subscribed to: it may give all that it has at once.
    subscriber.add(() => {
      alarm.set(Infinity);
    });
    subscriber.add(
      times$.subscribe({
        next: (next) => {
          if (subscriber.closed) return;
          // A source of somebody else's may give nothing instead of `null`.
          times = next;
          show();
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      }),
    );
  });
}

/** By whole milliseconds: a fraction that rounding left over must not count for a second. */
const secondsUntil = (at: number, now: number): number => Math.max(0, Math.ceil(Math.round(at - now) / 1_000));

const countdownAt = ({ nextRetryAt, deadlineAt }: Times, now: number): Countdown => {
  const retryIn = nextRetryAt === null ? 0 : secondsUntil(nextRetryAt, now);
  return { retryIn: retryIn === 0 ? null : retryIn, giveUpIn: secondsUntil(deadlineAt, now) };
};

const nextChange = ({ nextRetryAt, deadlineAt }: Times, now: number): number =>
  Math.min(nextRetryAt === null ? Infinity : secondEnds(nextRetryAt, now), secondEnds(deadlineAt, now));

/** When the number of seconds changes. The last second ends with an attempt or the deadline: the room tells that itself. */
const secondEnds = (at: number, now: number): number => {
  const seconds = secondsUntil(at, now);
  return seconds > 1 && seconds < Infinity ? at - (seconds - 1) * 1_000 : Infinity;
};

const isSame = (a: Countdown | null, b: Countdown | null): boolean =>
  a?.retryIn === b?.retryIn && a?.giveUpIn === b?.giveUpIn;
