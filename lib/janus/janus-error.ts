/** The server answered a request, and the answer was no. Its text is not repeated: it may quote what was sent. */
export class JanusError extends Error {
  override readonly name = 'JanusError';

  constructor(
    /** Of Janus (from 403 on, or 450 to 490) or of VideoRoom (421 to 437, 499). */
    readonly code: number,
    /** What was asked, such as `join` or `claim`. */
    readonly request: string,
    /** Whether the room was ours before: then a room that is not there any more was closed. */
    readonly again = false,
  ) {
    super(`Janus answered ${request} with error ${code}`);
  }
}
