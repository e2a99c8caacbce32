/** One thing that was promised, and how it turned out. */
export interface Goal {
  readonly name: string;
  readonly found: string;
  readonly limit: string;
  readonly met: boolean;
}

export const atMost = (name: string, found: number, limit: number, show: (value: number) => string = String): Goal => ({
  name,
  found: show(found),
  limit: `≤ ${show(limit)}`,
  met: found <= limit,
});

export const summary = (goals: readonly Goal[]): string =>
  `simulate: ${goals.map(({ name, found, limit, met }) => `${met ? '✓' : '✗'} ${name} ${found} (${limit})`).join(' · ')}`;
