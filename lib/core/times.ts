import type { Model } from './model.js';
import type { Policy } from './policy.js';

/** When trouble that lasts is announced (ms); `Infinity` when there is nothing to announce. */
export function announceAt<L>({ state, session, episode, probe }: Model<L>, { settle, probeHold }: Policy): number {
  if (state.state !== 'connected' || episode === null) return Infinity;
  if (session === null || episode.cause === 'redispatch') return -Infinity;
  const { signal, media } = session;
  // While a probe is out, a media loss may turn out to be a total one: wait a moment to name the true cause.
  const hold = signal.up && probe !== null ? Math.max(settle.media, probeHold) : settle.media;
  return Math.min(signal.up ? Infinity : signal.since + settle.signal, media.up ? Infinity : media.since + hold);
}

/** When the next attempt begins (ms): a full rejoin, which kills the old link, never before the announcement. */
export function attemptAt<L>(model: Model<L>, policy: Policy): number {
  const { episode } = model;
  if (episode === null || episode.work !== null || episode.retryAt === null || episode.givenUp !== null)
    return Infinity;
  if (episode.rung === 'repair' || model.state.state !== 'connected') return episode.retryAt;
  return Math.max(episode.retryAt, announceAt(model, policy));
}

/** When time alone changes something next (ms): the one time that a timer is needed for. */
export function nextAt<L>(model: Model<L>, policy: Policy): number {
  const { episode, probe } = model;
  const probedAt = probe?.limitAt ?? Infinity;
  if (episode === null) return probedAt;
  return Math.min(
    probedAt,
    episode.deadlineAt,
    episode.givenUp !== null && model.state.state !== 'connected' ? -Infinity : Infinity,
    episode.work?.attempt.limitAt ?? Infinity,
    announceAt(model, policy),
    attemptAt(model, policy),
  );
}
