import fc from 'fast-check';
import { knownSleep } from '../../lib/room/known-sleep.js';

describe('knownSleep', () => {
  const compared = 1_000_000;

  it('Z4 is all of the drift when the last proof of life came before the clocks were compared', () => {
    expect(knownSleep({ since: compared, ms: 60_000 }, compared)).toBe(60_000);
    expect(knownSleep({ since: compared, ms: 60_000 }, compared - 5_000)).toBe(60_000);
  });

  it('Z4 is less by what may have been naps before the last proof of life', () => {
    expect(knownSleep({ since: compared, ms: 60_000 }, compared + 10_000)).toBe(50_000);
    expect(knownSleep({ since: compared, ms: 60_000 }, compared + 3_600_000)).toBeLessThanOrEqual(0);
  });

  it('Z4 is never more than what was slept after the last proof of life, whatever the device did', () => {
    const nights = fc.array(fc.record({ awake: fc.nat(10_000), asleep: fc.nat(10_000) }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(nights, fc.nat(20), (turns, last) => {
        const heard = Math.min(last, turns.length - 1);
        const total = (some: typeof turns): number => some.reduce((sum, { awake, asleep }) => sum + awake + asleep, 0);
        const slept = (some: typeof turns): number => some.reduce((sum, { asleep }) => sum + asleep, 0);
        // The last proof of life comes just before the turn `heard`.
        const aliveAt = compared + total(turns.slice(0, heard));
        const known = knownSleep({ since: compared, ms: slept(turns) }, aliveAt);
        expect(known).toBeLessThanOrEqual(slept(turns.slice(heard)));
      }),
    );
  });
});
