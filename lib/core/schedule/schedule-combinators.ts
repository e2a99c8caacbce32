import { readOptions } from '../options/options.js';
import { wrongType } from '../options/wrong.js';
import { atLeastZero, type Schedule } from './schedule.js';

/** Waits as long as the most patient schedule; gives up as soon as any does. */
export function both(...schedules: readonly Schedule[]): Schedule {
  aSchedule('both', ...schedules);
  return (attempt) => Math.max(0, ...schedules.map((schedule) => schedule(attempt)));
}

/** Waits as long as the least patient schedule; gives up when all do. */
export function either(...schedules: readonly Schedule[]): Schedule {
  aSchedule('either', ...schedules);
  return (attempt) => Math.min(...schedules.map((schedule) => schedule(attempt)));
}

/** Allows `count` attempts without a wait, then gives up; `both(times(5), spaced(1000))` waits 1 s, five times. */
export function times(count: number): Schedule {
  atLeastZero('times: count', count);
  return ({ position }) => (position <= count ? 0 : Infinity);
}

/** Waits of at most `max` milliseconds. Giving up stays giving up. */
export function capped(max: number, schedule: Schedule): Schedule {
  atLeastZero('capped: max', max);
  aSchedule('capped: schedule', schedule);
  return (attempt) => {
    const wait = schedule(attempt);
    return wait === Infinity ? wait : Math.min(max, wait);
  };
}

/**
 * Spreads every wait over a uniform factor, 0.5 to 1.5 by default. Cap first, then jitter: the other way round everybody
 * who reached the cap comes at the same time.
 */
export function jittered(schedule: Schedule, options: { readonly from?: number; readonly to?: number } = {}): Schedule {
  aSchedule('jittered: schedule', schedule);
  const { from, to } = readOptions('jittered', options, { from: [atLeastZero, 0.5], to: [atLeastZero, 1.5] });
  return (attempt) => {
    const wait = schedule(attempt);
    return wait === Infinity ? wait : wait * (from + (to - from) * attempt.random());
  };
}

/** @throws {TypeError} for what is no schedule. */
export function aSchedule(name: string, ...values: readonly unknown[]): void {
  for (const value of values) if (typeof value !== 'function') throw wrongType(name, 'a schedule', value);
}
