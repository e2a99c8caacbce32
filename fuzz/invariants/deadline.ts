import { DeadlineExceededError } from '../../lib/index.js';
import { isLive, meaningOf, sleptFor, type Trouble } from '../world.js';
import { always, invariant } from './invariant.js';
import { show } from './states.js';

/** The deadline is fixed at the first cause, from the last proof of life, and never moves. */
export const deadlineFixed = always('deadlineFixed', 'D1 S7 R9', (entry, { trouble, script, lastAttempt }) => {
  // What a join is told was fixed when its request began, what a repair when its probe did.
  const begins =
    entry.kind === 'open' && !(entry.what === 'join' && script.can.request) && lastAttempt?.at === entry.at;
  const named = entry.kind === 'progress' ? entry.value?.deadlineAt : begins ? entry.attempt?.deadlineAt : undefined;
  if (named === undefined || trouble === null) return undefined;
  if (trouble.named !== null && named !== trouble.named) return `moved from ${trouble.named} to ${named}`;
  if (named < trouble.earliest || named > trouble.latest) {
    return `${named}, expected ${trouble.earliest}${trouble.latest > trouble.earliest ? ` to ${trouble.latest}` : ''}`;
  }
  return undefined;
});

/** Once the deadline has passed the room has failed, whatever hangs then; at exactly the deadline when timers are punctual. */
export const failsOnTime = always('failsOnTime', 'D1 D2 Z1 J1', (entry, world) => {
  if (entry.kind !== 'instant' || !world.hasJudged) return undefined;
  const { trouble, troubleBefore, wall, state, instant } = world;
  const due = ({ named, latest }: Trouble): boolean => wall >= (named ?? latest);
  if (trouble !== null && due(trouble) && isLive(state))
    return `${show(state)} at ${wall}, deadline ${trouble.named ?? trouble.latest}`;
  if (troubleBefore !== null && due(troubleBefore) && instant.states.every(isLive)) {
    return `${show(state)} at ${wall}: the deadline ${troubleBefore.named ?? troubleBefore.latest} did not win`;
  }
  return undefined;
});

/** `failed` comes for a reason, when it is due, and tells what the contract says: stage, attempts, last error. */
export const failsForAReason = invariant('failsForAReason', 'D1 D5 J1 J2 R12', () => {
  let before: Trouble | null = null;
  return (entry, world) => {
    const trouble = before;
    before = world.trouble === null ? null : world.trouble;
    if (entry.kind !== 'state' || entry.value.state !== 'failed') return undefined;
    const { value, wall } = entry;
    const { script, previous, instant, slept } = world;
    const late = value.error instanceof DeadlineExceededError;
    if (value.reason === 'timeout' && !late) return 'timeout without a DeadlineExceededError';
    if (previous.state !== 'connecting' && late && value.reason !== 'timeout') return `${value.reason} at the deadline`;
    if (late) {
      const wake = Math.max(0, ...instant.wakes.map(sleptFor));
      const sleptTooLong = previous.state === 'connected' && wake >= script.options.deadline;
      if (trouble === null) return sleptTooLong || previous.state === 'connected' ? undefined : 'a deadline of nothing';
      const due = trouble.named ?? trouble.earliest;
      if (wall < due && !sleptTooLong) return `failed at ${wall}, deadline ${due}`;
      const expected = Math.max(trouble.named ?? trouble.latest, trouble.redatedAt);
      if (!slept && wall > expected) return `failed at ${wall}, deadline ${expected}`;
    } else {
      const fatal = instant.ends.some(({ fault }) => fault !== null && meaningOf(fault, script).kind === 'fatal');
      if (!fatal && trouble?.gaveUp !== true)
        return 'neither the deadline, nor a fatal error, nor a schedule that gave up';
    }
    if (trouble === null) return undefined;
    if (value.attempts > trouble.attempts || value.attempts < trouble.attempts - trouble.cuts)
      return `attempts is ${value.attempts}, ${trouble.attempts} were begun`;
    const last = trouble.errors.at(-1);
    const told = late ? (value.error as Error).cause : value.error;
    if (last !== undefined && trouble.kind === 'join' && !trouble.gaveUp && told !== last) return 'not the last error';
    return undefined;
  };
});

/** A first join that fails names the stage of its running or last attempt. */
export const failsByStage = invariant('failsByStage', 'J1', () => {
  let stage: 'request' | 'join' | null = null;
  return (entry, world) => {
    const { sessions } = world;
    // The state is told after the teardown: the stage is that of the last session that was opened.
    stage = [...sessions.values()].at(-1)?.stage ?? null;
    if (entry.kind !== 'state' || entry.value.state !== 'failed' || entry.value.reason === 'timeout') return undefined;
    if (world.previous.state !== 'connecting' || stage === null) return undefined;
    const expected = stage === 'request' ? 'requestChannelFailed' : 'joinChannelFailed';
    return entry.value.reason === expected ? undefined : `${entry.value.reason} at the stage "${stage}"`;
  };
});

/** A fatal error of a running attempt fails the room at once; a server's word as an attempt's error sends it away. */
export const verdictsEnd = invariant('verdictsEnd', 'J2 T1', () => {
  let fatal: string | null = null;
  return (entry, world) => {
    if (entry.kind === 'end' && entry.how !== 'answered' && ['request', 'join', 'repair'].includes(entry.what)) {
      const { kind } = meaningOf(entry.fault, world.script);
      const session = world.sessions.get(entry.owner);
      const lost = entry.what === 'join' && session?.connected === true;
      const running = entry.what === 'repair' ? world.trouble !== null : world.trouble !== null && !lost;
      if (['closed', 'kicked', 'duplicateUser'].includes(kind)) fatal ??= kind;
      else if (kind === 'fatal' && running && world.state.state !== 'connected') fatal ??= kind;
    }
    if (entry.kind !== 'instant') return undefined;
    const verdict = fatal;
    fatal = null;
    if (verdict === null || world.instant.states.some((state) => !isLive(state)) || !isLive(world.state))
      return undefined;
    // The word of a server comes first.
    if (world.instant.words.length > 0) return undefined;
    // A leg that came up in the same instant, or the end of the work itself, may have ended the attempt before its verdict.
    if (world.instant.healths.length > 0 || world.instant.attempts.length > 1) return undefined;
    return `an attempt ended with "${verdict}", but the room is ${show(world.state)}`;
  };
});

/** A schedule that gives up, throws or answers nonsense fails a room that is not connected at once. */
export const schedulesEnd = always('schedulesEnd', 'R12', (entry, { trouble, state }) => {
  if (entry.kind !== 'instant' || trouble?.gaveUp !== true || state.state === 'connected') return undefined;
  return isLive(state) ? `the schedule gave up, but the room is ${show(state)}` : undefined;
});

/** When nothing is scheduled any more the room is at rest. */
export const comesToRest = always('comesToRest', 'D1 R12', (entry) => {
  if (entry.kind !== 'rest') return undefined;
  const { state } = entry.state;
  return state === 'connecting' || state === 'reconnecting' ? `${show(entry.state)} for ever` : undefined;
});
