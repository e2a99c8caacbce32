import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { freePort } from '../../demo/server/free-port.js';
import { isExecutable } from '../../scripts/files.js';
import { writeConfiguration, type JanusConfiguration } from './janus-configuration.js';

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

export interface JanusServerOptions extends Omit<JanusConfiguration, 'host' | 'port' | 'adminSocket'> {
  /** @defaultValue any free one */
  readonly port?: number;
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
    writeConfiguration(this.#folder, { ...options, host, port });
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
