import {
  asyncScheduler,
  Observable,
  Subject,
  takeUntil,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { defaultSchedule } from '../core/default-schedule.js';
import { aFunction, aScheduler, aTime, aTimeFromZero, readOptions } from '../core/options/options.js';
import { AttemptLimitError } from '../core/recovery/attempt-limit-error.js';
import { beginJoinLoss, beginLoss, deadlineError, isOverdue } from '../core/recovery/loss.js';
import {
  atOnce,
  attemptFailed,
  attemptStarted,
  beginRecovery,
  dueAt,
  limitAtFrom,
  type Recovery,
} from '../core/recovery/recovery.js';
import { healed } from '../core/recovery/healed.js';
import { newStanding, tallyAfter } from '../core/recovery/standing.js';
import { UNREACHABLE, verdictOf, type Verdict } from '../core/recovery/verdict.js';
import { checkedRandom } from '../core/schedule/checked-random.js';
import type { Schedule } from '../core/schedule/schedule.js';
import { Alarm } from './alarm.js';

/** All times in milliseconds. */
export interface ReconnectOptions {
  /** How long to wait before each attempt. @defaultValue `defaultSchedule` */
  readonly schedule?: Schedule;
  /**
   * The budget of lost time: from subscription to the first value, and from each failure to the next value. Time lost before
   * counts too, until it is earned back while the source gives values. @defaultValue 40000
   */
  readonly deadline?: number;
  /** One attempt, from its subscription to its first value. Doubles each time that it was reached. @defaultValue no limit */
  readonly attemptLimit?: number;
  /**
   * How long a source must keep going after its first value to count as stable: the schedule begins anew, and all lost time
   * is earned back. @defaultValue 10000
   */
  readonly stableAfter?: number;
  /** How much must be left before the deadline for a last chance. @defaultValue 3000 */
  readonly lastChanceFrom?: number;
  /**
   * What an error means, as in a room: `fatal` and the server's dismissals end it at once, `busy` waits, everything else is
   * retried by the schedule. `undefined`, or an error of its own, is `unreachable`. @defaultValue every error is `unreachable`
   */
  readonly classify?: (error: unknown) => Verdict | undefined;
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
 * The deadline is a budget of lost time. It runs from subscription to the first value and from each failure to the next value; an
 * attempt in flight is unsubscribed at it, and in the deadline's own frame the deadline wins. A source that was stable before it
 * failed has all of it. Every subscription counts its own failures. Unsubscribing during a wait cancels it. A source that
 * completes, completes the result.
 *
 * @throws {DeadlineExceededError} at the deadline, also in mid-attempt; `cause` is the last error.
 * @throws {ScheduleError} when the schedule throws or answers anything but milliseconds.
 * @throws the source's own error when no retry can change it (`fatal`, a dismissal), or when the schedule gives up.
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
  const { classify, scheduler, random, ...times } = readOptions<Required<ReconnectOptions>>('reconnect', options, {
    schedule: [aFunction, defaultSchedule],
    deadline: [aTime, 40_000],
    attemptLimit: [aTime, Infinity],
    stableAfter: [aTimeFromZero, 10_000],
    lastChanceFrom: [aTimeFromZero, 3_000],
    classify: [aFunction, () => UNREACHABLE],
    scheduler: [aScheduler, asyncScheduler],
    random: [aFunction, Math.random],
  });
  const policy = { ...times, random: checkedRandom(random) };

  const meaningOf = (error: unknown): Verdict => {
    try {
      return verdictOf(classify(error)) ?? UNREACHABLE;
    } catch {
      return UNREACHABLE;
    }
  };

  return (source) =>
    new Observable<T>((subscriber) => {
      const now = (): number => scheduler.now();
      let standing = newStanding(now());
      let loss = beginJoinLoss(now(), policy.deadline);
      let recovery: Recovery<null> = atOnce(beginRecovery(standing.tally, now()), now(), loss, { counted: false });
      /** How the next first value heals; `null` while the source gives values. */
      let healing: 'joined' | 'loud' | null = 'joined';
      /** Ends the running attempt. */
      let running: Subject<void> | null = null;

      const stop = (): void => {
        const attempt = running;
        running = null;
        attempt?.next();
      };

      const isLate = (): boolean => healing !== null && isOverdue(loss, now());

      /** Does what is due, and sets the timer for what comes next. */
      const follow = (): void => {
        const { phase, attempts, lastFailure } = recovery;
        if (healing === null) alarm.set(Infinity);
        else if (isLate()) end(deadlineError(loss, attempts, lastFailure));
        else if (phase.kind === 'givenUp') end(phase.error);
        else if (dueAt(recovery) <= now()) start();
        else if (phase.kind === 'attempting' && phase.limitAt <= now()) {
          stop();
          failed(new AttemptLimitError(phase.limitAt - phase.since));
        } else {
          alarm.set(Math.min(loss.deadlineAt, dueAt(recovery), phase.kind === 'attempting' ? phase.limitAt : Infinity));
        }
      };

      const end = (error: unknown): void => {
        stop();
        subscriber.error(error);
      };

      const start = (): void => {
        recovery = attemptStarted(recovery, null, now(), limitAtFrom(recovery.tally, now(), loss, policy));
        follow();
        const mine = (running = new Subject<void>());
        source.pipe(takeUntil(mine)).subscribe({
          next: (value) => {
            if (isLate()) follow();
            else {
              if (healing !== null) standing = healed(loss, recovery.tally, now(), healing);
              healing = null;
              follow();
              subscriber.next(value);
            }
          },
          error: (error: unknown) => {
            running = null;
            if (isLate()) follow();
            else failed(error);
          },
          complete: () => {
            if (running !== mine) return;
            if (isLate()) follow();
            else subscriber.complete();
          },
        });
      };

      const failed = (error: unknown): void => {
        const failure = { error, verdict: meaningOf(error) };
        const at = now();
        if (healing === null) {
          healing = 'loud';
          const answered = failure.verdict.kind === 'refused' || failure.verdict.kind === 'busy';
          loss = beginLoss(standing, { now: at, aliveAt: at, answered, settle: 0 }, policy);
          recovery = beginRecovery(tallyAfter(standing, at, policy.stableAfter), at);
        }
        recovery = attemptFailed(recovery, failure, at, loss, policy);
        follow();
      };

      const alarm = new Alarm(scheduler, follow);
      // Before the source is subscribed to: it may give all that it has at once.
      subscriber.add(() => {
        alarm.set(Infinity);
        stop();
      });
      follow();
    });
}
