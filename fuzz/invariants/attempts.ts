import { hintOf, isLive, meaningOf } from '../world.js';
import { always, invariant } from './invariant.js';
import { show } from './states.js';

/** Nothing is begun after a terminal value and before the next `join()`. */
export const noStrayWork = always('noStrayWork', 'D6 L2 Z3 T1', (entry, { state }) =>
  entry.kind === 'open' && !isLive(state) ? `${entry.what} subscribed while ${show(state)}` : undefined,
);

/** One join, one repair and one probe at a time; the old is unsubscribed before the new is subscribed. */
export const oneAtATime = always('oneAtATime', 'J5 J7 M1', (entry, { open }) => {
  if (entry.kind !== 'open') return undefined;
  const same = (what: string): boolean =>
    what === entry.what ||
    (what === 'request' && entry.what === 'join') ||
    (what === 'join' && entry.what === 'request');
  for (const other of open.values()) {
    if (other.id === entry.id || !same(other.what)) continue;
    // The request has answered, and is about to be let go.
    if (other.what === 'request' && entry.what === 'join' && other.owner === entry.owner) continue;
    return `${entry.what} ${entry.owner} subscribed while ${other.what} ${other.owner} was`;
  }
  return undefined;
});

/** An attempt never starts before the time that was announced, but for a wake, a command, the server or a leg that came back. */
export const nextRetryKept = invariant('nextRetryKept', 'R7 R8 H1', () => {
  let promised: number | null | undefined;
  let hintAt: number | null = null;
  let busyHint: number | null = null;
  let beganAt = -Infinity;
  /** The hint (ms) that came with the end of a link in this instant: the newest word of the server. */
  let endedWith: number | null = null;
  /** The hint that the instant's last plan was told with: a frame with several causes plans with each in turn. */
  let told: number | null | undefined;
  /** The last plan of an instant, or the last one before its attempt, was told with the newest hint. */
  const planned = (wall: number): string | undefined => {
    if (told !== undefined && endedWith !== null) busyHint = wall + endedWith;
    const wrong = told !== undefined && busyHint !== null && busyHint > wall && told !== busyHint;
    const problem = wrong ? `the server's hint ${String(busyHint)} is told as ${String(told)}` : undefined;
    told = undefined;
    endedWith = null;
    return problem;
  };
  return (entry, world) => {
    const { state, progress, instant, script, wall, trouble } = world;
    if (entry.kind === 'state' && (entry.value.state === 'connected' || !isLive(entry.value))) {
      promised = undefined;
      hintAt = null;
      busyHint = null;
      if (!isLive(entry.value)) beganAt = -Infinity;
    }
    if (entry.kind === 'progress' && progress !== null) {
      promised = progress.phase === 'waiting' ? progress.nextRetryAt : undefined;
      hintAt = progress.hintAt;
    }
    // Inside the settle time nobody is told that a wake, a command or a leg that came back has moved the next repair.
    const moved = instant.wakes.length > 0 || instant.retries > 0 || instant.healths.length > 0;
    if (entry.kind === 'instant' && state.state === 'connected' && moved) promised = undefined;
    if (instant.redispatched) busyHint = endedWith = null;
    if (entry.kind === 'end' && entry.what === 'join' && world.sessions.get(entry.owner)?.connected === true) {
      const { kind, retryAfter } = meaningOf(entry.fault, script);
      const hint = kind === 'busy' ? hintOf(retryAfter) : null;
      if (hint !== null) endedWith = hint;
    }
    if (entry.kind === 'instant') return planned(wall);
    if (entry.kind !== 'event') return undefined;
    const event = entry.value;
    if (event.type === 'healed') {
      promised = undefined;
      hintAt = busyHint = null;
    }
    if (event.type === 'attemptFailed') {
      promised = undefined;
      busyHint = null;
      if (event.verdict.kind === 'busy') {
        const hint = hintOf(event.verdict.retryAfter);
        busyHint = hint === null ? null : wall + hint;
      }
    }
    if (event.type === 'attemptCut') {
      promised = undefined;
      beganAt = -Infinity;
    }
    if (event.type === 'waiting') {
      promised = undefined;
      hintAt = told = event.hintAt;
      if (state.state === 'connected') promised = event.nextRetryAt;
    }
    if (event.type !== 'attempt') return undefined;
    const untold = planned(wall);
    if (untold !== undefined) return untold;
    const problem = ((): string | undefined => {
      const straight =
        instant.redispatched ||
        instant.healths.length > 0 ||
        instant.ends.some(({ what }) => what === 'probe') ||
        instant.probeShut;
      // Before the room has named its deadline, a wake may have brought it forward to the earliest.
      const deadline = trouble?.named ?? trouble?.earliest ?? Infinity;
      if (!straight && hintAt !== null && hintAt < deadline && wall < hintAt)
        return `attempt at ${wall}, before the server's hint ${hintAt}`;
      if (promised === undefined || straight) return undefined;
      const isRejoinInQuiet = state.state === 'connected' && (event.kind === 'rejoin' || event.kind === 'join');
      if (isRejoinInQuiet) return undefined;
      const called = instant.retries > 0;
      const woken = instant.wakes.length > 0;
      if (promised === null) return called ? undefined : `attempt at ${wall}, while only the deadline was waited for`;
      if (wall >= promised || called) return undefined;
      if (!woken) return `attempt at ${wall}, announced for ${promised}`;
      return wall >= beganAt + script.options.wakeFloor
        ? undefined
        : `a wake began an attempt at ${wall}, the last one began at ${beganAt}`;
    })();
    promised = undefined;
    hintAt = busyHint = null;
    beganAt = wall;
    return problem;
  };
});

/** An attempt starts when it was announced for: no later, when timers are punctual. */
export const startsOnTime = always('startsOnTime', 'R7 R8', (entry, world) => {
  if (entry.kind !== 'instant' || !world.hasJudged) return undefined;
  const { progress, wall, state } = world;
  if (progress === null || !isLive(state) || progress.phase !== 'waiting' || progress.nextRetryAt === null)
    return undefined;
  return wall >= progress.nextRetryAt ? `announced for ${progress.nextRetryAt}, not begun at ${wall}` : undefined;
});

/** A wake brings the next attempt forward to the floor; `retryNow()` to now; neither before the server's hint. */
export const hintsAreHeard = invariant('hintsAreHeard', 'R8 R9 R11 D4', () => {
  let beganAt = -Infinity;
  return (entry, world) => {
    if (entry.kind === 'event' && entry.value.type === 'attempt') beganAt = world.wall;
    if (entry.kind === 'event' && entry.value.type === 'attemptCut') beganAt = world.wall;
    if (entry.kind === 'state' && !isLive(entry.value)) beganAt = -Infinity;
    if (entry.kind !== 'instant') return undefined;
    const { progress, instant, wall, script, state } = world;
    if (progress === null || progress.phase !== 'waiting' || !isLive(state) || instant.states.length > 0)
      return undefined;
    const { nextRetryAt, hintAt, deadlineAt } = progress;
    const hint = hintAt !== null && hintAt < deadlineAt ? hintAt : -Infinity;
    if (
      instant.retries > 0 &&
      instant.attempts.length === 0 &&
      instant.ends.length === 0 &&
      instant.healths.length === 0
    ) {
      if (nextRetryAt === null || nextRetryAt > Math.max(wall, hint))
        return `retryNow(), but the next attempt is at ${String(nextRetryAt)}`;
    }
    if (
      instant.wakes.length > 0 &&
      nextRetryAt !== null &&
      instant.ends.length === 0 &&
      instant.healths.length === 0 &&
      instant.attempts.length === 0
    ) {
      const latest = Math.max(wall, hint, beganAt + script.options.wakeFloor);
      if (nextRetryAt > latest) return `woken, but the next attempt is at ${nextRetryAt}, not ${latest}`;
    }
    return undefined;
  };
});

/** A busy server's hint is kept, and missed by no more than the spread. */
export const hintsAreMet = invariant('hintsAreMet', 'R11', () => {
  return (entry, world) => {
    if (entry.kind !== 'event' || entry.value.type !== 'waiting') return undefined;
    const { nextRetryAt, hintAt } = entry.value;
    const { trouble, state, instant } = world;
    if (
      hintAt === null ||
      nextRetryAt === null ||
      trouble === null ||
      state.state === 'connected' ||
      instant.retries > 0
    )
      return undefined;
    const deadline = trouble.named ?? trouble.earliest;
    if (hintAt >= deadline) return undefined;
    if (nextRetryAt < hintAt) return `announced for ${nextRetryAt}, before the hint ${hintAt}`;
    return nextRetryAt > hintAt + 200
      ? `announced for ${nextRetryAt}, more than 200 ms after the hint ${hintAt}`
      : undefined;
  };
});

/** Whatever is announced lies before the deadline; a wait that would not is one last chance, if enough is left. */
export const oneLastChance = invariant('oneLastChance', 'D4', () => {
  let asked: { readonly answer: number; readonly remaining: number } | null = null;
  let taken = false;
  return (entry, { trouble, script, wall, state, lastAttempt }) => {
    if (entry.kind === 'state' && entry.value.state !== 'reconnecting') taken = false;
    if (entry.kind === 'asked')
      asked = typeof entry.answer === 'number' ? { answer: entry.answer, remaining: entry.remaining } : null;
    if (entry.kind !== 'event') return undefined;
    if (entry.value.type === 'healed') taken = false;
    if (entry.value.type !== 'waiting') return undefined;
    const { nextRetryAt, hintAt } = entry.value;
    const given = asked;
    asked = null;
    const deadline = trouble?.named ?? trouble?.latest ?? Infinity;
    if (nextRetryAt !== null && nextRetryAt >= deadline && state.state !== 'connected')
      return `announced for ${nextRetryAt}, the deadline is ${deadline}`;
    // A hint is met with its spread, or it is the last chance.
    if (hintAt !== null && nextRetryAt !== null && hintAt + 200 * script.options.random >= deadline) taken = true;
    if (given === null || hintAt !== null || state.state === 'connected') return undefined;
    const fits = given.answer < given.remaining;
    if (nextRetryAt === null) {
      // One that is put off to the next millisecond may meet the deadline.
      return fits && !taken && (lastAttempt?.wall ?? -Infinity) + 1 < deadline
        ? `a wait of ${given.answer} fits into ${given.remaining}, but the deadline is waited for`
        : undefined;
    }
    if (taken) return 'an attempt after the last chance';
    if (fits) {
      // Never two attempts in one millisecond.
      const due = Math.max(wall + given.answer, (lastAttempt?.wall ?? -Infinity) + 1);
      return nextRetryAt === due ? undefined : `announced for ${nextRetryAt}, the schedule says ${due}`;
    }
    taken = true;
    return given.remaining < script.options.lastChanceFrom ? `a last chance with ${given.remaining} left` : undefined;
  };
});

/** Each attempt is of a kind that the ladder allows there. */
export const legalRungs = invariant('legalRungs', 'R1 R2 H1 H8', () => {
  let mustRejoin = false;
  return (entry, world) => {
    const { state, script, link, trouble } = world;
    if (entry.kind === 'state' && entry.value.state !== 'reconnecting') mustRejoin = false;
    if (entry.kind !== 'event') return undefined;
    const event = entry.value;
    if (event.type === 'healed') mustRejoin = false;
    if (
      event.type === 'attemptFailed' &&
      (event.kind === 'restart' || event.kind === 'resume') &&
      event.verdict.kind === 'refused'
    )
      mustRejoin = true;
    if (event.type !== 'attempt') return undefined;
    const { kind } = event;
    if (kind === 'join') {
      // Events come before the state that belongs to them.
      const allowed =
        state.state === 'connecting' || (event.number === 1 && !isLive(state) && world.instant.calls.includes('join'));
      return allowed ? undefined : `a join while ${show(state)}`;
    }
    if (kind === 'rejoin') {
      mustRejoin = true;
      return state.state === 'connected' && world.instant.states.length === 0 && link !== null && !announcing(world)
        ? 'a rejoin before the break was announced'
        : undefined;
    }
    if (!script.can.repair) return `a ${kind}, but the transport cannot repair`;
    if (mustRejoin) return `a ${kind} after a rejoin or a refusal`;
    if (link === null || trouble === null) return `a ${kind} of nothing`;
    if (link.signal.lost || link.media.lost) return `a ${kind} of a lost source`;
    if (kind === 'restart')
      return link.signal.up && !link.media.up ? undefined : 'a restart that is not of media alone';
    return link.signal.up ? 'a resume while signalling is well' : undefined;
  };
});

/** Events come before the state that belongs to them: whether this instant may announce the break. */
function announcing({ link, wall, script, instant }: Parameters<Parameters<typeof always>[2]>[1]): boolean {
  if (link === null || instant.redispatched) return true;
  const { signal, media } = link;
  const { settle } = script.options;
  return (
    (!signal.up && wall >= Math.min(signal.since, signal.sinceInstant) + settle.signal) ||
    (!media.up && wall >= Math.min(media.since, media.sinceInstant) + settle.media)
  );
}

/** No attempt outlives its limit, counted from its beginning until both healths are up. */
export const attemptsAreCut = always('attemptsAreCut', 'J6 D1', (entry, world) => {
  const { script, wall, isWell, open } = world;
  if (
    entry.kind === 'open' &&
    entry.attempt !== null &&
    (entry.what === 'request' || (entry.what === 'join' && !script.can.request))
  ) {
    const limitAt = Math.min(wall + script.options.attemptLimit, entry.attempt.deadlineAt);
    return entry.attempt.limitAt === limitAt ? undefined : `limitAt is ${entry.attempt.limitAt}, not ${limitAt}`;
  }
  if (entry.kind !== 'instant' || !world.hasJudged || isWell) return undefined;
  for (const { what, attempt, owner } of open.values()) {
    if (attempt === null || wall < attempt.limitAt) continue;
    const ever = what !== 'repair' && world.sessions.get(owner)?.connected === true;
    if (!ever) return `${what} ${owner} goes on at ${wall}, its limit was ${attempt.limitAt}`;
  }
  return undefined;
});

/** Where the next join goes: the server's list, the place it named, and last the one that failed. */
export const endpointsInTurn = invariant('endpointsInTurn', 'R13 R14', ({ script }) => {
  // Without a list the transport goes where it goes: the place `null`.
  let list: readonly (string | null)[] = script.options.endpoints.length === 0 ? [null] : script.options.endpoints;
  let clear = true;
  let running: string | null = null;
  return (entry, world) => {
    if (entry.kind === 'instant') {
      // A word, or the end of a link, that comes together with the end of the room is not heard, or is.
      if (
        (world.instant.words.length > 0 || world.instant.ends.length > 0) &&
        world.instant.states.some((state) => !isLive(state))
      )
        clear = false;
      const { words } = world.instant;
      for (const word of words) if (word.kind === 'endpoints') list = [...(word.list ?? [])];
      const named = words.filter(({ kind }) => kind === 'redispatch').at(-1)?.endpoint;
      if (named !== undefined) list = [named, ...list.filter((other) => other !== named)];
      return undefined;
    }
    if (entry.kind === 'end' && entry.what === 'join' && world.sessions.get(entry.owner)?.connected === true) {
      // A link that was connected ends: its attempt has long succeeded, and no attempt fails.
      const { kind, endpoint } = meaningOf(entry.fault, script);
      if (kind === 'redispatch' && world.instant.words.length > 0) clear = false;
      if (kind === 'redispatch' && endpoint !== undefined)
        list = [endpoint, ...list.filter((other) => other !== endpoint)];
    }
    if (entry.kind !== 'event') return undefined;
    const event = entry.value;
    if (event.type === 'attemptFailed' && (event.kind === 'join' || event.kind === 'rejoin')) {
      if (world.instant.words.length > 0) clear = false;
      const { verdict } = event;
      if (verdict.kind === 'redispatch')
        list = [verdict.endpoint, ...list.filter((other) => other !== verdict.endpoint)];
      else if ((verdict.kind === 'unreachable' || verdict.kind === 'refused') && list.includes(running))
        list = [...list.filter((other) => other !== running), running];
      return undefined;
    }
    if (event.type === 'attempt') {
      running = event.endpoint;
      // Words of the same instant, and lists that name one place twice, are left to the specs.
      if (world.instant.words.length > 0 || new Set(list).size < list.length || world.instant.ends.length > 0)
        clear = false;
      return clear && event.endpoint !== (list[0] ?? null)
        ? `joins ${String(event.endpoint)}, expected ${String(list[0] ?? null)}`
        : undefined;
    }
    return undefined;
  };
});

/** A busy answer's verdict reaches the schedule as the fake server gave it. */
export const verdictsAreHeard = always('verdictsAreHeard', 'R1 R11', (entry, world) => {
  if (entry.kind !== 'event' || entry.value.type !== 'attemptFailed') return undefined;
  const { error, verdict } = entry.value;
  if (typeof error !== 'object' || error === null || !('says' in error)) {
    return verdict.kind === 'unreachable' || verdict.kind === 'refused'
      ? undefined
      : `an error of the library's own is "${verdict.kind}"`;
  }
  const expected = meaningOf(error as never, world.script).kind;
  return verdict.kind === expected ? undefined : `"${verdict.kind}", expected "${expected}"`;
});
