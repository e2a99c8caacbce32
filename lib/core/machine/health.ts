import { wrongType } from '../options/wrong.js';

/** Not alive any more. `aliveAt` is the time (ms, wall clock) of the last proof of life, where it is known. */
export interface Down {
  readonly down: true;
  readonly aliveAt?: number;
}

/** Whether one leg of a room, signal or media, is alive. */
export type Health = 'up' | Down;

/**
 * Alive. The same as `'up'`, with the type `Health`: `new BehaviorSubject(UP)` takes a `down()` too, without type arguments.
 *
 * @example
 * ```ts
 * import { BehaviorSubject } from 'rxjs';
 * import { down, UP } from 'rejoin';
 *
 * const signal$ = new BehaviorSubject(UP);
 * signal$.subscribe((health) => console.log(JSON.stringify(health)));
 * signal$.next(down(1_000));
 * // => "up"
 * // => {"down":true,"aliveAt":1000}
 * ```
 */
export const UP: Health = 'up';

/**
 * Not alive any more, since the last proof of life where it is known: `{ down: true, aliveAt }`, frozen.
 *
 * @param aliveAt - when the last proof of life came (ms, wall clock).
 * @throws {TypeError} for a time that is not a finite number.
 *
 * @example
 * ```ts
 * import { down } from 'rejoin';
 *
 * console.log(down(), down(1_000)); // => { down: true } { down: true, aliveAt: 1000 }
 * ```
 */
export function down(aliveAt?: number): Health {
  if (aliveAt === undefined) return Object.freeze({ down: true });
  if (Number.isFinite(aliveAt)) return Object.freeze({ down: true, aliveAt });
  throw wrongType('down: aliveAt', 'a time in milliseconds', aliveAt);
}

/** Two healths that say the same: repeating a `down` adds nothing. */
export const sameHealth = (a: Health, b: Health): boolean => (a === 'up') === (b === 'up');

/** Up only when all are up; otherwise down since the earliest last proof of life that is known. */
export function worstHealth(healths: readonly Health[]): Health {
  const down = healths.filter((health) => health !== 'up');
  if (down.length === 0) return 'up';
  const known = down.flatMap(({ aliveAt }) => (aliveAt === undefined ? [] : [aliveAt]));
  return known.length === 0 ? { down: true } : { down: true, aliveAt: Math.min(...known) };
}

/**
 * A value from outside as a health: a plain value of its own, whose members were read once. A dip with a time that makes no
 * sense is a dip all the same, not `exact`. `null` when it is not a health.
 *
 * @throws what reading a member throws (a getter, a revoked proxy).
 */
export function healthOf(value: unknown): { readonly health: Health; readonly exact: boolean } | null {
  if (value === 'up') return { health: 'up', exact: true };
  if (typeof value !== 'object' || value === null) return null;
  const { down, aliveAt } = value as { readonly down?: unknown; readonly aliveAt?: unknown };
  if (down !== true) return null;
  if (typeof aliveAt === 'number' && Number.isFinite(aliveAt)) return { health: { down, aliveAt }, exact: true };
  return { health: { down }, exact: aliveAt === undefined };
}
