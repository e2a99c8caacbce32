import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { browserArgs, findBrowser, howToGetABrowser } from '../../scripts/find-browser.js';
import { useJanus } from '../janus/use-janus.js';
import { until } from '../until.js';
import type { JanusServer } from '../janus/janus-server.js';
import type { JanusPage, JoinOptions } from './janus-page/main.js';

type Look = ReturnType<JanusPage['look']>;

const limit = 40_000;

describe('janusTransport in a browser with a real Janus', () => {
  const janus = useJanus();
  let browser: Browser | null = null;
  let vite: ViteDevServer | null = null;
  let page: Page;

  beforeAll(async () => {
    const found = await findBrowser();
    if (found === null) return;
    vite = await createServer({
      configFile: false,
      root: fileURLToPath(new URL('./janus-page', import.meta.url)),
      server: { host: '127.0.0.1', port: 0, hmr: false, fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] } },
      logLevel: 'error',
    });
    await vite.listen();
    browser = await chromium.launch({
      executablePath: found.executablePath,
      args: [...browserArgs, '--autoplay-policy=no-user-gesture-required'],
    });
  });

  beforeEach(async () => {
    if (browser === null || vite === null) {
      pending(howToGetABrowser);
      return;
    }
    page = await browser.newPage();
    await page.goto(vite.resolvedUrls!.local[0]!);
    await page.waitForFunction(() => window.janusPage !== undefined);
  });

  afterEach(async () => {
    if (browser !== null) await page.close();
  });

  afterAll(async () => {
    await browser?.close();
    await vite?.close();
  });

  const look = (name: string): Promise<Look> => page.evaluate((who) => window.janusPage!.look(who), name);
  const join = (name: string, server: JanusServer, more: Partial<JoinOptions> = {}): Promise<void> =>
    page.evaluate(([who, options]) => window.janusPage!.join(who, options), [
      name,
      { url: server.url, room: 1234, ...more },
    ] as const);
  const becomes = (name: string, what: string, is: (look: Look) => boolean): Promise<void> =>
    until(async () => is(await look(name)), {
      limit,
      otherwise: async () => `${name} never: ${what}. ${JSON.stringify(await look(name))}`,
    });
  const shows = (name: string, state: string): Promise<void> =>
    becomes(name, state, ({ states }) => states.at(-1) === state);
  const enter = async (names: readonly string[], server: JanusServer): Promise<void> => {
    for (const name of names) {
      await join(name, server);
      await shows(name, 'connected/joinSucceed');
    }
  };
  /** So many more pictures of everybody else have come. */
  const sees = async (name: string, others: number, more = 10): Promise<void> => {
    const first = (await look(name)).pictures;
    await becomes(name, `${others} others move`, ({ pictures }) => {
      const moved = Object.entries(pictures).filter(([user, count]) => count - (first[user] ?? 0) >= more);
      return moved.length === others && Object.keys(pictures).length === others;
    });
  };
  /** The network as the devtools break it: silent sockets, lost packets. Before a peer connection is made. */
  const network = async (): Promise<{ cut(what: 'media' | 'all'): Promise<void>; heal(): Promise<void> }> => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Network.enable');
    const emulate = async (offline: boolean, packetLoss: number): Promise<void> => {
      await cdp.send('Network.emulateNetworkConditions', {
        latency: 1,
        downloadThroughput: -1,
        uploadThroughput: -1,
        offline,
        packetLoss,
      });
    };
    await emulate(false, 0);
    return { cut: (what) => emulate(what === 'all', 100), heal: () => emulate(false, 0) };
  };

  it('S8 three join one after the other, everybody sees everybody, and one who leaves is gone for the normal reason', async () => {
    const server = await janus();
    await enter(['Ann', 'Bob', 'Cat'], server);
    for (const name of ['Ann', 'Bob', 'Cat']) await sees(name, 2);
    await page.evaluate(() => window.janusPage!.leave('Cat'));
    await becomes('Ann', 'Cat is gone', ({ users, pictures }) => users.length === 1 && Object.keys(pictures).length === 1);
    expect((await look('Ann')).left).toEqual(['normal']);
    await sees('Ann', 1);
    await sees('Bob', 1);
    expect((await look('Cat')).peers).toEqual(['closed', 'closed']);
    // And one more comes, into the m-lines that are free.
    await join('Dan', server);
    await shows('Dan', 'connected/joinSucceed');
    await sees('Ann', 2);
    for (const name of ['Ann', 'Bob', 'Dan']) {
      const { errors, states } = await look(name);
      expect(errors).toEqual([]);
      expect(states.slice(1)).toEqual(['connecting/joinChannel', 'connected/joinSucceed']);
    }
  });

  it('H7, U2 a socket that is lost is claimed back: same session, same peer connections, and the pictures never stop', async () => {
    const server = await janus();
    await enter(['Ann', 'Bob'], server);
    await sees('Ann', 1);
    const before = await look('Ann');
    await page.evaluate(() => window.janusPage!.dropSocket('Ann'));
    await becomes('Ann', 'another socket, and well', ({ sockets, events }) => sockets === 2 && events.at(-1) === 'healed');
    await sees('Ann', 1, 30);
    await sees('Bob', 1, 30);
    const after = await look('Ann');
    expect(after.session).toBe(before.session);
    expect(after.peers).toEqual(['connected', 'connected']);
    expect(after.fragments).toEqual(before.fragments);
    expect(after.states).toEqual(before.states);
    expect((await look('Bob')).left).toEqual([]);
    // Whoever comes and goes after the claim is seen as before it.
    await join('Cat', server);
    await shows('Cat', 'connected/joinSucceed');
    await sees('Ann', 2);
    await page.evaluate(() => window.janusPage!.leave('Cat'));
    await becomes('Ann', 'Cat is gone', ({ pictures }) => Object.keys(pictures).length === 1);
    expect((await look('Ann')).errors).toEqual([]);
  });

  it('U3 one who leaves while our socket is away is gone after the claim, from the picture too', async () => {
    const server = await janus();
    await enter(['Ann', 'Bob', 'Cat'], server);
    await sees('Ann', 2);
    // In one turn: the server has nobody to tell of it.
    await page.evaluate(() => {
      window.janusPage!.dropSocket('Ann');
      window.janusPage!.leave('Cat');
    });
    await becomes('Ann', 'Cat is gone', ({ users, pictures }) => users.length === 1 && Object.keys(pictures).length === 1);
    await sees('Ann', 1);
    expect((await look('Ann')).states.at(-1)).toBe('connected/joinSucceed');
  });

  it('H12 an ICE restart over slow signalling keeps the pictures coming, both ways', async () => {
    const server = await janus();
    await join('Ann', server, { delay: 300 });
    await shows('Ann', 'connected/joinSucceed');
    await join('Bob', server);
    await shows('Bob', 'connected/joinSucceed');
    await sees('Ann', 1);
    for (let round = 0; round < 3; round++) {
      const before = await look('Ann');
      const bobBefore = await look('Bob');
      const startedAt = performance.now();
      await page.evaluate(() => window.janusPage!.restart('Ann'));
      await pause(8_000 - (performance.now() - startedAt));
      const after = await look('Ann');
      const seconds = (performance.now() - startedAt) / 1000;
      const rate = (now: Look, then: Look): number =>
        (Object.values(now.pictures)[0]! - Object.values(then.pictures)[0]!) / seconds;
      const rates = [rate(after, before), rate(await look('Bob'), bobBefore)];
      console.log(`janus: ICE restart ${round + 1}: ${rates.map((one) => one.toFixed(1)).join(' and ')} pictures a second through it`);
      for (const one of rates) expect(one).toBeGreaterThan(4);
      expect(after.fragments.length).toBe(2);
      for (const [index, fragment] of after.fragments.entries()) expect(fragment).not.toBe(before.fragments[index]!);
      expect(after.peers).toEqual(['connected', 'connected']);
      expect(after.states).toEqual(before.states);
    }
  });

  it('R1 media that was cut for 8 s comes back, over the same session', async () => {
    const server = await janus();
    const { cut, heal } = await network();
    await enter(['Ann', 'Bob'], server);
    await sees('Ann', 1);
    const { session } = await look('Ann');
    await cut('media');
    await shows('Ann', 'reconnecting/mediaConnectionDisconnected');
    await pause(8_000);
    await heal();
    await shows('Ann', 'connected/rejoinSucceed');
    await shows('Bob', 'connected/rejoinSucceed');
    await sees('Ann', 1);
    await sees('Bob', 1);
    const after = await look('Ann');
    console.log(`janus: media cut for 8 s: ${after.events.join(', ')}`);
    expect(after.session).toBe(session);
  });

  it('R1 everything that was cut for 25 s comes back', async () => {
    const server = await janus();
    const { cut, heal } = await network();
    await enter(['Ann', 'Bob'], server);
    await sees('Ann', 1);
    await cut('all');
    await shows('Ann', 'reconnecting/signalDisconnected');
    await pause(25_000);
    const healedAt = performance.now();
    await heal();
    await shows('Ann', 'connected/rejoinSucceed');
    console.log(`janus: all cut for 25 s: back ${((performance.now() - healedAt) / 1000).toFixed(1)} s after the heal`);
    await shows('Bob', 'connected/rejoinSucceed');
    await sees('Ann', 1);
    await sees('Bob', 1);
  });

  it('R11 a room with as many publishers as it takes is busy, and takes the next one when one has left', async () => {
    const server = await janus({ rooms: { 1234: ['publishers = 1'] } });
    await join('Ann', server);
    await shows('Ann', 'connected/joinSucceed');
    await join('Bob', server);
    await becomes('Bob', 'refused', ({ events }) => events.includes('attemptFailed join'));
    expect((await look('Bob')).failures).toEqual(['busy: Janus answered publish with error 432']);
    // A watcher takes no publisher's place.
    await join('Cat', server, { publish: false });
    await shows('Cat', 'connected/joinSucceed');
    await sees('Cat', 1);
    await page.evaluate(() => window.janusPage!.leave('Ann'));
    await shows('Bob', 'connected/joinSucceed');
    await sees('Cat', 1);
  });

  it('T1 one who publishes and is kicked is out at once, and nobody sees their picture any more', async () => {
    const server = await janus();
    await enter(['Ann', 'Bob'], server);
    await sees('Ann', 1);
    const { user } = await look('Bob');
    await server.administer({ request: 'kick', room: 1234, id: Number(user) });
    await shows('Bob', 'disconnected/serverKicked');
    await becomes('Ann', 'Bob is gone', ({ pictures, left }) => Object.keys(pictures).length === 0 && left.at(-1) === 'kicked');
    await server.administer({ request: 'destroy', room: 1234 });
    await shows('Ann', 'disconnected/channelClosed');
    expect((await look('Ann')).peers).toEqual(['closed', 'closed']);
  });
});
