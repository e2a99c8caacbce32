import type { Model } from './model.js';

/**
 * Why a link is closed: we left, a rejoin took its place, the room had no more use for it before it ever counted (or
 * gave up), or the server sent us away.
 */
export type CloseReason = 'left' | 'superseded' | 'abandoned' | 'dismissed';

/** Why the session of `before` is not that of `after` any more. */
export function closeReason<L>(before: Model<L>, { state }: Model<L>): CloseReason {
  if (state.state === 'disconnected') return state.reason === 'leaveChannel' ? 'left' : 'dismissed';
  return state.state !== 'failed' && before.session?.joining === false ? 'superseded' : 'abandoned';
}
