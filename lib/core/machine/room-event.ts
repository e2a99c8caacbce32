import type { AttemptKind, Cause } from './attempt.js';
import type { Failure } from '../recovery/failure.js';

/** What a room tells about its work, beside its states. `at` is the time (ms, wall clock). */
export type RoomEvent = { readonly at: number } & (
  | { readonly type: 'signal' | 'media'; readonly up: boolean; readonly aliveAt: number }
  | { readonly type: 'waiting'; readonly nextRetryAt: number | null; readonly hintAt: number | null }
  | {
      readonly type: 'attempt';
      readonly number: number;
      readonly kind: AttemptKind;
      readonly cause: Cause | null;
      readonly endpoint: string | null;
    }
  | ({ readonly type: 'attemptFailed'; readonly number: number; readonly kind: AttemptKind } & Failure)
  | { readonly type: 'attemptCut'; readonly number: number; readonly kind: AttemptKind }
  /** The link itself ended: by an error, or by completion. */
  | ({ readonly type: 'linkEnded' } & Failure)
  | { readonly type: 'healed'; readonly quiet: boolean; readonly cause: Cause | null; readonly after: number }
  | { readonly type: 'probe' }
  | { readonly type: 'probed'; readonly alive: boolean }
  | { readonly type: 'suspended'; readonly for: number }
);
