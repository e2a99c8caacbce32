import type { Observable, SchedulerLike } from 'rxjs';
import { defaultSchedule } from '../core/default-schedule.js';
import { aFunction, aTime, aTimeFromZero, readOptions } from '../core/options/options.js';
import { checkedRandom } from '../core/schedule/checked-random.js';
import { isList } from '../core/options/outside.js';
import { wrongType, wrongValue } from '../core/options/wrong.js';
import type { Policy } from '../core/machine/policy.js';
import type { Schedule } from '../core/schedule/schedule.js';
import type { Wake } from './browser.js';
import type { RoomTransport } from './transport.js';
import { checkSettle, deriveKinds, type ResolvedOptions } from './derive-options.js';

/** All times in milliseconds. */
export interface RoomOptions {
  /** Names the room in error messages and log lines. @defaultValue none */
  readonly name?: string;
  /** How long to wait before each attempt. @defaultValue `defaultSchedule` */
  readonly schedule?: Schedule;
  /**
   * The budget of lost time: from the last proof of life of a stable connection to `failed/timeout`. Time lost in earlier breaks
   * counts too, until it is earned back while connected. @defaultValue 40000
   */
  readonly deadline?: number;
  /** From `join()` to `failed`, when the room was never reached. @defaultValue 20000 */
  readonly joinDeadline?: number;
  /**
   * One attempt, from its beginning until signal and media are both up. Doubles each time that an attempt was cut at it, until a
   * connection was stable. @defaultValue 10000
   */
  readonly attemptLimit?: number;
  /**
   * Opening a connection inside an attempt; handed to the transport as `attempt.openingLimit`. Doubles with each opening in a row
   * that hung. @defaultValue 3000, or the attempt limit
   */
  readonly openingLimit?: number;
  /**
   * How long a connection must last to count as stable: the schedule begins anew, and all lost time is earned back.
   * @defaultValue 10000
   */
  readonly stableAfter?: number;
  /** How much must be left before the deadline for a last chance. @defaultValue 3000 */
  readonly lastChanceFrom?: number;
  /** How long a dip must last before it is announced; 0 is the end of the frame. @defaultValue signal 1000, media 0 */
  readonly settle?: { readonly signal?: number; readonly media?: number };
  /** How long a probe of the signalling may stay unanswered. @defaultValue 2000 */
  readonly probeLimit?: number;
  /** How long a media loss waits for the probe to name the true cause. @defaultValue 500 */
  readonly probeHold?: number;
  /** From the beginning of the last attempt to one that a wake starts; `retryNow()` waits for 250 ms of it. @defaultValue 1000 */
  readonly wakeFloor?: number;
  /** Where to join, the first choice first; handed to the transport as `attempt.endpoint`. @defaultValue none */
  readonly endpoints?: readonly string[];
  /** Hints that the device or its network is back. @defaultValue the page's own events, where there is a page */
  readonly wake$?: Observable<Wake>;
  /** Says leave whenever it emits. @defaultValue the closing of the page, where there is one */
  readonly leave$?: Observable<unknown>;
  /** Runs the timers and tells the time (ms, wall clock). @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
  /** Uniform in [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} for an unknown option or one of a wrong type, {@link RangeError} for an impossible value or pair.
 */
export function resolveOptions(
  owner: string,
  options: RoomOptions,
  transport: Pick<RoomTransport<unknown>, 'repair' | 'classify'>,
): ResolvedOptions<Policy> {
  const { endpoints, wake$, leave$, scheduler, ...times } = readOptions<Read>(owner, options, {
    ...deriveKinds,
    schedule: [aFunction, defaultSchedule],
    attemptLimit: [aTime, 10_000],
    openingLimit: [aTime, undefined],
    lastChanceFrom: [aTimeFromZero, 3_000],
    wakeFloor: [aTimeFromZero, 1_000],
    endpoints: [places, []],
    random: [aFunction, Math.random],
  });
  checkSettle(owner, times);
  const { attemptLimit, openingLimit = Math.min(3_000, attemptLimit) } = times;
  if (openingLimit > attemptLimit) {
    throw wrongValue(`${owner}: openingLimit`, `at most attemptLimit (${String(attemptLimit)} ms)`, openingLimit);
  }
  const policy = {
    ...times,
    random: checkedRandom(times.random),
    openingLimit,
    repairs: transport.repair !== undefined,
    lateGrace: attemptLimit,
    classify: transport.classify === undefined ? null : (error: unknown) => transport.classify?.(error),
  };
  return { policy, endpoints, wake$, leave$, scheduler };
}

/** The options as they are read; what has no fixed default may be missing. */
type Read = Omit<ResolvedOptions<Policy>, 'policy'> &
  Omit<Policy, 'repairs' | 'lateGrace' | 'classify' | 'openingLimit'> & { readonly openingLimit: number | undefined };

function places(name: string, value: unknown): readonly string[] {
  const isPlace = (place: unknown): place is string => typeof place === 'string' && place !== '';
  if (isList(value) && value.every(isPlace)) return [...new Set(value)];
  throw wrongType(name, 'an array of strings that are not empty', value);
}
