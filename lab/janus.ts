import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import { writeConfiguration } from '../spec/janus/janus-configuration.js';
import { findJanus, howToGetJanus } from '../spec/janus/janus-server.js';
import { addresses } from './cuts.js';
import { ports } from './ports.js';
import type { Namespace } from './namespace.js';

/**
 * Seconds after the last request at which Janus gives a session up, with its socket or without: the deadline of 40 s, the
 * 5 s that a keepalive of ours may be old when the network breaks, and 2 s, for Janus looks every two seconds.
 */
export const sessionTimeout = 47;

/** What Janus says it has. */
export interface JanusHoldings {
  readonly sessions: number;
  readonly handles: number;
}

/** Debian's Janus on the laboratory's server. */
export interface LabJanus {
  /** `SIGSTOP`. */
  stop(): void;
  continue(): void;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Resolves when it answers. */
  startAgain(): Promise<void>;
  /** By its admin API, over a Unix socket: no network and no cut is between. */
  holdings(): Promise<JanusHoldings>;
  /** The last of what it printed. */
  log(): string;
  close(): Promise<void>;
}

const answerLimit = 5_000;
const startLimit = 15_000;

export async function startJanus(namespace: Namespace): Promise<LabJanus> {
  const binary = findJanus();
  if (binary === null) throw new Error(howToGetJanus);
  const folder = mkdtempSync(join(tmpdir(), 'janus-'));
  const adminSocket = join(folder, 'admin');
  writeConfiguration(folder, {
    host: addresses.server,
    port: ports.janus,
    adminSocket,
    sessionTimeout,
    reclaimTimeout: sessionTimeout,
    plugins: ['videoroom', 'echotest'],
    rooms: { 1234: ['publishers = 6', 'notify_joining = true'] },
  });
  let child: ChildProcess | null = null;
  let log = '';

  const admin = async <T>(ask: (question: (request: object) => Promise<Reply>) => Promise<T>): Promise<T> => {
    const socket = new WebSocket(`ws+unix:${adminSocket}:/`, 'janus-admin-protocol', { handshakeTimeout: answerLimit });
    const signal = AbortSignal.timeout(answerLimit);
    try {
      await once(socket, 'open', { signal });
      return await ask(async (request) => {
        const answered = once(socket, 'message', { signal });
        socket.send(JSON.stringify({ ...request, transaction: 'lab' }));
        return JSON.parse(String((await answered)[0])) as Reply;
      });
    } finally {
      socket.on('error', () => undefined);
      socket.terminate();
    }
  };

  const janus: LabJanus = {
    stop: () => void child?.kill('SIGSTOP'),
    continue: () => void child?.kill('SIGCONT'),
    async kill() {
      const killed = child;
      child = null;
      if (killed === null || killed.exitCode !== null || killed.signalCode !== null) return;
      const gone = once(killed, 'exit');
      killed.kill('SIGKILL');
      await gone;
    },
    async startAgain() {
      rmSync(adminSocket, { force: true });
      const args = ['netns', 'exec', namespace.name, binary, '-F', folder, '-C', join(folder, 'janus.jcfg')];
      const started = (child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }));
      const keep = (text: Buffer): void => void (log = (log + text.toString()).slice(-20_000));
      started.stdout.on('data', keep);
      started.stderr.on('data', keep);
      const end = Date.now() + startLimit;
      while (started.exitCode === null && Date.now() < end) {
        const answers = await janus.holdings().then(
          () => true,
          () => false,
        );
        if (answers) return;
        await setTimeout(25);
      }
      throw new Error(`Janus did not start:\n${log.slice(-2_000)}`);
    },
    holdings: () =>
      admin(async (question) => {
        const { sessions = [] } = await question({ janus: 'list_sessions' });
        let handles = 0;
        for (const session_id of sessions) {
          // Gone meanwhile: it has none.
          handles += (await question({ janus: 'list_handles', session_id })).handles?.length ?? 0;
        }
        return { sessions: sessions.length, handles };
      }),
    log: () => log,
    async close() {
      await janus.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await janus.startAgain();
  return janus;
}

interface Reply {
  readonly sessions?: readonly number[];
  readonly handles?: readonly number[];
}
