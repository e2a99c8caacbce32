import {
  asyncScheduler,
  BehaviorSubject,
  concatMap,
  concatWith,
  defer,
  EMPTY,
  NEVER,
  of,
  retry,
  switchMap,
  takeUntil,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import { defaultSchedule } from '../core/default-schedule.js';
import { aFunction, aScheduler, aTime, aTimeFromZero, readOptions } from '../core/options.js';
import { planRetry, positionAfter, START } from '../core/plan-retry.js';
import type { Schedule } from '../core/schedule.js';
import { UNREACHABLE, type Verdict } from '../core/verdict.js';

/** All times in milliseconds. */
export interface ReconnectOptions {
  /** How long to wait before each attempt. @defaultValue `defaultSchedule` */
  readonly schedule?: Schedule;
  /** From subscription to the first value, and from each failure to the next value. @defaultValue 40000 */
  readonly deadline?: number;
  /** How long a source must keep going after its first value to put the schedule back to its beginning. @defaultValue 10000 */
  readonly stableAfter?: number;
  /** How much must be left before the deadline for a last chance. @defaultValue 3000 */
  readonly lastChanceFrom?: number;
  /** What an error means; `fatal` is not retried. @defaultValue every error is `unreachable` */
  readonly classify?: (error: unknown) => Verdict;
  /** Runs the timers and tells the time. @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
  /** Uniform in [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/**
 * Resubscribes to a failed source when the schedule says so, until the deadline has passed.
 *
 *     source:    a-#   a-#   a-b--
 *     waits:       ---   ---
 *     result:    a-----a-----a-b--
 *
 * The deadline runs from subscription to the first value and from each failure to the next value; an attempt in flight
 * is unsubscribed at it. In the deadline's own frame the deadline wins. Every subscription counts its own failures. Unsubscribing
 * during a wait cancels it. A source that completes, completes the result.
 *
 * @throws {DeadlineExceededError} at the deadline, also in mid-attempt; `cause` is the last error.
 * @throws {ScheduleError} when the schedule throws or answers anything but milliseconds.
 * @throws the source's own error when it is fatal, or when the schedule gives up.
 *
 * @example
 * ```ts
 * import { defer, of, throwError } from 'rxjs';
 * import { reconnect, spaced } from 'rejoin';
 *
 * let tries = 0;
 * defer(() => (++tries < 3 ? throwError(() => new Error('down')) : of('up')))
 *   .pipe(reconnect({ schedule: spaced(10), deadline: 1_000 }))
 *   .subscribe((value) => console.log(value, 'at try', tries)); // => up at try 3
 * ```
 */
export function reconnect<T>(options: ReconnectOptions = {}): MonoTypeOperatorFunction<T> {
  const { deadline, classify, scheduler, ...policy } = readOptions<Required<ReconnectOptions>>('reconnect', options, {
    schedule: [aFunction, defaultSchedule],
    deadline: [aTime, 40_000],
    stableAfter: [aTimeFromZero, 10_000],
    lastChanceFrom: [aTimeFromZero, 3_000],
    classify: [aFunction, () => UNREACHABLE],
    scheduler: [aScheduler, asyncScheduler],
    random: [aFunction, Math.random],
  });

  return (source) =>
    defer(() => {
      let position = START;
      let attempts = 0;
      let aliveAt = scheduler.now();
      /** When the running attempt gave its first value; `null` while it is waited for. */
      let upAt: number | null = null;
      let last: ErrorOptions | undefined;
      const waiting$ = new BehaviorSubject(true);

      const isLate = (): boolean => upAt === null && scheduler.now() >= aliveAt + deadline;
      const failLate = (): Observable<never> => throwError(() => new DeadlineExceededError(deadline, attempts, last));
      /** Errors when a timer or a value comes in the deadline's frame, or after it. */
      const inTime = <V>(value: V): Observable<V> => (isLate() ? failLate() : of(value));

      const attempt$ = defer(() => {
        attempts++;
        return source;
      });

      const up = (value: T): Observable<T> => {
        if (isLate()) return failLate();
        if (upAt === null) {
          upAt = scheduler.now();
          waiting$.next(false);
        }
        return of(value);
      };

      const nextAttempt = (error: unknown): Observable<unknown> => {
        const now = scheduler.now();
        if (upAt !== null) {
          position = positionAfter(position, now - upAt, policy);
          aliveAt = now;
          upAt = null;
          attempts = 0;
          waiting$.next(true);
        } else if (isLate()) return failLate();
        last = { cause: error };
        const verdict = classify(error);
        const plan =
          verdict.kind === 'fatal'
            ? 'giveUp'
            : planRetry(position, { error, verdict }, { now, aliveAt, deadlineAt: aliveAt + deadline }, policy);
        // The source's own error, whatever it is.
        // eslint-disable-next-line rxjs-x/throw-error
        if (plan === 'giveUp') return throwError(() => error);
        position = plan.position;
        return plan.retryAt === null ? NEVER : timer(plan.retryAt - now, scheduler).pipe(concatMap(inTime));
      };

      const deadline$ = waiting$.pipe(switchMap((waiting) => (waiting ? timer(deadline, scheduler) : NEVER)));

      return attempt$.pipe(
        concatMap(up),
        retry({ delay: nextAttempt }),
        concatWith(defer(() => (isLate() ? failLate() : EMPTY))),
        takeUntil(deadline$.pipe(concatMap(failLate))),
      );
    });
}
