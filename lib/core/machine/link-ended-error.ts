/** A join completed: without a link, or after it. The error of its own that it did not give. */
export class LinkEndedError extends Error {
  override readonly name = 'LinkEndedError';

  constructor() {
    super('the join completed, and with it its link');
  }
}
