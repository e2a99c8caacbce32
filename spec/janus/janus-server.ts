import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { freePort } from '../../demo/server/free-port.js';
import { isExecutable } from '../../scripts/files.js';

const host = '127.0.0.1';

/** What to tell someone who has none. */
export const howToGetJanus =
  'No Janus found: install it (on Debian `apt-get install --no-install-recommends janus`), or set JANUS_PATH, to run its specs.';

/** JANUS_PATH, or `janus` on the PATH. */
export function findJanus(): string | null {
  const chosen = process.env['JANUS_PATH'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = chosen === undefined || chosen === '' ? folders.map((folder) => join(folder, 'janus')) : [chosen];
  return paths.find(isExecutable) ?? null;
}

export interface JanusServerOptions {
  /** @defaultValue any free one */
  readonly port?: number;
  /** Seconds without a request before a session is over. @defaultValue 60 */
  readonly sessionTimeout?: number;
  /** Seconds that a session outlives its socket. @defaultValue 5 */
  readonly reclaimTimeout?: number;
  /** Lines of the `general` part of its configuration. */
  readonly general?: readonly string[];
  /** Candidates travel one by one in both directions. */
  readonly fullTrickle?: boolean;
  /** Rooms by number, with the lines of their configuration. @defaultValue 1234, as Debian has it */
  readonly rooms?: Readonly<Record<number, readonly string[]>>;
}

/** Servers that run: none outlives this process, unless that is killed. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Janus of our own: its process, its configuration in a folder of its own, on this machine only. */
export class JanusServer {
  readonly port: number;
  readonly #folder: string;
  readonly #binary: string;
  #process: ChildProcess | null = null;
  #log = '';

  private constructor(binary: string, port: number, options: JanusServerOptions) {
    this.#binary = binary;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'janus-'));
    for (const [name, text] of Object.entries(configuration(this.#folder, port, options))) {
      writeFileSync(join(this.#folder, name), text);
    }
  }

  static async start(options: JanusServerOptions = {}): Promise<JanusServer> {
    const binary = findJanus();
    if (binary === null) throw new Error(howToGetJanus);
    const server = new JanusServer(binary, options.port ?? (await freePort(0, host)), options);
    await server.startAgain();
    return server;
  }

  get url(): string {
    return `ws://${host}:${this.port}`;
  }

  /** Starts the process; resolves when it takes sockets. */
  async startAgain(): Promise<void> {
    const child = spawn(this.#binary, ['-F', this.#folder, '-C', join(this.#folder, 'janus.jcfg')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    const keep = (text: Buffer): void => void (this.#log += text.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    for (let tries = 0; tries < 400; tries++) {
      if (child.exitCode !== null) break;
      if (await this.#answers()) return;
      await pause(25);
    }
    throw new Error(`Janus did not start:\n${this.#log.slice(-2000)}`);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Asks VideoRoom directly, as an administrator of the room; gives its answer. */
  async administer(body: object): Promise<unknown> {
    const socket = new WebSocket(this.url, 'janus-protocol');
    await once(socket, 'open');
    const ask = async (request: object): Promise<Reply> => {
      const answered = once(socket, 'message');
      socket.send(JSON.stringify({ ...request, transaction: 'admin' }));
      const [data] = (await answered) as [Buffer];
      return JSON.parse(data.toString()) as Reply;
    };
    const session_id = (await ask({ janus: 'create' })).data?.id;
    const handle_id = (await ask({ janus: 'attach', session_id, plugin: 'janus.plugin.videoroom' })).data?.id;
    const answer = await ask({ janus: 'message', session_id, handle_id, body: { secret: 'adminpwd', ...body } });
    socket.close();
    return answer.plugindata?.data;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.url, 'janus-protocol');
      socket.once('open', () => {
        socket.close();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }
}

interface Reply {
  readonly data?: { readonly id: number };
  readonly plugindata?: { readonly data: unknown };
}

/** Debian's folders; another place for the plugins may be named. */
const libraries = process.env['JANUS_LIBRARIES'] ?? '/usr/lib/x86_64-linux-gnu/janus';

function configuration(folder: string, port: number, options: JanusServerOptions): Record<string, string> {
  const { sessionTimeout = 60, reclaimTimeout = 5, general = [], fullTrickle = false } = options;
  const { rooms = { 1234: ['publishers = 6'] } } = options;
  return {
    'janus.jcfg': `general: {
  configs_folder = "${folder}"
  plugins_folder = "${libraries}/plugins"
  transports_folder = "${libraries}/transports"
  events_folder = "${libraries}/events"
  loggers_folder = "${libraries}/loggers"
  session_timeout = ${sessionTimeout}
  reclaim_session_timeout = ${reclaimTimeout}
  ${general.join('\n  ')}
}
nat: {
  ice_enforce_list = "${host}"
  full_trickle = ${fullTrickle}
}
plugins: { disable = "${allBut('plugins', 'videoroom')}" }
transports: { disable = "${allBut('transports', 'websockets')}" }
`,
    'janus.transport.websockets.jcfg': `general: {
  json = "compact"
  ws = true
  ws_port = ${port}
  ws_ip = "${host}"
  wss = false
}
`,
    'janus.plugin.videoroom.jcfg': Object.entries(rooms)
      .map(([room, lines]) => `room-${room}: {\n  ${['secret = "adminpwd"', ...lines].join('\n  ')}\n}\n`)
      .join(''),
  };
}

const allBut = (kind: 'plugins' | 'transports', name: string): string =>
  readdirSync(join(libraries, kind))
    .filter((file) => file.endsWith('.so') && !file.includes(name))
    .join(',');
