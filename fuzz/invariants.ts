import * as attemptLimits from './invariants/attempt-limits.js';
import * as attempts from './invariants/attempts.js';
import * as deadline from './invariants/deadline.js';
import * as endpoints from './invariants/endpoints.js';
import * as health from './invariants/health.js';
import type { Invariant, Violation } from './invariants/invariant.js';
import * as resources from './invariants/resources.js';
import * as rungs from './invariants/rungs.js';
import * as states from './invariants/states.js';
import * as streams from './invariants/streams.js';
import * as waits from './invariants/waits.js';
import type { Recording } from './recording.js';
import { World } from './world.js';

export type { Invariant, Violation } from './invariants/invariant.js';

const isInvariant = (value: unknown): value is Invariant =>
  typeof value === 'object' && value !== null && 'visit' in value;

/** Every promise that is checked on every recording. */
export const invariants: readonly Invariant[] = [
  ...[states, health, deadline, attempts, attemptLimits, waits, rungs, endpoints, resources, streams],
].flatMap((file: Record<string, unknown>) => Object.values(file).filter(isInvariant));

/** What is wrong with a recording: the first violation of each of the invariants. */
export function check(recording: Recording, which: readonly Invariant[] = invariants): readonly Violation[] {
  const world = new World(recording);
  const violations: Violation[] = [];
  const visitors = which.map((it) => ({ it, visitor: it.visit(recording), broken: false }));
  for (const entry of recording.entries) {
    world.apply(entry);
    for (const one of visitors) {
      if (one.broken) continue;
      const message = one.visitor(entry, world);
      if (message === undefined) continue;
      one.broken = true;
      violations.push({ invariant: one.it.name, rows: one.it.rows, at: entry.at, message });
    }
  }
  return violations;
}
