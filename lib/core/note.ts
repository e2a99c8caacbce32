import type { Model, Reading, Session } from './model.js';
import type { Failure } from './plan-retry.js';
import type { RoomInput } from './room-input.js';
import { changeEpisode, isJoining, type Step } from './step.js';
import type { ServerNotice } from './verdict.js';

/** What was heard in one frame and is yet to be judged. */
export interface Heard {
  readonly words: ServerNotice[];
  ended: Failure | null;
  repairFailed: Failure | null;
  /** The running join has a newer link. */
  relinked: boolean;
  woken: boolean;
  /** The longest suspension that a wake told of (ms). */
  suspendedFor: number;
  retryNow: boolean;
  /** Media went down in this frame. */
  silenced: boolean;
}

/** Whether an input could change anything: a health that repeats what is known cannot. */
export const isNews = <L>({ session }: Model<L>, input: RoomInput<L>): boolean =>
  input.type !== 'health' || (session?.id === input.id && session[input.source].up !== (input.health === 'up'));

/** Writes the facts of a frame into the model and collects the rest; whose work is over is not heard. */
export function note<L>(step: Step<L>, inputs: readonly RoomInput<L>[]): Heard {
  const heard: Heard = {
    words: [],
    ended: null,
    repairFailed: null,
    relinked: false,
    woken: false,
    suspendedFor: 0,
    retryNow: false,
    silenced: false,
  };
  const before = step.model.session;
  // A wake is judged before what was buffered with it.
  for (const input of inputs) if (input.type === 'wake') noteOne(step, heard, input);
  for (const input of inputs) if (input.type !== 'wake') noteOne(step, heard, input);
  const { session } = step.model;
  heard.silenced = before?.media.up === true && session?.media.up === false;
  // What was heard to go down, or up again, since it was asked has answered. At the end of the frame: what the question
  // knows of the last proof of life holds for all that is lost in it.
  if (session?.signal !== before?.signal) step.model.probe = null;
  return heard;
}

function noteOne<L>(step: Step<L>, heard: Heard, input: RoomInput<L>): void {
  switch (input.type) {
    case 'join':
    case 'leave':
      return; // commands, judged by themselves
    case 'retryNow':
      heard.retryNow = true;
      return;
    case 'wake':
      heard.woken = true;
      if (input.suspendedFor > heard.suspendedFor) heard.suspendedFor = input.suspendedFor;
      return;
    case 'probed':
      if (input.id === step.model.probe?.id) noteProbed(step, input.alive);
      return;
    case 'repairFailed':
      if (input.id === step.model.episode?.work?.id) heard.repairFailed ??= input.failure;
      return;
  }
  const { session } = step.model;
  if (session?.id !== input.id) return;
  switch (input.type) {
    case 'requested':
      if (isJoining(step.model)) changeEpisode(step, { stage: 'join' });
      return;
    case 'linked': {
      const { link, canProbe, media: hasMedia } = input;
      heard.relinked ||= session.link !== null;
      const unknown: Reading = { up: false, since: step.now, aliveAt: step.now, lost: false };
      const media = hasMedia ? unknown : { ...unknown, up: true };
      // What an older link was asked is over.
      step.model.session = { ...session, link, canProbe, hasMedia, signal: unknown, media };
      step.model.probe = null;
      return;
    }
    case 'health':
      noteHealth(
        step,
        session,
        input.source,
        input.health === 'up',
        input.health === 'up' ? undefined : input.health.aliveAt,
        heard.suspendedFor,
      );
      return;
    case 'sourceEnded':
      noteHealth(step, session, input.source, false, undefined, heard.suspendedFor);
      noteLost(step, input.source);
      return;
    case 'notice':
      heard.words.push(input.notice);
      return;
    case 'ended':
      heard.ended ??= input.failure;
  }
}

/** A probe that failed, or was not answered in time, is a dip of the signal since before it was asked. */
export function noteProbed<L>(step: Step<L>, alive: boolean): void {
  const { probe, session } = step.model;
  step.model.probe = null;
  step.events.push({ type: 'probed', at: step.now, alive });
  if (!alive && session !== null) noteHealth(step, session, 'signal', false, probe?.aliveAt, 0);
}

function noteHealth<L>(
  step: Step<L>,
  session: Session<L>,
  source: 'signal' | 'media',
  up: boolean,
  reportedAliveAt: number | undefined,
  suspendedFor: number,
): void {
  const before = session[source];
  if (before.up === up || before.lost) return;
  const { now, model } = step;
  const aliveAt = lastAlive(reportedAliveAt ?? model.probe?.aliveAt ?? now - suspendedFor, model.connectedAt, now);
  model.session = { ...session, [source]: { up, since: now, aliveAt, lost: false } };
  step.events.push({ type: source, at: now, up, aliveAt });
}

function noteLost<L>(step: Step<L>, source: 'signal' | 'media'): void {
  const { model } = step;
  const { session } = model;
  if (session !== null) model.session = { ...session, [source]: { ...session[source], lost: true } };
}

/** Having been connected is a proof of life of its own; nothing was alive in the future. */
const lastAlive = (reported: number, connectedAt: number, now: number): number =>
  Number.isFinite(reported) ? Math.min(now, Math.max(connectedAt, reported)) : now;
