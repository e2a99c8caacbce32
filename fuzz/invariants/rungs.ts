import type { Frame } from '../world.js';
import { always, invariant } from './invariant.js';
import { show } from './states.js';

/** Each attempt is of the kind that the ladder has there. */
export const legalRungs = always('legalRungs', 'R1 R2 H8', (entry, world) => {
  if (entry.kind !== 'event' || entry.value.type !== 'attempt') return undefined;
  const { kind } = entry.value;
  const { trouble, link, script } = world;
  if (trouble === null) return `a ${kind} while ${show(world.state)}`;
  const repair = link?.signal.up === true ? 'restart' : 'resume';
  const expected = trouble.kind === 'join' ? 'join' : trouble.climbed ? 'rejoin' : repair;
  if (kind !== expected) return `a ${kind}, expected a ${expected}`;
  return (kind === 'restart' || kind === 'resume') && !script.can.repair
    ? `a ${kind}, but the transport cannot repair`
    : undefined;
});

/** A full rejoin kills the old link: it begins no earlier than the announcement. */
export const rejoinsAreAnnounced = invariant('rejoinsAreAnnounced', 'H1', () => {
  let quiet: Frame | null = null;
  return (entry, { state, frame }) => {
    if (entry.kind === 'event' && entry.value.type === 'attempt' && entry.value.kind === 'rejoin') {
      // Events come before the state that belongs to them.
      if (state.state === 'connected') quiet = frame;
    }
    if (quiet === null || (entry.kind !== 'instant' && frame === quiet)) return undefined;
    const announced = quiet.states.some((seen) => seen.state === 'reconnecting');
    quiet = null;
    return announced ? undefined : 'a rejoin before the break was announced';
  };
});

/** A verdict is what `classify` says; without it what the contract says of a repair that failed. */
export const verdictsAreHeard = always('verdictsAreHeard', 'R1 R11 R19', (entry, { expectedVerdict }) => {
  if (entry.kind !== 'event' || entry.value.type !== 'attemptFailed') return undefined;
  const { kind } = entry.value.verdict;
  return kind === expectedVerdict ? undefined : `"${kind}", expected "${expectedVerdict}"`;
});
