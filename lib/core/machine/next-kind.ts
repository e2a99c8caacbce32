import type { AttemptKind } from './attempt.js';
import type { Model } from './model.js';

/** The rung of the next attempt: what is repaired first is what the other repair needs. */
export function nextKind<L>({ state, episode, session }: Model<L>): AttemptKind {
  if (state.state === 'connecting') return 'join';
  if (episode?.rung !== 'repair') return 'rejoin';
  return session?.signal.up === true ? 'restart' : 'resume';
}
