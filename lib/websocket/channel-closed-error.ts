/** How a socket ended. */
export interface SocketClose {
  /** 1000 normal, 1001 going away, 1006 no close frame was seen, 1012 restart, 3000–4999 the application's own … */
  readonly code: number;
  /** The server's text; for people, never to be parsed. */
  readonly reason: string;
  /** Whether the two sides agreed on the close. It says nothing about whether it was wanted. */
  readonly wasClean: boolean;
}

/** The socket was closed, cleanly or not: a lost link either way. The text holds neither the address nor the reason. */
export class ChannelClosedError extends Error implements SocketClose {
  override readonly name = 'ChannelClosedError';
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /**
   * Whether nobody answered: the connection broke (1006), or the server went away (1001) or restarts (1012). Any other code is
   * an answer. Without `classify` a room resumes again after an unanswered failure; after three answered ones in a row it
   * gives up the link and rejoins.
   */
  readonly unanswered: boolean;

  constructor(
    { code, reason, wasClean }: SocketClose,
    /** Whether the socket had been open before. */
    readonly opened: boolean,
  ) {
    super(opened ? `the channel was closed with code ${code}` : `the channel could not be opened, code ${code}`);
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
    this.unanswered = [1001, 1006, 1012].includes(code);
  }
}
