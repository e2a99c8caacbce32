import type { ConnectionState } from '../../lib/core/machine/connection-state.js';
import { attemptAt } from '../../lib/core/machine/due-times.js';
import { workOf } from '../../lib/core/machine/episode.js';
import type { Model } from '../../lib/core/machine/model.js';
import type { RoomInput } from '../../lib/core/machine/room-input.js';
import type { RoomEvent } from '../../lib/core/machine/room-event.js';
import type { Tally } from '../../lib/core/recovery/standing.js';
import type { Terms } from './policies.js';

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
  if (a.state === 'connected' && b.state === 'failed' && b.reason === 'requestChannelFailed')
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

/** One call of the transition. */
export interface Call {
  readonly before: Model<string>;
  readonly after: Model<string>;
  readonly inputs: readonly RoomInput<string>[];
  readonly events: readonly RoomEvent[];
  readonly now: number;
  readonly policy: Terms;
}

/** What must hold of one call, whatever the oracle says. */
export function brokenLaws(call: Call): string[] {
  const { after } = call;
  const broken: string[] = [];
  const law: Law = (holds, text) => {
    if (!holds) broken.push(text);
  };
  const nan = whereNaN(after, 'model');
  law(nan === undefined, `a time that is not a number: ${String(nan)}`);
  lawsOfStates(call, law);
  lawsOfWork(call, law);
  lawsOfAttempts(call, law);
  lawsOfDueTimes(call, law);
  return broken;
}

type Law = (holds: boolean, text: string) => void;

const isSameBreak = ({ before, after }: Call): boolean =>
  before.episode !== null && after.episode !== null && !isOver(before);

function lawsOfStates(call: Call, law: Law): void {
  const { before, after, inputs, events, now } = call;
  const { state, session, episode } = after;
  if (before.state !== state) {
    const illegal = illegalChange(before.state, state);
    law(illegal === undefined, String(illegal));
  }
  law(!isOver(after) || (session === null && episode === null), 'L4: work is left after the end');
  law(!isOver(after) || after.places.list === after.places.own, "R13: the server's list outlives the end");
  law(isOver(after) || session !== null || episode !== null, 'no session and nobody looks for one');
  law(state.state !== 'failed' || state.error instanceof Error, 'D5: failed without an Error');
  if (state.state === 'connected') {
    if (episode === null) {
      law(session?.link === state.link, 'S8: connected over a link that is not the session');
      law(session?.signal.up === true && session.media.up, 'S8: connected without signal and media');
      law(after.previous === null, 'J7: connected, and a link is left to replace');
    }
  } else if (!isOver(after)) law(episode !== null, `${state.state} without a way back`);
  if (isSameBreak(call)) {
    const [earlier, later] = [before.episode!.loss, episode!.loss];
    const moved = later.deadlineAt - earlier.deadlineAt;
    // A wake can find out that the last proof of life was earlier; timers that come too late are granted one attempt.
    const woken = inputs.some((input) => input.type === 'wake' && input.suspendedFor > 0);
    const granted = later.extended && !earlier.extended;
    law(moved === 0 || (moved < 0 && woken) || (moved > 0 && granted && !woken), 'D1: the deadline moved');
    law(!granted || before.episode!.recovery.attempts === 0, 'D8: a second late attempt');
  }
  law(
    events.every(({ at }) => at === now),
    'an event of another time',
  );
  if (isOver(before) && isOver(after))
    law(before === after && events.length === 0, 'D6: something happened after the end');
}

/** Ids: new ones are new, and name at most one join and one repair of its link. */
function lawsOfWork({ before, after }: Call, law: Law): void {
  const { session, episode } = after;
  const work = workOf(episode);
  const [probe, asked] = [after, before].map((model) => model.session?.probe);
  law(after.lastId >= before.lastId, 'the last id went back');
  for (const [id, old] of [
    [session?.id, before.session?.id],
    [work?.id, workOf(before.episode)?.id],
    [probe?.id, asked?.id],
  ]) {
    if (id !== undefined && id !== old) law(id > before.lastId && id <= after.lastId, `id ${id} is not new`);
  }
  if (work === null) return;
  const { kind, limitAt, deadlineAt, openingLimit } = work.attempt;
  if (kind === 'join' || kind === 'rejoin') law(work.id === session?.id, 'J7: a join under way that is not the session');
  else {
    law(session?.link != null, 'a repair without a link');
    law(work.id !== session?.id && work.id !== probe?.id, 'a repair has the id of other work');
  }
  law(limitAt <= deadlineAt, 'J6: a limit past the deadline');
  law(openingLimit > 0 && openingLimit <= limitAt - episode!.recovery.tally.beganAt, 'R15: an opening past the limit');
  law(deadlineAt >= episode!.loss.deadlineAt, 'an attempt with a deadline of its own');
}

const tallyOf = ({ episode, standing }: Model<string>): Tally => episode?.recovery.tally ?? standing.tally;

/** R3, R17: no attempt is free. */
function lawsOfAttempts(call: Call, law: Law): void {
  const { before, after, inputs, events, now, policy } = call;
  const begun = events.filter(({ type }) => type === 'attempt').length;
  const work = workOf(after.episode);
  const isNew = work !== null && work.id !== workOf(before.episode)?.id;
  law(begun === +isNew && begun <= 1, `Z3: ${begun} attempts told, ${+isNew} begun`);
  if (isSameBreak(call)) {
    const grown = after.episode!.recovery.attempts - before.episode!.recovery.attempts;
    law(grown === begun, `D5: ${begun} attempts begun, and ${grown} counted`);
  }
  if (isOver(after)) return;
  const [then, tally] = [tallyOf(before), tallyOf(after)];
  // A break, or a newer link, ends what the connection has lasted.
  const lastedUntil = after.episode?.loss.aliveAt ?? now;
  const isStable =
    isOver(before) ||
    (before.episode === null &&
      (after.episode !== null || after.state !== before.state) &&
      lastedUntil - before.standing.since >= policy.stableAfter);
  if (isStable) law(tally.position <= begun, 'R3: a position outlived a stable connection');
  else {
    const grown = tally.position - then.position;
    law(grown >= 0 && grown <= begun, `R3: ${begun} attempts begun, and ${grown} positions taken`);
    law(tally.busyCount >= then.busyCount, 'R11: a busy answer was forgotten');
    law(tally.limitsReached >= then.limitsReached, 'R15: a limit that was reached was forgotten');
    law(
      then.used.every((shortcut) => tally.used.includes(shortcut)),
      'R3: a shortcut can be taken again',
    );
  }
  law(new Set(tally.used).size === tally.used.length, 'R3: a shortcut was taken twice');
  if (isNew) law(now > then.beganAt, 'R17: two attempts in one millisecond');
  if (isNew && inputs.length === 0 && before.episode !== null && workOf(before.episode) === null) {
    const { loss } = after.episode!;
    const due = dueOf(before);
    law(due <= now || (loss.extended && !before.episode.loss.extended), 'R7: time alone began an attempt too early');
  }
}

const dueOf = ({ episode }: Model<string>): number =>
  episode?.recovery.phase.kind === 'waiting' ? episode.recovery.phase.until : Infinity;

/** R7: a time that was told is kept, and a new one is told. */
function lawsOfDueTimes(call: Call, law: Law): void {
  const { before, after, inputs, events, now, policy } = call;
  const [then, due] = [dueOf(before), dueOf(after)];
  const shown = attemptAt(after, policy);
  if (due < Infinity && shown !== attemptAt(before, policy))
    law(
      events.some((event) => event.type === 'waiting' && event.nextRetryAt === shown),
      'R7: a time that changed was not told',
    );
  if (!isSameBreak(call) || then === Infinity) return;
  const begins = workOf(after.episode) !== null ? now : due;
  const mayHasten = inputs.some((input) => {
    switch (input.type) {
      case 'wake':
      case 'retryNow':
        return true;
      case 'notice':
        return input.notice.kind === 'redispatch';
      case 'ended':
        return policy.classify?.(input.error)?.kind === 'redispatch';
      case 'health':
        return input.source === 'signal' && input.health === 'up';
      default:
        return false;
    }
  });
  law(begins >= then || mayHasten, `R7: a time was brought forward by ${then - begins} ms`);
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
