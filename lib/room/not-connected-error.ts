import type { ConnectionState } from '../core/machine/connection-state.js';

/** The room was left, dismissed, failed or disposed of before it was connected. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';

  constructor(
    /** The terminal state; `null` when the room was disposed of before any. */
    readonly state: ConnectionState | null,
  ) {
    super(
      `not connected: ${state === null ? 'disposed' : `${state.state}/${String(state.reason)}`}`,
      state?.state === 'failed' ? { cause: state.error } : undefined,
    );
  }
}
