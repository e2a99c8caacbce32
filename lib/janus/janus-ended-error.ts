/** Why a session of ours is over, or of no use any more, at the server. */
export type JanusEnding = 'timeout' | 'hangup' | 'detached' | 'lost';

/**
 * The server ended the session (`timeout`), a peer connection (`hangup`) or a handle (`detached`) of ours; or the answer
 * to a request was `lost` with the socket that it was asked on.
 */
export class JanusEndedError extends Error {
  override readonly name = 'JanusEndedError';

  constructor(readonly ending: JanusEnding) {
    super(ending === 'lost' ? 'an answer was lost with its socket' : `the server said ${ending}`);
  }
}
