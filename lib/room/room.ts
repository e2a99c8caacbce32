/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import type { Progress } from '../core/machine/progress.js';
import type { RoomEvent } from '../core/machine/room-event.js';

/** Trouble that was reported and changed nothing. */
export interface RoomError {
  /** Wall clock, ms. */
  readonly at: number;
  /** Where it came from. */
  readonly from:
    'signal$' | 'media$' | 'notice$' | 'link' | 'probe' | 'close' | 'classify' | 'teardown' | 'wake$' | 'leave$';
  readonly error: unknown;
}

/** All that a room shows, of one moment. */
export interface RoomSnapshot<L> {
  readonly connectionState: ConnectionState<L>;
  readonly progress: Progress | null;
  readonly link: L | null;
}

/** One user's place in one room. */
export interface Room<L> {
  /**
   * Am I in the room, and why (not)? Replays the current value synchronously; never errors.
   *
   *     join()  both up    media dies         back
   *     |       |          |                  |
   *     c-------C----------r------------------C---
   *
   *     c connecting/joinChannel     C connected/joinSucceed, later rejoinSucceed
   *     r reconnecting/mediaConnectionDisconnected
   */
  readonly connectionState$: Observable<ConnectionState<L>>;
  /** The current one. */
  readonly connectionState: ConnectionState<L>;
  /** How joining or rejoining goes; `null` otherwise. Replays. */
  readonly progress$: Observable<Progress | null>;
  /** The link of the current state, while it has one. Replays. */
  readonly link$: Observable<L | null>;
  /** State, progress and link of one moment together, for those who need more than one. Replays. */
  readonly snapshot$: Observable<RoomSnapshot<L>>;
  /** The current one; the same object until something of it changes. */
  readonly snapshot: RoomSnapshot<L>;
  /** Reported, changed nothing. */
  readonly errors$: Observable<RoomError>;
  /** Telemetry: healths, attempts, waits, quiet repairs, probes, suspensions. */
  readonly events$: Observable<RoomEvent>;
  /**
   * Joins when disconnected or failed; does nothing while a join or a session is active.
   *
   * @throws {Error} after `dispose()`.
   */
  join(): void;
  /**
   * Leaves at once: `disconnected/leaveChannel` is emitted before it returns (in an emission, or in a call of the transport:
   * when its turn comes).
   */
  leave(): void;
  /**
   * Begins the next attempt now instead of waiting for it, though not within 250 ms of the last one; a busy server's hint is
   * kept. While connected it asks signalling for a sign of life. A running attempt goes on.
   */
  retryNow(): void;
  /**
   * Leaves, then completes every stream. A later subscriber still gets the last value first; `failed` stays `failed`. A later
   * `join()` throws.
   */
  dispose(): void;
  /** The same, for `using`, in realms that have `Symbol.dispose`. */
  [Symbol.dispose](): void;
}
