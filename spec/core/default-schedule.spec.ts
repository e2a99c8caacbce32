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
  // sinceUnreachable, remaining → from, middle, to: the lesser of 1 s + half of the first and half of the second, × 0.5, 1, 1.5
  const table: readonly (readonly [number, number, readonly number[]])[] = [
    [0, 40_000, [500, 1_000, 1_500]],
    [200, 40_000, [550, 1_100, 1_650]],
    [4_000, 36_000, [1_500, 3_000, 4_500]],
    [20_000, 20_000, [5_000, 10_000, 15_000]],
    [30_000, 10_000, [2_500, 5_000, 7_500]],
    [38_000, 2_000, [500, 1_000, 1_500]],
    // At least 600 ms: what is left must not be filled with attempts.
    [39_000, 1_000, [300, 600, 900]],
    [40_000, 0, [300, 600, 900]],
    [40_000, -1, [300, 600, 900]],
  ];

  for (const [sinceUnreachable, remaining, expected] of table) {
    it(`R11 waits ${expected[0]!} to ${expected[2]!} ms after ${sinceUnreachable} ms, with ${remaining} left`, () => {
      expect(spread(whenBusy, { verdict: busy, sinceUnreachable, remaining })).toEqual([...expected]);
    });
  }

  it('R11 spreads a crowd over half of the time that its outage has lasted and a second, at every scale', () => {
    for (const sinceUnreachable of [20, 1_000, 5_000, 20_000, 600_000]) {
      const [from, , to] = spread(whenBusy, { verdict: busy, sinceUnreachable, remaining: 1e9 });
      expect(to! - from!).toBe(1_000 + sinceUnreachable / 2);
    }
  });

  it('R11 never passes the deadline while 0.9 s are left', () => {
    fc.assert(
      fc.property(anyContext, fc.integer({ min: 900, max: 100_000 }), (attempt, remaining) => {
        expect(whenBusy({ ...attempt, remaining })).toBeLessThanOrEqual(remaining);
      }),
    );
  });

  it('R11 asks neither how often the server was busy nor how many attempts there were', () => {
    fc.assert(
      fc.property(anyContext, fc.nat(1_000), fc.integer({ min: 1, max: 1_000_000 }), (attempt, busyCount, position) => {
        expect(whenBusy({ ...attempt, busyCount, position })).toBe(whenBusy(attempt));
      }),
    );
  });
});

describe('defaultSchedule', () => {
  it('R11 keeps a hint, whatever the position: the first time it may shorten the wait, later it may only lengthen it', () => {
    fc.assert(
      fc.property(anyContext, fc.nat(1_000_000), (attempt, retryAfter) => {
        const wait = defaultSchedule({ ...attempt, verdict: { kind: 'busy', retryAfter } });
        const own = attempt.busyCount <= 1 ? 0 : whenBusy({ ...attempt, verdict: busy });
        return wait >= Math.max(retryAfter, own) && wait <= Math.max(retryAfter + 200, own);
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
