/** One attempt took longer than it may, and was cut. */
export class AttemptLimitError extends Error {
  override readonly name = 'AttemptLimitError';

  constructor(
    /** Milliseconds. */
    readonly limit: number,
  ) {
    super(`attempt cut after ${String(limit)} ms: not connected by then`);
  }
}
