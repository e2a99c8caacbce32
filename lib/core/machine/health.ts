/** Not alive any more. `aliveAt` is the time (ms, wall clock) of the last proof of life, where it is known. */
export interface Down {
  readonly down: true;
  readonly aliveAt?: number;
}

/** Whether one leg of a room, signal or media, is alive. */
export type Health = 'up' | Down;

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
