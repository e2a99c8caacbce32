import fc from 'fast-check';
import { hintOf, honouringServer } from '../../lib/core/honouring-server.js';
import { giveUp, MAX_DELAY, spaced } from '../../lib/core/schedule/schedule.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';
import { anyContext, anySchedule, context } from './arbitraries.js';

const busy = (retryAfter: unknown): Verdict => ({ kind: 'busy', retryAfter }) as Verdict;
const own = spaced(77);
/** What no server should say, and what no timer understands. */
const nonsense: readonly unknown[] = [-1, -Infinity, NaN, '3000', null, {}, [], true, new Date(0), 3_000n];

describe('hintOf', () => {
  it('R11 takes a number of milliseconds from 0 on', () => {
    expect([0, 0.5, 3_000].map((retryAfter) => hintOf(busy(retryAfter)))).toEqual([0, 0.5, 3_000]);
  });

  it('R11 clamps it to what a timer can hold', () => {
    expect([MAX_DELAY, MAX_DELAY + 1, 1e300, Infinity].map((hint) => hintOf(busy(hint)))).toEqual(
      [MAX_DELAY, MAX_DELAY, MAX_DELAY, MAX_DELAY],
    );
  });

  it('R11 takes nonsense for no hint', () => {
    for (const retryAfter of nonsense) expect(hintOf(busy(retryAfter))).withContext(typeof retryAfter).toBeUndefined();
    expect(hintOf({ kind: 'busy' })).toBeUndefined();
  });

  it('R11 takes hints from the busy only', () => {
    expect(hintOf({ kind: 'refused', retryAfter: 3_000 } as Verdict)).toBeUndefined();
    expect(hintOf({ kind: 'unreachable', retryAfter: 3_000 } as Verdict)).toBeUndefined();
  });
});

describe('honouringServer', () => {
  it('R11 comes at the first hint at the earliest and 200 ms after it at the latest', () => {
    const schedule = honouringServer(spaced(77_000));
    for (const busyCount of [0, 1]) {
      const waits = [0, 0.5, 1].map((value) => schedule(context({ verdict: busy(3_000), busyCount, random: () => value })));
      expect(waits).toEqual([3_000, 3_100, 3_200]);
    }
  });

  it('R11 never lets a later hint shorten the wait, nor the wait the hint', () => {
    const schedule = honouringServer(spaced(5_000));
    const waits = (hint: number): number[] =>
      [0, 0.5, 1].map((value) => schedule(context({ verdict: busy(hint), busyCount: 2, random: () => value })));
    expect(waits(0)).toEqual([5_000, 5_000, 5_000]);
    expect(waits(3_000)).toEqual([5_000, 5_000, 5_000]);
    expect(waits(4_900)).toEqual([5_000, 5_000, 5_100]);
    expect(waits(9_000)).toEqual([9_000, 9_100, 9_200]);
  });

  it('R11 is from the second "busy" on the longer of the two, for every schedule', () => {
    fc.assert(
      fc.property(anySchedule, anyContext, fc.nat(100_000), (schedule, attempt, hint) => {
        fc.pre(attempt.busyCount >= 2);
        const told = { ...attempt, verdict: busy(hint) };
        const longer = Math.max(hint + 200 * attempt.random(), schedule(told));
        expect(honouringServer(schedule)(told)).toBe(longer === Infinity ? longer : Math.min(MAX_DELAY, longer));
      }),
    );
  });

  it('R11 spreads as told', () => {
    const schedule = honouringServer(own, { spread: 50 });
    expect(schedule(context({ verdict: busy(3_000), random: () => 0.5 }))).toBe(3_025);
    expect(honouringServer(own, { spread: 0 })(context({ verdict: busy(3_000) }))).toBe(3_000);
  });

  it('R11 takes 0 for a hint', () => {
    expect(honouringServer(own)(context({ verdict: busy(0), busyCount: 1, random: () => 0 }))).toBe(0);
  });

  it('R11 leaves everything but a hint to its schedule', () => {
    fc.assert(
      fc.property(anySchedule, anyContext, (schedule, attempt) => {
        fc.pre(hintOf(attempt.verdict) === undefined);
        expect(honouringServer(schedule)(attempt)).toBe(schedule(attempt));
      }),
    );
  });

  it('R11 leaves nonsense to its schedule', () => {
    for (const retryAfter of nonsense) expect(honouringServer(own)(context({ verdict: busy(retryAfter) }))).toBe(77);
  });

  it('R11 R6 answers what a timer can hold, its own spread included', () => {
    const schedule = honouringServer(own);
    for (const hint of [MAX_DELAY - 1, MAX_DELAY, 1e300, Infinity]) {
      for (const busyCount of [1, 2]) {
        expect(schedule(context({ verdict: busy(hint), busyCount, random: () => 0.999 }))).toBe(MAX_DELAY);
      }
    }
  });

  it('P4 leaves giving up as it is, whatever the server hints', () => {
    expect(honouringServer(giveUp)(context())).toBe(Infinity);
    for (const busyCount of [0, 1, 2]) {
      expect(honouringServer(giveUp)(context({ verdict: busy(3_000), busyCount }))).toBe(Infinity);
    }
  });
});
