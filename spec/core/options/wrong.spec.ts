import { shown, wrongType, wrongValue } from '../../../lib/core/options/wrong.js';

describe('shown', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const values: readonly (readonly [unknown, string])[] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [-0.5, '-0.5'],
    [NaN, 'NaN'],
    [5n, '5n'],
    ['', 'an empty string'],
    ['a token', 'a string'],
    [() => 5, 'a function'],
    [[], 'an empty array'],
    [['a token'], 'an array'],
    [Promise.resolve(), 'a Promise'],
    [{ token: 'a token' }, 'an object'],
    [new Date(5), 'an object'],
    [revoked.proxy, 'an object'],
  ];

  for (const [index, [value, text]] of values.entries()) {
    it(`O3 X1 says what came, but no text and nothing of what an object holds: ${text} (${index})`, () => {
      expect(shown(value)).toBe(text);
    });
  }
});

describe('wrongType and wrongValue', () => {
  it('O3 say what was expected and what came', () => {
    expect(wrongType('reconnect: random', 'a function', 0.5)).toEqual(new TypeError('reconnect: random must be a function, got 0.5'));
    expect(wrongValue('reconnect: deadline', 'greater than 0', 0)).toEqual(new RangeError('reconnect: deadline must be greater than 0, got 0'));
  });
});
