import { readOptions } from '../options/options.js';
import { wrongValue } from '../options/wrong.js';
import type { Verdict } from '../recovery/verdict.js';
import { MAX_DELAY } from './max-delay.js';

/** What a schedule may look at when it says how long to wait. */
export interface AttemptContext {
  /** The position in the schedule: 1 for the first wait since a connection that lasted, then 2, 3 … */
  readonly position: number;
  /** What failed; `undefined` when nothing was tried yet and a link was found down. */
  readonly error: unknown;
  readonly verdict: Verdict;
  /** "Busy" answers since the connection broke, this one included. */
  readonly busyCount: number;
  /** Milliseconds since the last failure that was not "busy"; 0 when there was none. */
  readonly sinceUnreachable: number;
  /** Milliseconds since the last proof of life. */
  readonly elapsed: number;
  /** Milliseconds until the deadline. */
  readonly remaining: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Milliseconds to wait before the next attempt; `Infinity` to give up. Pure: the same context, the same answer. */
export type Schedule = (attempt: AttemptContext) => number;

/** @throws {RangeError} for anything but a number from 0 on: a schedule is refused when it is made, not when it first matters. */
export function atLeastZero(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw wrongValue(name, 'a number, at least 0', value);
}

export { MAX_DELAY };

/** No wait at all. The identity of `both`. */
export const immediate: Schedule = () => 0;

/** No further attempt. Absorbs in `both`, the identity of `either`. */
export const giveUp: Schedule = () => Infinity;

/**
 * The same wait every time.
 *
 *     position:  1    2    3    4
 *     spaced(5): 5    5    5    5
 */
export function spaced(ms: number): Schedule {
  atLeastZero('spaced: ms', ms);
  return () => ms;
}

/**
 * Waits that grow by a factor, never beyond what a timer can hold.
 *
 *     position:                             1     2     3     4
 *     exponential({ first: 500 }):          500   1000  2000  4000
 *
 * @example
 * ```ts
 * import { capped, exponential, jittered } from 'rejoin';
 * const schedule = jittered(capped(5_000, exponential({ first: 200, factor: 3 })));
 * console.log(typeof schedule); // => function
 * ```
 */
export function exponential(options: { readonly first?: number; readonly factor?: number } = {}): Schedule {
  const { first, factor } = readOptions('exponential', options, {
    first: [atLeastZero, 500],
    factor: [atLeastZero, 2],
  });
  return ({ position }) => Math.min(MAX_DELAY, first * Math.min(Number.MAX_VALUE, factor ** (position - 1)));
}
