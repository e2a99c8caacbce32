import fc from 'fast-check';
import { defaultSchedule, whenBusy, whenUnreachable } from '../../lib/core/default-schedule.js';
import { MAX_DELAY, type AttemptContext } from '../../lib/core/schedule/schedule.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';
import { anyContext, chance, context, firstMillion } from './arbitraries.js';

const busy: Verdict = { kind: 'busy' };

/** The ends and the middle of what a schedule may answer. */
const spread = (schedule: (attempt: AttemptContext) => number, changes: Partial<AttemptContext>): number[] =>
  [0, 0.5, 1].map((value) => schedule(context({ ...changes, random: () => value })));

describe('whenUnreachable', () => {
  // position → from, middle, to
  const table: readonly (readonly [number, readonly number[]])[] = [
    [1, [0, 250, 500]],
    [2, [250, 500, 750]],
    [3, [500, 1_000, 1_500]],
    [4, [1_000, 2_000, 3_000]],
    [5, [1_425, 2_850, 4_275]],
    [6, [1_425, 2_850, 4_275]],
    [1_015, [1_425, 2_850, 4_275]],
    [1_000_000, [1_425, 2_850, 4_275]],
  ];

  for (const [attempt, expected] of table) {
    it(`R5 waits ${expected[0]!} to ${expected[2]!} ms at position ${attempt}`, () => {
      expect(spread(whenUnreachable, { position: attempt })).toEqual([...expected]);
    });
  }

  it('R5 is finite, and above 0 from the second wait on, up to the millionth', () => {
    const isFine = (wait: number, least: number): boolean => wait >= least && wait <= 4_275;
    const least = firstMillion((position) => isFine(whenUnreachable(position), position.position === 1 ? 0 : 250), { random: () => 0 });
    expect(least).toBeNull();
  });
});

describe('whenBusy', () => {
  it('R11 has a first window of 3.7 to 19.95 s', () => {
    expect(spread(whenBusy, { verdict: busy, busyCount: 1 })).toEqual([3_700, 11_825, 19_950]);
  });

  it('R11 lets the first window begin with the break: half of what has passed is taken off, never below 0', () => {
    expect(spread(whenBusy, { verdict: busy, busyCount: 1, sinceUnreachable: 6_000 })).toEqual([700, 8_825, 16_950]);
    expect(spread(whenBusy, { verdict: busy, busyCount: 1, sinceUnreachable: 24_000 })).toEqual([0, 0, 7_950]);
  });

  it('R11 waits 1 to 4 s the second time and 16 to 24 s from the third on, whatever has passed', () => {
    expect(spread(whenBusy, { verdict: busy, busyCount: 2, sinceUnreachable: 9_000 })).toEqual([1_000, 2_500, 4_000]);
    expect(spread(whenBusy, { verdict: busy, busyCount: 3, sinceUnreachable: 9_000 })).toEqual([16_000, 20_000, 24_000]);
    expect(spread(whenBusy, { verdict: busy, busyCount: 1_000_000 })).toEqual([16_000, 20_000, 24_000]);
  });

  it('R11 spreads a first refusal wider than anything that reached nobody', () => {
    const width = ([from = 0, , to = 0]: number[]): number => to - from;
    const refused = width(spread(whenBusy, { verdict: busy, busyCount: 1 }));
    for (const position of [1, 2, 3, 4, 100]) {
      expect(refused).toBeGreaterThan(width(spread(whenUnreachable, { position })));
    }
  });
});

describe('defaultSchedule', () => {
  it('R11 keeps a hint, whatever the position', () => {
    fc.assert(
      fc.property(anyContext, fc.nat(1_000_000), (attempt, retryAfter) => {
        const wait = defaultSchedule({ ...attempt, verdict: { kind: 'busy', retryAfter } });
        return wait >= retryAfter && wait <= retryAfter + 200;
      }),
    );
  });

  it('R11 without a hint is whenBusy for the busy and whenUnreachable for the rest', () => {
    fc.assert(
      fc.property(anyContext, (attempt) => {
        expect(defaultSchedule({ ...attempt, verdict: busy })).toBe(whenBusy({ ...attempt, verdict: busy }));
        const rest: readonly Verdict[] = [{ kind: 'unreachable' }, { kind: 'refused' }];
        for (const verdict of rest) expect(defaultSchedule({ ...attempt, verdict })).toBe(whenUnreachable(attempt));
      }),
    );
  });

  it('R5 answers milliseconds in every context, and never gives up', () => {
    fc.assert(
      fc.property(anyContext, (attempt) => {
        const wait = defaultSchedule(attempt);
        return wait >= 0 && wait <= MAX_DELAY;
      }),
    );
  });

  it('P4 is pure: the same context, the same answer', () => {
    fc.assert(fc.property(anyContext, (attempt) => defaultSchedule(attempt) === defaultSchedule(attempt)));
  });

  it('P4 never waits by anything but chance that it is given', () => {
    fc.assert(
      fc.property(anyContext, chance, (attempt, value) => {
        const random = (): number => value;
        expect(defaultSchedule({ ...attempt, random })).toBe(defaultSchedule({ ...attempt, random }));
      }),
    );
  });
});
