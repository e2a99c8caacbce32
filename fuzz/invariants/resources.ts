import { MAX_DELAY } from '../limits.js';
import type { Entry } from '../recording.js';
import { isLive } from '../world.js';
import { always, invariant } from './invariant.js';
import { show } from './states.js';

/** Nothing is left after a terminal value: no timer, subscription, listener or link. */
export const zeroLeft = invariant('zeroLeft', 'L4 L6', ({ entries }) => (entry, world) => {
  if (entry.kind === 'over' || (entry.kind === 'instant' && !isLive(entry.state))) {
    if (entry.open > 0)
      return `${entry.open} subscriptions left: ${[...world.open.values()].map(({ what }) => what).join(', ')}`;
    if (entry.timers > 0) return `${entry.timers} timers left`;
  }
  if (
    entry.kind === 'called' &&
    entry.within === null &&
    (entry.command === 'leave' || entry.command === 'dispose') &&
    !isLive(entry.after)
  ) {
    const before = entries[entry.seq - 1];
    // A join that is being subscribed ends when it has begun.
    if (before?.kind === 'call') return undefined;
    if (world.open.size > 0) return `${world.open.size} subscriptions left when ${entry.command}() returned`;
  }
  return undefined;
});

/** While live the room listens to one `wake$` and one `leave$`; it holds two timers at most. */
export const fewThings = always('fewThings', 'M1 R9', (entry, world) => {
  if (entry.kind !== 'instant' || !isLive(entry.state)) return undefined;
  for (const what of ['wake$', 'leave$', 'signal$', 'media$', 'notice$'] as const) {
    if (world.opened(what) > 1) return `${world.opened(what)} subscriptions of ${what}`;
  }
  return entry.timers > 2 ? `${entry.timers} timers` : undefined;
});

/** Whatever a timer is given it can hold. */
export const saneDelays = always('saneDelays', 'R5 R6', (entry) =>
  entry.kind === 'timer' && !(entry.delay >= 0 && entry.delay <= MAX_DELAY) ? `a delay of ${entry.delay}` : undefined,
);

/** A link that is torn down while it lives is told why, once, before it is unsubscribed; one that ended is not. */
export const linksAreTold = invariant('linksAreTold', 'L5 J7', () => {
  const linksOf = new Map<number, number[]>();
  const told = new Set<number>();
  const dead = new Set<number>();
  return (entry) => {
    if (entry.kind === 'link') linksOf.set(entry.owner, [...(linksOf.get(entry.owner) ?? []), entry.link]);
    if (entry.kind === 'close') {
      if (told.has(entry.link)) return `link ${entry.link} is told twice`;
      told.add(entry.link);
      return dead.has(entry.link) ? `link ${entry.link} is told after its end` : undefined;
    }
    if (entry.kind !== 'shut' || entry.what !== 'join') return undefined;
    const links = linksOf.get(entry.owner) ?? [];
    for (const link of links) {
      dead.add(link);
      const replaced = link !== links.at(-1);
      if (!told.has(link) && (replaced || !entry.ended)) return `link ${link} is not told why it is closed`;
    }
    return undefined;
  };
});

/** What a link is told is true: left, dismissed, superseded by a newer one, or of no more use. */
export const toldTheTruth = invariant('toldTheTruth', 'L5', ({ entries }) => (entry, world) => {
  if (entry.kind !== 'close') return undefined;
  const state = stateAfter(entry, entries);
  const link = world.links.get(entry.link);
  if (link?.stale === true) return undefined;
  const newest = [...world.links.values()].findLast(({ stale }) => !stale) === link;
  const expected = !newest
    ? 'superseded'
    : state === 'disconnected/leaveChannel'
      ? 'left'
      : state?.startsWith('disconnected') === true
        ? 'dismissed'
        : state?.startsWith('failed') === true
          ? 'abandoned'
          : link?.session.connected === true
            ? 'superseded'
            : 'abandoned';
  return entry.why === expected ? undefined : `link ${entry.link} is told "${entry.why}", not "${expected}"`;
});

/** The terminal value that a teardown belongs to, where it does. */
function stateAfter({ seq }: Entry, entries: readonly Entry[]): string | undefined {
  for (let i = seq + 1; i < entries.length; i++) {
    const entry = entries[i];
    if (entry?.kind === 'state') return isLive(entry.value) ? undefined : show(entry.value);
    if (entry?.kind === 'event' && entry.value.type === 'attempt') return undefined;
    if ((entry?.kind === 'call' || entry?.kind === 'called') && entry.within !== null) continue;
    if (entry?.kind === 'shut' || entry?.kind === 'close' || entry?.kind === 'event' || entry?.kind === 'error')
      continue;
    return undefined;
  }
  return undefined;
}
