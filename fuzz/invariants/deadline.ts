import { DeadlineExceededError } from '../../lib/index.js';
import type { Entry } from '../recording.js';
import { isLive, type Frame } from '../world.js';
import { afterFrame, always, invariant } from './invariant.js';
import { show } from './states.js';

const endsIn = ({ states }: Frame): boolean => states.some((state) => !isLive(state));

/** Every deadline that is named is the budget of lost time, reckoned from the last proof of life. */
export const deadlineKept = always(
  'deadlineKept',
  'D1 D3 D7 D8 D9 S7 R9 Z2',
  (entry, { trouble, script, lastAttempt }) => {
    // What an attempt is told was fixed when it began.
    const begins =
      entry.kind === 'open' && !(entry.what === 'join' && script.can.request) && lastAttempt?.at === entry.at;
    const named = entry.kind === 'progress' ? entry.value?.deadlineAt : begins ? entry.attempt?.deadlineAt : undefined;
    if (named === undefined || trouble === null || named === trouble.lost.deadlineAt) return undefined;
    return `${named}, expected ${trouble.lost.deadlineAt}`;
  },
);

/** In the first frame at or after the deadline the room fails, whatever else comes in it; only our own leave is before it. */
export const deadlineWins = afterFrame('deadlineWins', 'D1 D2 J1 Z1', (frame) =>
  frame.due && !endsIn(frame) ? `the deadline passed at ${frame.wall}, but the room goes on` : undefined,
);

/** There is such a frame at the deadline itself, whatever hangs then, when timers are punctual. */
export const failsOnTime = always(
  'failsOnTime',
  'D1 D2 J1',
  (entry, { trouble, wall, state, hasJudged, slept, lateness }) => {
    if (entry.kind !== 'instant' || trouble === null || !isLive(state)) return undefined;
    const { deadlineAt } = trouble.lost;
    const due = hasJudged || (!slept && wall > deadlineAt + lateness);
    return due && wall >= deadlineAt ? `${show(state)} at ${wall}, deadline ${deadlineAt}` : undefined;
  },
);

/** `failed` comes for a reason and tells it: the deadline when that is due, else a fatal error or a schedule that gave up. */
export const failsForAReason = always('failsForAReason', 'D1 D5 D8 J1 J2 R12', (entry, { frame, previous, script }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'failed') return undefined;
  const { error, reason, attempts } = entry.value;
  const { trouble, wall } = frame;
  const begun = trouble?.attempts ?? 0;
  if (attempts !== begun) return `attempts is ${attempts}, ${begun} were begun`;
  const last = trouble?.errors.at(-1);
  if (!(error instanceof DeadlineExceededError)) {
    if (reason === 'timeout') return 'timeout without a DeadlineExceededError';
    if (trouble?.gaveUp !== true) return 'neither the deadline, nor a fatal error, nor a schedule that gave up';
    return undefined;
  }
  if (previous.state !== 'connecting' && reason !== 'timeout') return `${reason} at the deadline`;
  if (!frame.due) return `failed at ${wall}, deadline ${String(trouble?.lost.deadlineAt)}`;
  const budget = trouble?.deadline ?? script.options.deadline;
  if (error.deadline !== budget) return `a budget of ${error.deadline}, not ${budget}`;
  const used = (trouble?.lost.spent ?? 0) > 0;
  if (trouble !== null && error.message.includes('lost since') !== used)
    return `"${error.message}" with ${trouble.lost.spent} ms used`;
  // A link or a join that completed has an error of the library's own.
  const known = trouble !== null && last !== undefined && last !== null;
  return known && error.cause !== last ? 'not the last error' : undefined;
});

/** `failed` says which legs were missing: of a break those that were lost, of a join those of its last link. */
export const failsWithItsCause = invariant('failsWithItsCause', 'D5', () => {
  let cause: unknown = null;
  return (entry, { previous, frame }) => {
    if (entry.kind === 'progress' && entry.value !== null) ({ cause } = entry.value);
    if (entry.kind !== 'state' || entry.value.state !== 'failed') return undefined;
    const { cause: told } = entry.value;
    if (previous.state === 'connecting') {
      const expected = frame.trouble?.missing ?? null;
      return told === expected ? undefined : `cause ${String(told)} of a join, expected ${String(expected)}`;
    }
    // Other causes may have come in this very frame.
    if (previous.state !== 'reconnecting' || frame.healths > 0 || frame.ended !== null || frame.sentTo !== null)
      return undefined;
    const expected = cause === 'redispatch' ? null : cause;
    return told === expected ? undefined : `cause ${String(told)}, expected ${String(expected)}`;
  };
});

/** A first join that fails names the stage of its running or last attempt. */
export const failsByStage = always('failsByStage', 'J1', (entry, { sessions, previous }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'failed' || previous.state !== 'connecting') return undefined;
  // The state is told after the teardown: the stage is that of the last session that was opened.
  const stage = [...sessions.values()].at(-1)?.stage ?? 'join';
  const expected = stage === 'request' ? 'requestChannelFailed' : 'joinChannelFailed';
  return entry.value.reason === expected ? undefined : `${entry.value.reason} at the stage "${stage}"`;
});

/** A fatal error of the running attempt fails the room at once; so does that of the link, in one emission and with its error. */
export const fatalEnds = afterFrame('fatalEnds', 'J2 R18', (frame) => {
  const { ended, repairEnded, due, dismissed, left, sentTo, states, connected } = frame;
  if (due || dismissed || left || sentTo !== null || frame.trouble === null) return undefined;
  const said = ended?.meaning.kind === 'fatal' ? ended : repairEnded?.meaning.kind === 'fatal' ? repairEnded : null;
  // A repair that was cut in this frame, or healed, or before the announcement, ends nothing.
  if (said === null || (said === repairEnded && (ended !== null || connected || frame.healths > 0 || frame.relinked)))
    return undefined;
  const failed = states[0];
  if (failed?.state !== 'failed') return `fatal, but then ${failed === undefined ? 'nothing' : show(failed)}`;
  if (said === ended && ended.link && failed.reason !== 'joinChannelFailed')
    return `the link ended fatally: ${failed.reason}`;
  return failed.error === said.error || failed.error.cause === said.error || said.error === null
    ? undefined
    : 'not the error that was fatal';
});

const dismissals: Readonly<Record<string, string>> = {
  closed: 'disconnected/channelClosed',
  kicked: 'disconnected/serverKicked',
  duplicateUser: 'disconnected/duplicateUser',
};

/** The server's dismissal ends the room at once, whoever brings it; only our own leave and the deadline come before it. */
export const dismissalsEnd = afterFrame('dismissalsEnd', 'T1 T2 L3', (frame) => {
  const { due, left, dismissed, notices, repairEnded, ended, states } = frame;
  if (due || left || !dismissed) return undefined;
  const said = [...notices, repairEnded?.meaning, ended?.meaning].map((one) => dismissals[one?.kind ?? '']);
  const first = states[0] === undefined ? 'nothing' : show(states[0]);
  return said.includes(first) ? undefined : `dismissed, but then ${first}`;
});

/** A schedule that gives up, throws or answers nonsense fails a room that is not connected at once. */
export const schedulesEnd = always('schedulesEnd', 'R12', (entry, { trouble, state, hasJudged }) => {
  if (entry.kind !== 'instant' || !hasJudged || trouble?.gaveUp !== true || state.state === 'connected')
    return undefined;
  return isLive(state) ? `the schedule gave up, but the room is ${show(state)}` : undefined;
});

/** When nothing is scheduled any more the room is at rest. */
export const comesToRest = always('comesToRest', 'D1 R12', (entry: Entry) => {
  if (entry.kind !== 'rest') return undefined;
  const { state } = entry.state;
  return state === 'connecting' || state === 'reconnecting' ? `${show(entry.state)} for ever` : undefined;
});

/** A wake that tells of a sleep past the deadline ends the room, and the room says how long the sleep was. */
export const sleptPastDeadline = always('sleptPastDeadline', 'Z1', (entry, { frame }) => {
  if (entry.kind !== 'state' || entry.value.state !== 'failed' || !frame.due) return undefined;
  const told = entry.value.suspendedFor ?? 0;
  return told === frame.slept ? undefined : `suspendedFor is ${told}, not ${frame.slept}`;
});
