import { MAX_DELAY } from '../schedule/schedule.js';

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
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new TypeError(`${owner}: options must be an object`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`${owner}: unknown option "${name}"`);
  }
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

/** Yes or no. */
export function aFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`);
  return value;
}

/** A text. */
export function aText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  return value;
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
