import { always } from './invariant.js';

/**
 * Where the next join goes: to the first place until a server there refuses, a busy one keeps its place, and in a few slots
 * the others are tried too. Failures never reorder the list, and the next break begins at its first place.
 */
export const endpointsInTurn = always('endpointsInTurn', 'R13 R14 R18', (entry, { list, cursor, offset }) => {
  if (entry.kind !== 'event' || entry.value.type !== 'attempt') return undefined;
  const { kind, endpoint } = entry.value;
  if (kind !== 'join' && kind !== 'rejoin') return undefined;
  const expected = list[(cursor + offset) % list.length] ?? null;
  return endpoint === expected ? undefined : `joins ${String(endpoint)}, expected ${String(expected)}`;
});
