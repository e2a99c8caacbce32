import type { ClientFrame, SignalData } from '../protocol.js';

const limits = { name: 64, secret: 1024, session: 80, sdp: 60_000, candidate: 1024 } as const;

/** A client's frame, or `null` for whatever is not one. Takes over only the fields it knows. */
export function readFrame(text: string): ClientFrame | null {
  const frame = parse(text);
  if (!isRecord(frame)) return null;
  switch (frame['type']) {
    case 'join':
      return readJoin(frame);
    case 'resume': {
      const { session, key, received } = frame;
      if (!isText(session, limits.session) || !isText(key, limits.secret)) return null;
      if (received === undefined) return { type: 'resume', session, key };
      return isCount(received) ? { type: 'resume', session, key, received } : null;
    }
    case 'ping':
      return isCount(frame['n']) ? { type: 'ping', n: frame['n'] } : null;
    case 'signal': {
      const { to } = frame;
      const data = readSignal(frame['data']);
      return isName(to) && data !== null ? { type: 'signal', to, data } : null;
    }
    case 'leave':
      return { type: 'leave' };
    default:
      return null;
  }
}

/** The name of a room or a user: 1–64 characters, no control characters, no outer blanks. */
export const isName = (value: unknown): value is string =>
  isText(value, limits.name) && value.length > 0 && value.trim() === value && !/\p{C}/u.test(value);

/** A JSON value, or `undefined`. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readJoin({
  room,
  user,
  token,
  replaces,
  ticket,
  maxWait,
}: Readonly<Record<string, unknown>>): ClientFrame | null {
  if (!isName(room) || !isName(user) || !isText(token, limits.secret)) return null;
  if (replaces !== undefined && !isText(replaces, limits.session)) return null;
  if (ticket !== undefined && !isText(ticket, limits.secret)) return null;
  if (maxWait !== undefined && !isCount(maxWait)) return null;
  return {
    type: 'join',
    room,
    user,
    token,
    ...(replaces === undefined ? {} : { replaces }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(maxWait === undefined ? {} : { maxWait }),
  };
}

function readSignal(data: unknown): SignalData | null {
  if (!isRecord(data)) return null;
  if (data['kind'] === 'description') {
    const description = data['description'];
    if (!isRecord(description)) return null;
    const { type, sdp } = description;
    if ((type !== 'offer' && type !== 'answer') || !isText(sdp, limits.sdp)) return null;
    return { kind: 'description', description: { type, sdp } };
  }
  return data['kind'] === 'candidate' ? readCandidate(data['candidate']) : null;
}

function readCandidate(value: unknown): SignalData | null {
  if (value === null) return { kind: 'candidate', candidate: null };
  if (!isRecord(value)) return null;
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = value;
  if (!isText(candidate, limits.candidate)) return null;
  if (!isOptional(sdpMid, (text) => text === null || isText(text, limits.name))) return null;
  if (!isOptional(sdpMLineIndex, (index) => index === null || isCount(index))) return null;
  if (!isOptional(usernameFragment, (text) => text === null || isText(text, limits.candidate))) return null;
  const known = Object.entries({ candidate, sdpMid, sdpMLineIndex, usernameFragment }).filter(
    ([, field]) => field !== undefined,
  );
  return { kind: 'candidate', candidate: Object.fromEntries(known) };
}

const isOptional = (value: unknown, valid: (value: unknown) => boolean): boolean => value === undefined || valid(value);

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
