import { isRandomFault } from './checked-random.js';
import { MAX_DELAY } from './max-delay.js';
import type { AttemptContext, Schedule } from './schedule.js';
import { ScheduleError } from './schedule-error.js';

/**
 * What a schedule answers: milliseconds that a timer can hold, or `Infinity` to give up.
 *
 * @throws {ScheduleError} when it throws or answers anything but milliseconds; {RangeError} when `random` left [0, 1).
 */
export function askSchedule(schedule: Schedule, attempt: AttemptContext): number {
  let wait: unknown;
  try {
    wait = schedule(attempt);
  } catch (cause) {
    if (isRandomFault(cause)) throw cause;
    throw new ScheduleError('threw', { cause });
  }
  if (typeof wait !== 'number') throw new ScheduleError(`returned a value of type ${typeof wait}`);
  if (!(wait >= 0)) throw new ScheduleError(`returned ${String(wait)}`);
  return wait === Infinity ? wait : Math.min(MAX_DELAY, wait);
}
