import { dueAt } from '../recovery/recovery.js';
import type { Model, Reading } from './model.js';
import type { DerivePolicy } from './policy.js';

/** When trouble that lasts is announced (ms); `Infinity` when there is nothing to announce. */
export function announceAt<L>({ state, session, episode }: Model<L>, { settle, probeHold }: DerivePolicy): number {
  if (state.state !== 'connected' || episode === null) return Infinity;
  // A link that is gone, or that the server sent us away from, is no dip; a timer that came too late has waited long enough.
  if (session === null || episode.cause === 'redispatch' || episode.loss.extended) return -Infinity;
  const { signal, media, probe } = session;
  const after = ({ up, since }: Reading, ms: number): number => (up ? Infinity : since + ms);
  // While a probe is out, a media loss may turn out to be a total one: wait a moment to name the true cause.
  const hold = signal.up && probe !== null ? Math.max(settle.media, probeHold) : settle.media;
  return Math.min(after(signal, settle.signal), after(media, hold));
}

/** When the next attempt begins (ms): a full rejoin, which kills the old link, never before the announcement. */
export function attemptAt<L>(model: Model<L>, policy: DerivePolicy): number {
  const { episode, state } = model;
  if (episode === null) return Infinity;
  const due = dueAt(episode.recovery);
  return episode.rung === 'repair' || state.state !== 'connected' ? due : Math.max(due, announceAt(model, policy));
}

/** When time alone changes something next (ms): the one time that a timer is needed for. */
export function nextAt<L>(model: Model<L>, policy: DerivePolicy): number {
  const { episode, session } = model;
  const phase = episode?.recovery.phase;
  return Math.min(
    session?.probe?.limitAt ?? Infinity,
    episode?.loss.deadlineAt ?? Infinity,
    phase?.kind === 'attempting' ? phase.limitAt : Infinity,
    announceAt(model, policy),
    attemptAt(model, policy),
  );
}
