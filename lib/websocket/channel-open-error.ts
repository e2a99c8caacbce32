/**
 * The socket could not even be made: the address is not one, or the `open` function threw. Only the name of what was
 * thrown is kept, for platforms repeat the address, and the token in it, in their texts.
 */
export class ChannelOpenError extends Error {
  override readonly name = 'ChannelOpenError';
  /** The name of what was thrown, such as `SyntaxError`. */
  readonly thrown: string;

  constructor(error: unknown) {
    const thrown = error instanceof Error ? error.name : typeof error;
    super(`the socket could not be made: ${thrown}`);
    this.thrown = thrown;
  }
}
