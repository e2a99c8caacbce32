/** What an application has before it adds an import: all of rxjs, and of rejoin so much. */
export type Baseline =
  /** Nothing of rejoin. */
  | 'rxjs'
  /** `createRoom`: an application that imports what is made for a room has one. */
  | 'room'
  /** All that `rejoin` exports: an application that imports a transport has most of it. */
  | 'core'
  /** The same and all of `rejoin/websocket` and `rejoin/webrtc`. */
  | 'entries';

/** What an application may import, and by how much that may make its bundle grow (bytes, minified and gzipped). */
export interface Entry {
  readonly name: string;
  /** The module that is bundled. */
  readonly code: string;
  /** @defaultValue 'rxjs' */
  readonly beside?: Baseline;
  /** What it should take. */
  readonly goal?: number;
  /** `npm test` fails above it: a little above what it took when this was written. */
  readonly budget: number;
}

const exported = (names: string, entry = 'index'): string => `export { ${names} } from './lib/${entry}.ts';`;
const all = (folder: string): string => `export * from './lib/${folder}/index.ts';`;

const channel = exported('webSocketChannel', 'websocket/index');
const health = exported('peerConnectionHealth, restartIce', 'webrtc/index');

export const entries: readonly Entry[] = [
  { name: 'createRoom', code: exported('createRoom'), goal: 9_000, budget: 13_400 },
  { name: 'reconnect', code: exported('reconnect'), goal: 1_700, budget: 3_700 },
  { name: 'deriveConnectionState', code: exported('deriveConnectionState'), goal: 6_300, budget: 9_800 },
  {
    name: 'createRoom, webSocketChannel, peerConnectionHealth, restartIce',
    code: exported('createRoom') + channel + health,
    goal: 13_100,
    budget: 17_950,
  },
  { name: 'exponential', code: exported('exponential'), budget: 550 },
  { name: 'defaultSchedule', code: exported('defaultSchedule'), budget: 990 },
  { name: 'usersOf', code: exported('usersOf'), budget: 2_110 },
  { name: 'logRoom', code: exported('logRoom'), beside: 'room', goal: 800, budget: 800 },
  { name: 'all of rejoin', code: `export * from './lib/index.ts';`, budget: 18_850 },
  { name: 'rejoin/websocket', code: all('websocket'), beside: 'core', budget: 2_530 },
  { name: 'rejoin/webrtc', code: all('webrtc'), beside: 'core', budget: 3_520 },
  { name: 'rejoin/janus', code: all('janus'), beside: 'entries', budget: 6_600 },
  { name: 'webSocketChannel', code: channel, beside: 'core', budget: 2_120 },
  { name: 'peerConnectionHealth, restartIce', code: health, beside: 'core', budget: 2_020 },
  { name: 'rejoin/websocket, alone', code: all('websocket'), budget: 3_680 },
  { name: 'rejoin/webrtc, alone', code: all('webrtc'), budget: 4_500 },
  { name: 'rejoin/janus, with websocket and webrtc', code: all('janus'), beside: 'core', budget: 10_500 },
];

/** As their own guides import them. */
export const peerEntries: readonly Pick<Entry, 'name' | 'code'>[] = [
  { name: 'partysocket', code: `export { default } from 'partysocket';` },
  { name: 'reconnecting-websocket', code: `export { default } from 'reconnecting-websocket';` },
  { name: '@stomp/rx-stomp', code: `export { RxStomp } from '@stomp/rx-stomp';` },
  {
    name: 'cockatiel',
    code: `export { retry, handleAll, ExponentialBackoff, timeout, TimeoutStrategy, wrap } from 'cockatiel';`,
  },
  { name: 'cockatiel, retry alone', code: `export { retry, handleAll, ExponentialBackoff } from 'cockatiel';` },
  { name: 'socket.io-client', code: `export { io } from 'socket.io-client';` },
  { name: '@microsoft/signalr', code: `export { HubConnectionBuilder } from '@microsoft/signalr';` },
  { name: 'livekit-client', code: `export { Room } from 'livekit-client';` },
  {
    name: 'livekit-client, its reconnect policy alone',
    code: `export { DefaultReconnectPolicy } from 'livekit-client';`,
  },
];
