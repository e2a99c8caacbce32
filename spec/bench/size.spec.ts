import { entries } from '../../bench/size/entries.js';
import { measure } from '../../bench/size/measure.js';

const bytes = (code: string): Promise<number> => measure({ code }).then(({ min }) => min);

describe('the size of an import', () => {
  it('is what is written, minified, when nothing else is imported', async () => {
    expect(await bytes('export const answer = 40 + 2;')).toBe('var r=42;export{r as answer};\n'.length);
  });

  it('has no rxjs in it', async () => {
    expect(await bytes(`export { Subject } from 'rxjs';`)).toBeLessThan(100);
    expect(await bytes(`export { TestScheduler } from 'rxjs/testing';`)).toBeLessThan(100);
  });

  it('has all that the import needs in it, and of another entry only what it may not count on', async () => {
    const code = `export * from './lib/websocket/index.ts';`;
    const [alone, besideCore] = [await measure({ code }), await measure({ code, beside: 'core' })];
    const modules = ({ parts }: typeof alone): string[] => parts.map(([module]) => module);
    expect(modules(alone)).toContain('lib/operators/heartbeat.ts');
    expect(modules(besideCore)).not.toContain('lib/operators/heartbeat.ts');
    expect(modules(besideCore)).toContain('lib/websocket/web-socket-channel.ts');
    expect(besideCore.gzip).toBeLessThan(alone.gzip);
  });

  it('leaves out what a single piece does not need', async () => {
    const { parts } = await measure({ code: `export { exponential } from './lib/index.ts';` });
    expect(parts.filter(([, size]) => size > 0).map(([module]) => module)).toEqual(['lib/core/schedule.ts']);
  });

  it('is an error when there is nothing to measure', async () => {
    await expectAsync(measure({ code: '' })).toBeRejectedWithError(/nothing is left/);
    await expectAsync(measure({ code: `export { nothing } from './lib/index.ts';` })).toBeRejected();
  });

  it('has a goal no higher than its budget', () => {
    for (const { name, goal, budget } of entries) {
      expect(goal ?? 0).withContext(name).toBeLessThanOrEqual(budget);
    }
  });
});
