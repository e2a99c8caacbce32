import { MAX_DELAY } from './limits.js';
import type { Fault, Script } from './script.js';

/** What a fault says about the server, as a room must understand it. */
export interface Meaning {
  readonly kind: string;
  readonly retryAfter?: unknown;
  readonly endpoint?: string;
}

/** A notice of the server that a room can understand. */
export interface Notice {
  readonly kind: string;
  readonly endpoint?: string;
  readonly list?: readonly string[];
}

export const UNREACHABLE: Meaning = { kind: 'unreachable' };
export const FATAL: Meaning = { kind: 'fatal' };

const DISMISSALS: readonly string[] = ['closed', 'kicked', 'duplicateUser'];

export const isDismissal = ({ kind }: Meaning | Notice): boolean => DISMISSALS.includes(kind);

const isEndpoint = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What an error means by `classify`: nonsense, or a `classify` that throws or is not there, says that nobody answered. */
export function meaningOf(error: unknown, { can }: Script): Meaning {
  if (typeof error !== 'object' || error === null || !('says' in error) || !can.classify) return UNREACHABLE;
  const { says, throws } = error as Fault;
  if (throws || typeof says !== 'object' || says === null) return UNREACHABLE;
  const it = says as Meaning;
  if (['refused', 'fatal', 'busy', ...DISMISSALS].includes(it.kind)) return it;
  return it.kind === 'redispatch' && isEndpoint(it.endpoint) ? it : UNREACHABLE;
}

/** What a room can make of a value on `notice$`; `null` for nonsense. */
export function noticeOf(word: unknown): Notice | null {
  if (typeof word !== 'object' || word === null) return null;
  const it = word as Notice;
  if (DISMISSALS.includes(it.kind)) return it;
  if (it.kind === 'redispatch' && isEndpoint(it.endpoint)) return it;
  return it.kind === 'endpoints' && Array.isArray(it.list) && it.list.length > 0 && it.list.every(isEndpoint)
    ? it
    : null;
}

/** The hint of a busy server in ms, where it makes sense. */
export function hintOf({ kind, retryAfter }: Meaning): number | null {
  return kind === 'busy' && typeof retryAfter === 'number' && retryAfter >= 0 ? Math.min(MAX_DELAY, retryAfter) : null;
}

/** How long a wake says that the device slept (ms). */
export const sleptFor = (suspendedFor: unknown): number =>
  typeof suspendedFor === 'number' && suspendedFor > 0 ? suspendedFor : 0;
