import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds. */
  readonly limit: number;
  /** What to say when it never came. */
  readonly otherwise: () => string | Promise<string>;
}

const pace = 40;

/** Resolves when the condition holds; asks again and again. */
export async function until(condition: () => Promise<boolean>, { limit, otherwise }: UntilOptions): Promise<void> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${limit / 1000} s have passed: ${await otherwise()}`);
    await pause(pace);
  }
}
