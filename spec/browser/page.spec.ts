import type { DemoPage } from './demo-page.js';
import { layoutFaults } from './layout-faults.js';
import { useDemo } from './use-demo.js';

describe('the page of the call', () => {
  const stage = useDemo();

  it('is used with the keyboard alone: Tab reaches every control in the order of the page', async () => {
    const demo = await stage.open();
    const order = await controls(demo);
    expect(order.length).toBeGreaterThan(25);
    const reached: string[] = [];
    for (let nth = 0; nth < order.length; nth++) {
      await demo.page.keyboard.press('Tab');
      reached.push(await focused(demo));
    }
    expect(reached).toEqual(order);

    await demo.at('A-join').focus();
    await demo.page.keyboard.press('Enter');
    await demo.shows('A', 'connected/joinSucceed');
    expect(await focused(demo)).withContext('a button that has nothing to do keeps its focus').toContain('A-join');
    await demo.page.keyboard.press('Tab');
    await demo.page.keyboard.press('Space');
    await demo.shows('A', 'disconnected/leaveChannel');
  });

  it('tells a screen reader of every change of state', async () => {
    const demo = await stage.open({ user: 'A' });
    const live = demo.page.locator('[aria-live="polite"][role="status"]');
    expect(await live.count()).toBe(1);
    const said = (text: string) => live.filter({ hasText: text }).waitFor({ state: 'attached' });
    await demo.press('A-join');
    await said('A: connected. In the call.');
    await demo.press('A-cut-signal');
    await said('A: reconnecting. Signalling is lost');
    await demo.press('A-heal');
    await said('A: connected. Back in the call.');
    await demo.press('A-leave');
    await said('A: disconnected. Left the call.');
  });

  it('fits at 400 and at 1280 px, and can be read in light and in dark', async () => {
    const demo = await stage.open();
    await demo.joinBoth();
    await demo.press('A-cut-all');
    await demo.shows('A', /^reconnecting/);
    await demo.press('B-lose-20');
    await demo.reads('A-quality-up', 'down');
    for (const width of [400, 1280]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await demo.page.setViewportSize({ width, height: 900 });
        await demo.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }); // without motion no colour is halfway
        const faults = await layoutFaults(demo.page);
        expect(faults).withContext(`${width} px, ${colorScheme}`).toEqual([]);
      }
    }
    const ground = () => demo.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await demo.page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).not.toBe(dark);
  });
});

/** Marks everything in the page that can be used, and names it in the order of the page. */
const controls = (demo: DemoPage): Promise<readonly string[]> =>
  demo.page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, [tabindex="0"]')].map((one, nth) => {
      one.dataset['nth'] = `${nth} ${one.dataset['testid'] ?? one.textContent}`;
      return one.dataset['nth'];
    }),
  );

const focused = (demo: DemoPage): Promise<string> =>
  demo.page.evaluate(() => (document.activeElement instanceof HTMLElement && document.activeElement.dataset['nth']) || 'nothing');
