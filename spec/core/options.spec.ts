import { durationOption, functionOption, knownOptions } from '../../lib/core/options.js';

const MAX = 2 ** 31 - 1;
const duration = (value: unknown, range?: 'positive' | 'notNegative'): number =>
  durationOption('createRoom', 'deadline', value, 40_000, range);

describe('knownOptions', () => {
  const known = ['deadline', 'schedule'];

  it('O1 lets known options through, and none', () => {
    expect(() => knownOptions('createRoom', { deadline: 1 }, known)).not.toThrow();
    expect(() => knownOptions('createRoom', {}, known)).not.toThrow();
  });

  it('O1 refuses a misspelt one by name, an undefined one too', () => {
    const words = 'createRoom: unknown option "deadlien"';
    expect(() => knownOptions('createRoom', { deadline: 1, deadlien: 2 }, known)).toThrowError(TypeError, words);
    expect(() => knownOptions('createRoom', { deadlien: undefined }, known)).toThrowError(TypeError, words);
  });

  it('O1 knows nothing that every object has', () => {
    const named = { ['toString']: 1 };
    expect(() => knownOptions('createRoom', named, known)).toThrowError(TypeError, 'createRoom: unknown option "toString"');
  });

  it('O1 refuses options that are no object', () => {
    for (const options of [null, 5, 'deadline', true, () => ({})]) {
      expect(() => knownOptions('createRoom', options as object, known)).toThrowError(
        TypeError,
        'createRoom: options must be an object',
      );
    }
  });
});

describe('durationOption', () => {
  it('O1 is the given time, or its default', () => {
    expect(duration(5)).toBe(5);
    expect(duration(0.5)).toBe(0.5);
    expect(duration(undefined)).toBe(40_000);
    expect(duration(0, 'notNegative')).toBe(0);
  });

  it('O1 R6 refuses what a timer cannot hold', () => {
    expect(duration(MAX)).toBe(MAX);
    expect(() => duration(MAX + 1)).toThrowError(RangeError, /^createRoom: deadline must be above 0 to 2147483647 ms/);
    expect(() => duration(Infinity)).toThrowError(RangeError, /deadline .* not Infinity$/);
  });

  it('O1 refuses what no time can be', () => {
    for (const value of [0, -1, NaN, -Infinity]) expect(() => duration(value)).toThrowError(RangeError, /deadline/);
    for (const value of [-1, NaN, Infinity]) {
      expect(() => duration(value, 'notNegative')).toThrowError(RangeError, /deadline must be from 0 to/);
    }
  });

  it('O1 refuses what is no number', () => {
    for (const value of [null, '5', [5], {}, 5n, true, new Date(5), () => 5]) {
      expect(() => duration(value)).toThrowError(TypeError, 'createRoom: deadline must be a number of milliseconds');
    }
  });
});

describe('functionOption', () => {
  const fallback = (): number => 1;

  it('O1 is the given function, or its default', () => {
    const given = (): number => 2;
    expect(functionOption('createRoom', 'random', given, fallback)).toBe(given);
    expect(functionOption('createRoom', 'random', undefined, fallback)).toBe(fallback);
  });

  it('O1 refuses what is no function', () => {
    for (const value of [null, 5, 'Math.random', {}]) {
      expect(() => functionOption<unknown>('createRoom', 'random', value, fallback)).toThrowError(
        TypeError,
        'createRoom: random must be a function',
      );
    }
  });
});
