/** The total deadline passed. `cause` is the last error of an attempt, where there was one. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';

  constructor(
    /** The budget of lost time, milliseconds. */
    readonly deadline: number,
    /** Attempts begun before it passed. */
    readonly attempts: number,
    /** `spent`: milliseconds of the budget that earlier breaks had used. `name`: of the room. */
    { spent = 0, name = '', ...options }: ErrorOptions & { readonly spent?: number; readonly name?: string } = {},
  ) {
    const lost =
      spent > 0
        ? `${String(deadline)} ms lost since the last stable connection`
        : `not connected within ${String(deadline)} ms`;
    super(
      `${name === '' ? '' : `${name}: `}${lost}, after ${String(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`,
      options,
    );
  }
}
