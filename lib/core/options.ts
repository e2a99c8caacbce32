import { MAX_DELAY } from './schedule.js';

/** What an option may be, and its default: answers the value, or throws an error that begins with its name. */
export type OptionKind<T> = readonly [check: (name: string, value: unknown) => T, fallback: T];

/**
 * Reads options by a table of what is known of each. An option that nobody knows is refused: a misspelt limit is worse
 * than an error.
 *
 * @throws {TypeError} for an unknown option or one of a wrong type, {@link RangeError} for an impossible value.
 */
export function readOptions<T>(
  owner: string,
  options: object,
  kinds: { readonly [K in keyof T]: OptionKind<T[K]> },
  separator = ': ',
): T {
  knownOptions(owner, options, Object.keys(kinds));
  const read: Partial<T> = {};
  for (const name in kinds) {
    const [check, fallback] = kinds[name];
    const value = (options as Partial<T>)[name];
    read[name] = value === undefined ? fallback : check(owner + separator + name, value);
  }
  return read as T;
}

/** Refuses options that nobody knows. */
export function knownOptions(owner: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new TypeError(`${owner}: options must be an object`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${owner}: unknown option "${unknown}"`);
}

/** A number within bounds. */
export const aNumber =
  (min: number, max: number) =>
  (name: string, value: unknown): number => {
    if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
    if (value >= min && value <= max) return value;
    throw new RangeError(`${name} must be ${String(min)} to ${String(max)}, not ${String(value)}`);
  };

const duration =
  (isInRange: (ms: number) => boolean, bound: string) =>
  (name: string, value: unknown): number => {
    if (typeof value !== 'number') throw new TypeError(`${name} must be a number of milliseconds`);
    if (isInRange(value) && value <= MAX_DELAY) return value;
    throw new RangeError(`${name} must be ${bound} 0 to ${String(MAX_DELAY)} ms, not ${String(value)}`);
  };

/** A time in ms that a timer can hold. */
export const aTime = /* @__PURE__ */ duration((ms) => ms > 0, 'above');

/** The same, or no time at all. */
export const aTimeFromZero = /* @__PURE__ */ duration((ms) => ms >= 0, 'from');

/** `never`: assignable to whatever function is asked for. */
export function aFunction(name: string, value: unknown): never {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  return value as never;
}

/** Something that runs timers and tells the time. */
export function aScheduler(name: string, value: unknown): never {
  const { now, schedule } = (value ?? {}) as { readonly now?: unknown; readonly schedule?: unknown };
  if (typeof now === 'function' && typeof schedule === 'function') return value as never;
  throw new TypeError(`${name} must be a SchedulerLike`);
}

/** An Observable, or what can be subscribed to like one. */
export function aStream(name: string, value: unknown): never {
  if (typeof (value as { subscribe?: unknown } | null)?.subscribe === 'function') return value as never;
  throw new TypeError(`${name} must be an Observable`);
}
