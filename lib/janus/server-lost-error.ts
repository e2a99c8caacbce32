/** The server that has our session could not be reached again and again, and there are other servers. */
export class ServerLostError extends Error {
  override readonly name = 'ServerLostError';

  constructor(cause: unknown) {
    super('the server of the session could not be reached', { cause });
  }
}
