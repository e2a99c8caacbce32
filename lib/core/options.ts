import { MAX_DELAY } from './schedule.js';

/** What an option may be: milliseconds, more or from 0 on. */
export type Duration = 'positive' | 'notNegative';

/** Refuses options that nobody knows: a misspelt limit is worse than an error. */
export function knownOptions(owner: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new TypeError(`${owner}: options must be an object`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${owner}: unknown option "${unknown}"`);
}

/** A number within its bounds, or its default. */
export function numberOption(
  owner: string,
  name: string,
  value: unknown,
  fallback: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw new TypeError(`${owner}: ${name} must be a number`);
  if (value >= min && value <= max) return value;
  throw new RangeError(`${owner}: ${name} must be ${String(min)} to ${String(max)}, not ${String(value)}`);
}

/** A time in ms that a timer can hold, or its default. */
export function durationOption(
  owner: string,
  name: string,
  value: unknown,
  fallback: number,
  range: Duration = 'positive',
): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw new TypeError(`${owner}: ${name} must be a number of milliseconds`);
  const inRange = range === 'positive' ? value > 0 : value >= 0;
  if (inRange && value <= MAX_DELAY) return value;
  const bound = range === 'positive' ? 'above 0' : 'from 0';
  throw new RangeError(`${owner}: ${name} must be ${bound} to ${String(MAX_DELAY)} ms, not ${String(value)}`);
}

export function functionOption<F>(owner: string, name: string, value: F | undefined, fallback: F): F {
  if (value === undefined) return fallback;
  if (typeof value !== 'function') throw new TypeError(`${owner}: ${name} must be a function`);
  return value;
}

/** Something that runs timers and tells the time. */
export function schedulerOption<S>(owner: string, value: S | undefined, fallback: S): S {
  if (value === undefined) return fallback;
  const { now, schedule } = (value ?? {}) as { readonly now?: unknown; readonly schedule?: unknown };
  if (typeof now !== 'function' || typeof schedule !== 'function') {
    throw new TypeError(`${owner}: scheduler must be a SchedulerLike`);
  }
  return value;
}
