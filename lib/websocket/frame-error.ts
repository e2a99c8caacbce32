/** Why a frame could not be used. */
export type FrameProblem = 'not JSON' | 'too large' | 'binary';

/** A frame that could not be used and changed nothing. What was in it is not repeated here. */
export class FrameError extends Error {
  override readonly name = 'FrameError';

  constructor(
    readonly problem: FrameProblem,
    /** Characters of a text frame, bytes of a binary one; `undefined` where the platform does not say. */
    readonly size: number | undefined,
  ) {
    super(`a frame was ignored: ${problem}, size ${size ?? 'unknown'}`);
  }
}
