import { reasonCodes, stateCodes } from '../../lib/core/machine/connection-state.js';
import type { ControlCommand, StateReport } from './control-api.js';
import { isName, isRecord } from './read-frame.js';

const longestDown = 600_000;
const longestEndpoint = 200;

/** What a page asked for, or `null` for whatever is no command. Takes over only the fields it knows. */
export function readCommand(value: unknown): ControlCommand | null {
  if (!isRecord(value)) return null;
  const { command, user, room, signal, media, share, downFor, on, retryAfter, endpoint } = value;
  if (room !== undefined && !isName(room)) return null;
  const inRoom = room === undefined ? {} : { room };
  switch (command) {
    case 'cut':
      if (!isName(user) || !isOptionalBoolean(signal) || !isOptionalBoolean(media)) return null;
      return { command, user, ...(signal === undefined ? {} : { signal }), ...(media === undefined ? {} : { media }) };
    case 'lose':
      return isName(user) && isShare(share) ? { command, user, share } : null;
    case 'heal':
      return isName(user) ? { command, user } : null;
    case 'kick':
      return isName(user) ? { command, user, ...inRoom } : null;
    case 'closeRoom':
      return { command, ...inRoom };
    case 'restart':
      if (downFor === undefined) return { command };
      return isTime(downFor) ? { command, downFor } : null;
    case 'busy':
      if (typeof on !== 'boolean') return null;
      if (retryAfter === undefined) return { command, on };
      return isTime(retryAfter) ? { command, on, retryAfter } : null;
    case 'redispatch':
      if (!isName(user)) return null;
      if (endpoint === undefined) return { command, user, ...inRoom };
      return isEndpoint(endpoint) ? { command, user, endpoint, ...inRoom } : null;
    default:
      return null;
  }
}

/** A state that one of `users` may be in, or `null`. */
export function readReport(value: unknown, users: readonly string[]): StateReport | null {
  if (!isRecord(value)) return null;
  const { user, state, reason } = value;
  if (typeof user !== 'string' || !users.includes(user)) return null;
  if (!isKeyOf(stateCodes, state) || (reason !== null && !isKeyOf(reasonCodes, reason))) return null;
  return { user, state, reason };
}

const isOptionalBoolean = (value: unknown): value is boolean | undefined =>
  value === undefined || typeof value === 'boolean';

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;

/** Milliseconds. */
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= longestDown;

const isEndpoint = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= longestEndpoint && URL.canParse(value) && /^wss?:/.test(value);

const isKeyOf = <K extends string>(record: Readonly<Record<K, unknown>>, value: unknown): value is K =>
  typeof value === 'string' && Object.hasOwn(record, value);
