/** No sign of life came in time, or the channel was or became closed. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  /**
   * Nobody answered. Without `classify` a room resumes again after such an error; after three answered failures in a row it
   * gives up the link and rejoins.
   */
  readonly unanswered = true;

  constructor(
    /** Milliseconds. */
    readonly limit: number,
    readonly problem: 'silent' | 'closed',
  ) {
    super(problem === 'silent' ? `nothing was heard within ${limit} ms` : 'the channel is closed');
  }
}
