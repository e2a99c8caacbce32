import type { ConnectionState } from '../../lib/core/machine/connection-state.js';
import type { Model } from '../../lib/core/machine/model.js';
import type { RoomInput } from '../../lib/core/machine/room-input.js';
import type { RoomEvent } from '../../lib/core/machine/room-event.js';

type State = ConnectionState<string>;

/** The edges of the design's table; `connected → connected` and `connected → failed` have conditions of their own. */
const edges: Readonly<Record<State['state'], readonly State['state'][]>> = {
  disconnected: ['connecting'],
  connecting: ['connected', 'failed', 'disconnected'],
  connected: ['reconnecting', 'disconnected', 'failed', 'connected'],
  reconnecting: ['connected', 'failed', 'disconnected'],
  failed: ['connecting'],
};

const reasons: Readonly<Record<State['state'], readonly (string | null)[]>> = {
  disconnected: ['leaveChannel', 'channelClosed', 'serverKicked', 'duplicateUser'],
  connecting: ['joinChannel'],
  connected: ['joinSucceed', 'rejoinSucceed'],
  reconnecting: ['mediaConnectionDisconnected', 'signalDisconnected', 'redispatch'],
  failed: ['timeout', 'requestChannelFailed', 'joinChannelFailed'],
};

/** S3, S4, S5: why this change of state is against the law, or nothing. */
export function illegalChange(a: State, b: State): string | undefined {
  if (!edges[a.state].includes(b.state)) return `S3: illegal edge ${a.state} -> ${b.state}`;
  if (!reasons[b.state].includes(b.reason)) return `S3: ${b.state} cannot have reason ${String(b.reason)}`;
  if (a.state === 'connected' && b.state === 'failed' && b.reason !== 'timeout')
    return `S3: connected -> failed/${b.reason}`;
  if (a.state === 'connected' && b.state === 'connected' && a.link === b.link)
    return 'S4: connected twice over the same link';
  if (a.state === 'connecting' && b.state === 'connected' && b.reason !== 'joinSucceed')
    return `S5: first connected is ${b.reason}`;
  if (a.state === 'reconnecting' && b.state === 'connected' && b.reason !== 'rejoinSucceed')
    return `S2: back with ${b.reason}`;
  if (a.state === 'connecting' && b.state === 'failed' && b.reason === 'timeout')
    return 'J1: a join fails by its stage';
  return undefined;
}

const isOver = ({ state }: Model<string>): boolean => state.state === 'disconnected' || state.state === 'failed';

/** What must hold of one call, whatever the oracle says. */
export function brokenLaws(
  before: Model<string>,
  after: Model<string>,
  inputs: readonly RoomInput<string>[],
  events: readonly RoomEvent[],
  now: number,
): string[] {
  const broken: string[] = [];
  const law = (holds: boolean, text: string): void => {
    if (!holds) broken.push(text);
  };
  const { state, session, episode, probe } = after;
  if (before.state !== after.state) {
    const illegal = illegalChange(before.state, state);
    if (illegal !== undefined) broken.push(illegal);
  }
  const nan = whereNaN(after, 'model');
  law(nan === undefined, `a time that is not a number: ${String(nan)}`);
  law(!isOver(after) || (session === null && episode === null && probe === null), 'L4: work is left after the end');
  law(isOver(after) || session !== null || episode !== null, 'no session and nobody looks for one');
  if (state.state === 'connected') {
    if (episode === null) {
      law(session?.link === state.link, 'S8: connected over a link that is not the session');
      law(session?.signal.up === true && session.media.up, 'S8: connected without signal and media');
    }
  } else if (!isOver(after)) law(episode !== null, `${state.state} without a way back`);
  const same = before.episode !== null && episode !== null && !isOver(before);
  if (same) {
    // Only a wake can find out that the last proof of life was earlier.
    const woken = inputs.some((input) => input.type === 'wake' && input.suspendedFor > 0);
    const { deadlineAt } = before.episode;
    law(woken ? episode.deadlineAt <= deadlineAt : episode.deadlineAt === deadlineAt, 'D1: the deadline moved');
  }

  // Ids: new ones are new, and name at most one join and one repair of its link.
  const work = episode?.work ?? null;
  const joins = work !== null && (work.attempt.kind === 'join' || work.attempt.kind === 'rejoin');
  law(after.lastId >= before.lastId, 'the last id went back');
  for (const [id, old] of [
    [session?.id, before.session?.id],
    [work?.id, before.episode?.work?.id],
    [probe?.id, before.probe?.id],
  ]) {
    if (id !== undefined && id !== old) law(id > before.lastId && id <= after.lastId, `id ${id} is not new`);
  }
  if (joins) law(work.id === session?.id, 'J7: a join under way that is not the session');
  if (work !== null && !joins) {
    law(session?.link != null, 'a repair without a link');
    law(work.id !== session?.id && work.id !== probe?.id, 'a repair has the id of other work');
  }
  if (probe !== null) law(session?.link != null, 'a probe without a link');
  if (work !== null) {
    law(episode?.retryAt === null, 'Z3: an attempt runs and another is queued');
    law(work.attempt.limitAt <= work.attempt.deadlineAt, 'J6: a limit past the deadline');
    law(work.attempt.deadlineAt >= (episode?.deadlineAt ?? 0), 'an attempt with a deadline of its own');
  }

  // Attempts: one at most a call, counted up by one, down only for the one that is cut uncounted.
  const begun = events.filter(({ type }) => type === 'attempt').length;
  const cut = events.filter(({ type }) => type === 'attemptCut').length;
  const isNew = work !== null && work.id !== before.episode?.work?.id;
  law(begun === +isNew, `Z3: ${begun} attempts told, ${+isNew} begun`);
  if (same) {
    const grown = episode.attempts - before.episode.attempts;
    law(
      grown <= begun && grown >= begun - Math.min(1, cut),
      `attempts went from ${before.episode.attempts} to ${episode.attempts}`,
    );
  }
  law(
    events.every(({ at }) => at === now),
    'an event of another time',
  );
  if (isOver(before) && isOver(after))
    law(before === after && events.length === 0, 'D6: something happened after the end');
  if (isNew && inputs.length === 0 && before.episode?.work === null) {
    law((before.episode.retryAt ?? Infinity) <= now, 'R7: time alone began an attempt before nextRetryAt');
  }
  return broken;
}

/** The path of a number that is none. */
function whereNaN(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? path : undefined;
  if (typeof value !== 'object' || value === null || value instanceof Error) return undefined;
  for (const key in value) {
    const found = whereNaN((value as Record<string, unknown>)[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Nobody writes into what they were given. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key in value) deepFreeze(value[key]);
  }
  return value;
}
