import type { Attempt, Cause } from './attempt.js';
import { nextId, type Draft } from './draft.js';
import type { Linked, Reading, Session } from './model.js';
import type { DerivePolicy } from './policy.js';
import type { Leg, RoomInput } from './room-input.js';

type At<L> = Draft<L, DerivePolicy>;

export function openSession<L>({ model }: At<L>, id: number, attempt: Attempt<L>): void {
  model.session = { id, attempt, joining: true, linked: false };
}

/** The join gave a link, or a newer one. What was asked over an older one is over. */
export function linkSession<L>(
  { model, now }: At<L>,
  { id, attempt, joining }: Session<L>,
  input: Extract<RoomInput<L>, { type: 'linked' }>,
): void {
  const { link, canProbe, media: hasMedia } = input;
  const unknown: Reading = { up: false, since: now, aliveAt: now, ended: false };
  model.session = {
    id,
    attempt,
    joining,
    linked: true,
    link,
    canProbe,
    hasMedia,
    signal: unknown,
    media: hasMedia ? unknown : { ...unknown, up: true },
    probe: null,
  };
}

/** A leg went up or down. `reportedAt`: its last proof of life as its source reports it; `sleep`: how long the device slept (ms). */
export function readHealth<L>(
  draft: At<L>,
  leg: Leg,
  up: boolean,
  reportedAt: number | undefined,
  sleep: number,
): void {
  const { model, now, events } = draft;
  const { session } = model;
  if (session?.linked !== true) return;
  const before = session[leg];
  if (before.up === up || before.ended) return;
  const aliveAt = lastAlive(draft, reportedAt ?? session.probe?.aliveAt ?? now - sleep);
  const reading: Reading = { up, since: now, aliveAt, ended: false };
  model.session = leg === 'signal' ? { ...session, signal: reading } : { ...session, media: reading };
  events.push({ type: leg, at: now, up, aliveAt });
}

/** The source of a leg ended: it is down for good. */
export function endSource<L>(draft: At<L>, leg: Leg, sleep: number): void {
  readHealth(draft, leg, false, undefined, sleep);
  const { session } = draft.model;
  if (session?.linked === true) draft.model.session = { ...session, [leg]: { ...session[leg], ended: true } };
}

/** Having been connected is a proof of life of its own; nothing was alive in the future. */
const lastAlive = <L>({ model, now }: At<L>, reported: number): number =>
  Number.isFinite(reported) ? Math.min(now, Math.max(model.standing.since, reported)) : now;

/** Asks the server for a sign of life; a media repair waits for the answer. */
export function askForLife<L>(draft: At<L>, aliveAt: number): void {
  const { model, now, policy, events } = draft;
  const { session } = model;
  if (session?.linked !== true) return;
  const probe = {
    id: nextId(draft),
    limitAt: now + policy.probeLimit,
    aliveAt: Math.max(model.standing.since, aliveAt),
  };
  model.session = { ...session, probe };
  events.push({ type: 'probe', at: now });
}

/** A probe that failed, or was not answered in time, is a dip of the signal since before it was asked. */
export function endProbe<L>(draft: At<L>, alive: boolean): void {
  const { session } = draft.model;
  if (session?.linked !== true || session.probe === null) return;
  draft.events.push({ type: 'probed', at: draft.now, alive });
  if (!alive) readHealth(draft, 'signal', false, session.probe.aliveAt, 0);
  forgetProbe(draft);
}

export function forgetProbe<L>({ model }: At<L>): void {
  const { session } = model;
  if (session?.linked === true && session.probe !== null) model.session = { ...session, probe: null };
}

/** Both healths are up: the join is over, and what it replaced is gone. */
export function settleSession<L>({ model }: At<L>): void {
  if (model.session?.linked === true && model.session.joining) model.session = { ...model.session, joining: false };
  model.previous = null;
}

/** Drops the session and keeps its link for the join that replaces it. */
export function dropSession<L>({ model }: At<L>): void {
  if (model.session?.linked === true) model.previous = model.session.link;
  model.session = null;
}

/** The others in the room have been told that we are gone: the next join replaces nobody. */
export function forgetPrevious<L>({ model }: At<L>): void {
  model.previous = null;
}

/** Both healths up: the room's own proof of life. */
export const isWell = <L>(session: Session<L> | null): boolean =>
  session?.linked === true && session.signal.up && session.media.up;

/** What is down; `null` while nothing is known or nothing is down. */
export function downLegs<L>(session: Session<L> | null): Exclude<Cause, 'redispatch'> | null {
  if (session?.linked !== true || (session.signal.up && session.media.up)) return null;
  return session.signal.up ? 'media' : session.media.up ? 'signal' : 'both';
}

/** The latest proof of life of what is down (ms). */
export const downSince = <L>({ signal, media }: Linked<L>): number =>
  Math.max(signal.up ? -Infinity : signal.aliveAt, media.up ? -Infinity : media.aliveAt);

/** A link that ended: a leg that was up was alive until now; one that does not exist proves nothing. */
export const aliveUntil = <L>({ signal, media, hasMedia }: Linked<L>, now: number): number =>
  Math.max(signal.up ? now : signal.aliveAt, !hasMedia ? -Infinity : media.up ? now : media.aliveAt);
