import type { AttemptKind, Cause } from '../../lib/core/machine/attempt.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';

/** What the world was told last. */
export interface Told {
  readonly state: 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
  readonly reason: string | null;
  readonly link: string | null;
  /** Of a failure: attempts counted, the error (or the cause of the deadline's), how long the device slept. */
  readonly attempts?: number;
  readonly error?: unknown;
  readonly late?: boolean;
  readonly slept?: number;
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
  readonly link: string | null;
  readonly answers: boolean;
  readonly hasMedia: boolean;
  readonly requested: boolean;
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
  readonly limitAt: number;
  readonly deadlineAt: number;
}

/** What happened on the way, in order. Every count and every rule of the ladder is read off this list. */
export type Entry =
  | { readonly what: 'planned'; readonly at: number; readonly busy: boolean; readonly chance: boolean }
  | { readonly what: 'tried'; readonly kind: AttemptKind }
  | { readonly what: 'requested' }
  | { readonly what: 'failed'; readonly verdict: Verdict['kind'] | 'limit'; readonly error: unknown }
  | { readonly what: 'uncounted' }
  | { readonly what: 'climbed' }
  | { readonly what: 'redispatched' };

/** A way into the room, or back into it. */
export interface Trip {
  readonly way: 'in' | 'back';
  /** Its last proof of life: the one time that its deadline counts from. */
  readonly proof: number;
  readonly cause: Cause | null;
  readonly log: readonly Entry[];
  readonly running: Try | null;
  readonly due: number | null;
  readonly hint: number | null;
  readonly quits: { readonly error: unknown } | null;
  /** The link that the next join replaces. */
  readonly previous: string | null;
  /** Waits planned since a connection that lasted, before this trip. */
  readonly waitsBefore: number;
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
  readonly map: readonly (string | null)[];
  readonly waits: number;
  readonly calmSince: number;
  /** R8: when the last attempt began, of this trip or of one before. */
  readonly triedAt: number;
}

export const blank = (endpoints: readonly string[]): Story => ({
  told: { state: 'disconnected', reason: null, link: null },
  trip: null,
  line: null,
  asked: null,
  map: endpoints.length === 0 ? [null] : endpoints,
  waits: 0,
  calmSince: 0,
  triedAt: -Infinity,
});

export const isOver = ({ told }: Story): boolean => told.state === 'disconnected' || told.state === 'failed';

const count = (log: readonly Entry[], what: Entry['what']): number => {
  let n = 0;
  for (const entry of log) if (entry.what === what) n++;
  return n;
};

const lastOf = <W extends Entry['what']>(log: readonly Entry[], what: W): Extract<Entry, { what: W }> | undefined => {
  for (let i = log.length - 1; i >= 0; i--) {
    const entry = log[i]!;
    if (entry.what === what) return entry as Extract<Entry, { what: W }>;
  }
  return undefined;
};

/** Attempts begun, but for those that were cut because what they stood on broke away. */
export const tries = ({ log }: Trip): number => count(log, 'tried') - count(log, 'uncounted');

/** R3: waits planned; an attempt that does not count gives its own back. */
export const waitsOf = ({ log, waitsBefore }: Trip): number =>
  waitsBefore + count(log, 'planned') - count(log, 'uncounted');

export const busyPlans = ({ log }: Trip): number =>
  log.filter((entry) => entry.what === 'planned' && entry.busy).length;

export const lastOther = ({ log }: Trip): number | null => {
  for (let i = log.length - 1; i >= 0; i--) {
    const entry = log[i]!;
    if (entry.what === 'planned' && !entry.busy) return entry.at;
  }
  return null;
};

export const chanceTaken = ({ log }: Trip): boolean => log.some((entry) => entry.what === 'planned' && entry.chance);

export const lastError = ({ log }: Trip): unknown => lastOf(log, 'failed')?.error;

export const deadlineOf = ({ way, proof }: Trip, { deadline, joinDeadline }: Policy): number =>
  proof + (way === 'in' ? joinDeadline : deadline);

/** J1: the stage of the running or last attempt. Before the first of a break, the join that succeeded. */
export const stageOf = ({ log }: Trip): 'request' | 'join' => {
  for (let i = log.length - 1; i >= 0; i--) {
    const entry = log[i]!;
    if (entry.what === 'requested') return 'join';
    if (entry.what === 'tried') return entry.kind === 'restart' || entry.kind === 'resume' ? 'join' : 'request';
  }
  return 'join';
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
      entry.what === 'climbed' || entry.what === 'redispatched' || (entry.what === 'tried' && entry.kind === 'rejoin'),
  );

/** Whether the line is the one that broke, not one that a rejoin opened. */
export const isOldLine = ({ line, trip }: Story): boolean =>
  line !== null && trip?.way === 'back' && trip.running?.id !== line.id;

export const kindOf = (story: Story, policy: Policy): AttemptKind => {
  if (story.trip?.way === 'in') return 'join';
  if (!inPlace(story, policy)) return 'rejoin';
  return story.line?.signal.up === true ? 'restart' : 'resume';
};

/** When a break is told: H2, S6, J8, R14; while a question is out, a media loss waits for the answer a little. */
export const tellAt = ({ told, trip, line, asked }: Story, { settle, probeHold }: Policy): number => {
  if (told.state !== 'connected' || trip === null) return Infinity;
  if (line === null || trip.cause === 'redispatch') return -Infinity;
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
    trip === null ? Infinity : deadlineOf(trip, policy),
    trip?.running?.limitAt ?? Infinity,
    tellAt(story, policy),
    beginAt(story, policy),
  );
};
