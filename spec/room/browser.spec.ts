import { browserLeave, browserWake, type Wake } from '../../lib/room/browser.js';
import { inPage, type Page } from './room-harness.js';

describe('browserWake', () => {
  /** The wall clock, and the monotonic one that stands still while the device sleeps. */
  let wall = 0;
  let running = 0;

  beforeEach(() => {
    wall = 1_700_000_000_000;
    running = 5_000;
    spyOn(Date, 'now').and.callFake(() => wall);
    spyOn(performance, 'now').and.callFake(() => running);
  });

  const awakeFor = (ms: number): void => {
    wall += ms;
    running += ms;
  };
  const asleepFor = (ms: number): void => {
    wall += ms;
  };

  /** What is told of all that `happen` does to a page. */
  const wakesOf = (happen: (page: Page) => void): Wake[] =>
    inPage((page) => {
      const wakes: Wake[] = [];
      const subscription = browserWake().subscribe((wake) => wakes.push(wake));
      happen(page);
      subscription.unsubscribe();
      expect(page.listeners()).toBe(0);
      return wakes;
    });

  const online = ({ window }: Page): boolean => window.dispatchEvent(new Event('online'));
  const show = (page: Page, visibilityState: 'visible' | 'hidden'): void => {
    page.document.visibilityState = visibilityState;
    page.document.dispatchEvent(new Event('visibilitychange'));
  };

  it('R8 wakes when the network is there, when the page resumes, and when it is shown again', () => {
    expect(wakesOf(online)).toEqual([{ suspendedFor: 0 }]);
    expect(wakesOf(({ document }) => document.dispatchEvent(new Event('resume')))).toEqual([{ suspendedFor: 0 }]);
    expect(wakesOf(({ window }) => window.dispatchEvent(new Event('pageshow')))).toEqual([{ suspendedFor: 0 }]);
  });

  it('R8 wakes when the page becomes visible, and not when it is hidden', () => {
    expect(wakesOf((page) => show(page, 'hidden'))).toEqual([]);
    expect(wakesOf((page) => show(page, 'visible'))).toEqual([{ suspendedFor: 0 }]);
  });

  it('R8 does not wake when the page is frozen or hidden', () => {
    expect(wakesOf(({ document }) => document.dispatchEvent(new Event('freeze')))).toEqual([]);
    expect(wakesOf(({ window }) => window.dispatchEvent(new Event('pagehide')))).toEqual([]);
  });

  it('Z5 gives a reason only to ask when the network goes or changes', () => {
    const ask: Wake = { suspendedFor: 0, onlyAsk: true };
    expect(wakesOf(({ window }) => window.dispatchEvent(new Event('offline')))).toEqual([ask]);
    expect(wakesOf(({ connection }) => connection.dispatchEvent(new Event('change')))).toEqual([ask]);
  });

  it('Z5 does without `navigator.connection`', () => {
    const wakes = wakesOf((page) => {
      Reflect.deleteProperty(page.window, 'navigator');
      const more: Wake[] = [];
      const subscription = browserWake().subscribe((wake) => more.push(wake));
      online(page);
      subscription.unsubscribe();
      expect(more).toEqual([{ suspendedFor: 0 }]);
    });
    expect(wakes).toEqual([{ suspendedFor: 0 }]);
  });

  it('Z4 tells what the clocks drifted apart by, and since when, once and as no sleep', () => {
    const begin = wall;
    const wakes = wakesOf((page) => {
      awakeFor(10_000);
      asleepFor(60_000);
      online(page);
      awakeFor(10_000);
      online(page);
    });
    expect(wakes).toEqual([{ suspendedFor: 0, drift: { since: begin, ms: 60_000 } }, { suspendedFor: 0 }]);
  });

  it('Z4 takes less than 5 s, and a clock that was set back, for a correction', () => {
    const slept = (ms: number): Wake[] => {
      const since = wall;
      const wakes = wakesOf((page) => {
        asleepFor(ms);
        online(page);
      });
      return wakes.map(({ drift, ...wake }) => (drift?.since === since ? { ...wake, drift: { ...drift, since: 0 } } : wake));
    };
    expect(slept(4_999)).toEqual([{ suspendedFor: 0 }]);
    expect(slept(5_000)).toEqual([{ suspendedFor: 0, drift: { since: 0, ms: 5_000 } }]);
    expect(slept(-60_000)).toEqual([{ suspendedFor: 0 }]);
  });

  it('Z4 compares the clocks at every event of the page, so that corrections between them do not add up', () => {
    const wakes = wakesOf((page) => {
      for (let nap = 0; nap < 10; nap++) {
        asleepFor(4_000);
        show(page, 'hidden');
      }
      online(page);
    });
    expect(wakes).toEqual([{ suspendedFor: 0 }]);
  });

  it('Z4 keeps a drift that an event without a wake found for the next wake', () => {
    const begin = wall;
    const wakes = wakesOf((page) => {
      asleepFor(60_000);
      show(page, 'hidden');
      awakeFor(1_000);
      online(page);
    });
    expect(wakes).toEqual([{ suspendedFor: 0, drift: { since: begin, ms: 60_000 } }]);
  });

  it('Z4 tells a drift in whole milliseconds', () => {
    const begin = wall;
    const wakes = wakesOf((page) => {
      asleepFor(60_000);
      running += 0.3;
      online(page);
    });
    expect(wakes).toEqual([{ suspendedFor: 0, drift: { since: begin, ms: 59_999 } }]);
  });

  for (const [name, freeze] of [
    ['frozen', ({ document }: Page): boolean => document.dispatchEvent(new Event('freeze'))],
    ['in the back/forward cache', ({ window }: Page): boolean => window.dispatchEvent(new Event('pagehide'))],
  ] as const) {
    it(`Z1 tells how long the page was ${name}, once`, () => {
      const wakes = wakesOf((page) => {
        freeze(page);
        awakeFor(30_000);
        online(page);
        awakeFor(10_000);
        online(page);
      });
      expect(wakes).toEqual([{ suspendedFor: 30_000 }, { suspendedFor: 0 }]);
    });
  }

  it('Z1 tells of a freeze with a sleep in it once, from its first sign', () => {
    const wakes = wakesOf((page) => {
      page.document.dispatchEvent(new Event('freeze'));
      awakeFor(10_000);
      page.window.dispatchEvent(new Event('pagehide'));
      asleepFor(20_000);
      online(page);
    });
    expect(wakes).toEqual([{ suspendedFor: 30_000 }]);
  });

  it('says nothing and ends where there is no page, or half of one', () => {
    const completions = (): number => {
      let completed = 0;
      for (const source$ of [browserWake(), browserLeave()]) source$.subscribe({ complete: () => completed++ });
      return completed;
    };
    expect(completions()).toBe(2);
    for (const missing of ['window', 'document']) {
      const without = inPage(() => {
        Reflect.deleteProperty(globalThis, missing);
        return completions();
      });
      expect(without).withContext(missing).toBe(2);
    }
  });
});
