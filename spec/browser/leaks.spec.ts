import { LiveObjectsCounter, type LiveObjects } from './live-objects.js';
import { until } from '../until.js';
import { useDemo } from './use-demo.js';

const cycles = 100;

describe('a user who comes and goes', () => {
  const stage = useDemo();

  it(`L6 ${cycles} joins and leaves leave every listener, connection, socket and sound where it was`, async () => {
    const demo = await stage.open();
    const counter = await LiveObjectsCounter.of(demo.page);
    await demo.press('B-join');
    await demo.shows('B', 'connected/joinSucceed');

    /** In the page: a hundred rounds over the wire would take longer than the joins. */
    const comeAndGo = (times: number) =>
      demo.page.evaluate(async (rounds) => {
        const line = document.querySelector<HTMLElement>('[data-testid="A-state"]')!;
        for (let round = 0; round < rounds; round++) {
          for (const [button, state] of [
            ['A-join', 'connected'],
            ['A-leave', 'disconnected'],
          ]) {
            document.querySelector<HTMLElement>(`[data-testid="${button!}"]`)!.click();
            const end = performance.now() + 20_000;
            while (line.dataset['state'] !== state) {
              if (performance.now() > end) throw new Error(`round ${round + 1}: A is ${line.textContent}, not ${state!}`);
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          }
        }
      }, times);

    await comeAndGo(3); // what is made once is made now
    await demo.othersAre('B', '');
    const before = await counter.count();
    expect(before.webSockets).withContext('that of B').toBeGreaterThan(0);
    await comeAndGo(cycles);
    await demo.othersAre('B', '');

    // What was closed a moment ago may be held for a little by the browser.
    let after: LiveObjects = before;
    const isBack = async () => {
      after = await counter.count();
      return Object.entries(after).every(([name, count]) => count <= before[name as keyof LiveObjects]);
    };
    await until(isBack, {
      limit: 20_000,
      otherwise: () => `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`,
    });
    expect(await demo.attempts('A')).toBe(cycles + 3);
    expect(await demo.state('B')).toBe('connected/joinSucceed');
  });
});
