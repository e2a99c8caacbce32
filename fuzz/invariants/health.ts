import { sleptFor } from '../world.js';
import { always } from './invariant.js';
import { show } from './states.js';

/** `connected` only while both healths of the current link were last reported up. */
export const connectedMeansUp = always('connectedMeansUp', 'S8 S9 H6', (entry, { link, isWell }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'connected') return undefined;
  if (link?.id !== entry.value.link.id)
    return `connected with link ${entry.value.link.id}, but the current one is ${link?.id ?? 'none'}`;
  if (!isWell)
    return `connected while signal is ${link.signal.up ? 'up' : 'down'} and media ${link.media.up ? 'up' : 'down'}`;
  return undefined;
});

/** A current link whose healths are both up is a connection at the end of the instant. */
export const upMeansConnected = always('upMeansConnected', 'S2 R2 H8', (entry, { link, isWell, state }) => {
  if (entry.kind !== 'instant' || link === null || !isWell || link.redispatched) return undefined;
  return state.state === 'connected' && state.link.id === link.id
    ? undefined
    : `both are up, but the room is ${show(state)}`;
});

/** A dip that ends within the settle time is never announced; and whatever is announced is the settle time old. */
export const dipsSettle = always('dipsSettle', 'H1 S6', (entry, world) => {
  if (entry.kind !== 'state' || entry.value.state !== 'reconnecting') return undefined;
  const { link, wall, script, instant } = world;
  if (link === null || instant.redispatched) return undefined;
  const { settle } = script.options;
  const { signal, media } = link;
  const signalAt = signal.up ? Infinity : Math.min(signal.since, signal.sinceInstant) + settle.signal;
  const mediaAt = media.up ? Infinity : Math.min(media.since, media.sinceInstant) + settle.media;
  return wall >= Math.min(signalAt, mediaAt)
    ? undefined
    : `announced at ${wall}, due at ${Math.min(signalAt, mediaAt)}`;
});

/** A dip that lasts is announced when its settle time is over, or when the probe that names its cause has had its time. */
export const dipsAnnounced = always('dipsAnnounced', 'H2 S6', (entry, world) => {
  if (entry.kind !== 'instant' || world.state.state !== 'connected' || !world.hasJudged) return undefined;
  const { link, wall, script, state } = world;
  if (link === null) return `connected with link ${state.link.id}, which is gone`;
  const { settle, probeHold } = script.options;
  const { signal, media } = link;
  const since = (leg: typeof signal): number =>
    Math.max(leg.since, leg.sinceInstant === Infinity ? -Infinity : leg.sinceInstant);
  const hold = signal.up && world.opened('probe') > 0 ? Math.max(settle.media, probeHold) : settle.media;
  if (!signal.up && wall >= since(signal) + settle.signal)
    return `signal down since ${since(signal)}, not announced at ${wall}`;
  if (!media.up && wall >= since(media) + hold) return `media down since ${since(media)}, not announced at ${wall}`;
  return undefined;
});

/** The reason of a break is what was down when it was announced: signalling before media, a redispatch before both. */
export const reasonIsCause = always('reasonIsCause', 'S6 S7 H7 R14', (entry, world) => {
  if (entry.kind !== 'state' || entry.value.state !== 'reconnecting') return undefined;
  const { instant } = world;
  // A rejoin that begins with the announcement has torn the link down by now.
  const link = world.link ?? world.dropped;
  const { reason } = entry.value;
  if (instant.redispatched)
    return reason === 'redispatch' || link === null ? undefined : `${reason} after a redispatch`;
  const expected = link === null || !link.signal.up ? 'signalDisconnected' : 'mediaConnectionDisconnected';
  return reason === expected ? undefined : `${reason}, not ${expected}`;
});

/** A redispatch moves a connected room at once. */
export const redispatchMoves = always('redispatchMoves', 'R14', (entry, world) => {
  if (entry.kind !== 'instant') return undefined;
  const { instant, state, link } = world;
  if (!instant.words.some(({ kind }) => kind === 'redispatch')) return undefined;
  if (state.state !== 'connected' || instant.states.some((seen) => seen.state !== 'connected')) return undefined;
  return link?.redispatched === true ? `told to go elsewhere, but the room is ${show(state)}` : undefined;
});

const dismissals: Readonly<Record<string, string>> = {
  closed: 'disconnected/channelClosed',
  kicked: 'disconnected/serverKicked',
  duplicateUser: 'disconnected/duplicateUser',
};

/** The server's word ends it at once; only our own leave and the deadline come before it. */
export const wordsEnd = always('wordsEnd', 'T1 T2 L3', (entry, { instant, state }) => {
  if (entry.kind !== 'instant') return undefined;
  const word = instant.words.find(({ kind }) => kind in dismissals);
  const expected = word === undefined ? undefined : dismissals[word.kind];
  if (expected === undefined) return undefined;
  const ended = instant.states.some(
    (seen) => [expected, 'disconnected/leaveChannel'].includes(show(seen)) || seen.state === 'failed',
  );
  return ended ? undefined : `told "${String(word?.kind)}", but the room is ${show(state)}`;
});

/** A wake that tells of a sleep past the deadline ends a connected room, before anything that was heard meanwhile. */
export const sleptPastDeadline = always(
  'sleptPastDeadline',
  'Z1',
  (entry, { instant, wall, script, wellBefore, state }) => {
    if (entry.kind !== 'instant' || wellBefore === null) return undefined;
    const slept = Math.max(0, ...instant.wakes.map(sleptFor));
    if (slept === 0 || Math.max(wellBefore, wall - slept) + script.options.deadline > wall) return undefined;
    if (instant.states.some((seen) => seen.state === 'failed' || show(seen) === 'disconnected/leaveChannel')) {
      const failed = instant.states.find((seen) => seen.state === 'failed');
      if (failed?.state !== 'failed') return undefined;
      return failed.suspendedFor === slept ? undefined : `suspendedFor is ${String(failed.suspendedFor)}, not ${slept}`;
    }
    return `slept for ${slept} ms, but the room is ${show(state)}`;
  },
);
