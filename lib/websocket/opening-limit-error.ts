/** The socket did not open in time; it was closed and will not be used if it opens later. */
export class OpeningLimitError extends Error {
  override readonly name = 'OpeningLimitError';

  constructor(
    /** Milliseconds. */
    readonly limit: number,
  ) {
    super(`the channel did not open within ${limit} ms`);
  }
}
