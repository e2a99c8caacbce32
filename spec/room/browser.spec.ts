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

  it('Z1 tells how long the device slept, once', () => {
    const wakes = wakesOf((page) => {
      awakeFor(10_000);
      asleepFor(60_000);
      online(page);
      awakeFor(10_000);
      online(page);
    });
    expect(wakes).toEqual([{ suspendedFor: 60_000 }, { suspendedFor: 0 }]);
  });

  it('Z1 takes 5 s and more that only the wall clock counted for sleep, and less for a correction of it', () => {
    const slept = (ms: number): Wake[] =>
      wakesOf((page) => {
        asleepFor(ms);
        online(page);
      });
    expect(slept(4_999)).toEqual([{ suspendedFor: 0 }]);
    expect(slept(5_000)).toEqual([{ suspendedFor: 5_000 }]);
    expect(slept(-60_000)).toEqual([{ suspendedFor: 0 }]);
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
