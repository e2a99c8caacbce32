/** A frame of the server that could not be used. What was in it is not repeated here. */
export class JanusFrameError extends Error {
  override readonly name = 'JanusFrameError';

  constructor(
    /** Which frame, and what of it, such as `event: publishers`. */
    readonly frame: string,
  ) {
    super(`a frame of the server could not be used: ${frame}`);
  }
}
