import { nextAt } from '../../lib/core/machine/due-times.js';
import type { ConnectionState } from '../../lib/core/machine/connection-state.js';
import { workOf } from '../../lib/core/machine/episode.js';
import type { Transition } from '../../lib/core/machine/judge.js';
import { initialModel } from '../../lib/core/machine/initial-model.js';
import type { Model } from '../../lib/core/machine/model.js';
import { progressOf } from '../../lib/core/machine/progress.js';
import type { RoomInput } from '../../lib/core/machine/room-input.js';
import { AttemptLimitError } from '../../lib/core/recovery/attempt-limit-error.js';
import { DeadlineExceededError } from '../../lib/core/recovery/deadline-exceeded-error.js';
import { GaveUpError } from '../../lib/core/recovery/gave-up-error.js';
import { dueAt } from '../../lib/core/recovery/recovery.js';
import { ScheduleError } from '../../lib/core/schedule/schedule-error.js';
import { keyOf } from './key.js';
import { brokenLaws, deepFreeze } from './laws.js';
import { judge, type Judgement } from './oracle.js';
import type { Terms } from './policies.js';
import {
  answersOf,
  blank,
  busyCountOf,
  chanceTaken,
  deadlineOf,
  favours,
  hintOf,
  inPlace,
  isOver,
  kindOf,
  lastError,
  limitsReachedOf,
  nextOf,
  openingsHungOf,
  positionOf,
  slotsOf,
  spentOn,
  stageOf,
  tries,
  unreachableAtOf,
  type Leg,
  type Story,
  type Told,
  type Try,
} from './story.js';

export type Input = RoomInput<string>;
export type Transit = (
  model: Model<string>,
  inputs: readonly Input[],
  now: number,
  policy: Terms,
) => Transition<string>;

/** A room, what the oracle remembers of it, and the time. */
export interface World {
  readonly model: Model<string>;
  readonly story: Story;
  readonly now: number;
}

export interface Driven {
  readonly world: World;
  /** Where library and oracle disagree, or a law is broken. */
  readonly wrong: readonly string[];
  readonly told: readonly Told[];
}

export const START_AT = 1_000_000;

export const newWorld = (endpoints: readonly string[]): World => ({
  model: deepFreeze(initialModel(endpoints) as Model<string>),
  story: blank(endpoints),
  now: START_AT,
});

/** More calls than this for one frame is a loop. */
const MOST_CALLS = 10;

/** One frame: the library and the oracle judge the same inputs, and whatever is due after them. */
export function drive(
  { model, story }: World,
  inputs: readonly Input[],
  now: number,
  policy: Terms,
  transit: Transit,
): Driven {
  const wrong: string[] = [];
  deepFreeze(inputs);
  const told: Told[] = [];
  const begun: Try[] = [];
  let current = model;
  let heard: readonly Input[] = inputs;
  for (let calls = 1; ; calls++) {
    let done: Transition<string>;
    try {
      done = transit(current, heard, now, policy);
    } catch (error) {
      wrong.push(`the transition threw ${String(error)}`);
      break;
    }
    const { model: after, events } = done;
    deepFreeze(after);
    wrong.push(...brokenLaws({ before: current, after, inputs: heard, events, now, policy }));
    if (current.state !== after.state) told.push(toldBy(after.state));
    const work = workOf(after.episode);
    if (work !== null && work.id !== workOf(current.episode)?.id) begun.push({ id: work.id, ...work.attempt });
    if (heard.length === 0 && after === current) wrong.push('nextAt was due and nothing came of it');
    current = after;
    heard = [];
    if (nextAt(current, policy) > now) break;
    if (calls === MOST_CALLS) {
      wrong.push('the frame does not come to an end');
      break;
    }
  }
  const judgement = judge(story, inputs, now, policy);
  const world: World = { model: current, story: learn(judgement.story, current), now };
  if (wrong.length === 0) wrong.push(...differences(judgement, world, told, begun, policy));
  return { world, wrong, told };
}

/** Names are the room's own choice. */
function learn(story: Story, model: Model<string>): Story {
  let { line, trip, asked } = story;
  const { session } = model;
  const work = workOf(model.episode);
  if (trip?.running != null && trip.running.id < 0 && work !== null)
    trip = { ...trip, running: { ...trip.running, id: work.id } };
  if (line !== null && line.id < 0 && session !== null) line = { ...line, id: session.id };
  if (asked !== null && asked.id < 0 && session?.probe != null)
    asked = { ...asked, id: session.probe.id };
  return line === story.line && trip === story.trip && asked === story.asked ? story : { ...story, line, trip, asked };
}

function toldBy(state: ConnectionState<string>): Told {
  const link = 'link' in state ? state.link : null;
  if (state.state === 'reconnecting')
    return { state: state.state, reason: state.reason, link, error: state.error, since: state.since };
  if (state.state === 'disconnected')
    return { state: state.state, reason: state.reason, link, ...(state.message !== undefined && { message: state.message }) };
  if (state.state !== 'failed') return { state: state.state, reason: state.reason, link };
  const late = state.error instanceof DeadlineExceededError;
  return {
    state: state.state,
    reason: state.reason,
    link,
    attempts: state.attempts,
    error: plain(late ? state.error.cause : state.error),
    late,
    cause: state.cause,
    ...(state.suspendedFor === undefined ? {} : { slept: state.suspendedFor }),
  };
}

/** Errors that the room makes itself, as the oracle names them; around one that is no `Error` it puts its own. */
const plain = (error: unknown): unknown =>
  error instanceof AttemptLimitError
    ? `cut after ${error.limit}`
    : error instanceof ScheduleError
      ? 'schedule'
      : error instanceof GaveUpError
        ? error.cause
        : error;

type Facts = Readonly<Record<string, unknown>>;

function differences(
  { told, begun }: Judgement,
  world: World,
  libTold: readonly Told[],
  libBegun: readonly Try[],
  policy: Terms,
): string[] {
  const out: string[] = [];
  differ(out, 'told', libTold, told, factsOfTold);
  differ(out, 'begun', libBegun, begun, factsOfTry);
  if (out.length > 0) return out;
  compare(out, '', factsOfModel(world.model, policy), factsOfStory(world.story, policy));
  return out;
}

function differ<T>(
  out: string[],
  name: string,
  lib: readonly T[],
  oracle: readonly T[],
  facts: (one: T) => Facts,
): void {
  if (lib.length !== oracle.length) {
    const say = (list: readonly T[]): string =>
      list.map((one) => short(Object.values(facts(one)))).join(' then ') || 'nothing';
    out.push(`${name}: library ${say(lib)}; oracle ${say(oracle)}`);
    return;
  }
  lib.forEach((one, i) => compare(out, `${name} `, facts(one), facts(oracle[i]!)));
}

function compare(out: string[], prefix: string, lib: Facts, oracle: Facts): void {
  for (const name in lib) {
    if (!Object.is(lib[name], oracle[name]))
      out.push(`${prefix}${name}: library ${short(lib[name])}; oracle ${short(oracle[name])}`);
  }
}

const short = (value: unknown): string =>
  Array.isArray(value) ? value.map(short).join('/') : value instanceof Error ? value.message : String(value);

const factsOfTold = ({ state, reason, link, attempts, error, late, cause, slept, since, message }: Told): Facts => ({
  state,
  reason,
  link,
  attempts,
  error: plain(error),
  late,
  cause,
  slept,
  since,
  message,
});

const factsOfTry = (attempt: Try): Facts => {
  const { kind, number, cause, endpoint, previous, openingLimit, limitAt, deadlineAt } = attempt;
  return { kind, number, cause, endpoint, previous, openingLimit, limitAt, deadlineAt };
};

const legFacts = ({ up, since, ended }: { up: boolean; since: number; ended: boolean }): string =>
  `${up ? 'up' : 'down'} since ${since}${ended ? ', for good' : ''}`;

const ofLeg = ({ up, heardAt, dead }: Leg): string => legFacts({ up, since: heardAt, ended: dead });

/** Of one that is over, nothing is left to compare but where it is. */
function factsOfModel(model: Model<string>, policy: Terms): Facts {
  const { state, standing, session, episode, places, previous } = model;
  const over = state.state === 'disconnected' || state.state === 'failed';
  const here: Facts = {
    state: state.state,
    reason: state.reason,
    next: nextAt(model, policy),
    endpoints: places.list.join(),
    cursor: places.cursor,
    previous,
  };
  if (over) return here;
  const linked = session?.link == null ? null : session;
  const work = workOf(model.episode);
  const recovery = episode?.recovery;
  const { phase } = recovery ?? {};
  const tally = recovery?.tally ?? standing.tally;
  const progress = progressOf(model);
  return {
    ...here,
    session: session !== null,
    endpoint: session === null ? null : session.attempt.endpoint,
    link: linked?.link ?? null,
    'under way': session?.joining ?? false,
    signal: linked === null ? null : legFacts(linked.signal),
    media: linked === null || !linked.hasMedia ? null : legFacts(linked.media),
    asked: linked?.probe?.limitAt ?? null,
    'asked after': linked?.probe?.aliveAt ?? null,
    'connected since': state.state === 'connecting' ? null : standing.since,
    'spent before': standing.spent,
    cause: state.state === 'connecting' ? null : (episode?.cause ?? null),
    'last alive': episode?.loss.aliveAt ?? null,
    spent: episode?.loss.spent ?? null,
    deadlineAt: episode?.loss.deadlineAt ?? null,
    'what broke': state.state === 'connecting' ? null : (episode?.error ?? null),
    'late attempt granted': episode?.loss.extended ?? null,
    attempts: recovery?.attempts ?? null,
    running: work?.attempt.kind ?? null,
    called: work?.called ?? null,
    due: recovery === undefined ? null : finite(dueAt(recovery)),
    counts: phase?.kind === 'waiting' ? phase.counted : null,
    'gives up': phase?.kind === 'givenUp',
    'shown cause': progress?.cause ?? null,
    'shown kind': phase?.kind === 'givenUp' ? null : (progress?.kind ?? null),
    rung: phase?.kind === 'givenUp' ? null : (episode?.rung ?? null),
    stage: policy.attempts ? (episode?.stage ?? null) : null,
    answers: policy.classify === null && episode?.rung === 'repair' ? episode.answers : null,
    error: plain(recovery?.lastFailure.error),
    'last chance taken': recovery?.tally.lastChanceTaken ?? null,
    slot: episode === null ? null : places.slot,
    offset: episode === null ? null : places.offset,
    position: tally.position,
    'busy count': tally.busyCount,
    hintAt: tally.hintAt,
    'unreachable at': episode === null || !policy.attempts ? null : tally.unreachableAt,
    'began at': tally.beganAt,
    'limits reached': tally.limitsReached,
    'openings hung': tally.openingsHung,
    favours: [...tally.used].sort().join(),
  };
}

function factsOfStory(story: Story, policy: Terms): Facts {
  const { told, trip, line, asked, map, cursor, previous } = story;
  const here: Facts = {
    state: told.state,
    reason: told.reason,
    next: isOver(story) ? Infinity : nextOf(story, policy),
    endpoints: map.join(),
    cursor,
    previous,
  };
  if (isOver(story)) return here;
  const linked = line?.link == null ? null : line;
  const isTold = trip !== null && told.state !== 'connected';
  return {
    ...here,
    session: line !== null,
    endpoint: line?.endpoint ?? null,
    link: linked?.link ?? null,
    'under way': line !== null && (policy.attempts ? trip?.running?.id === line.id : told.state === 'connecting'),
    signal: linked === null ? null : ofLeg(linked.signal),
    media: linked === null || !linked.hasMedia ? null : ofLeg(linked.media),
    asked: asked?.limitAt ?? null,
    'asked after': asked?.proof ?? null,
    'connected since': told.state === 'connecting' ? null : story.calmSince,
    'spent before': story.spent,
    cause: trip?.way === 'back' ? trip.cause : null,
    'last alive': trip?.proof ?? null,
    spent: trip === null ? null : spentOn(story, trip, policy),
    deadlineAt: trip === null ? null : deadlineOf(story, trip, policy),
    'what broke': trip?.way === 'back' ? trip.why : null,
    'late attempt granted': trip === null ? null : trip.graceUntil !== null,
    attempts: trip === null ? null : tries(trip),
    running: trip?.running?.kind ?? null,
    called: trip?.running == null ? null : trip.called,
    due: trip === null || trip.quits !== null || trip.running !== null ? null : trip.due,
    counts: trip === null || trip.quits !== null || trip.due === null ? null : trip.counts,
    'gives up': trip !== null && trip.quits !== null,
    'shown cause': isTold && trip.way === 'back' ? trip.cause : null,
    'shown kind': isTold && trip.quits === null ? (trip.running?.kind ?? kindOf(story, policy)) : null,
    rung: trip === null || trip.quits !== null ? null : inPlace(story, policy) ? 'repair' : 'rejoin',
    stage: trip === null || !policy.attempts ? null : stageOf(trip),
    answers: policy.classify === null && trip !== null && inPlace(story, policy) ? answersOf(trip) : null,
    error: trip === null ? undefined : plain(lastError(trip)),
    'last chance taken': trip === null ? null : chanceTaken(story),
    slot: trip === null ? null : slotsOf(trip),
    offset: trip === null ? null : trip.offset,
    position: positionOf(story),
    'busy count': busyCountOf(story),
    hintAt: hintOf(story),
    'unreachable at': trip === null || !policy.attempts ? null : unreachableAtOf(story),
    'began at': story.triedAt,
    'limits reached': limitsReachedOf(story),
    'openings hung': openingsHungOf(story),
    favours: [...favours(story)].sort().join(),
  };
}

const finite = (time: number): number | null => (time === Infinity ? null : time);

export const keyOfWorld = ({ model, story, now }: World, policy: Terms): string => keyOf(model, story, now, policy);
