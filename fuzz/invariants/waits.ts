import { isLive, type Frame, type Trouble } from '../world.js';
import { always, invariant } from './invariant.js';

/** How much later than its hint a busy server is asked again, at most (ms). */
const SPREAD = 200;

/** Nothing but these brings a time forward that was told. */
const comesForward = ({ woken, retried, sentTo, signalBack, extended }: Frame): boolean =>
  woken || retried || sentTo !== null || signalBack || extended;

/** The least time between the beginnings of two attempts (ms) when `retryNow()` asks for one. */
const retryFloor = (wakeFloor: number): number => Math.min(250, wakeFloor);

/** No attempt begins before the time that was told, nor does a newer time come before it, but for what may bring it forward. */
export const nextRetryKept = invariant('nextRetryKept', 'R7 R8', () => {
  let promised: number | null | undefined;
  let of: Trouble | null = null;
  let beganAt = -Infinity;
  return (entry, { trouble, frame, script, wall, state }) => {
    const told = trouble === of ? promised : undefined;
    promised = trouble?.promised;
    of = trouble;
    if (entry.kind === 'state' && !isLive(entry.value)) beganAt = -Infinity;
    if (entry.kind !== 'event') return undefined;
    const event = entry.value;
    // Before the announcement a rejoin waits for that.
    const isQuietRejoin = trouble?.climbed === true && (state.state === 'connected' || frame.connected);
    if (event.type === 'waiting') {
      if (told === undefined || event.nextRetryAt === null || comesForward(frame) || isQuietRejoin) return undefined;
      return event.nextRetryAt < (told ?? Infinity)
        ? `told ${event.nextRetryAt}, after ${String(told)} was promised`
        : undefined;
    }
    if (event.type !== 'attempt') return undefined;
    const last = beganAt;
    beganAt = wall;
    if (told === undefined || isQuietRejoin) return undefined;
    const { sentTo, signalBack, extended, retried, woken } = frame;
    if (sentTo !== null || signalBack || extended || wall >= (told ?? Infinity)) return undefined;
    const { wakeFloor } = script.options;
    if (retried)
      return wall >= last + retryFloor(wakeFloor)
        ? undefined
        : `retryNow() began an attempt at ${wall}, the last at ${last}`;
    if (woken && told !== null)
      return wall >= last + wakeFloor ? undefined : `a wake began an attempt at ${wall}, the last at ${last}`;
    return `an attempt at ${wall}, ${told === null ? 'while only the deadline was waited for' : `told for ${told}`}`;
  };
});

/** An attempt begins when it was told to: no later, when timers are punctual. */
export const startsOnTime = always('startsOnTime', 'R7 R8', (entry, world) => {
  if (entry.kind !== 'instant' || !world.hasJudged) return undefined;
  const { trouble, wall, state } = world;
  const promised = trouble?.promised;
  if (promised === undefined || promised === null || !isLive(state)) return undefined;
  return wall >= promised ? `told for ${promised}, not begun at ${wall}` : undefined;
});

/** A wake brings the next attempt forward to its floor, and so does `retryNow()`; neither before the server's hint. */
export const wakesAreHeard = invariant('wakesAreHeard', 'R8 R9 D4', () => {
  let beganAt = -Infinity;
  return (entry, world) => {
    if (entry.kind === 'event' && entry.value.type === 'attempt') beganAt = world.wall;
    if (entry.kind === 'state' && !isLive(entry.value)) beganAt = -Infinity;
    if (entry.kind !== 'instant') return undefined;
    const { progress, frame, frames, wall, script, state, trouble } = world;
    if (frames !== 1 || !isLive(state) || progress?.phase !== 'waiting' || trouble === null) return undefined;
    const { nextRetryAt, hintAt } = progress;
    const { deadlineAt } = trouble.lost;
    const hint = hintAt !== null && hintAt < deadlineAt ? hintAt : -Infinity;
    const { wakeFloor } = script.options;
    const by = (floor: number): number => Math.max(wall, hint, beganAt + floor, beganAt + 1);
    if (frame.retried) {
      const latest = by(retryFloor(wakeFloor));
      const none = nextRetryAt === null && latest < deadlineAt;
      return none || (nextRetryAt ?? 0) > latest
        ? `retryNow(), but the next attempt is at ${String(nextRetryAt)}`
        : undefined;
    }
    if (!frame.woken || nextRetryAt === null) return undefined;
    return nextRetryAt > by(wakeFloor) ? `woken, but the next attempt is at ${nextRetryAt}` : undefined;
  };
});

/** A busy server's hint is told, and no attempt begins before it until one was made at it: a heal changes nothing about that. */
export const hintsAreKept = invariant('hintsAreKept', 'R11 R8', () => {
  let hintAt: number | null = null;
  let unsure = false;
  return (entry, { tally, trouble, frame, wall }) => {
    const before = hintAt;
    const wasUnsure = unsure;
    ({ hintAt, unsure } = tally);
    const told =
      entry.kind === 'progress'
        ? entry.value?.hintAt
        : entry.kind === 'event' && entry.value.type === 'waiting'
          ? entry.value.hintAt
          : undefined;
    if (told !== undefined)
      return unsure || told === hintAt ? undefined : `the hint ${String(hintAt)} is told as ${String(told)}`;
    if (entry.kind !== 'event' || entry.value.type !== 'attempt' || trouble === null) return undefined;
    // An attempt that is granted after the deadline was due before it.
    if (frame.sentTo !== null || frame.extended) return undefined;
    return !wasUnsure && before !== null && before < trouble.lost.deadlineAt && wall < before
      ? `an attempt at ${wall}, before the server's hint ${before}`
      : undefined;
  };
});

/** The first hint since a connection was stable shortens the schedule: it is met, with its spread. */
export const hintsAreMet = invariant('hintsAreMet', 'R11', () => {
  let promised: number | null | undefined;
  let asked = false;
  return (entry, { trouble, tally, state, frame }) => {
    const told = promised;
    promised = trouble?.promised;
    if (entry.kind === 'frame') asked = false;
    if (entry.kind === 'asked') asked = true;
    if (entry.kind !== 'event' || entry.value.type !== 'waiting' || trouble === null) return undefined;
    const { nextRetryAt, hintAt } = entry.value;
    if (hintAt === null || nextRetryAt === null || !asked || told !== undefined) return undefined;
    if (tally.busyCount !== 1 || tally.unsure || state.state === 'connected' || frame.connected) return undefined;
    if (hintAt !== tally.hintAt || !isOfFrame(frame) || hintAt + SPREAD >= trouble.lost.deadlineAt) return undefined;
    return nextRetryAt > Math.ceil(hintAt + SPREAD)
      ? `told for ${nextRetryAt}, more than ${SPREAD} ms after the hint ${hintAt}`
      : undefined;
  };
});

/** Whether a busy answer came in this frame. */
const isOfFrame = ({ ended, repairEnded }: Frame): boolean =>
  ended?.meaning.kind === 'busy' || repairEnded?.meaning.kind === 'busy';

const isRepair = (kind: string): boolean => kind === 'restart' || kind === 'resume';

/** Whatever is told lies before the deadline; a wait that would not is one last chance, if enough is left. */
export const oneLastChance = invariant('oneLastChance', 'D4 R7', () => {
  let asked: { readonly answer: number; readonly remaining: number } | null = null;
  let taken: 'no' | 'maybe' | 'yes' = 'no';
  let of: Trouble | null = null;
  let promised: number | null | undefined;
  let beganAt = -Infinity;
  /** A repair was refused in this frame: the rejoin may go at once. */
  let refused = false;
  return (entry, { trouble, script, wall, state, frame, tally }) => {
    const told = trouble === of ? promised : undefined;
    if (trouble !== of) taken = 'no';
    of = trouble;
    promised = trouble?.promised;
    if (entry.kind === 'frame') {
      asked = null;
      refused = false;
    }
    if (entry.kind === 'state' && !isLive(entry.value)) beganAt = -Infinity;
    if (entry.kind === 'asked')
      asked = typeof entry.answer === 'number' ? { answer: entry.answer, remaining: entry.remaining } : null;
    if (entry.kind !== 'event' || trouble === null) return undefined;
    if (entry.value.type === 'attempt') beganAt = wall;
    if (entry.value.type === 'attemptFailed')
      refused = entry.value.verdict.kind === 'refused' && isRepair(entry.value.kind);
    if (entry.value.type !== 'waiting') return undefined;
    const { nextRetryAt, hintAt } = entry.value;
    const { deadlineAt } = trouble.lost;
    const given = asked;
    if (nextRetryAt !== null && nextRetryAt >= deadlineAt && state.state !== 'connected')
      return `told for ${nextRetryAt}, the deadline is ${deadlineAt}`;
    if (given === null || told !== undefined) return undefined;
    const fits = given.answer < given.remaining;
    // Where a hint, the announcement or a shortcut decides, the schedule is not what is told.
    const other =
      hintAt !== null || tally.unsure || state.state === 'connected' || frame.connected || comesForward(frame);
    if (other) {
      if (!fits || (hintAt !== null && hintAt + SPREAD >= deadlineAt)) taken = 'maybe';
      return undefined;
    }
    const soonest = Math.max(wall, beganAt + 1);
    if (nextRetryAt === soonest && refused) return undefined;
    if (nextRetryAt === null) {
      return fits && taken === 'no' && Math.max(Math.ceil(wall + given.answer), soonest) < deadlineAt
        ? `a wait of ${given.answer} fits into ${given.remaining}, but the deadline is waited for`
        : undefined;
    }
    if (taken === 'yes') return 'an attempt after the last chance';
    if (fits && Math.max(Math.ceil(wall + given.answer), soonest) < deadlineAt) {
      const due = Math.max(Math.ceil(wall + given.answer), soonest);
      return nextRetryAt === due ? undefined : `told for ${nextRetryAt}, the schedule says ${due}`;
    }
    taken = taken === 'maybe' ? taken : 'yes';
    return given.remaining < script.options.lastChanceFrom ? `a last chance with ${given.remaining} left` : undefined;
  };
});
