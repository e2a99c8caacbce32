import type { Attempt, Cause } from './attempt.js';
import { nextId, type Draft, type Writable } from './draft.js';
import type { Reading, Session } from './model.js';
import type { DerivePolicy } from './policy.js';
import type { Leg, RoomInput } from './room-input.js';

type At<L> = Draft<L, DerivePolicy>;

/** The draft's own session. */
const own = <L>({ model }: At<L>): Writable<Session<L>> | null => model.session;

/** A leg of which nothing is known counts as down. */
const unknown = (now: number): Reading => ({ up: false, since: now, aliveAt: now, ended: false });

export function openSession<L>({ model, now }: At<L>, id: number, attempt: Attempt<L>): void {
  const leg = unknown(now);
  const nothing = { link: null, canProbe: false, hasMedia: true, signal: leg, media: leg, probe: null };
  model.session = { id, attempt, joining: true, ...nothing };
}

/** The join gave a link, or a newer one. What was asked over an older one is over. */
export function linkSession<L>(draft: At<L>, input: Extract<RoomInput<L>, { type: 'linked' }>): void {
  const { link, canProbe, media: hasMedia } = input;
  const signal = unknown(draft.now);
  const media = { ...signal, up: !hasMedia };
  const session = own(draft);
  if (session !== null) Object.assign(session, { link, canProbe, hasMedia, signal, media, probe: null });
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
  const session = own(draft);
  if (session?.link == null || session[leg].up === up || session[leg].ended) return;
  const reported = reportedAt ?? session.probe?.aliveAt ?? now - sleep;
  // Having been connected is a proof of life of its own; nothing was alive in the future.
  const aliveAt = Number.isFinite(reported) ? Math.floor(Math.min(now, Math.max(model.standing.since, reported))) : now;
  session[leg] = { up, since: now, aliveAt, ended: false };
  events.push({ type: leg, at: now, up, aliveAt });
}

/** The source of a leg ended: it is down for good. */
export function endSource<L>(draft: At<L>, leg: Leg, sleep: number): void {
  readHealth(draft, leg, false, undefined, sleep);
  const session = own(draft);
  if (session !== null) session[leg] = { ...session[leg], ended: true };
}

/** Asks the server for a sign of life; a media repair waits for the answer. */
export function askForLife<L>(draft: At<L>, aliveAt: number): void {
  const { model, now, policy, events } = draft;
  const session = own(draft);
  if (session === null) return;
  const proof = Math.max(model.standing.since, aliveAt);
  session.probe = { id: nextId(draft), limitAt: now + policy.probeLimit, aliveAt: proof };
  events.push({ type: 'probe', at: now });
}

/** A probe that failed, or was not answered in time, is a dip of the signal since before it was asked. */
export function endProbe<L>(draft: At<L>, alive: boolean): void {
  draft.events.push({ type: 'probed', at: draft.now, alive });
  if (!alive) readHealth(draft, 'signal', false, undefined, 0);
  forgetProbe(draft);
}

export function forgetProbe<L>(draft: At<L>): void {
  const session = own(draft);
  if (session !== null) session.probe = null;
}

/** Both healths are up: the join is over, and what it replaced is gone. */
export function settleSession<L>(draft: At<L>): void {
  const session = own(draft);
  if (session !== null) session.joining = false;
  forgetPrevious(draft);
}

/** Drops the session and keeps its link for the join that replaces it. */
export function dropSession<L>({ model }: At<L>): void {
  model.previous = model.session?.link ?? model.previous;
  model.session = null;
}

/** The others in the room know that we are gone: the next join replaces nobody. */
export function forgetPrevious<L>({ model }: At<L>): void {
  model.previous = null;
}

/** What is down of a link; `null` when nothing is, or when there is no link. */
export function downLegs<L>(session: Session<L> | null): Exclude<Cause, 'redispatch'> | null {
  if (session?.link == null || (session.signal.up && session.media.up)) return null;
  return session.signal.up ? 'media' : session.media.up ? 'signal' : 'both';
}

/** When a link that breaks was last alive (ms): the latest proof of what is down; all of it was alive until now if it `ended` while up. */
export function aliveUntil<L>({ signal, media, hasMedia }: Session<L>, now: number, ended: boolean): number {
  const until = ({ up, aliveAt }: Reading): number => (up ? (ended ? now : -Infinity) : aliveAt);
  return Math.max(until(signal), hasMedia ? until(media) : -Infinity);
}
