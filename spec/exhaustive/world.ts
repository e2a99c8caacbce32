import { DeadlineExceededError } from '../../lib/core/recovery/deadline-exceeded-error.js';
import type { ConnectionState } from '../../lib/core/machine/connection-state.js';
import { AttemptLimitError } from '../../lib/core/recovery/attempt-limit-error.js';
import { initialModel } from '../../lib/core/machine/initial-model.js';
import type { Model } from '../../lib/core/machine/model.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import type { RoomInput } from '../../lib/core/machine/room-input.js';
import { ScheduleError } from '../../lib/core/schedule/schedule-error.js';
import { nextAt } from '../../lib/core/machine/due-times.js';
import type { Transition } from '../../lib/core/machine/transition.js';
import { keyOf } from './key.js';
import { brokenLaws, deepFreeze } from './laws.js';
import { judge, type Judgement } from './oracle.js';
import {
  blank,
  deadlineOf,
  inPlace,
  isOver,
  lastError,
  nextOf,
  stageOf,
  tries,
  waitsOf,
  type Story,
  type Told,
  type Try,
} from './story.js';

export type Input = RoomInput<string>;
export type Transit = (
  model: Model<string>,
  inputs: readonly Input[],
  now: number,
  policy: Policy,
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
  policy: Policy,
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
    wrong.push(...brokenLaws(current, after, heard, events, now));
    if (current.state !== after.state) told.push(toldBy(after.state));
    const work = after.episode?.work ?? null;
    if (work !== null && work.id !== current.episode?.work?.id) begun.push({ id: work.id, ...work.attempt });
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
function learn(story: Story, { session, episode, probe }: Model<string>): Story {
  let { line, trip, asked } = story;
  const joins = trip?.running != null && trip.running.id === line?.id;
  if (trip?.running != null && trip.running.id < 0 && episode?.work != null) {
    trip = { ...trip, running: { ...trip.running, id: episode.work.id } };
  }
  if (line !== null && line.id < 0 && session !== null)
    line = { ...line, id: joins ? (episode?.work?.id ?? session.id) : session.id };
  if (asked !== null && asked.id < 0 && probe !== null) asked = { ...asked, id: probe.id };
  return line === story.line && trip === story.trip && asked === story.asked ? story : { ...story, line, trip, asked };
}

function toldBy(state: ConnectionState<string>): Told {
  const link = 'link' in state ? state.link : null;
  if (state.state !== 'failed') return { state: state.state, reason: state.reason, link };
  const late = state.error instanceof DeadlineExceededError;
  return {
    state: state.state,
    reason: state.reason,
    link,
    attempts: state.attempts,
    error: plain(late ? state.error.cause : state.error),
    late,
    ...(state.suspendedFor === undefined ? {} : { slept: state.suspendedFor }),
  };
}

const plain = (error: unknown): unknown =>
  error instanceof AttemptLimitError ? 'limit' : error instanceof ScheduleError ? 'schedule' : error;

type Facts = Readonly<Record<string, unknown>>;

function differences(
  { told, begun }: Judgement,
  world: World,
  libTold: readonly Told[],
  libBegun: readonly Try[],
  policy: Policy,
): string[] {
  const out: string[] = [];
  differ(out, 'told', libTold, told, factsOfTold);
  differ(out, 'begun', libBegun, begun, factsOfTry);
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
    if (lib[name] !== oracle[name])
      out.push(`${prefix}${name}: library ${short(lib[name])}; oracle ${short(oracle[name])}`);
  }
}

const short = (value: unknown): string =>
  Array.isArray(value) ? value.map(short).join('/') : value instanceof Error ? value.name : String(value);

const factsOfTold = ({ state, reason, link, attempts, error, late, slept }: Told): Facts => ({
  state,
  reason,
  link,
  attempts,
  error,
  late,
  slept,
});

const factsOfTry = ({ kind, number, cause, endpoint, previous, limitAt, deadlineAt }: Try): Facts => ({
  kind,
  number,
  cause,
  endpoint,
  previous,
  limitAt,
  deadlineAt,
});

/** Of one that is over, nothing is left to compare but where it is. */
function factsOfModel(model: Model<string>, policy: Policy): Facts {
  const { state, session, episode, probe, endpoints, position } = model;
  return {
    state: state.state,
    reason: state.reason,
    next: nextAt(model, policy),
    endpoints: endpoints.join(),
    session: session !== null,
    link: session?.link ?? null,
    'signal up': session?.signal.up ?? null,
    'media up': session?.media.up ?? null,
    asked: probe?.limitAt ?? null,
    cause: state.state === 'connecting' ? null : episode?.cause,
    deadlineAt: episode?.deadlineAt,
    attempts: episode?.attempts,
    running: episode?.work?.attempt.kind ?? null,
    retryAt: episode?.retryAt ?? null,
    hintAt: episode?.hintAt ?? null,
    rung: episode === null || state.state === 'connecting' ? null : episode.rung,
    stage: episode?.stage,
    'gives up': episode === null ? false : episode.givenUp !== null,
    error: plain(episode?.last?.error),
    waits: episode === null ? null : position.waits,
    'last chance taken': episode === null ? null : position.lastChanceTaken,
  };
}

function factsOfStory(story: Story, policy: Policy): Facts {
  const { told, trip, line, asked, map } = story;
  return {
    state: told.state,
    reason: told.reason,
    next: isOver(story) ? Infinity : nextOf(story, policy),
    endpoints: map.join(),
    session: line !== null,
    link: line?.link ?? null,
    'signal up': line?.signal.up ?? null,
    'media up': line?.media.up ?? null,
    asked: asked?.limitAt ?? null,
    cause: trip?.cause,
    deadlineAt: trip === null ? undefined : deadlineOf(trip, policy),
    attempts: trip === null ? undefined : tries(trip),
    running: trip?.running?.kind ?? null,
    retryAt: trip?.due ?? null,
    hintAt: trip?.hint ?? null,
    rung: trip === null || trip.cause === null ? null : inPlace(story, policy) ? 'repair' : 'link',
    stage: trip === null ? undefined : stageOf(trip),
    'gives up': trip === null ? false : trip.quits !== null,
    error: trip === null ? undefined : plain(lastError(trip)),
    waits: trip === null ? null : waitsOf(trip),
    'last chance taken': trip === null ? null : trip.log.some((entry) => entry.what === 'planned' && entry.chance),
  };
}

export const keyOfWorld = ({ model, story, now }: World, policy: Policy): string => keyOf(model, story, now, policy);
