/** The schedule allowed no further attempt, and there is no `Error` that says why; `cause` is what there is instead. */
export class GaveUpError extends Error {
  override readonly name = 'GaveUpError';

  constructor(
    /** Attempts begun before. */
    readonly attempts: number,
    options?: ErrorOptions,
  ) {
    super(`gave up after ${String(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`, options);
  }
}
