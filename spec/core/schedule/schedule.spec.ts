import fc from 'fast-check';
import { exponential, giveUp, immediate, MAX_DELAY, spaced, type Schedule } from '../../../lib/core/schedule/schedule.js';
import { anyContext, context, firstMillion } from '../arbitraries.js';

const waits = (schedule: Schedule, count: number): number[] =>
  Array.from({ length: count }, (_, index) => schedule(context({ position: index + 1 })));

describe('immediate', () => {
  it('P4 never waits', () => {
    fc.assert(fc.property(anyContext, (attempt) => immediate(attempt) === 0));
  });
});

describe('giveUp', () => {
  it('P4 never tries', () => {
    fc.assert(fc.property(anyContext, (attempt) => giveUp(attempt) === Infinity));
  });
});

describe('spaced', () => {
  it('P4 waits the same every time', () => {
    fc.assert(fc.property(fc.nat(), anyContext, (ms, attempt) => spaced(ms)(attempt) === ms));
  });
});

describe('exponential', () => {
  it('P4 doubles from 500 ms on', () => {
    expect(waits(exponential(), 6)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it('P4 grows by the given factor from the given first wait', () => {
    expect(waits(exponential({ first: 200, factor: 3 }), 4)).toEqual([200, 600, 1_800, 5_400]);
    expect(waits(exponential({ first: 7, factor: 1 }), 3)).toEqual([7, 7, 7]);
  });

  it('R5 stays what a timer can hold and above 0 up to the millionth wait', () => {
    const schedule = exponential();
    expect(firstMillion((attempt) => schedule(attempt) > 0 && schedule(attempt) <= MAX_DELAY)).toBeNull();
  });

  it('R5 never shrinks and never passes what a timer can hold, whatever it begins with', () => {
    const position = fc.integer({ min: 1, max: 999_999 });
    fc.assert(
      fc.property(fc.nat(MAX_DELAY), fc.double({ min: 1, max: 10, noNaN: true }), position, (first, factor, position) => {
        const schedule = exponential({ first, factor });
        const wait = schedule(context({ position }));
        const next = schedule(context({ position: position + 1 }));
        expect(wait).toBeGreaterThanOrEqual(first);
        expect(next).toBeGreaterThanOrEqual(wait);
        expect(next).toBeLessThanOrEqual(MAX_DELAY);
      }),
    );
  });

  it('R5 stays 0 when it begins with 0', () => {
    const schedule = exponential({ first: 0 });
    expect([1, 2, 1_024, 1_025, 1_000_000].map((position) => schedule(context({ position })))).toEqual([0, 0, 0, 0, 0]);
  });

  it('R6 knows the longest delay that a timer can hold', () => {
    expect(MAX_DELAY).toBe(2_147_483_647);
  });
});

describe('a schedule that cannot be', () => {
  it('O3 is refused when it is made, by name', () => {
    for (const [value, got] of [[NaN, 'NaN'], [-1, '-1'], [undefined, 'undefined'], ['5', 'a string']] as const) {
      const ms = value as number;
      expect(() => spaced(ms)).toThrowError(RangeError, `spaced: ms must be a number, at least 0, got ${got}`);
      if (value === undefined) continue; // the default
      expect(() => exponential({ first: ms })).toThrowError(RangeError, `exponential: first must be a number, at least 0, got ${got}`);
      expect(() => exponential({ factor: ms })).toThrowError(RangeError, `exponential: factor must be a number, at least 0, got ${got}`);
    }
  });

  it('O3 is not one that gives up', () => {
    expect(spaced(Infinity)(context())).toBe(Infinity);
  });
});
