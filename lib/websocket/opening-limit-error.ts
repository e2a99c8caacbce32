/** The socket did not open in time; it was closed and will not be used if it opens later. */
export class OpeningLimitError extends Error {
  override readonly name = 'OpeningLimitError';
  /**
   * Nobody answered. Without `classify` a room resumes again after such an error; after three answered failures in a row it
   * gives up the link and rejoins.
   */
  readonly unanswered = true;

  constructor(
    /** Milliseconds. */
    readonly limit: number,
  ) {
    super(`the channel did not open within ${limit} ms`);
  }
}
