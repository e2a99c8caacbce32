import type { Schedule } from './schedule.js';

/** Waits as long as the most patient schedule; gives up as soon as any does. */
export const both =
  (...schedules: readonly Schedule[]): Schedule =>
  (attempt) =>
    Math.max(0, ...schedules.map((schedule) => schedule(attempt)));

/** Waits as long as the least patient schedule; gives up when all do. */
export const either =
  (...schedules: readonly Schedule[]): Schedule =>
  (attempt) =>
    Math.min(...schedules.map((schedule) => schedule(attempt)));

/** Allows `count` waits of no length, then gives up; `both(times(5), spaced(1000))` waits 1 s, five times. */
export const times =
  (count: number): Schedule =>
  ({ position }) =>
    position <= count ? 0 : Infinity;

/** Waits of at most `max` milliseconds. Giving up stays giving up. */
export const capped =
  (max: number, schedule: Schedule): Schedule =>
  (attempt) => {
    const wait = schedule(attempt);
    return wait === Infinity ? wait : Math.min(max, wait);
  };

/**
 * Spreads every wait over a uniform factor, 0.5 to 1.5 by default. Cap first, then jitter: the other way round everybody
 * who reached the cap comes at the same time.
 */
export const jittered =
  (schedule: Schedule, { from = 0.5, to = 1.5 }: { readonly from?: number; readonly to?: number } = {}): Schedule =>
  (attempt) => {
    const wait = schedule(attempt);
    return wait === Infinity ? wait : wait * (from + (to - from) * attempt.random());
  };
