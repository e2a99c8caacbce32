import type { CDPSession, Page } from 'playwright-core';

/** What a page holds once the garbage is collected. */
export interface LiveObjects {
  /** Of every event target of the page. */
  readonly listeners: number;
  readonly peerConnections: number;
  readonly webSockets: number;
  /** Only those that are not closed: Chromium 143 never lets go of a closed one that had an oscillator. */
  readonly audioContexts: number;
  /** Of rxjs, subscribers included. */
  readonly subscriptions: number;
}

const group = 'live-objects';

/** Counts them by the devtools protocol: the page itself has no way to know. */
export class LiveObjectsCounter {
  readonly #cdp: CDPSession;
  /** An expression for the very `Subscription` that the page uses. */
  readonly #subscription: string;

  private constructor(cdp: CDPSession, subscription: string) {
    this.#cdp = cdp;
    this.#subscription = subscription;
  }

  /** @param subscription - by default that of the rxjs module which the page imports by itself */
  static async of(page: Page, subscription?: string): Promise<LiveObjectsCounter> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    await cdp.send('HeapProfiler.enable');
    if (subscription !== undefined) return new LiveObjectsCounter(cdp, subscription);
    const rxjs = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .find((name) => /\/deps\/rxjs\.js/.test(name)),
    );
    if (rxjs === undefined) throw new Error('the page has not imported rxjs');
    return new LiveObjectsCounter(cdp, `(await import(${JSON.stringify(rxjs)})).Subscription`);
  }

  async count(): Promise<LiveObjects> {
    // What the first round frees may have held on to more.
    for (let round = 0; round < 3; round++) await this.#cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#cdp.send('Performance.getMetrics');
    const counts = {
      listeners: metrics.find(({ name }) => name === 'JSEventListeners')?.value ?? Number.NaN,
      peerConnections: await this.#instances('RTCPeerConnection'),
      webSockets: await this.#instances('WebSocket'),
      audioContexts: await this.#instances('AudioContext', "({ state }) => state !== 'closed'"),
      subscriptions: await this.#instances(this.#subscription),
    };
    await this.#cdp.send('Runtime.releaseObjectGroup', { objectGroup: group });
    return counts;
  }

  async #instances(constructor: string, counts = '() => true'): Promise<number> {
    const { result } = await this.#cdp.send('Runtime.evaluate', {
      expression: `(async () => (${constructor}).prototype)()`,
      awaitPromise: true,
      objectGroup: group,
    });
    if (result.objectId === undefined) throw new Error(`the page has no ${constructor}`);
    const { objects } = await this.#cdp.send('Runtime.queryObjects', {
      prototypeObjectId: result.objectId,
      objectGroup: group,
    });
    const { result: length } = await this.#cdp.send('Runtime.callFunctionOn', {
      objectId: objects.objectId!,
      functionDeclaration: `function () { return this.filter(${counts}).length; }`,
      returnByValue: true,
    });
    return length.value as number;
  }
}
