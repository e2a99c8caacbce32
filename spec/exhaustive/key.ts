import type { Attempt } from '../../lib/core/machine/attempt.js';
import type { Model, Reading, Session } from '../../lib/core/machine/model.js';
import type { Tally } from '../../lib/core/recovery/standing.js';
import type { Terms } from './policies.js';
import {
  busyCountOf,
  chanceTaken,
  deadlineOf,
  favours,
  hintOf,
  inPlace,
  limitsReachedOf,
  openingsHungOf,
  positionOf,
  slotsOf,
  spentOn,
  stageOf,
  tries,
  unreachableAtOf,
  type Leg,
  type Story,
} from './story.js';

/** A link by the order in which it is met: what counts is who is the same. */
function who(names: string[], link: string | null | undefined): number {
  if (link == null) return -1;
  const at = names.indexOf(link);
  return at >= 0 ? at : names.push(link) - 1;
}

const rel = (time: number | null, now: number): number =>
  time === null || !Number.isFinite(time) ? -99_999 : time - now;

/** An error by what it says. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How long ago, up to where it makes no difference. */
const ago = (time: number, now: number, most: number): number => Math.min(most, now - time);

const few = (n: number): number => Math.min(6, n);

const readingOf = ({ up, since, aliveAt, ended }: Reading, now: number): string =>
  up ? `u${+ended}` : `d${since - now}/${aliveAt - now}/${+ended}`;

const legOf = ({ up, heardAt, proof, dead }: Leg, now: number): string =>
  up ? `u${+dead}` : `d${heardAt - now}/${proof - now}/${+dead}`;

const attemptOf = (names: string[], { kind, openingLimit, limitAt, previous, endpoint }: Attempt<string>, now: number): string =>
  `${kind},${openingLimit},${rel(limitAt, now)},${who(names, previous)},${String(endpoint)}`;

function sessionOf(names: string[], session: Session<string>, now: number): string {
  const { joining, attempt } = session;
  const key = `${+joining},${String(attempt.endpoint)}`;
  if (session.link === null) return key;
  const { link, canProbe, hasMedia, signal, media, probe } = session;
  const asked = probe === null ? '' : `?${rel(probe.limitAt, now)},${rel(probe.aliveAt, now)}`;
  return `${key},${who(names, link)},${+canProbe}${+hasMedia},${readingOf(signal, now)},${readingOf(media, now)}${asked}`;
}

/** `beganAt` and `unreachableAt` count up to where no floor and no schedule looks any more. */
const tallyOf = (tally: Tally, now: number, policy: Terms): string => {
  const { position, busyCount, hintAt, unreachableAt, beganAt, limitsReached, openingsHung, used } = tally;
  const memory = policy.deadline * 2;
  return [
    few(position),
    few(busyCount),
    rel(hintAt, now),
    unreachableAt === null ? '-' : ago(unreachableAt, now, memory),
    ago(beganAt, now, Math.max(policy.wakeFloor, policy.attemptLimit)),
    few(limitsReached),
    few(openingsHung),
    [...used].sort().join('+'),
  ].join();
};

/**
 * What two rooms must share to have the same future: every field of the model and all that the oracle can look at,
 * with times relative to now, links by who they are the same as, and counts up to where nobody tells them apart.
 */
export function keyOf(model: Model<string>, story: Story, now: number, policy: Terms): string {
  const names: string[] = [];
  const { state, standing, session, previous, episode, places } = model;
  const { list, own, cursor, slot, offset } = places;
  let key = `${state.state}:${String(state.reason)}:${who(names, 'link' in state ? state.link : null)}|${who(names, previous)}`;
  if (state.state === 'disconnected' || state.state === 'failed')
    return `${key}|${list.join()},${cursor}|${ago(standing.tally.beganAt, now, 2)},${ago(story.triedAt, now, 2)},${who(names, story.previous)}`;
  key += `|${list.join()}/${own.join()},${cursor},${few(slot)},${offset}`;
  key += `|${Math.round(standing.spent)},${ago(standing.since, now, policy.stableAfter + policy.deadline)},${tallyOf(standing.tally, now, policy)}`;
  if (session !== null) key += `|${sessionOf(names, session, now)}`;
  if (episode !== null) {
    const { cause, rung, error, stage, answers, loss, recovery } = episode;
    const { aliveAt, spent, deadline, deadlineAt, answered, extended } = loss;
    const { tally, attempts, lastFailure, phase } = recovery;
    key += `|${String(cause)},${rung},${nameOf(error)},${stage},${answers},${aliveAt - now},${Math.round(spent)},${deadline},${rel(deadlineAt, now)},${+answered}${+extended}`;
    key += `,${few(attempts)},${lastFailure.verdict.kind},${+(lastFailure.error === undefined)},${tallyOf(tally, now, policy)}|${phase.kind}`;
    if (phase.kind === 'waiting') key += `,${rel(phase.until, now)},${+phase.counted}`;
    if (phase.kind === 'attempting') {
      const { since, limitAt, work } = phase;
      key += `,${since - now},${rel(limitAt, now)},${+work.called},${+(work.id === session?.id)},${attemptOf(names, work.attempt, now)}`;
    }
  }
  // The oracle's own memory: where it remembers more than the library, the states are not the same.
  const { told, trip, line, asked } = story;
  key += `#${told.state}${String(told.reason)}${who(names, told.link)},${who(names, story.previous)},${Math.round(story.spent)},${story.cursor}`;
  key += `,${ago(story.calmSince, now, policy.stableAfter + policy.deadline)},${few(positionOf(story))},${few(busyCountOf(story))},${rel(hintOf(story), now)}`;
  key += `,${few(limitsReachedOf(story))},${few(openingsHungOf(story))},${favours(story).toSorted().join('+')},${ago(unreachableAtOf(story) ?? -Infinity, now, policy.deadline * 2)}`;
  if (line !== null)
    key += `|${who(names, line.link)},${String(line.endpoint)},${+line.answers}${+line.hasMedia},${legOf(line.signal, now)},${legOf(line.media, now)}`;
  if (asked !== null) key += `?${rel(asked.limitAt, now)},${rel(asked.proof, now)}`;
  if (trip !== null) {
    const marks = `${+inPlace(story, policy)}${+trip.answered}${+trip.called}${+trip.counts}${+(trip.quits !== null)}`;
    key += `|${trip.way},${marks},${rel(deadlineOf(story, trip, policy), now)},${trip.proof - now},${ago(trip.tellBy, now, policy.deadline)},${rel(trip.cap, now)},${Math.round(spentOn(story, trip, policy))},${String(trip.cause)},${rel(trip.due, now)}`;
    key += `,${few(tries(trip))},${ago(story.triedAt, now, policy.wakeFloor)},${+chanceTaken(story)},${stageOf(trip)},${few(slotsOf(trip))},${trip.offset}`;
    if (trip.running !== null)
      key += `,${attemptOf(names, trip.running, now)},${+(trip.running.id === line?.id)}`;
  }
  return key;
}
