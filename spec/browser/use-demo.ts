import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { startDemo, type Demo } from '../../demo/server/demo.js';
import { freePort } from '../../demo/server/free-port.js';
import { browserArgs, findBrowser, howToGetABrowser, type FoundBrowser } from '../../scripts/find-browser.js';
import { DemoPage } from './demo-page.js';

/** The call without anybody's click: sound and picture may begin by themselves. */
const args = [...browserArgs, '--autoplay-policy=no-user-gesture-required'];

/** Looked for once, whatever the number of files; that there is none is said once. */
let finding: Promise<FoundBrowser | null> | null = null;

async function find(): Promise<FoundBrowser | null> {
  const found = await findBrowser();
  if (found === null) console.log(howToGetABrowser);
  return found;
}

export interface DemoStage {
  /** A page of the demo in this spec's own context and its own room. */
  open(query?: Readonly<Record<string, string>>): Promise<DemoPage>;
  /** This spec's own cookies, storage and pages. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/**
 * One demo and one browser for the specs of a file; a fresh context and a fresh room for each of them. Whatever a spec
 * did to the network or to the server is undone behind it. Without a browser every spec is pending.
 *
 * The demo runs in this process and the browser hangs on a pipe to it: neither outlives it, however it ends.
 */
export function useDemo(): DemoStage {
  let demo: Demo | null = null;
  let browser: Browser | null = null;
  let context: BrowserContext | null = null;
  let rooms = 0;
  const pages: DemoPage[] = [];

  const contextOf = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    if (browser === null) throw new Error('there is no browser');
    return (context ??= await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options }));
  };

  beforeAll(async () => {
    const found = await (finding ??= find());
    if (found === null) return;
    demo = await startDemo({ port: await freePort(0, '127.0.0.1'), reload: false });
    browser = await chromium.launch({ executablePath: found.executablePath, args });
    // The first page of all is slow, for vite looks at what it needs: that shall not be a spec's time.
    const page = await browser.newPage();
    await page.goto(demo.url);
    await page.getByTestId('A-join').waitFor();
    await page.close();
  });

  beforeEach(() => {
    if (browser === null) pending(howToGetABrowser);
    rooms++;
  });

  afterEach(async () => {
    const thrown = pages.splice(0).flatMap((page) => page.thrown);
    await context?.close();
    context = null;
    for (const user of ['A', 'B']) demo?.gate.heal(user);
    demo?.server.setBusy(false);
    if (browser !== null) expect(thrown).withContext('thrown in the page').toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.close();
  });

  return {
    context: contextOf,
    open: async (query = {}) => {
      if (demo === null) throw new Error('there is no demo');
      const address = new URL(demo.url);
      address.search = new URLSearchParams({ room: `room-${rooms}`, ...query }).toString();
      const page = await DemoPage.open(await contextOf(), address.href);
      pages.push(page);
      return page;
    },
  };
}
