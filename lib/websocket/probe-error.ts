/** No sign of life came in time, or the channel was or became closed. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';

  constructor(
    /** Milliseconds. */
    readonly limit: number,
    readonly problem: 'silent' | 'closed',
  ) {
    super(problem === 'silent' ? `nothing was heard within ${limit} ms` : 'the channel is closed');
  }
}
