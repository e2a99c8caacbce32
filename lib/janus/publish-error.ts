/** What we send could not be published: `stream$` failed or gave no stream, or no peer connection could be made for it. */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    cause: unknown,
    /** Whether the room was ours before: then it was possible, and may be again. */
    readonly again = false,
  ) {
    super('our media could not be published', { cause });
  }
}
