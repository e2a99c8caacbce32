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

/** The server does not want us in this room any more. */
export type Dismissal = Extract<ServerNotice, { kind: 'closed' | 'kicked' | 'duplicateUser' }>;

export const isDismissal = (said: { readonly kind: string }): said is Dismissal =>
  said.kind === 'closed' || said.kind === 'kicked' || said.kind === 'duplicateUser';

const named = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** Whether a value that came from outside is a notice of a server. */
export function isServerNotice(value: unknown): value is ServerNotice {
  switch (named(value, 'kind')) {
    case 'closed':
    case 'kicked':
    case 'duplicateUser':
      return true;
    case 'redispatch':
      return isEndpoint(named(value, 'endpoint'));
    case 'endpoints': {
      const list = named(value, 'list');
      return Array.isArray(list) && list.length > 0 && list.every(isEndpoint);
    }
    default:
      return false;
  }
}

/** Whether a value that came from outside is a verdict. */
export function isVerdict(value: unknown): value is Verdict {
  switch (named(value, 'kind')) {
    case 'unreachable':
    case 'refused':
    case 'fatal':
    case 'busy':
      return true;
    case 'endpoints':
      return false;
    default:
      return isServerNotice(value);
  }
}

const isEndpoint = (value: unknown): value is string => typeof value === 'string' && value !== '';
