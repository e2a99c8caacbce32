import { entries } from '../../bench/size/entries.js';
import { measure } from '../../bench/size/measure.js';
import { seeded } from '../../bench/simulate/random.js';

/** Text that no compression can shorten by much. */
const noise = (length: number): string => {
  const random = seeded(1);
  return Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join('');
};

describe('the size of an import', () => {
  it('is what it adds to the bundle, in each column', async () => {
    const text = noise(10_000);
    const { min, gzip, brotli } = await measure({ code: `export const text = '${text}';` });
    expect(min).toBeGreaterThanOrEqual(10_000);
    expect(min).toBeLessThan(10_100);
    // One of 36 characters carries log2(36) = 5.17 bits; a code of whole bits takes 5 or 6.
    for (const compressed of [gzip, brotli]) {
      expect(compressed).toBeGreaterThan((10_000 * 5.17) / 8);
      expect(compressed).toBeLessThan((10_000 * 6) / 8);
    }
  });

  it('is nearly nothing for what the baseline has: rxjs', async () => {
    const { min } = await measure({ code: `export { Subject, retry, timeout } from 'rxjs';` });
    expect(min).toBeLessThan(100);
  });

  it('leaves the baseline whole when the import has names of rxjs', async () => {
    const { min } = await measure({ code: `export const retry = '${noise(1_000)}';` });
    expect(min).toBeGreaterThan(1_000);
  });

  it('has all that the import needs in it, and beside another entry only what that one lacks', async () => {
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
    // Its own module, and what checks its options.
    expect(parts.map(([module]) => module).sort()).toEqual([
      'lib/core/options/options.ts',
      'lib/core/options/outside.ts',
      'lib/core/options/wrong.ts',
      'lib/core/schedule/schedule.ts',
    ]);
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
