import type { RefusalCode, ServerFrame } from '../../protocol.js';
import type { ServerNotice, Verdict } from '../../../lib/index.js';

/** The server refused our join or resume. */
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

/** Instead of an answer a notice came that ended our place in the room. */
export class NoticeError extends Error {
  override readonly name = 'NoticeError';
  readonly notice: Exclude<ServerNotice, { kind: 'endpoints' }>;

  constructor(notice: Exclude<ServerNotice, { kind: 'endpoints' }>) {
    super(`the server said: ${notice.kind}`);
    this.notice = notice;
  }
}

/** Whether the server answered and refused. Any other error means that no answer came. */
export const isRefusal = (error: unknown): error is RefusedError | NoticeError =>
  error instanceof RefusedError || error instanceof NoticeError;

/** What a failure means for the next attempt; `undefined`, as for every network trouble, is "unreachable". */
export function classifyRefusal(error: unknown): Verdict | undefined {
  if (error instanceof NoticeError) return error.notice;
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

/** The notice in a frame, if there is one. */
export function noticeOf(frame: ServerFrame): ServerNotice | undefined {
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
