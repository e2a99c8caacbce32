import { afterFrame, always } from './invariant.js';
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
  if (entry.kind !== 'instant' || link === null || !isWell || link.sentAway) return undefined;
  return state.state === 'connected' && state.link.id === link.id
    ? undefined
    : `both are up, but the room is ${show(state)}`;
});

/** A dip that ends within the settle time is never announced; and whatever is announced is the settle time old. */
export const dipsSettle = always('dipsSettle', 'H1 S6', (entry, { link: current, dropped, frame, wall, script }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'reconnecting') return undefined;
  const link = current ?? dropped;
  if (link === null || frame.sentTo !== null || frame.ended !== null || frame.trouble?.extended === true)
    return undefined;
  const { settle } = script.options;
  const { signal, media } = link;
  const due = Math.min(
    signal.up ? Infinity : signal.since + settle.signal,
    media.up ? Infinity : media.since + settle.media,
  );
  return wall >= due ? undefined : `announced at ${wall}, due at ${due}`;
});

/** A dip that lasts is announced when its settle time is over, or when the probe that names its cause has had its time. */
export const dipsAnnounced = always('dipsAnnounced', 'H2 S6', (entry, world) => {
  if (entry.kind !== 'instant' || world.state.state !== 'connected' || !world.hasJudged) return undefined;
  const { link, wall, script, state, probe } = world;
  if (link === null) return `connected with link ${state.link.id}, which is gone`;
  const { settle, probeHold } = script.options;
  const { signal, media } = link;
  const hold = signal.up && probe !== null ? Math.max(settle.media, probeHold) : settle.media;
  if (!signal.up && wall >= signal.since + settle.signal)
    return `signal down since ${signal.since}, not announced at ${wall}`;
  if (!media.up && wall >= media.since + hold) return `media down since ${media.since}, not announced at ${wall}`;
  return undefined;
});

/** The reason of a break is what was down when it was announced: signalling before media, a redispatch before both. */
export const reasonIsCause = always('reasonIsCause', 'S6 S7 H7 R14', (entry, { link: current, dropped, frame }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'reconnecting') return undefined;
  const { reason } = entry.value;
  if (frame.sentTo !== null) return reason === 'redispatch' ? undefined : `${reason} after a redispatch`;
  // A rejoin that begins with the announcement has torn the link down by now.
  const link = current ?? dropped;
  const signalLost = link === null || frame.ended !== null || !link.signal.up;
  const expected = signalLost ? 'signalDisconnected' : 'mediaConnectionDisconnected';
  return reason === expected ? undefined : `${reason}, not ${expected}`;
});

/** A redispatch moves a connected room at once. */
export const redispatchMoves = afterFrame(
  'redispatchMoves',
  'R14',
  ({ sentTo, connected, due, dismissed, left, states }) => {
    if (sentTo === null || !connected || due || dismissed || left) return undefined;
    const first = states[0];
    return first === undefined || first.state === 'connected'
      ? `told to go to ${sentTo}, but the room stays`
      : undefined;
  },
);

/** `reconnecting` dates the break by its last proof of life, and carries the error of the link where that ended. */
export const saysWhatBroke = always('saysWhatBroke', 'S11 D9', (entry, { frame }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'reconnecting' || frame.trouble === null) return undefined;
  const { since, error } = entry.value;
  const { aliveAt } = frame.trouble.lost;
  if (since !== aliveAt) return `since ${since}, expected ${aliveAt}`;
  const told = frame.found ? (frame.ended?.error ?? null) : null;
  return told === null || error === told ? undefined : 'not the error of the link';
});
