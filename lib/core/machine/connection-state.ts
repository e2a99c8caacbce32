/** Why nobody is in the room: `null` before any join, our own leave, or a notice of the server. */
export type DisconnectedReason = 'leaveChannel' | 'channelClosed' | 'serverKicked' | 'duplicateUser' | null;

/** Not in the room, and nothing is under way. */
export interface Disconnected {
  readonly state: 'disconnected';
  readonly reason: DisconnectedReason;
  /** What the server said with it, where it said something. */
  readonly message?: string;
}

/** The first join is under way; it may take several attempts. */
export interface Connecting {
  readonly state: 'connecting';
  readonly reason: 'joinChannel' | 'settingProxyServer';
}

/** In the room: signal and media are both up. */
export interface Connected<L = unknown> {
  readonly state: 'connected';
  readonly reason: 'joinSucceed' | 'rejoinSucceed';
  readonly link: L;
}

/** The network broke; repairs and rejoins are under way until the deadline. */
export interface Reconnecting<L = unknown> {
  readonly state: 'reconnecting';
  /** What broke first. A second cause changes `progress$`, never this. */
  readonly reason: 'mediaConnectionDisconnected' | 'signalDisconnected' | 'redispatch';
  /** The link that broke, so that a template keeps the video that still flows; `null` when it was gone at once. */
  readonly link: L | null;
  /** What broke it first: the error of the link or of a health; `null` when only a health said so. Later ones show in `events$`. */
  readonly error: unknown;
  /** The last proof of life of what broke (ms, wall clock). */
  readonly since: number;
}

/** Gave up; call `join()` to try again. */
export interface Failed {
  readonly state: 'failed';
  readonly reason: 'timeout' | 'requestChannelFailed' | 'joinChannelFailed';
  /** A `DeadlineExceededError` whose `cause` is the last error, or the error that ended it at once. */
  readonly error: Error;
  /** Attempts begun since the join or since the network broke. */
  readonly attempts: number;
  /** Which legs were missing: for a break those that were lost, for a join those of its last link. `null` when no link says. */
  readonly cause: 'signal' | 'media' | 'both' | null;
  /** Milliseconds that the device slept, where that is what the deadline passed in. */
  readonly suspendedFor?: number;
}

/** The one answer to "am I in the room?". A wrong pair of state and reason does not compile. */
export type ConnectionState<L = unknown> = Disconnected | Connecting | Connected<L> | Reconnecting<L> | Failed;

export type StateName = ConnectionState['state'];
export type ReasonName = NonNullable<ConnectionState['reason']>;

/** The code of every state, the same on every platform of this family. */
export const stateCodes = {
  disconnected: 1,
  connecting: 2,
  connected: 3,
  reconnecting: 4,
  failed: 5,
} as const satisfies Record<StateName, number>;

/** The code of every reason. */
export const reasonCodes = {
  leaveChannel: 1,
  channelClosed: 2,
  serverKicked: 3,
  timeout: 4,
  joinChannel: 5,
  joinSucceed: 6,
  rejoinSucceed: 7,
  mediaConnectionDisconnected: 8,
  signalDisconnected: 9,
  requestChannelFailed: 10,
  joinChannelFailed: 11,
  redispatch: 12,
  settingProxyServer: 13,
  duplicateUser: 14,
} as const satisfies Record<ReasonName, number>;

export type StateCode = (typeof stateCodes)[StateName];
export type ReasonCode = (typeof reasonCodes)[ReasonName];

const nameOf = <N extends string>(codes: Readonly<Record<N, number>>, code: number): N | undefined =>
  (Object.keys(codes) as N[]).find((name) => codes[name] === code);

/**
 * The state that has this code, or `undefined`.
 *
 * @example
 * ```ts
 * import { stateOfCode } from 'rejoin';
 * console.log(stateOfCode(4)); // => reconnecting
 * ```
 */
export const stateOfCode = (code: number): StateName | undefined => nameOf(stateCodes, code);

/**
 * The reason that has this code, or `undefined`.
 *
 * @example
 * ```ts
 * import { reasonOfCode } from 'rejoin';
 * console.log(reasonOfCode(7)); // => rejoinSucceed
 * ```
 */
export const reasonOfCode = (code: number): ReasonName | undefined => nameOf(reasonCodes, code);
