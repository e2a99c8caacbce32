/** A schedule threw, or answered something that is not a number of milliseconds. `cause` is what it threw. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';

  constructor(answer: string, options?: ErrorOptions) {
    super(`schedule: expected milliseconds ≥ 0 or Infinity, but it ${answer}`, options);
  }
}
