import { MAX_DELAY } from '../schedule/max-delay.js';
import { hasMethod } from './outside.js';
import { wrongType, wrongValue } from './wrong.js';

/**
 * What an option may be, and its default: answers the value, or throws an error that begins with its name. Without a
 * default it must be given: the check is asked of `undefined` too.
 */
export type OptionKind<T> = readonly [check: (name: string, value: unknown) => T, fallback?: T];

/** Options as they are read; what has no default may be missing. */
export type Read<O, Missing extends keyof O> = Required<Omit<O, Missing>> & {
  readonly [K in Missing]: O[K] | undefined;
};

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
    const kind = kinds[name];
    const value = (options as Partial<T>)[name];
    read[name] = value === undefined && 1 in kind ? kind[1] : kind[0](owner + separator + name, value);
  }
  return read as T;
}

/** Refuses options that nobody knows. */
export function knownOptions(owner: string, options: object, known: readonly string[]): void {
  const names = namesIn(options);
  if (names === null) throw wrongType(`${owner}: options`, 'an object', options);
  for (const name of names) {
    if (!known.includes(name)) throw new TypeError(`${owner}: unknown option "${name}"`);
  }
}

/** `null` for what is no object, or cannot be read. */
function namesIn(options: unknown): readonly string[] | null {
  try {
    return typeof options === 'object' && options !== null ? Object.keys(options) : null;
  } catch {
    return null; // a revoked proxy
  }
}

/** A number within bounds. */
export const aNumber =
  (min: number, max: number) =>
  (name: string, value: unknown): number => {
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    if (value >= min && value <= max) return value;
    throw wrongValue(name, `from ${String(min)} to ${String(max)}`, value);
  };

const duration =
  (isInRange: (ms: number) => boolean, bound: string) =>
  (name: string, value: unknown): number => {
    if (typeof value !== 'number') throw wrongType(name, 'a number of milliseconds', value);
    if (isInRange(value) && value <= MAX_DELAY) return value;
    throw wrongValue(name, `${bound} and at most ${String(MAX_DELAY)} ms`, value);
  };

/** A time in ms that a timer can hold. */
export const aTime = /* @__PURE__ */ duration((ms) => ms > 0, 'greater than 0');

/** The same, or no time at all. */
export const aTimeFromZero = /* @__PURE__ */ duration((ms) => ms >= 0, 'at least 0');

/** `never`: assignable to whatever function is asked for. */
export function aFunction(name: string, value: unknown): never {
  if (typeof value !== 'function') throw wrongType(name, 'a function', value);
  return value as never;
}

/** Yes or no. */
export function aFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
  return value;
}

/** A text. */
export function aText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  return value;
}

/** Something that runs timers and tells the time. */
export function aScheduler(name: string, value: unknown): never {
  if (hasMethod(value, 'now') && hasMethod(value, 'schedule')) return value as never;
  throw wrongType(name, 'a SchedulerLike such as asyncScheduler', value);
}

/** An Observable, or what can be subscribed to like one. */
export function aStream(name: string, value: unknown): never {
  if (hasMethod(value, 'subscribe')) return value as never;
  throw wrongType(name, 'an Observable', value);
}
