import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs';
import { defaultSchedule } from '../core/default-schedule.js';
import { aFunction, aScheduler, aStream, aTime, aTimeFromZero, readOptions } from '../core/options.js';
import type { Policy } from '../core/policy.js';
import type { Schedule } from '../core/schedule.js';
import type { Wake } from './browser.js';

/** All times in milliseconds. */
export interface RoomOptions {
  /** How long to wait before each attempt. @defaultValue `defaultSchedule` */
  readonly schedule?: Schedule;
  /** From the last proof of life to `failed/timeout`. @defaultValue 40000 */
  readonly deadline?: number;
  /** From `join()` to `failed`, when the room was never reached. @defaultValue 20000 */
  readonly joinDeadline?: number;
  /** One attempt, from its beginning until signal and media are both up. @defaultValue 10000 */
  readonly attemptLimit?: number;
  /** Opening a connection inside an attempt; handed to the transport. @defaultValue 3000, or the attempt limit */
  readonly openingLimit?: number;
  /** How long a connection must last to put the schedule back to its beginning. @defaultValue 10000 */
  readonly stableAfter?: number;
  /** How much must be left before the deadline for a last chance. @defaultValue 3000 */
  readonly lastChanceFrom?: number;
  /** How long a dip must last before it is announced; 0 is the end of the frame. @defaultValue signal 1000, media 0 */
  readonly settle?: { readonly signal?: number; readonly media?: number };
  /** How long a probe of the signalling may stay unanswered. @defaultValue 2000 */
  readonly probeLimit?: number;
  /** How long a media loss waits for the probe to name the true cause. @defaultValue 500 */
  readonly probeHold?: number;
  /** From the beginning of the last attempt to one that a wake starts. @defaultValue 1000 */
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

export interface ResolvedOptions {
  readonly policy: Policy;
  readonly endpoints: readonly string[];
  /** The page's own when they are not given. */
  readonly wake$: Observable<Wake> | undefined;
  readonly leave$: Observable<unknown> | undefined;
  readonly scheduler: SchedulerLike;
}

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} for an unknown option or one of a wrong type, {@link RangeError} for an impossible value or pair.
 */
export function resolveOptions(
  owner: string,
  options: RoomOptions,
  { repairs, attempts }: Pick<Policy, 'repairs' | 'attempts'>,
): ResolvedOptions {
  const { endpoints, wake$, leave$, scheduler, ...times } = readOptions<Read>(owner, options, {
    schedule: [aFunction, defaultSchedule],
    deadline: [aTime, 40_000],
    joinDeadline: [aTime, 20_000],
    attemptLimit: [aTime, 10_000],
    openingLimit: [aTime, undefined],
    stableAfter: [aTimeFromZero, 10_000],
    lastChanceFrom: [aTimeFromZero, 3_000],
    settle: [settleTimes, settleTimes('', {})],
    probeLimit: [aTime, 2_000],
    probeHold: [aTimeFromZero, 500],
    wakeFloor: [aTimeFromZero, 1_000],
    endpoints: [places, []],
    wake$: [aStream, undefined],
    leave$: [aStream, undefined],
    scheduler: [aScheduler, asyncScheduler],
    random: [aFunction, Math.random],
  });
  const { deadline, settle, attemptLimit, openingLimit = Math.min(3_000, attemptLimit) } = times;
  for (const leg of ['signal', 'media'] as const) {
    if (settle[leg] >= deadline) {
      throw new RangeError(
        `${owner}: settle.${leg} (${String(settle[leg])} ms) must be shorter than deadline (${String(deadline)} ms)`,
      );
    }
  }
  if (openingLimit > attemptLimit) {
    throw new RangeError(`${owner}: openingLimit must not be longer than attemptLimit (${String(attemptLimit)} ms)`);
  }
  return { policy: { ...times, openingLimit, repairs, attempts }, endpoints, wake$, leave$, scheduler };
}

/** The options as they are read; what has no fixed default may be missing. */
type Read = Omit<ResolvedOptions, 'policy'> &
  Omit<Policy, 'repairs' | 'attempts' | 'openingLimit'> & { readonly openingLimit: number | undefined };

const settleTimes = (name: string, value: unknown): Policy['settle'] =>
  readOptions(name, value as object, { signal: [aTimeFromZero, 1_000], media: [aTimeFromZero, 0] }, '.');

function places(name: string, value: unknown): readonly string[] {
  const isPlace = (place: unknown): place is string => typeof place === 'string' && place !== '';
  if (Array.isArray(value) && value.every(isPlace)) return [...new Set(value)];
  throw new TypeError(`${name} must be a list of strings that are not empty`);
}
