import type { ServerFrame, SignalData, UserInfo } from '../../protocol.js';

type Fields = Readonly<Record<string, unknown>>;
type Guard<F> = (frame: Fields) => F | undefined;

const limits = { name: 200, sdp: 200_000, users: 1_000, endpoints: 100 };

/**
 * A frame that passed its guard, rebuilt from known fields only, or `undefined`. What came over the network is nobody's
 * type until then.
 */
export function serverFrame(value: unknown): ServerFrame | undefined {
  const frame = fields(value);
  const type = frame?.['type'];
  if (!frame || typeof type !== 'string' || !Object.hasOwn(guards, type)) return undefined;
  return guards[type as ServerFrame['type']](frame);
}

const guards: { readonly [T in ServerFrame['type']]: Guard<Extract<ServerFrame, { type: T }>> } = {
  joined: ({ session, key, resumeWindow, users }) => {
    const list = userList(users);
    return name(session) && name(key) && duration(resumeWindow) && list
      ? { type: 'joined', session, key, resumeWindow, users: list }
      : undefined;
  },
  resumed: ({ users }) => {
    const list = userList(users);
    return list && { type: 'resumed', users: list };
  },
  refused: ({ code, retryAfter, ticket }) =>
    refusalCode(code)
      ? {
          type: 'refused',
          code,
          // A hint that makes no sense is no hint; the refusal itself stands.
          ...(duration(retryAfter) && { retryAfter }),
          ...(name(ticket) && { ticket }),
        }
      : undefined,
  pong: ({ n }) => (typeof n === 'number' ? { type: 'pong', n } : undefined),
  userJoined: ({ user, session }) => (name(user) && name(session) ? { type: 'userJoined', user, session } : undefined),
  userReplaced: ({ user, session }) =>
    name(user) && name(session) ? { type: 'userReplaced', user, session } : undefined,
  userLeft: ({ user, code }) =>
    name(user) && (code === 0 || code === 1 || code === 3 || code === 4) ? { type: 'userLeft', user, code } : undefined,
  signal: ({ from, session, data }) => {
    const payload = signalData(data);
    return name(from) && name(session) && payload ? { type: 'signal', from, session, data: payload } : undefined;
  },
  kicked: () => ({ type: 'kicked' }),
  closed: () => ({ type: 'closed' }),
  replaced: () => ({ type: 'replaced' }),
  redispatch: ({ endpoint }) => (name(endpoint) ? { type: 'redispatch', endpoint } : undefined),
  endpoints: ({ list }) =>
    Array.isArray(list) && list.length <= limits.endpoints && list.every(name)
      ? { type: 'endpoints', list }
      : undefined,
};

function signalData(value: unknown): SignalData | undefined {
  const data = fields(value);
  if (data?.['kind'] === 'description') {
    const description = fields(data['description']);
    const type = description?.['type'];
    const sdp = description?.['sdp'];
    if ((type !== 'offer' && type !== 'answer') || !text(sdp, limits.sdp)) return undefined;
    return { kind: 'description', description: { type, sdp } };
  }
  if (data?.['kind'] === 'candidate') {
    if (data['candidate'] === null) return { kind: 'candidate', candidate: null };
    const candidate = fields(data['candidate']);
    return candidate && iceCandidate(candidate);
  }
  return undefined;
}

function iceCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: Fields): SignalData | undefined {
  if (!text(candidate, limits.sdp)) return undefined;
  return {
    kind: 'candidate',
    candidate: {
      candidate,
      ...(typeof sdpMid === 'string' && { sdpMid }),
      ...(typeof sdpMLineIndex === 'number' && { sdpMLineIndex }),
      ...(typeof usernameFragment === 'string' && { usernameFragment }),
    },
  };
}

function userList(value: unknown): readonly UserInfo[] | undefined {
  if (!Array.isArray(value) || value.length > limits.users) return undefined;
  const users = value.map((entry: unknown) => {
    const { user, session } = fields(entry) ?? {};
    return name(user) && name(session) ? { user, session } : undefined;
  });
  return users.every((entry) => entry !== undefined) ? users : undefined;
}

const refusals = ['unauthorized', 'noSuchRoom', 'roomFull', 'busy', 'sessionGone', 'badFrame'] as const;
const refusalCode = (value: unknown): value is (typeof refusals)[number] => refusals.some((code) => code === value);

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
const text = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const name = (value: unknown): value is string => text(value, limits.name) && value.length > 0;
const duration = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
