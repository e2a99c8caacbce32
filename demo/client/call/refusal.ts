import type { RefusalCode, ServerFrame } from '../../protocol.js';
import type { ServerNotice, Verdict } from '../../../lib/index.js';

/** The server answered our join or resume, and the answer was no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: RefusalCode;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
  /** Keeps our place in the queue for the next join. */
  readonly ticket: string | undefined;

  constructor(code: RefusalCode, retryAfter?: number, ticket?: string) {
    super(`the server refused: ${code}`);
    this.code = code;
    this.retryAfter = retryAfter;
    this.ticket = ticket;
  }
}

/** The server ended our place in the room before it was ours again. */
export class WordError extends Error {
  override readonly name = 'WordError';
  readonly word: Exclude<ServerNotice, { kind: 'endpoints' }>;

  constructor(word: Exclude<ServerNotice, { kind: 'endpoints' }>) {
    super(`the server said: ${word.kind}`);
    this.word = word;
  }
}

/** The server answered, and the answer was no. Every other end is no answer. */
export const isNo = (error: unknown): error is RefusedError | WordError =>
  error instanceof RefusedError || error instanceof WordError;

/** What a failure means for the next attempt; `undefined`, as for every network trouble, is "unreachable". */
export function classifyRefusal(error: unknown): Verdict | undefined {
  if (error instanceof WordError) return error.word;
  if (!(error instanceof RefusedError)) return undefined;
  switch (error.code) {
    case 'unauthorized':
    case 'noSuchRoom':
      return { kind: 'fatal' };
    case 'busy':
      return error.retryAfter === undefined ? { kind: 'busy' } : { kind: 'busy', retryAfter: error.retryAfter };
    case 'sessionGone':
    case 'roomFull':
    case 'badFrame':
      return { kind: 'refused' };
  }
}

/** What a frame says of our place in the room, if it says anything of it. */
export function wordOf(frame: ServerFrame): ServerNotice | undefined {
  switch (frame.type) {
    case 'kicked':
    case 'closed':
      return { kind: frame.type };
    case 'replaced':
      return { kind: 'duplicateUser' };
    case 'redispatch':
      return { kind: 'redispatch', endpoint: frame.endpoint };
    case 'endpoints':
      return { kind: 'endpoints', list: frame.list };
    default:
      return undefined;
  }
}
