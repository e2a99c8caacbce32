import fc from 'fast-check';
import { expectTypeOf } from 'expect-type';
import { whenBusy } from '../../lib/core/default-schedule.js';
import { MAX_DELAY, type AttemptContext, type Schedule } from '../../lib/core/schedule/schedule.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';
import { whenBrieflyBusy } from '../../lib/core/when-briefly-busy.js';
import { anyContext, chance, context } from './arbitraries.js';

const busy: Verdict = { kind: 'busy' };

/** The ends and the middle of what it may answer. */
const spread = (changes: Partial<AttemptContext>, schedule = whenBrieflyBusy): number[] =>
  [0, 0.5, 1].map((value) => Math.round(schedule(context({ verdict: busy, ...changes, random: () => value }))));

describe('whenBrieflyBusy', () => {
  // busyCount → from, middle, to
  const table: readonly (readonly [number, readonly number[]])[] = [
    [0, [4_000, 7_150, 10_300]],
    [1, [4_000, 7_150, 10_300]],
    [2, [4_800, 8_580, 12_360]],
    [3, [5_760, 10_296, 14_832]],
    [6, [9_953, 17_791, 25_630]],
  ];

  for (const [busyCount, expected] of table) {
    it(`R11 waits ${expected[0]!} to ${expected[2]!} ms after ${busyCount} busyCount`, () => {
      expect(spread({ busyCount })).toEqual([...expected]);
    });
  }

  it('R11 lets the first window begin with the break: half of what has passed is taken off, never below 0', () => {
    expect(spread({ busyCount: 1, sinceUnreachable: 6_000 })).toEqual([1_000, 4_150, 7_300]);
    expect(spread({ busyCount: 1, sinceUnreachable: 12_000 })).toEqual([0, 1_150, 4_300]);
    expect(spread({ busyCount: 2, sinceUnreachable: 12_000 })).toEqual([4_800, 8_580, 12_360]);
  });

  it('R11 has no one wait longer than 10.3 s at first, where whenBusy has nearly 20', () => {
    const longest = (schedule: Schedule): number => spread({ busyCount: 1 }, schedule)[2]!;
    expect(longest(whenBrieflyBusy)).toBeLessThan(0.6 * longest(whenBusy));
  });

  it('R5 is finite and above 0 from the second refusal on, up to the millionth', () => {
    for (const busyCount of [3, 40, 41, 1_015, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      const [least, , most] = spread({ busyCount }) as [number, number, number];
      expect(least).withContext(String(busyCount)).toBeGreaterThan(4_800);
      expect(most).withContext(String(busyCount)).toBeLessThanOrEqual(MAX_DELAY);
    }
  });

  it('R5 answers milliseconds in every context', () => {
    fc.assert(fc.property(anyContext, (attempt) => whenBrieflyBusy(attempt) >= 0 && whenBrieflyBusy(attempt) <= MAX_DELAY));
  });

  it('P4 is pure: it draws once, and only from the chance that it is given', () => {
    fc.assert(
      fc.property(anyContext, chance, (attempt, value) => {
        let draws = 0;
        const random = (): number => {
          draws++;
          return value;
        };
        expect(whenBrieflyBusy({ ...attempt, random })).toBe(whenBrieflyBusy({ ...attempt, random }));
        expect(draws).toBe(2);
      }),
    );
  });

  it('is a schedule', () => {
    expectTypeOf(whenBrieflyBusy).toEqualTypeOf<Schedule>();
  });
});
