import { asyncScheduler, NEVER } from 'rxjs';
import {
  aFunction,
  aNumber,
  aScheduler,
  aStream,
  aText,
  aTime,
  aTimeFromZero,
  knownOptions,
  readOptions,
} from '../../../lib/core/options/options.js';

const MAX = 2 ** 31 - 1;
const name = 'createRoom: deadline';

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
        /^createRoom: options must be an object, got /,
      );
    }
  });
});

describe('readOptions', () => {
  const read = (options: object, ...separator: string[]): { deadline: number; every: number } =>
    readOptions('createRoom', options, { deadline: [aTime, 40_000], every: [aNumber(1, 9), 5] }, ...separator);

  it('O1 has what was given, and the default of what was not', () => {
    expect(read({})).toEqual({ deadline: 40_000, every: 5 });
    expect(read({ deadline: 7, every: undefined })).toEqual({ deadline: 7, every: 5 });
  });

  it('O1 wants what has no default, and takes one that is undefined', () => {
    const bare = (options: object): { ping: unknown; grace?: number | undefined } =>
      readOptions<{ ping: unknown; grace: number | undefined }>('heartbeat', options, { ping: [aFunction], grace: [aTime, undefined] });
    const ping = (): void => {};
    expect(bare({ ping })).toEqual({ ping, grace: undefined });
    for (const options of [{}, { ping: undefined }]) {
      expect(() => bare(options)).toThrowError(TypeError, 'heartbeat: ping must be a function, got undefined');
    }
  });

  it('O1 names what is wrong, by the name of whose it is', () => {
    expect(() => read({ every: 10 })).toThrowError(RangeError, 'createRoom: every must be from 1 to 9, got 10');
    expect(() => read({ every: 10 }, '.')).toThrowError(RangeError, 'createRoom.every must be from 1 to 9, got 10');
    expect(() => read({ evry: 5 })).toThrowError(TypeError, 'createRoom: unknown option "evry"');
  });
});

describe('what an option may be', () => {
  it('O1 a time: milliseconds that a timer can hold, and more than none', () => {
    for (const ms of [0.5, 5, MAX]) expect(aTime(name, ms)).toBe(ms);
    for (const ms of [0, -1, NaN, -Infinity]) expect(() => aTime(name, ms)).toThrowError(RangeError);
  });

  it('O1 a time from zero', () => {
    for (const ms of [0, 5, MAX]) expect(aTimeFromZero(name, ms)).toBe(ms);
    for (const ms of [-1, NaN, Infinity]) {
      expect(() => aTimeFromZero(name, ms)).toThrowError(RangeError, /^createRoom: deadline must be at least 0 and at most 2147483647 ms, got /);
    }
  });

  it('O1 R6 no time that a timer cannot hold', () => {
    expect(() => aTime(name, MAX + 1)).toThrowError(
      RangeError,
      'createRoom: deadline must be greater than 0 and at most 2147483647 ms, got 2147483648',
    );
    expect(() => aTime(name, Infinity)).toThrowError(RangeError, /deadline .* got Infinity$/);
  });

  it('O1 no time that is no number', () => {
    for (const value of [undefined, null, '5', [5], {}, 5n, true, new Date(5), () => 5]) {
      expect(() => aTime(name, value)).toThrowError(TypeError, /^createRoom: deadline must be a number of milliseconds, got /);
    }
  });

  it('O1 a number from its least to its most', () => {
    const few = aNumber(2, 4);
    for (const value of [2, 3.5, 4]) expect(few('poll', value)).toBe(value);
    for (const value of [1.9, 4.1, NaN, Infinity]) {
      expect(() => few('poll', value)).toThrowError(RangeError, `poll must be from 2 to 4, got ${String(value)}`);
    }
    for (const value of [undefined, null, '3', [3]]) expect(() => few('poll', value)).toThrowError(TypeError, /^poll must be a number, got /);
  });

  it('O1 a text, an empty one too', () => {
    for (const value of ['', 'Ann']) expect(aText('display', value)).toBe(value);
    for (const value of [undefined, null, 5, ['Ann']]) {
      expect(() => aText('display', value)).toThrowError(TypeError, /^display must be a string, got /);
    }
  });

  it('O1 a function', () => {
    const given = (): number => 2;
    expect(aFunction('random', given)).toBe(given);
    for (const value of [undefined, null, 5, 'Math.random', {}]) {
      expect(() => aFunction('random', value)).toThrowError(TypeError, /^random must be a function, got /);
    }
  });

  it('O1 a scheduler, which tells the time and runs timers', () => {
    expect(aScheduler('scheduler', asyncScheduler)).toBe(asyncScheduler);
    const { now, schedule } = asyncScheduler;
    for (const value of [undefined, null, 5, {}, { now }, { schedule }, { now: 5, schedule }, { now, schedule: 5 }]) {
      expect(() => aScheduler('scheduler', value)).toThrowError(TypeError, /^scheduler must be a SchedulerLike such as asyncScheduler, got /);
    }
  });

  it('O1 a stream', () => {
    expect(aStream('wake$', NEVER)).toBe(NEVER);
    for (const value of [undefined, null, 5, {}, Promise.resolve(), { subscribe: true }]) {
      expect(() => aStream('wake$', value)).toThrowError(TypeError, /^wake\$ must be an Observable, got /);
    }
  });
});
