import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { root } from '../scripts/files.js';
import { findBrowser, howToGetABrowser } from '../scripts/find-browser.js';
import { openBrowser, pageUrl } from './browser.js';
import { startJanus, type LabJanus } from './janus.js';
import { createNetwork, type Network } from './network.js';
import type { RestartOrder } from './page/echo-call.js';
import type { ServerKind } from './page/member.js';
import { membersIn, type Pair } from './pair.js';
import { connectRaw, type RawPair } from './raw-pair.js';
import type { CallRecord, PeerRecord } from './record.js';
import type { Situation } from './situation.js';

type User = 'A' | 'B';

/** One user's end of a call, in a page of its own. */
export interface End {
  record(): Promise<CallRecord>;
  clear(): Promise<void>;
  /** Rejects when the state is another one for so long (ms). */
  until(state: string, limit: number): Promise<void>;
  restart(mostDelay: number): Promise<boolean>;
}

/** A call between A and B, connected. */
export interface LabCall {
  readonly situation: Situation;
  readonly A: End;
  readonly B: End;
  close(): Promise<void>;
}

export interface LabEchoCall {
  restart(order: RestartOrder, mostDelay: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface LabPeers {
  record(): Promise<readonly PeerRecord[]>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface Stage {
  readonly network: Network;
  openCall(situation: Situation): Promise<LabCall>;
  /** The clients of others, on A's machine. */
  openPeers(): Promise<LabPeers>;
  /** A connection between A and B without a room, connected. */
  openRaw(situation: Situation): Promise<RawPair>;
  /** A call of A's with the echo test of Janus, connected. */
  openEchoCall(situation: Situation): Promise<LabEchoCall>;
  /** Users of a room of this server's; nobody else is in it. */
  openPair(server: ServerKind): Promise<Pair>;
  /** Janus on the server, started when it is first asked for. */
  janus(): Promise<LabJanus>;
  /** Stops the server's process where it stands (`SIGSTOP`): its kernel still answers, it does not. */
  stopServer(): number;
  continueServer(): number;
  close(): Promise<void>;
}

const triesToJoin = 3;

/** The laboratory, ready: three machines, the server on one, a browser on each of the others. */
export async function openStage(): Promise<Stage> {
  const found = await findBrowser();
  if (found === null) throw new Error(howToGetABrowser);
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-lab-'));
  // What the browsers keep on the disk goes with it.
  process.env['TMPDIR'] = folder;
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const closers: (() => unknown)[] = [removeFolder];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    await build({
      configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
      build: { outDir: join(folder, 'page') },
    });
    const network = await createNetwork();
    closers.push(() => network.remove());
    // Once more: now behind the end of those who write there.
    process.once('exit', removeFolder);
    const server = await startServer(network, join(folder, 'page'));
    closers.push(() => server.kill('SIGKILL'));
    const browsers: Record<User, Browser> = {
      A: await openBrowser(found.executablePath, network.namespaces.A),
      B: await openBrowser(found.executablePath, network.namespaces.B),
    };
    closers.push(() => Promise.all([browsers.A.close(), browsers.B.close()]));

    const openPage = async (user: User): Promise<Page> => {
      const page = await browsers[user].newPage();
      page.on('pageerror', (error) => console.error(`thrown in a page of ${user}: ${error.stack ?? error.message}`));
      await page.goto(pageUrl);
      return page;
    };
    let started: Promise<LabJanus> | null = null;
    const janus = (): Promise<LabJanus> => {
      if (started === null) {
        started = startJanus(network.namespaces.server);
        closers.push(() => started?.then((one) => one.close()));
      }
      return started;
    };
    let calls = 0;
    /** A join is not what is measured here: one that fails on a busy machine is tried again, in other pages. */
    const inPages = async <T extends object>(
      users: readonly User[],
      open: (...pages: Page[]) => Promise<T>,
    ): Promise<T & { close(): Promise<void> }> => {
      for (let left = triesToJoin - 1; ; left--) {
        const pages: Page[] = [];
        const close = async (): Promise<void> => {
          await Promise.all(pages.map((page) => page.close()));
        };
        try {
          for (const user of users) pages.push(await openPage(user));
          return { ...(await open(...pages)), close };
        } catch (error) {
          await close();
          if (left === 0) throw error;
        }
      }
    };
    return {
      network,
      openCall: (situation) =>
        inPages(['A', 'B'], async (A, B) => {
          const room = `call-${++calls}`;
          // One after the other: who comes second calls.
          for (const [user, page] of Object.entries({ A, B })) {
            await page.evaluate(
              async ([user, room, situation]) => {
                await window.lab.openCall(user, room, situation).join();
              },
              [user, room, situation] as const,
            );
          }
          return { situation, A: endOf(A), B: endOf(B) };
        }),
      openPeers: () =>
        inPages(['A'], async (page) => {
          await page.evaluate(async () => {
            await window.lab.openPeers().ready();
          });
          return {
            record: () => page.evaluate(() => window.lab.others().record()),
            clear: () => page.evaluate(() => window.lab.others().clear()),
          };
        }),
      openRaw: (situation) => inPages(['A', 'B'], (A, B) => connectRaw(situation, A, B)),
      openEchoCall: async (situation) => {
        await janus();
        return inPages(['A'], async (page) => {
          await page.evaluate((one) => window.lab.openEchoCall(one).join(), situation);
          return {
            restart: (order: RestartOrder, most: number) =>
              page.evaluate(([order, most]) => window.lab.echoCall().restart(order, most), [order, most] as const),
          };
        });
      },
      openPair: async (kind) => {
        if (kind === 'janus') await janus();
        return inPages(['A', 'B'], (A, B) => membersIn(kind, `call-${++calls}`, A, B));
      },
      janus,
      stopServer: () => signal(server, 'SIGSTOP'),
      continueServer: () => signal(server, 'SIGCONT'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every call goes to the page as text: it knows nothing of this file. */
const endOf = (page: Page): End => ({
  record: () => page.evaluate(() => window.lab.mine().record()),
  clear: () => page.evaluate(() => window.lab.mine().clear()),
  until: (state, limit) =>
    page.evaluate(([state, limit]) => window.lab.mine().until(state, limit), [state, limit] as const),
  restart: (mostDelay) => page.evaluate((most) => window.lab.mine().restart(most), mostDelay),
});

async function startServer(network: Network, folder: string): Promise<ChildProcess> {
  const server = spawn(
    'ip',
    [
      ...['netns', 'exec', network.namespaces.server.name],
      ...[process.execPath, '--import', 'tsx', 'lab/server.ts', folder],
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const ended = once(server, 'exit').then(() => {
    throw new Error("the laboratory's server has ended");
  });
  ended.catch(() => undefined);
  await Promise.race([once(server, 'message'), ended]);
  return server;
}

function signal(server: ChildProcess, name: 'SIGSTOP' | 'SIGCONT'): number {
  const at = Date.now();
  server.kill(name);
  return at;
}
