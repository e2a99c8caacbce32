import type { AttemptKind, Cause } from '../../lib/core/machine/attempt.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import type { Stage } from '../../lib/core/machine/room-input.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';

/** What the world was told last. */
export interface Told {
  readonly state: 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
  readonly reason: string | null;
  readonly link: string | null;
  /** Of a failure: attempts begun, the error (or the cause of the deadline's; of a break too), the missing legs, the sleep. */
  readonly attempts?: number;
  readonly error?: unknown;
  readonly late?: boolean;
  readonly cause?: Cause | null;
  readonly slept?: number;
  /** Of a break: the last proof of life of what broke. */
  readonly since?: number;
  /** Of a dismissal: what the server said. */
  readonly message?: string;
}

/** One leg of a line, as it was last heard. */
export interface Leg {
  readonly up: boolean;
  readonly heardAt: number;
  readonly proof: number;
  readonly dead: boolean;
}

/** The one join that is open. `id` is the room's own choice: it is learnt, not predicted. */
export interface Line {
  readonly id: number;
  readonly endpoint: string | null;
  readonly link: string | null;
  readonly answers: boolean;
  readonly hasMedia: boolean;
  readonly signal: Leg;
  readonly media: Leg;
}

export interface Try {
  readonly id: number;
  readonly kind: AttemptKind;
  readonly number: number;
  readonly cause: Cause | null;
  readonly endpoint: string | null;
  readonly previous: string | null;
  readonly openingLimit: number;
  readonly limitAt: number;
  readonly deadlineAt: number;
}

/** What may go at once, each once since a connection that lasted. */
export type Favour = 'restart' | 'rejoin' | 'redispatch' | 'resume';

/** What happened, in order. Every count, limit and hint, and every rule of the ladder, is read off such lists. */
export type Entry =
  | { readonly what: 'set out'; readonly at: number }
  /** What was there fell silent: nobody was reached. */
  | { readonly what: 'lost'; readonly at: number }
  /** `counts`: it takes a position. `place`: how far past the cursor it went; `null` for a repair. */
  | {
      readonly what: 'tried';
      readonly at: number;
      readonly kind: AttemptKind;
      readonly counts: boolean;
      readonly place: number | null;
    }
  | { readonly what: 'requested' }
  /** `cut`: at the limit. `hung`: nobody had opened in the time for it. `answered`: a resume got a no. */
  | {
      readonly what: 'failed';
      readonly at: number;
      readonly verdict: Verdict;
      readonly error: unknown;
      readonly of: AttemptKind | 'link';
      readonly stage: Stage;
      readonly cut: boolean;
      readonly hung: boolean;
      readonly answered: boolean;
    }
  | { readonly what: 'last chance' }
  | { readonly what: 'climbed' }
  | { readonly what: 'sent elsewhere' }
  | { readonly what: 'favour'; readonly of: Favour };

export type FailedEntry = Extract<Entry, { what: 'failed' }>;

/** A way into the room, or back into it. */
export interface Trip {
  readonly way: 'in' | 'back';
  /** Its last proof of life. */
  readonly proof: number;
  /** D3: the time by which it is told, however much is spent. */
  readonly tellBy: number;
  /** Z2: what was the deadline before a sleep was known: it never moves later. */
  readonly cap: number;
  /** The server itself ended the link, with "refused" or "busy". */
  readonly answered: boolean;
  /** D8: when the one late attempt must be in. */
  readonly graceUntil: number | null;
  readonly cause: Cause | null;
  /** S11: the first error that came with the break. */
  readonly why: unknown;
  readonly log: readonly Entry[];
  readonly running: Try | null;
  /** A restart waits for the answer of a question before it calls anybody. */
  readonly called: boolean;
  readonly due: number | null;
  /** Whether the attempt that is due will take a position. */
  readonly counts: boolean;
  readonly quits: { readonly error: unknown } | null;
  /** How far past the cursor the next join goes. */
  readonly offset: number;
}

/** A question whether signalling is alive. */
export interface Asked {
  readonly id: number;
  readonly limitAt: number;
  readonly proof: number;
}

/** All that the oracle remembers of a room. */
export interface Story {
  readonly told: Told;
  readonly trip: Trip | null;
  readonly line: Line | null;
  readonly asked: Asked | null;
  /** The endpoints, those of the option, and the place at which the next join begins. */
  readonly map: readonly (string | null)[];
  readonly home: readonly (string | null)[];
  readonly cursor: number;
  /** The link that the next join replaces when the line is gone. */
  readonly previous: string | null;
  /** What happened on earlier trips since a connection that lasted. */
  readonly past: readonly Entry[];
  /** D3: time lost in breaks that were told, and not earned back by `calmSince`. */
  readonly spent: number;
  readonly calmSince: number;
  /** R8: when the last attempt began, of this trip or of one before. */
  readonly triedAt: number;
}

export const blank = (endpoints: readonly string[]): Story => {
  const home = endpoints.length === 0 ? [null] : endpoints;
  return {
    told: { state: 'disconnected', reason: null, link: null },
    trip: null,
    line: null,
    asked: null,
    map: home,
    home,
    cursor: 0,
    previous: null,
    past: [],
    spent: 0,
    calmSince: 0,
    triedAt: -Infinity,
  };
};

export const isOver = ({ told }: Story): boolean => told.state === 'disconnected' || told.state === 'failed';

const isA =
  <W extends Entry['what']>(what: W) =>
  (entry: Entry): entry is Extract<Entry, { what: W }> =>
    entry.what === what;

/** Everything since a connection that lasted. */
const all = ({ past, trip }: Story): readonly Entry[] => (trip === null ? past : [...past, ...trip.log]);

/** D5: attempts begun on this trip. */
export const tries = ({ log }: Trip): number => log.filter(isA('tried')).length;

/** R3: attempts that the schedule began. */
export const positionOf = (story: Story): number =>
  all(story).filter((entry) => entry.what === 'tried' && entry.counts).length;

export const busyCountOf = (story: Story): number =>
  all(story).filter((entry) => entry.what === 'failed' && entry.verdict.kind === 'busy').length;

/** When nobody was reached last, else when the first trip since a connection that lasted set out. */
export const unreachableAtOf = (story: Story): number | null => {
  let at: number | null = null;
  for (const entry of all(story)) {
    if (entry.what === 'lost' || (entry.what === 'failed' && entry.verdict.kind !== 'busy')) at = entry.at;
    else if (entry.what === 'set out') at ??= entry.at;
  }
  return at;
};

/** R15: limits that were reached, and openings in a row that hung. */
export const limitsReachedOf = (story: Story): number =>
  all(story).filter((entry) => entry.what === 'failed' && entry.cut).length;

export const openingsHungOf = (story: Story): number => {
  let hung = 0;
  for (const entry of all(story)) if (entry.what === 'failed' && entry.of !== 'link') hung = entry.hung ? hung + 1 : 0;
  return hung;
};

/** R11: when a busy server said to come back; until an attempt was made then, or we were sent elsewhere. */
export const hintOf = (story: Story): number | null => {
  let hint: number | null = null;
  for (const entry of all(story)) {
    if (entry.what === 'sent elsewhere' || (entry.what === 'tried' && hint !== null && entry.at >= hint)) hint = null;
    else if (entry.what === 'failed' && entry.verdict.kind === 'busy' && entry.verdict.retryAfter !== undefined)
      hint = Math.ceil(entry.at + entry.verdict.retryAfter);
  }
  return hint;
};

export const favours = (story: Story): readonly Favour[] =>
  all(story)
    .filter(isA('favour'))
    .map(({ of }) => of);

/** R13: joins of this trip, but for the further places of a sweep. */
export const slotsOf = ({ log }: Trip): number =>
  log.filter((entry) => entry.what === 'tried' && entry.place === 0).length;

export const isSweep = (story: Story, slot: number): boolean => story.map.length > 1 && [2, 5, 11].includes(slot);

/** R1: repairs in a row that got a no, where nobody says what an error means. */
export const answersOf = ({ log }: Trip): number => {
  let answers = 0;
  for (const entry of log) if (entry.what === 'failed' && (entry.of === 'resume' || entry.of === 'restart')) answers = entry.answered ? answers + 1 : 0;
  return answers;
};

/** D4: once since a connection that lasted. */
export const chanceTaken = (story: Story): boolean => all(story).some(isA('last chance'));

export const lastFailed = ({ log }: Trip): FailedEntry | undefined => log.findLast(isA('failed'));

export const lastError = (trip: Trip): unknown => lastFailed(trip)?.error;

/** D3: what was lost in earlier breaks and not earned back before this one. */
export const spentOn = ({ spent, calmSince }: Story, trip: Trip, { deadline, stableAfter }: Policy): number => {
  if (trip.way === 'in') return 0;
  const lasted = Math.max(0, trip.proof - calmSince);
  if (lasted >= stableAfter) return 0;
  return Math.max(0, Math.ceil(spent - (trip.answered ? 0 : (lasted * deadline) / stableAfter)));
};

/** D1, D3: however much is spent, there is time to tell of the break. */
export const deadlineOf = (story: Story, trip: Trip, policy: Policy): number => {
  const { deadline, joinDeadline } = policy;
  if (trip.way === 'in') return trip.proof + joinDeadline;
  if (trip.graceUntil !== null) return trip.graceUntil;
  const full = trip.proof + deadline;
  return Math.min(trip.cap, Math.max(full - spentOn(story, trip, policy), Math.min(full, trip.tellBy)));
};

/** J1: the stage of the running or last attempt. Before the first of a break, the join that succeeded. */
export const stageOf = ({ log }: Trip): Stage => {
  const last = log.findLast(({ what }) => what === 'tried' || what === 'requested' || what === 'failed');
  switch (last?.what) {
    case 'tried':
      return last.kind === 'restart' || last.kind === 'resume' ? 'join' : 'request';
    case 'failed':
      return last.stage;
    default:
      return 'join';
  }
};

/** R1, J8, R14: a link can be repaired in place while it is open, undamaged, and nobody told us to climb. */
export const inPlace = ({ line, trip }: Story, { repairs }: Policy): boolean =>
  repairs &&
  trip?.way === 'back' &&
  line !== null &&
  !line.signal.dead &&
  !line.media.dead &&
  !trip.log.some(
    (entry) =>
      entry.what === 'climbed' ||
      entry.what === 'sent elsewhere' ||
      (entry.what === 'tried' && entry.kind === 'rejoin'),
  );

/** Whether the line is the one that broke, not one that a rejoin opened. */
export const isOldLine = ({ line, trip }: Story): boolean =>
  line !== null && trip?.way === 'back' && trip.running?.id !== line.id;

export const kindOf = (story: Story, policy: Policy): AttemptKind => {
  if (story.trip?.way === 'in') return 'join';
  if (!inPlace(story, policy)) return 'rejoin';
  return story.line?.signal.up === true ? 'restart' : 'resume';
};

export const brokenLegs = (line: Line | null): 'signal' | 'media' | 'both' | null => {
  if (line?.link == null || (line.signal.up && line.media.up)) return null;
  return line.signal.up ? 'media' : line.media.up ? 'signal' : 'both';
};

/** When a break is told: H2, S6, J8, R14, D8; while a question is out, a media loss waits for the answer a little. */
export const tellAt = ({ told, trip, line, asked }: Story, { settle, probeHold }: Policy): number => {
  if (told.state !== 'connected' || trip === null) return Infinity;
  if (line === null || trip.cause === 'redispatch' || trip.graceUntil !== null) return -Infinity;
  const patience = line.signal.up && asked !== null ? Math.max(settle.media, probeHold) : settle.media;
  const bySignal = line.signal.up ? Infinity : line.signal.heardAt + settle.signal;
  const byMedia = line.media.up ? Infinity : line.media.heardAt + patience;
  return Math.min(bySignal, byMedia);
};

/** R7, H1: when the next attempt begins; a rejoin never before the break is told. */
export const beginAt = (story: Story, policy: Policy): number => {
  const { trip } = story;
  if (trip === null || trip.running !== null || trip.due === null || trip.quits !== null) return Infinity;
  return inPlace(story, policy)
    ? trip.due
    : Math.max(trip.due, story.told.state === 'connected' ? tellAt(story, policy) : 0);
};

/** When time alone changes something. */
export const nextOf = (story: Story, policy: Policy): number => {
  const { trip, asked } = story;
  return Math.min(
    asked?.limitAt ?? Infinity,
    trip === null ? Infinity : deadlineOf(story, trip, policy),
    trip?.running?.limitAt ?? Infinity,
    tellAt(story, policy),
    beginAt(story, policy),
  );
};
