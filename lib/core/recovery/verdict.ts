/** What the server itself says about our place in the room. */
export type ServerNotice =
  /** `message`: what the server says with it, for the user; it shows as `message` of the state. */
  | { readonly kind: 'closed'; readonly message?: string }
  | { readonly kind: 'kicked'; readonly message?: string }
  | { readonly kind: 'duplicateUser'; readonly message?: string }
  | { readonly kind: 'redispatch'; readonly endpoint: string }
  | { readonly kind: 'endpoints'; readonly list: readonly string[] };

/** The server answered that it is too busy; it may say when to come back. */
export interface Busy {
  readonly kind: 'busy';
  /** Milliseconds from now. */
  readonly retryAfter?: number;
}

/**
 * What a failed attempt means for the next one.
 *
 * `unreachable`: nobody answered, try the same again. `refused`: somebody answered no, climb to the next rung. `busy`:
 * come back when told. `fatal`: no attempt can succeed (bad key, no such room). Or a notice of the server.
 */
export type Verdict =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'fatal' }
  | Busy
  | Exclude<ServerNotice, { kind: 'endpoints' }>;

export const UNREACHABLE: Verdict = { kind: 'unreachable' };
export const FATAL: Verdict = { kind: 'fatal' };

/** The server does not want us in this room any more. */
export type Dismissal = Extract<ServerNotice, { kind: 'closed' | 'kicked' | 'duplicateUser' }>;

export const isDismissal = (said: { readonly kind: string }): said is Dismissal =>
  said.kind === 'closed' || said.kind === 'kicked' || said.kind === 'duplicateUser';

type Members = Readonly<Record<string, unknown>>;

/**
 * A value from outside as a notice: a plain object of its own, whose members were read once. `null` when it is not a notice.
 *
 * @throws what reading a member throws (a getter, a revoked proxy).
 */
export function noticeOf(value: unknown): ServerNotice | null {
  const { kind, message, endpoint, list } = (value ?? {}) as Members;
  switch (kind) {
    case 'closed':
    case 'kicked':
    case 'duplicateUser':
      return typeof message === 'string' ? { kind, message } : { kind };
    case 'redispatch':
      return isEndpoint(endpoint) ? { kind, endpoint } : null;
    case 'endpoints':
      return Array.isArray(list) && list.length > 0 && list.every(isEndpoint) ? { kind, list: [...list] } : null;
    default:
      return null;
  }
}

/** The same for a verdict. */
export function verdictOf(value: unknown): Verdict | null {
  const { kind, retryAfter } = (value ?? {}) as Members;
  switch (kind) {
    case 'unreachable':
    case 'refused':
    case 'fatal':
      return { kind };
    case 'busy':
      return typeof retryAfter === 'number' ? { kind, retryAfter } : { kind };
    default: {
      const notice = noticeOf(value);
      return notice?.kind === 'endpoints' ? null : notice;
    }
  }
}

const isEndpoint = (value: unknown): value is string => typeof value === 'string' && value !== '';
