/** `stream$` failed: there is no camera, it was refused, or another has it; the `cause` says which. */
export class StreamError extends Error {
  override readonly name = 'StreamError';

  constructor(cause: unknown) {
    super('stream$ failed', { cause });
  }
}
