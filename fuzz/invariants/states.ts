import type { Entry, State } from '../recording.js';
import { isLive } from '../world.js';
import { always, invariant } from './invariant.js';

const reasons: Readonly<Record<State['state'], readonly unknown[]>> = {
  disconnected: [null, 'leaveChannel', 'channelClosed', 'serverKicked', 'duplicateUser'],
  connecting: ['joinChannel'],
  connected: ['joinSucceed', 'rejoinSucceed'],
  reconnecting: ['mediaConnectionDisconnected', 'signalDisconnected', 'redispatch'],
  failed: ['timeout', 'requestChannelFailed', 'joinChannelFailed'],
};

const edges: Readonly<Record<State['state'], readonly State['state'][]>> = {
  disconnected: ['connecting'],
  connecting: ['connected', 'failed', 'disconnected'],
  connected: ['reconnecting', 'disconnected', 'failed', 'connected'],
  reconnecting: ['connected', 'failed', 'disconnected'],
  failed: ['connecting'],
};

export const show = (state: State): string => `${state.state}/${String(state.reason)}`;

/** Only the edges of the contract's table; state and reason change together. */
export const legalEdges = invariant('legalEdges', 'S1 S2 S3', () => {
  let before: State | null = null;
  return (entry, { infoErrors }) => {
    if (entry.kind !== 'state') return undefined;
    const { value } = entry;
    const from = before;
    before = value;
    const edge = `${from === null ? 'nothing' : show(from)} → ${show(value)}`;
    if (from === null) return show(value) === 'disconnected/null' ? undefined : edge;
    if (!edges[from.state].includes(value.state)) return edge;
    // Before the announcement only a repair asks for credentials.
    const asked = infoErrors.size > 0;
    if (from.state === 'connected' && value.state === 'failed' && value.reason === 'requestChannelFailed' && !asked)
      return edge;
    if (from.state === 'connecting' && value.state === 'failed' && value.reason === 'timeout') return edge;
    if (value.state === 'disconnected' && value.reason === null) return edge;
    return undefined;
  };
});

/** Only the pairs of the contract's table, and everything that belongs to them. */
export const legalPairs = always('legalPairs', 'S3 S10 D5', (entry) => {
  if (entry.kind !== 'state') return undefined;
  const { value } = entry;
  if (!reasons[value.state].includes(value.reason)) return show(value);
  if (value.state === 'connected' && typeof value.link.id !== 'number') return 'connected without a link';
  if (value.state === 'failed' && !(value.error instanceof Error)) return 'failed without an Error';
  if (value.state === 'failed' && !(Number.isInteger(value.attempts) && value.attempts >= 0))
    return 'failed without a count';
  return undefined;
});

/** `joinSucceed` is the first of a join, `rejoinSucceed` every later one. */
export const firstIsJoin = always('firstIsJoin', 'S2 S5', (entry, { previous }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'connected') return undefined;
  const expected = previous.state === 'connecting' ? 'joinSucceed' : 'rejoinSucceed';
  return entry.value.reason === expected ? undefined : `${entry.value.reason} after ${previous.state}`;
});

/** No two equal values one after the other. */
export const noRepeats = invariant('noRepeats', 'S4', () => {
  let before: State | null = null;
  return (entry) => {
    if (entry.kind !== 'state') return undefined;
    const from = before;
    const to = (before = entry.value);
    if (from?.state !== to.state || from.reason !== to.reason) {
      const sameLink = from?.state === 'connected' && to.state === 'connected' && from.link === to.link;
      return sameLink ? 'connected twice with one link' : undefined;
    }
    const linkOf = (state: State): unknown => ('link' in state ? state.link : null);
    return linkOf(from) === linkOf(to) ? `${show(to)} twice` : undefined;
  };
});

/** Every join ends in exactly one terminal value. */
export const oneTerminal = invariant('oneTerminal', 'D5 J5', () => {
  let joins = 0;
  let terminals = -1; // the value before any join
  return (entry) => {
    if (entry.kind === 'state') {
      if (entry.value.state === 'connecting') joins++;
      if (!isLive(entry.value)) terminals++;
      return terminals > joins || joins > terminals + 1 ? `${joins} joins, ${terminals} terminal values` : undefined;
    }
    return entry.kind === 'over' && joins !== terminals
      ? `${joins} joins, ${terminals} terminal values at the end`
      : undefined;
  };
});

/** The room takes the commands that it is given from outside at once, and joins what is going on. */
export const commandsAtOnce = invariant('commandsAtOnce', 'L1 J4 M2', ({ entries }) => (entry) => {
  if (entry.kind !== 'called' || entry.within !== null) return undefined;
  const { command, before, after } = entry;
  // What was called meanwhile has its own effect.
  const reentrant = calledMeanwhile(entry, entries);
  if (command === 'leave' || command === 'dispose') {
    if (!isLive(before)) return before === after ? undefined : `${command} while ${show(before)} led to ${show(after)}`;
    return show(after) === 'disconnected/leaveChannel' || reentrant ? undefined : `${command}: ${show(after)}`;
  }
  if (command !== 'join') return undefined;
  if (!isLive(before)) {
    const answered = entries[entry.seq - 1]?.kind === 'call';
    return answered ? `join while ${show(before)} did nothing` : undefined;
  }
  return before !== after && !reentrant ? `join while ${show(before)} led to ${show(after)}` : undefined;
});

/** Whether something was called while the command that ends here ran. */
function calledMeanwhile({ seq }: Entry, entries: readonly Entry[]): boolean {
  for (let i = seq - 1; i >= 0; i--) {
    const kind = entries[i]?.kind;
    if (kind === 'called') return true;
    if (kind === 'call') return false;
  }
  return false;
}

/** A command given in an emission, or inside something that the room calls, is judged after that has returned; but it is judged. */
export const commandsInTurn = invariant('commandsInTurn', 'M2 L1', () => {
  let last: { readonly command: string; obeyed: boolean } | null = null;
  return (entry, { state }) => {
    // A join is obeyed by `connecting`, or was judged while the room was live.
    if (entry.kind === 'state' && last !== null) last.obeyed = true;
    if (entry.kind === 'call' && entry.command !== 'retryNow') last = { command: entry.command, obeyed: false };
    if (entry.kind === 'called') {
      const { command, within, before, after } = entry;
      if (within !== null && before !== after)
        return `${command} inside ${within} led from ${show(before)} to ${show(after)}`;
    }
    if (entry.kind !== 'instant' || last === null) return undefined;
    const { command, obeyed } = last;
    last = null;
    if (command === 'join') return obeyed || isLive(state) ? undefined : `join, but the room is ${show(state)}`;
    return isLive(state) ? `${command}, but the room is ${show(state)}` : undefined;
  };
});

/** Nothing that the room does throws into those who call it, or into a timer. */
export const neverThrows = always('neverThrows', 'M3 J3', (entry) =>
  entry.kind === 'thrown'
    ? `thrown: ${entry.error instanceof Error ? (entry.error.stack ?? entry.error.message) : String(entry.error)}`
    : undefined,
);

/** The work of a room is bounded, whatever the script. */
export const bounded = invariant(
  'bounded',
  'R3',
  ({ overrun }) =>
    (entry) =>
      entry.seq === 0 && overrun ? 'more was done than any script can ask for' : undefined,
);
