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
  const got = typeof aliveAt === 'number' ? String(aliveAt) : typeof aliveAt;
  throw new TypeError(`down: aliveAt must be a time in milliseconds, got ${got}`);
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

/** Whether a value that came from outside says down, whatever else it says. */
export const isDown = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as { readonly down?: unknown }).down === true;

/** Whether a value that came from outside is a health. */
export function isHealth(value: unknown): value is Health {
  if (value === 'up') return true;
  if (!isDown(value)) return false;
  const { aliveAt } = value as { readonly aliveAt?: unknown };
  return aliveAt === undefined || Number.isFinite(aliveAt);
}
