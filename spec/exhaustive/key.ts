import type { Model, Reading } from '../../lib/core/machine/model.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import { busyPlans, chanceTaken, deadlineOf, stageOf, tries, waitsOf, type Leg, type Story } from './story.js';

/** A link by the order in which it is met: what counts is who is the same. */
function who(names: string[], link: string | null | undefined): number {
  if (link == null) return -1;
  const at = names.indexOf(link);
  return at >= 0 ? at : names.push(link) - 1;
}

const rel = (time: number | null, now: number): number =>
  time === null || !Number.isFinite(time) ? -99_999 : time - now;

/** How long ago, up to where it makes no difference. */
const ago = (time: number, now: number, most: number): number => Math.min(most, now - time);

const few = (n: number): number => Math.min(4, n);

const readingOf = ({ up, since, aliveAt, lost }: Reading, now: number): string =>
  up ? `u${+lost}` : `d${since - now}/${aliveAt - now}/${+lost}`;

const legOf = ({ up, heardAt, proof, dead }: Leg, now: number): string =>
  up ? `u${+dead}` : `d${heardAt - now}/${proof - now}/${+dead}`;

/**
 * What two rooms must share to have the same future: every field of the model and all that the oracle can look at,
 * with times relative to now, links by who they are the same as, and counts up to where nobody tells them apart.
 */
export function keyOf(model: Model<string>, story: Story, now: number, policy: Policy): string {
  const names: string[] = [];
  const { state, session, episode, probe, endpoints, position, connectedAt } = model;
  let key = `${state.state}:${String(state.reason)}:${who(names, 'link' in state ? state.link : null)}|${endpoints.join()}|`;
  if (state.state === 'disconnected' || state.state === 'failed') return `${key}${few(position.waits)}`;
  key += `${few(position.waits)},${few(position.busyCount)},${+position.lastChanceTaken},${ago(connectedAt, now, policy.stableAfter)}|`;
  if (session !== null) {
    key += `${who(names, session.link)},${+session.canProbe}${+session.hasMedia},${String(session.attempt.endpoint)},${readingOf(session.signal, now)},${readingOf(session.media, now)}`;
  }
  if (probe !== null) key += `?${rel(probe.limitAt, now)},${rel(probe.aliveAt, now)}`;
  if (episode !== null) {
    const { cause, deadlineAt, rung, attempts, work, retryAt, hintAt, last, stage, givenUp, previous } = episode;
    key += `|${String(cause)},${rel(deadlineAt, now)},${rung},${few(attempts)},${ago(model.beganAt, now, policy.wakeFloor)},${rel(retryAt, now)},${rel(hintAt, now)},${stage},${+(givenUp !== null)},${who(names, previous)},${last?.verdict.kind === 'redispatch' ? 'r' : last === null ? '' : 'f'}`;
    if (work !== null)
      key += `,${work.attempt.kind},${+(work.id === session?.id)},${rel(work.attempt.limitAt, now)},${who(names, work.attempt.previous)}`;
  }
  // The oracle's own memory: where it remembers more than the library, the states are not the same.
  const { told, trip, line, asked } = story;
  key += `#${told.state}${String(told.reason)}${who(names, told.link)},${few(story.waits)},${ago(story.calmSince, now, policy.stableAfter)}`;
  if (line !== null)
    key += `|${who(names, line.link)},${+line.answers},${+line.requested},${legOf(line.signal, now)},${legOf(line.media, now)}`;
  if (asked !== null) key += `?${rel(asked.limitAt, now)},${rel(asked.proof, now)}`;
  if (trip !== null) {
    const { log } = trip;
    let marks = '';
    for (const { what } of log) if (what === 'climbed') marks += 'c';
    if (log.some(({ what }) => what === 'redispatched')) marks += 'r';
    if (log.some((entry) => entry.what === 'tried' && entry.kind === 'rejoin')) marks += 'j';
    key += `|${trip.way},${rel(deadlineOf(trip, policy), now)},${String(trip.cause)},${rel(trip.due, now)},${rel(trip.hint, now)},${+(trip.quits !== null)},${who(names, trip.previous)},${few(tries(trip))},${ago(story.triedAt, now, policy.wakeFloor)},${few(waitsOf(trip))},${few(busyPlans(trip))},${+chanceTaken(trip)},${stageOf(trip)},${log.length > 0 ? 1 : 0},${marks.replace(/c+/, 'c')}`;
    if (trip.running !== null)
      key += `,${trip.running.kind},${rel(trip.running.limitAt, now)},${+(trip.running.id === line?.id)}`;
  }
  return key;
}
