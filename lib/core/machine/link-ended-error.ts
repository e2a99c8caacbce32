/** Something completed that must not: a join without a link, or under its link; a request without a value. */
export class LinkEndedError extends Error {
  override readonly name = 'LinkEndedError';

  constructor(message = 'join completed') {
    super(message);
  }
}
