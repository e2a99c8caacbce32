import { isLive } from '../world.js';
import { always, invariant } from './invariant.js';
import { show } from './states.js';

/** Nothing is begun after a terminal value and before the next `join()`. */
export const noStrayWork = always('noStrayWork', 'D6 L2 Z3 T1', (entry, { state }) =>
  entry.kind === 'open' && !isLive(state) ? `${entry.what} subscribed while ${show(state)}` : undefined,
);

/** One join, one repair and one probe at a time; the old is unsubscribed before the new is subscribed. */
export const oneAtATime = always('oneAtATime', 'J5 J7 M1', (entry, { open }) => {
  if (entry.kind !== 'open') return undefined;
  const same = (what: string): boolean =>
    what === entry.what ||
    (what === 'request' && entry.what === 'join') ||
    (what === 'join' && entry.what === 'request');
  for (const other of open.values()) {
    if (other.id === entry.id || !same(other.what)) continue;
    // The request has answered, and is about to be let go.
    if (other.what === 'request' && entry.what === 'join' && other.owner === entry.owner) continue;
    return `${entry.what} ${entry.owner} subscribed while ${other.what} ${other.owner} was`;
  }
  return undefined;
});

/** Each attempt asks for credentials at most once, and joins or repairs at most once. */
export const callsOnce = invariant('callsOnce', 'R17 R19', () => {
  const calls = new Map<object, Set<string>>();
  return (entry) => {
    if (entry.kind !== 'open' || entry.attempt === null) return undefined;
    const made = calls.get(entry.attempt) ?? new Set();
    calls.set(entry.attempt, made);
    const call = entry.what === 'request' || entry.what === 'info' ? 'request' : 'join or repair';
    if (made.has(call)) return `attempt ${entry.attempt.number} calls ${call} twice`;
    made.add(call);
    return undefined;
  };
});

/** However much work is found due, no two attempts begin in one millisecond of a join. */
export const neverTwoAtOnce = invariant('neverTwoAtOnce', 'Z3 R17', () => {
  let beganAt = -Infinity;
  return (entry) => {
    if (entry.kind === 'state' && !isLive(entry.value)) beganAt = -Infinity;
    if (entry.kind !== 'event' || entry.value.type !== 'attempt') return undefined;
    const last = beganAt;
    beganAt = entry.wall;
    return entry.wall < last + 1 ? `an attempt at ${entry.wall}, the last one began at ${last}` : undefined;
  };
});

/** The window of the law, its bounds, and what is added for every endpoint after the first. */
const WINDOW = 40_000;
const MOST = { usual: 25, ever: 42, place: 3 };

/** The law of attempts: so many in any 40 s without a command or a wake, whatever flaps and whatever the server hints. */
export const lawOfAttempts = invariant('lawOfAttempts', 'R3 R17', ({ script }) => {
  const { schedule, stableAfter, random } = script.options;
  const holds = schedule.kind === 'default' && stableAfter >= 10_000;
  const least = typeof random === 'number' ? random : random.from;
  const bound = least >= 0.25 ? MOST.usual : MOST.ever;
  let began: number[] = [];
  return (entry, { mostPlaces }) => {
    if (entry.kind === 'call' || (entry.kind === 'wake' && entry.heard) || entry.kind === 'leaveWish') began = [];
    if (!holds || entry.kind !== 'event' || entry.value.type !== 'attempt') return undefined;
    began = [...began.filter((at) => at > entry.wall - WINDOW), entry.wall];
    const most = bound + MOST.place * (mostPlaces - 1);
    return began.length > most ? `${began.length} attempts in 40 s, ${most} are allowed` : undefined;
  };
});

/** The schedule is asked with the position after the attempts that it has begun since a connection was stable. */
export const positionsCount = always('positionsCount', 'R3 R4 H8', (entry, { tally }) => {
  if (entry.kind !== 'asked') return undefined;
  const most = tally.begun + 1;
  const fewest = most - Math.min(1, tally.inPlace) - (tally.signalBack ? 1 : 0);
  if (entry.position >= fewest && entry.position <= most) return undefined;
  return `asked for position ${entry.position}, expected ${fewest === most ? most : `${fewest} to ${most}`}`;
});
