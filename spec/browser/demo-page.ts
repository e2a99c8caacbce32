import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../until.js';

export type User = 'A' | 'B';

/** A page's network as the browser's own devtools break it: no server and no gate takes part. */
export interface DevtoolsNetwork {
  cut(): Promise<void>;
  heal(): Promise<void>;
}

const limit = 30_000;

/** A page of the demo, as a person uses it: what it shows, and its buttons. */
export class DemoPage {
  readonly page: Page;
  /** Errors that nobody in the page caught. */
  readonly thrown: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.thrown.push(error.message));
  }

  static async open(context: BrowserContext, url: string): Promise<DemoPage> {
    const demo = new DemoPage(await context.newPage());
    await demo.page.goto(url);
    await demo.at('close-room').waitFor(); // made last
    return demo;
  }

  /** What has this test id. */
  at(testid: string): Locator {
    return this.page.getByTestId(testid);
  }

  async press(testid: string): Promise<void> {
    await this.at(testid).click();
  }

  /** The large line: `state/reason`. */
  async state(user: User): Promise<string> {
    return this.#text(this.at(`${user}-state`));
  }

  /** Resolves with the large line when it is the wanted one. */
  shows(user: User, wanted: string | RegExp): Promise<string> {
    return this.reads(`${user}-state`, wanted);
  }

  /** Resolves with the text of what has this test id when it is the wanted one. */
  reads(testid: string, wanted: string | RegExp): Promise<string> {
    return this.#becomes(this.at(testid), testid, wanted);
  }

  /** Who else is in the call, as `user` is told. */
  others(user: User): Promise<string> {
    return this.#text(this.#others(user));
  }

  async othersAre(user: User, wanted: string): Promise<void> {
    await this.#becomes(this.#others(user), `who is with ${user}`, wanted);
  }

  /** Every state so far, as the lines that were shown. */
  async lines(user: User): Promise<readonly string[]> {
    const history = await this.page.evaluate((name) => window.demo?.history[name] ?? [], user);
    return history.map(({ state, reason }) => `${state}/${String(reason)}`);
  }

  /** Attempts begun so far. */
  attempts(user: User): Promise<number> {
    return this.page.evaluate((name) => window.demo?.attempts[name] ?? 0, user);
  }

  /** B joins, then A; resolves when both are in and see each other move. */
  async joinBoth(): Promise<void> {
    for (const user of ['B', 'A'] as const) {
      await this.press(`${user}-join`);
      await this.shows(user, 'connected/joinSucceed');
    }
    await this.seesTheOther('A');
    await this.seesTheOther('B');
  }

  /** Resolves when so many more pictures of the other have come. */
  async seesTheOther(user: User, more = 10): Promise<void> {
    let first = await this.#pictures(user);
    const came = async () => {
      const now = await this.#pictures(user);
      first = Math.min(first, now); // a new stream counts from 0
      return now - first >= more;
    };
    await until(came, { limit, otherwise: async () => `no pictures come to ${user}.\n${await this.story()}` });
  }

  /** Pictures of the other that come within so many ms. */
  async picturesWithin(user: User, ms: number): Promise<number> {
    const first = await this.#pictures(user);
    await pause(ms);
    return (await this.#pictures(user)) - first;
  }

  /** Of the other's picture; another peer connection brings another one. */
  streamId(user: User): Promise<string | undefined> {
    return this.at(`${user}-remote`).evaluate((video: HTMLVideoElement) =>
      video.srcObject instanceof MediaStream ? video.srcObject.id : undefined,
    );
  }

  /** When the log said this for the first time: ms of the day. */
  async saidAt(words: string): Promise<number> {
    const time = await this.page.locator('.log-lines li', { hasText: words }).last().locator('time').innerText();
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    return Math.round(((hours * 60 + minutes) * 60 + seconds) * 1_000);
  }

  /** From now on counts how often the page asks a peer connection for its statistics. */
  async looksAtStatistics(): Promise<() => Promise<number>> {
    const counter = await this.page.evaluateHandle(() => {
      const looks = { count: 0 };
      const { getStats } = RTCPeerConnection.prototype;
      RTCPeerConnection.prototype.getStats = function (...args) {
        looks.count++;
        return getStats.apply(this, args);
      };
      return looks;
    });
    return () => counter.evaluate(({ count }) => count);
  }

  /** Takes the network into the devtools' hand; peer connections of before are out of their reach. */
  async network(): Promise<DevtoolsNetwork> {
    const cdp = await this.page.context().newCDPSession(this.page);
    await cdp.send('Network.enable');
    // A latency keeps the emulation on while the network is well: a loss alone, of 1 % or of 100 %, does nothing.
    const always = { latency: 1, downloadThroughput: -1, uploadThroughput: -1 };
    const emulate = async (offline: boolean, packetLoss: number): Promise<void> => {
      await cdp.send('Network.emulateNetworkConditions', { ...always, offline, packetLoss });
    };
    await emulate(false, 0);
    return { cut: () => emulate(true, 100), heal: () => emulate(false, 0) };
  }

  /** What happened, the latest first: for a failure. */
  async story(): Promise<string> {
    const rows = await this.page.locator('.log-lines li').allInnerTexts();
    return rows
      .slice(0, 40)
      .map((row) => `  ${row.replace(/\s+/g, ' ')}`)
      .join('\n');
  }

  #others(user: User): Locator {
    return this.page.locator(`.side[data-user="${user}"] .others`);
  }

  #pictures(user: User): Promise<number> {
    return this.at(`${user}-remote`).evaluate(
      (video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames,
    );
  }

  async #text(locator: Locator): Promise<string> {
    return (await locator.textContent()) ?? '';
  }

  async #becomes(locator: Locator, name: string, wanted: string | RegExp): Promise<string> {
    let text = '';
    const isSo = async () => {
      text = await this.#text(locator);
      return typeof wanted === 'string' ? text === wanted : wanted.test(text);
    };
    await until(isSo, {
      limit,
      otherwise: async () => `${name} reads “${text}”, not ${String(wanted)}.\n${await this.story()}`,
    });
    return text;
  }
}
