import type { Random } from './random.js';

/**
 * Milliseconds to the next attempt, `Infinity` to give up.
 *
 * `failures` in a row so far, 0 when the connection has just broken; `elapsed` ms since then; `own` is one draw that a
 * client keeps for good. Draws from `random` as often and in the same order as the package does, so that the check can
 * compare them to the millisecond.
 */
export type PeerPolicy = (failures: number, elapsed: number, own: number, random: Random) => number;

export interface Peer {
  readonly name: string;
  readonly delay: PeerPolicy;
}

const livekitWaits = [0, 300, 1_200, 2_700, 4_800, 7_000, 7_000, 7_000, 7_000, 7_000];

/** `backo2` as socket.io-client and twilio-video carry it: jitter before the cap, whole milliseconds. */
function backo2(ms: number, jitter: number, max: number, random: Random): number {
  const draw = random();
  const deviation = Math.floor(draw * jitter * ms);
  const wait = (Math.floor(draw * 10) & 1) === 0 ? ms - deviation : ms + deviation;
  return Math.min(wait, max) | 0;
}

const growing = (first: number, failures: number, max: number): number => Math.min(max, first * 1.3 ** failures);

export const livekit222: Peer = {
  name: 'livekit-client 2.22',
  delay: (failures, _elapsed, _own, random) => {
    const wait = livekitWaits[failures];
    if (wait === undefined) return Infinity;
    return failures <= 1 ? wait : wait + random() * 1_000;
  },
};

export const livekit: Peer = {
  name: 'livekit-client 2.23',
  delay: (failures, _elapsed, _own, random) => {
    const wait = livekitWaits[failures];
    if (wait === undefined) return Infinity;
    return failures === 0 ? random() * 500 : Math.round(wait * (0.5 + random()));
  },
};

export const chime: Peer = {
  name: 'amazon-chime-sdk-js',
  delay: (failures, elapsed, _own, random) =>
    elapsed >= 120_000 ? Infinity : random() * Math.min(5_000, 1_000 * 2 ** failures),
};

/** The session's 30 s end further attempts; one that is planned is still made. */
export const twilio: Peer = {
  name: 'twilio-video',
  delay: (failures, elapsed, _own, random) =>
    elapsed >= 30_000 ? Infinity : backo2(80 * 1.5 ** failures, 1, 10_000, random),
};

export const stream: Peer = {
  name: 'stream-video-js',
  delay: (failures, _elapsed, _own, random) => {
    const max = Math.min(500 + failures * 2_000, 5_000);
    const min = Math.min(Math.max(250, (failures - 1) * 2_000), 5_000);
    return Math.floor(random() * (max - min) + min);
  },
};

export const socketio: Peer = {
  name: 'socket.io-client',
  delay: (failures, _elapsed, _own, random) => backo2(1_000 * 2 ** failures, 0.5, 5_000, random),
};

export const signalr: Peer = {
  name: '@microsoft/signalr',
  delay: (failures) => [0, 2_000, 10_000, 30_000][failures] ?? Infinity,
};

export const partysocket: Peer = { name: 'partysocket', delay: (failures) => growing(3_000, failures, 10_000) };

export const reconnectingWebSocket: Peer = {
  name: 'reconnecting-websocket',
  delay: (failures, _elapsed, own) => growing(1_000 + own * 4_000, failures, 10_000),
};

export const rxStomp: Peer = { name: '@stomp/rx-stomp', delay: () => 5_000 };

export const centrifuge: Peer = {
  name: 'centrifuge',
  delay: (failures, _elapsed, _own, random) => {
    const most = Math.min(20_000, 500 * 2 ** Math.min(31, failures));
    return Math.min(20_000, 500 + Math.floor(random() * (most + 1)));
  },
};

/** The break itself is the first "disconnected" that it counts; 2 min later it is "suspended". */
export const ably: Peer = {
  name: 'ably',
  delay: (failures, elapsed, _own, random) => {
    if (failures === 0) return 0;
    if (elapsed >= 120_000) return 30_000;
    return 15_000 * Math.min((failures + 3) / 3, 2) * (1 - random() * 0.2);
  },
};

export const phoenix: Peer = {
  name: 'phoenix',
  delay: (failures) => [10, 50, 100, 150, 200, 250, 500, 1_000, 2_000][failures] ?? 5_000,
};

/** As gRPC specifies it. grpc-js lets its jitter grow with the waits. */
export const grpc: Peer = {
  name: 'gRPC (specification)',
  delay: (failures, _elapsed, _own, random) =>
    failures === 0 ? 0 : Math.min(120_000, 1_000 * 1.6 ** (failures - 1)) * (0.8 + 0.4 * random()),
};

export const nertcLike: Peer = {
  name: 'a NERTC-like loop',
  delay: (_failures, elapsed, own) => (elapsed + 3_000 > 30_000 + own * 20_000 ? Infinity : 3_000),
};

export const peers: readonly Peer[] = [
  livekit,
  livekit222,
  chime,
  twilio,
  stream,
  socketio,
  signalr,
  partysocket,
  reconnectingWebSocket,
  rxStomp,
  centrifuge,
  ably,
  phoenix,
  grpc,
  nertcLike,
];
