/** One thing that was promised, and how it turned out. */
export interface Goal {
  readonly name: string;
  readonly found: string;
  readonly limit: string;
  readonly met: boolean;
}

type Show = (value: number) => string;

export const atMost = (name: string, found: number, limit: number, show: Show = String): Goal => ({
  name,
  found: show(found),
  limit: `≤ ${show(limit)}`,
  met: found <= limit,
});

export const atLeast = (name: string, found: number, limit: number, show: Show = String): Goal => ({
  name,
  found: show(found),
  limit: `≥ ${show(limit)}`,
  met: found >= limit,
});

export const summary = (command: string, goals: readonly Goal[]): string =>
  `${command}: ${goals.map(({ name, found, limit, met }) => `${met ? '✓' : '✗'} ${name} ${found} (${limit})`).join(' · ')}`;
