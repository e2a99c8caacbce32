/** What an application may import, and what that may cost (bytes, minified and gzipped). */
export interface Entry {
  readonly name: string;
  /** The module that is bundled. */
  readonly code: string;
  /**
   * What it may count on: `rxjs` is there anyway; `core` is all that `rejoin` exports, which whoever imports a transport
   * has already; `entries` is `rejoin/websocket` and `rejoin/webrtc` as well.
   *
   * @defaultValue 'rxjs'
   */
  readonly beside?: 'rxjs' | 'core' | 'entries';
  /** What it should take. */
  readonly goal?: number;
  /** `npm test` fails above it: a little above what it took when this was written. */
  readonly budget: number;
}

const exported = (names: string, entry = 'index'): string => `export { ${names} } from './lib/${entry}.ts';`;
const all = (folder: string): string => `export * from './lib/${folder}/index.ts';`;

export const entries: readonly Entry[] = [
  { name: 'createRoom', code: exported('createRoom'), goal: 4_500, budget: 9_200 },
  { name: 'reconnect', code: exported('reconnect'), goal: 800, budget: 2_100 },
  { name: 'exponential', code: exported('exponential'), goal: 300, budget: 300 },
  { name: 'defaultSchedule', code: exported('defaultSchedule'), budget: 700 },
  { name: 'usersOf', code: exported('usersOf'), budget: 2_000 },
  { name: 'deriveConnectionState', code: exported('deriveConnectionState'), budget: 9_200 },
  { name: 'all of rejoin', code: `export * from './lib/index.ts';`, budget: 14_000 },
  { name: 'rejoin/websocket', code: all('websocket'), beside: 'core', goal: 2_000, budget: 3_200 },
  { name: 'rejoin/webrtc', code: all('webrtc'), beside: 'core', goal: 2_000, budget: 4_060 },
  { name: 'rejoin/janus', code: all('janus'), beside: 'entries', goal: 4_000, budget: 8_000 },
  { name: 'webSocketChannel', code: exported('webSocketChannel', 'websocket/index'), beside: 'core', budget: 2_600 },
  {
    name: 'peerConnectionHealth, restartIce',
    code: exported('peerConnectionHealth, restartIce', 'webrtc/index'),
    beside: 'core',
    budget: 2_600,
  },
  { name: 'rejoin/websocket, alone', code: all('websocket'), budget: 4_000 },
  { name: 'rejoin/webrtc, alone', code: all('webrtc'), budget: 4_370 },
  { name: 'rejoin/janus, with websocket and webrtc', code: all('janus'), beside: 'core', budget: 12_000 },
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
