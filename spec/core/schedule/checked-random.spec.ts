import { checkedRandom } from '../../../lib/core/schedule/checked-random.js';

describe('checkedRandom', () => {
  it('O3 draws what lies in [0, 1)', () => {
    for (const value of [0, 0.5, 1 - Number.EPSILON]) expect(checkedRandom(() => value)()).toBe(value);
  });

  it('O3 refuses everything else when it is drawn', () => {
    for (const [value, got] of [[1, '1'], [-0.1, '-0.1'], [NaN, 'NaN'], ['0.5', 'a string'], [undefined, 'undefined']] as const) {
      expect(() => checkedRandom(() => value as number)()).toThrowError(
        RangeError,
        `random: the return value must be at least 0 and less than 1, got ${got}`,
      );
    }
  });
});
