import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createContext, Script } from 'node:vm';
import { peersFolder } from '../peers/install.js';
import * as table from './peers.js';
import type { Peer } from './peers.js';
import { seeded, type Random } from './random.js';

export interface PeerCheck {
  readonly name: string;
  readonly version: string | null;
  /** `equal`: to the millisecond, for as many clients and failures as were asked. */
  readonly outcome: 'equal' | 'not installed' | 'differs';
  readonly detail: string;
}

/** The real policy, asked as ours is: `NaN` where the package does not say. */
type RealPolicy = (failures: number, elapsed: number) => number;

interface Source {
  readonly peer: Peer;
  /** Names under which the package may be installed. */
  readonly packages: readonly string[];
  /** What is asked: the package's own policy, or the functions in its text. */
  readonly asks: string;
  readonly policy: (installed: Installed) => RealPolicy | Promise<RealPolicy>;
  /** A fixed version: other versions are other policies. */
  readonly version?: string;
  readonly failures?: number;
}

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly load: (path?: string) => unknown;
  readonly text: (path: string) => string;
}

interface LiveKit {
  readonly DefaultReconnectPolicy: new () => {
    nextRetryDelayInMs(context: { retryCount: number; elapsedMs: number }): number | null;
  };
}

const askLiveKit = ({ load }: Installed): RealPolicy => {
  const policy = new (load() as LiveKit).DefaultReconnectPolicy();
  return (retryCount, elapsedMs) => policy.nextRetryDelayInMs({ retryCount, elapsedMs }) ?? Infinity;
};

/** Both keep a counter that is 1 when the socket that broke had been open for a while. */
interface CountingSocket {
  _retryCount: number;
  _getNextDelay(): number;
}
type CountingSocketClass = new (url: string, protocols: string[], options: object) => CountingSocket;

const askCountingSocket = (Socket: CountingSocketClass): RealPolicy => {
  const socket = new Socket('ws://127.0.0.1:9', [], { startClosed: true });
  return (failures) => {
    socket._retryCount = failures + 1;
    return socket._getNextDelay();
  };
};

/** A WebSocket that is never opened. */
const Nothing = (): undefined => undefined;

interface Backoff {
  attempts: number;
  duration(): number;
}

const sources: readonly Source[] = [
  {
    peer: table.livekit,
    packages: ['livekit-client'],
    version: '2.23',
    asks: 'DefaultReconnectPolicy',
    policy: askLiveKit,
  },
  {
    peer: table.livekit222,
    packages: ['livekit-client-2.22', 'livekit-client-222', 'livekit-client'],
    version: '2.22',
    asks: 'DefaultReconnectPolicy',
    policy: askLiveKit,
  },
  {
    peer: table.chime,
    packages: ['amazon-chime-sdk-js'],
    asks: 'FullJitterBackoff, DefaultReconnectController, MeetingSessionConfiguration',
    policy: ({ load }) => {
      interface Configuration {
        readonly reconnectTimeoutMs: number;
        readonly reconnectFixedWaitMs: number;
        readonly reconnectShortBackOffMs: number;
        readonly reconnectLongBackOffMs: number;
      }
      interface FullJitter {
        currentRetry: number;
        nextBackoffAmountMs(): number;
      }
      type FullJitterClass = new (fixed: number, short: number, long: number) => FullJitter;
      type Controller = new (
        timeout: number,
        backoff: FullJitter,
      ) => {
        startedConnectionAttempt(first: boolean): void;
        hasPastReconnectDeadline(): boolean;
      };
      const configuration = new (
        load('build/meetingsession/MeetingSessionConfiguration') as { default: new () => Configuration }
      ).default();
      const backoff = new (load('build/backoff/FullJitterBackoff') as { default: FullJitterClass }).default(
        configuration.reconnectFixedWaitMs,
        configuration.reconnectShortBackOffMs,
        configuration.reconnectLongBackOffMs,
      );
      const Controller = (load('build/reconnectcontroller/DefaultReconnectController') as { default: Controller })
        .default;
      return (failures, elapsed) => {
        const controller = new Controller(configuration.reconnectTimeoutMs, backoff);
        const past = atTime(0, () => {
          controller.startedConnectionAttempt(false);
          return atTime(elapsed, () => controller.hasPastReconnectDeadline());
        });
        backoff.currentRetry = failures;
        return past ? Infinity : backoff.nextBackoffAmountMs();
      };
    },
  },
  {
    peer: table.twilio,
    packages: ['twilio-video'],
    asks: 'Backoff, reconnectBackoffConfig, DEFAULT_SESSION_TIMEOUT_SEC',
    policy: ({ load }) => {
      const { reconnectBackoffConfig, DEFAULT_SESSION_TIMEOUT_SEC } = load('lib/util/constants') as {
        reconnectBackoffConfig: object;
        DEFAULT_SESSION_TIMEOUT_SEC: number;
      };
      const Backoff = load('lib/util/backoff') as new (config: object) => {
        _attempts: number;
        readonly _duration: number;
      };
      const backoff = new Backoff(reconnectBackoffConfig);
      return (failures, elapsed) => {
        backoff._attempts = failures;
        return elapsed >= DEFAULT_SESSION_TIMEOUT_SEC * 1_000 ? Infinity : backoff._duration;
      };
    },
  },
  {
    peer: table.stream,
    packages: ['@stream-io/video-client'],
    asks: 'retryInterval, from the text of dist/index.cjs.js',
    policy: ({ text }) => functionIn(text('dist/index.cjs.js'), 'retryInterval') as (failures: number) => number,
  },
  {
    peer: table.socketio,
    packages: ['socket.io-client'],
    asks: 'the backoff of a Manager',
    policy: ({ load }) => {
      const { Manager } = load() as { Manager: new (url: string, options: object) => { backoff: Backoff } };
      const { backoff } = new Manager('http://127.0.0.1:9', { autoConnect: false });
      return (failures) => {
        backoff.attempts = failures;
        return backoff.duration();
      };
    },
  },
  {
    peer: table.signalr,
    packages: ['@microsoft/signalr'],
    asks: 'DefaultReconnectPolicy',
    policy: ({ load }) => {
      const { DefaultReconnectPolicy } = load('dist/cjs/DefaultReconnectPolicy') as {
        DefaultReconnectPolicy: new () => {
          nextRetryDelayInMilliseconds(context: { previousRetryCount: number }): number | null;
        };
      };
      const policy = new DefaultReconnectPolicy();
      return (failures) => policy.nextRetryDelayInMilliseconds({ previousRetryCount: failures }) ?? Infinity;
    },
    failures: 5, // it knows no further
  },
  {
    peer: table.partysocket,
    packages: ['partysocket'],
    asks: '_getNextDelay of a socket',
    policy: ({ load }) => askCountingSocket((load('ws') as { default: CountingSocketClass }).default),
  },
  {
    peer: table.reconnectingWebSocket,
    packages: ['reconnecting-websocket'],
    asks: '_getNextDelay of a socket; the draw that a page keeps is given to it',
    policy: ({ load }) => askCountingSocket(load() as CountingSocketClass),
  },
  {
    peer: table.rxStomp,
    packages: ['@stomp/rx-stomp'],
    asks: 'reconnectDelay and mode of its client',
    policy: async ({ load }) => {
      interface Client {
        readonly reconnectDelay: number;
        readonly reconnectTimeMode: number;
      }
      const { RxStomp } = await (load('(module)') as Promise<{ RxStomp: new () => { readonly stompClient: Client } }>);
      const { reconnectDelay, reconnectTimeMode } = new RxStomp().stompClient;
      return () => (reconnectTimeMode === 0 ? reconnectDelay : NaN);
    },
  },
  {
    peer: table.centrifuge,
    packages: ['centrifuge'],
    asks: '_getReconnectDelay of a client',
    policy: ({ load }) => {
      interface Client {
        _reconnectAttempts: number;
        _getReconnectDelay(): number;
      }
      const { Centrifuge } = load() as { Centrifuge: new (url: string, options: object) => Client };
      const client = new Centrifuge('ws://127.0.0.1:9', { websocket: Nothing });
      return (failures) => {
        client._reconnectAttempts = failures;
        return client._getReconnectDelay();
      };
    },
  },
  {
    peer: table.ably,
    packages: ['ably'],
    asks: 'the states of a ConnectionManager; its coefficients from the text of build/ably-node.js',
    policy: ({ load, text }) => {
      interface Manager {
        readonly states: Record<'disconnected' | 'suspended', { readonly retryDelay: number }>;
        readonly connectionStateTtl: number;
      }
      interface Client {
        readonly connection: { readonly connectionManager: Manager };
      }
      const { Realtime } = load() as { Realtime: new (options: object) => Client };
      const { states, connectionStateTtl } = new Realtime({ key: 'a.b:c', autoConnect: false }).connection
        .connectionManager;
      const source = text('build/ably-node.js');
      const backoff = functionIn(source, 'getBackoffCoefficient') as (count: number) => number;
      const jitter = functionIn(source, 'getJitterCoefficient') as () => number;
      return (failures, elapsed) => {
        if (failures === 0) return 0; // retryImmediately: something broke while it was connected
        if (elapsed >= connectionStateTtl) return states.suspended.retryDelay;
        return states.disconnected.retryDelay * backoff(failures + 1) * jitter();
      };
    },
  },
  {
    peer: table.phoenix,
    packages: ['phoenix'],
    asks: 'reconnectAfterMs of a Socket',
    policy: ({ load }) => {
      const { Socket } = load() as {
        Socket: new (url: string, options: object) => { reconnectAfterMs(tries: number): number };
      };
      const socket = new Socket('ws://127.0.0.1:9', { transport: Nothing });
      return (failures) => socket.reconnectAfterMs(failures + 1);
    },
  },
];

/** Looks for the packages in bench/peers, in this repository and in the folders of SIMULATE_PEERS (separated by `:`). */
export async function checkPeers(
  folders: readonly string[] = [peersFolder, process.cwd(), ...(process.env['SIMULATE_PEERS']?.split(':') ?? [])],
): Promise<readonly PeerCheck[]> {
  const checks: PeerCheck[] = [];
  for (const source of sources) checks.push(await check(source, folders));
  return checks;
}

async function check(source: Source, folders: readonly string[]): Promise<PeerCheck> {
  const { peer, asks } = source;
  const installed = find(source, folders);
  if (installed === null) return { name: peer.name, version: null, outcome: 'not installed', detail: asks };
  const { version } = installed;
  try {
    const difference = await compare(source, installed);
    return { name: peer.name, version, outcome: difference === null ? 'equal' : 'differs', detail: difference ?? asks };
  } catch (error) {
    return { name: peer.name, version, outcome: 'differs', detail: `could not be asked: ${String(error)}` };
  }
}

/** Asks both with the same draws: 200 clients, each through 60 failures at the time that its waits add up to. */
async function compare(source: Source, installed: Installed): Promise<string | null> {
  const { peer, policy, failures: most = 60 } = source;
  const real = await withRandom(seeded(1), () => policy(installed));
  // One that draws when it is loaded drew by Math.random: take what it kept.
  const kept = peer === table.reconnectingWebSocket ? (real(0, 0) - 1_000) / 4_000 : null;
  for (let client = 0; client < 200; client++) {
    const ourDraws = seeded(client);
    const theirDraws = seeded(client);
    let elapsed = 0;
    for (let failures = 0; failures < most && elapsed < Infinity; failures++) {
      const ours = peer.delay(failures, elapsed, kept ?? 0, ourDraws);
      const theirs = withRandom(theirDraws, () => real(failures, elapsed));
      if (ours !== theirs && !(Math.abs(ours - theirs) < 1e-6)) {
        return `after ${failures} failures and ${elapsed} ms it waits ${theirs}, not ${ours} ms`;
      }
      elapsed += ours;
    }
  }
  return null;
}

function find({ packages, version }: Source, folders: readonly string[]): Installed | null {
  for (const base of folders) {
    for (const name of packages) {
      const folder = join(base, 'node_modules', name);
      const manifest = join(folder, 'package.json');
      if (!existsSync(manifest)) continue;
      const found = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
      if (version !== undefined && !found.startsWith(`${version}.`)) continue;
      const require = createRequire(join(base, 'package.json'));
      return {
        name,
        version: found,
        folder,
        load: (path) => {
          if (path === '(module)') return import(pathToFileURL(require.resolve(name)).href) as Promise<unknown>;
          return require(path === undefined ? name : `${name}/${path}`) as unknown;
        },
        text: (path) => readFileSync(join(dirname(manifest), path), 'utf8'),
      };
    }
  }
  return null;
}

/** A function of a bundle that does not export it, by its text: it must need nothing but `Math`. */
function functionIn(text: string, name: string): unknown {
  const start = new RegExp(`^[ \\t]*function ${name}\\(`, 'm').exec(text);
  const arrow = new RegExp(`^[ \\t]*(?:const|var) ${name} = `, 'm').exec(text);
  const found = start ?? arrow;
  if (found === null) throw new Error(`no function ${name}`);
  const rest = text.slice(found.index);
  const end = /^[ \t]*\};?$/m.exec(rest);
  if (end === null) throw new Error(`function ${name} has no end`);
  const context = createContext({ Math: mathOfNow });
  return new Script(`${rest.slice(0, end.index + end[0].length)}\n${name}`).runInContext(context);
}

/** `Math` with whatever `Math.random` is at the time of the call. */
const mathOfNow = new Proxy(Math, {});

/** Runs with another `Math.random`. */
function withRandom<T>(random: Random, run: () => T): T {
  const { random: original } = Math;
  Math.random = random;
  try {
    return run();
  } finally {
    Math.random = original;
  }
}

/** Runs at another `Date.now()`. */
function atTime<T>(now: number, run: () => T): T {
  const { now: original } = Date;
  Date.now = () => now;
  try {
    return run();
  } finally {
    Date.now = original;
  }
}
