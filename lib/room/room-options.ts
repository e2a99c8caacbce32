import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs';
import { defaultSchedule } from '../core/default-schedule.js';
import { durationOption, functionOption, knownOptions, schedulerOption } from '../core/options.js';
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

const names: readonly string[] = [
  'schedule',
  'deadline',
  'joinDeadline',
  'attemptLimit',
  'openingLimit',
  'stableAfter',
  'lastChanceFrom',
  'settle',
  'probeLimit',
  'probeHold',
  'wakeFloor',
  'endpoints',
  'wake$',
  'leave$',
  'scheduler',
  'random',
] satisfies (keyof RoomOptions)[];

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
  knownOptions(owner, options, names);
  const { settle = {} } = options;
  knownOptions(`${owner}: settle`, settle, ['signal', 'media']);
  const time = (name: keyof RoomOptions, fallback: number): number =>
    durationOption(owner, name, options[name], fallback);
  const timeFromZero = (name: string, value: unknown, fallback: number): number =>
    durationOption(owner, name, value, fallback, 'notNegative');
  const attemptLimit = time('attemptLimit', 10_000);
  const policy: Policy = {
    schedule: functionOption(owner, 'schedule', options.schedule, defaultSchedule),
    random: functionOption(owner, 'random', options.random, Math.random),
    deadline: time('deadline', 40_000),
    joinDeadline: time('joinDeadline', 20_000),
    attemptLimit,
    openingLimit: time('openingLimit', Math.min(3_000, attemptLimit)),
    stableAfter: timeFromZero('stableAfter', options.stableAfter, 10_000),
    lastChanceFrom: timeFromZero('lastChanceFrom', options.lastChanceFrom, 3_000),
    settle: {
      signal: timeFromZero('settle.signal', settle.signal, 1_000),
      media: timeFromZero('settle.media', settle.media, 0),
    },
    probeLimit: time('probeLimit', 2_000),
    probeHold: timeFromZero('probeHold', options.probeHold, 500),
    wakeFloor: timeFromZero('wakeFloor', options.wakeFloor, 1_000),
    repairs,
    attempts,
  };
  shorter(owner, 'settle.signal', policy.settle.signal, 'deadline', policy.deadline);
  shorter(owner, 'settle.media', policy.settle.media, 'deadline', policy.deadline);
  if (policy.openingLimit > attemptLimit) {
    throw new RangeError(`${owner}: openingLimit must not be longer than attemptLimit (${String(attemptLimit)} ms)`);
  }
  return {
    policy,
    endpoints: endpointsOption(owner, options.endpoints),
    wake$: streamOption(owner, 'wake$', options.wake$),
    leave$: streamOption(owner, 'leave$', options.leave$),
    scheduler: schedulerOption(owner, options.scheduler, asyncScheduler),
  };
}

function shorter(owner: string, name: string, ms: number, limitName: string, limit: number): void {
  if (ms < limit) return;
  throw new RangeError(`${owner}: ${name} (${String(ms)} ms) must be shorter than ${limitName} (${String(limit)} ms)`);
}

function endpointsOption(owner: string, endpoints: readonly string[] | undefined): readonly string[] {
  if (endpoints === undefined) return [];
  const list: readonly unknown[] | null = Array.isArray(endpoints) ? endpoints : null;
  if (list?.every((endpoint) => typeof endpoint === 'string' && endpoint !== '') !== true) {
    throw new TypeError(`${owner}: endpoints must be a list of strings that are not empty`);
  }
  return [...new Set(endpoints)];
}

function streamOption<T>(owner: string, name: string, value: Observable<T> | undefined): Observable<T> | undefined {
  if (value === undefined || typeof (value as { subscribe?: unknown } | null)?.subscribe === 'function') return value;
  throw new TypeError(`${owner}: ${name} must be an Observable`);
}
