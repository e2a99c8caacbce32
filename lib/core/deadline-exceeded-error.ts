/** The total deadline passed. `cause` is the last error of an attempt, where there was one. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';

  constructor(
    /** Milliseconds. */
    readonly deadline: number,
    /** Attempts begun before it passed. */
    readonly attempts: number,
    options?: ErrorOptions,
  ) {
    super(`not connected within ${String(deadline)} ms, after ${String(attempts)} attempts`, options);
  }
}
