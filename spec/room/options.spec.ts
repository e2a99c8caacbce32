import { NEVER } from 'rxjs';
import { createRoom, deriveConnectionState, roomConnection } from '../../lib/index.js';
import { alwaysUp, brisk, joins, linkOf, marbles, watchedRoom } from './room-harness.js';

/** What a program without types may pass. */
type Anything = Readonly<Record<string, unknown>>;

const owners: Readonly<Record<string, (options: Anything) => unknown>> = {
  createRoom: (options) => createRoom(joins(NEVER), options),
  roomConnection: (options) => roomConnection(joins(NEVER), options),
  deriveConnectionState: (options) => deriveConnectionState(linkOf('a', NEVER), options),
};

const thrownBy = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** What came, in the words of an error. */
const shown = (value: unknown): string =>
  typeof value === 'string' ? 'a string'
  : typeof value === 'function' ? 'a function'
  : typeof value === 'bigint' ? `${value}n`
  : Array.isArray(value) ? 'an array'
  : value instanceof Promise ? 'a Promise'
  : typeof value === 'object' && value !== null ? 'an object'
  : String(value);

const wrong = (name: string, expected: string, value: unknown): string => `${name} must be ${expected}, got ${shown(value)}`;

describe('options', () => {
  const durations = ['deadline', 'joinDeadline', 'attemptLimit', 'openingLimit', 'probeLimit'];
  const durationsFromZero = ['stableAfter', 'lastChanceFrom', 'probeHold', 'wakeFloor'];
  const shared = ['deadline', 'joinDeadline', 'settle', 'probeLimit', 'probeHold', 'wake$', 'leave$', 'scheduler'];

  for (const [owner, make] of Object.entries(owners)) {
    const takes = (name: string): boolean => owner !== 'deriveConnectionState' || shared.includes(name);

    describe(owner, () => {
      it('O1 refuses an option that nobody knows', () => {
        expect(() => make({ deadlin: 1 })).toThrow(new TypeError(`${owner}: unknown option "deadlin"`));
        expect(() => make({ settle: { signl: 1 } })).toThrow(new TypeError(`${owner}: settle: unknown option "signl"`));
      });

      it('O1 refuses options that are no object', () => {
        for (const options of [null, 5, 'deadline']) {
          expect(() => make(options as unknown as Anything)).toThrow(new TypeError(wrong(`${owner}: options`, 'an object', options)));
        }
      });

      for (const name of [...durations, ...durationsFromZero].filter(takes)) {
        it(`O1 refuses a ${name} that is no number`, () => {
          for (const value of ['1000', null, true, {}, () => 1, 5n]) {
            expect(() => make({ [name]: value })).toThrow(
              new TypeError(wrong(`${owner}: ${name}`, 'a number of milliseconds', value)),
            );
          }
        });

        it(`O1 refuses a ${name} that is no time`, () => {
          const zero = durations.includes(name) ? 'greater than 0' : 'at least 0';
          for (const value of [NaN, Infinity, -Infinity, -1, 2 ** 31, ...(durations.includes(name) ? [0, -0] : [])]) {
            expect(() => make({ [name]: value })).toThrow(
              new RangeError(`${owner}: ${name} must be ${zero} and at most 2147483647 ms, got ${value}`),
            );
          }
        });

        it(`O1 takes a ${name} at its bounds`, () => {
          const least = durations.includes(name) ? 1 : 0;
          for (const value of [least, 2 ** 31 - 1, undefined]) {
            const rest = name === 'deadline' ? { settle: { signal: 0 } } : name === 'openingLimit' ? { attemptLimit: 2 ** 31 - 1 } : {};
            expect(() => make({ ...rest, [name]: value }))
              .withContext(String(value))
              .not.toThrow();
          }
        });
      }

      it('O1 refuses a settle time that is none', () => {
        for (const leg of ['signal', 'media']) {
          expect(() => make({ settle: { [leg]: '1' } })).toThrow(
            new TypeError(`${owner}: settle.${leg} must be a number of milliseconds, got a string`),
          );
          expect(() => make({ settle: { [leg]: -1 } })).toThrow(
            new RangeError(`${owner}: settle.${leg} must be at least 0 and at most 2147483647 ms, got -1`),
          );
          expect(() => make({ settle: { [leg]: NaN } })).toThrowError(RangeError, /settle/);
          expect(() => make({ settle: { [leg]: 0 } })).not.toThrow();
        }
      });

      it('O1 refuses a settle that is no object', () => {
        for (const settle of [5, 'long', null]) {
          const error = thrownBy(() => make({ settle }));
          expect(error).withContext(String(settle)).toBeInstanceOf(TypeError);
          expect(String(error)).withContext(String(settle)).toContain('settle');
        }
      });

      for (const name of ['wake$', 'leave$']) {
        it(`O1 refuses a ${name} that is no stream`, () => {
          for (const value of [null, 1, () => NEVER, {}, Promise.resolve()]) {
            expect(() => make({ [name]: value })).toThrow(new TypeError(wrong(`${owner}: ${name}`, 'an Observable', value)));
          }
        });
      }

      it('O1 refuses a scheduler that is none', () => {
        for (const scheduler of [null, 5, {}, { now: () => 0 }, { schedule: () => {} }]) {
          const error = thrownBy(() => make({ scheduler }));
          expect(error).withContext(JSON.stringify(scheduler)).toBeInstanceOf(TypeError);
          expect(String(error)).withContext(JSON.stringify(scheduler)).toContain('scheduler');
        }
      });

      for (const name of ['schedule', 'random'].filter(takes)) {
        it(`O1 refuses a ${name} that is no function`, () => {
          for (const value of [null, 1, {}, [1, 2]]) {
            expect(() => make({ [name]: value })).toThrow(new TypeError(wrong(`${owner}: ${name}`, 'a function', value)));
          }
        });
      }

      if (takes('endpoints')) {
        it('O1 refuses endpoints that are no list of names', () => {
          for (const endpoints of ['wss://one', null, [''], [1], [undefined], {}, new Set(['one'])]) {
            expect(() => make({ endpoints })).toThrow(
              new TypeError(wrong(`${owner}: endpoints`, 'an array of strings that are not empty', endpoints)),
            );
          }
          expect(() => make({ endpoints: [] })).not.toThrow();
        });
      }

      it('O2 refuses a settle time that is not shorter than the deadline', () => {
        for (const leg of ['signal', 'media']) {
          const settle = (ms: number): Anything => ({ signal: 0, [leg]: ms });
          expect(() => make({ settle: settle(5_000), deadline: 5_000 })).toThrow(
            new RangeError(`${owner}: settle.${leg} must be shorter than deadline (5000 ms), got 5000`),
          );
          expect(() => make({ settle: settle(4_999), deadline: 5_000 })).not.toThrow();
          expect(() => make({ settle: settle(40_000) })).toThrowError(RangeError, /settle/);
          expect(() => make({ settle: settle(39_999) })).not.toThrow();
        }
      });

      if (takes('openingLimit')) {
        it('O2 refuses an opening limit that is longer than the attempt limit', () => {
          expect(() => make({ openingLimit: 2_001, attemptLimit: 2_000 })).toThrow(
            new RangeError(`${owner}: openingLimit must be at most attemptLimit (2000 ms), got 2001`),
          );
          expect(() => make({ openingLimit: 2_000, attemptLimit: 2_000 })).not.toThrow();
          expect(() => make({ openingLimit: 10_001 })).toThrowError(RangeError, /openingLimit/);
          expect(() => make({ attemptLimit: 1_000 })).not.toThrow();
        });
      } else {
        it('O1 refuses the options of attempts, which are somebody else\'s', () => {
          for (const name of ['schedule', 'attemptLimit', 'openingLimit', 'lastChanceFrom', 'wakeFloor', 'endpoints', 'random']) {
            expect(() => make({ [name]: undefined })).toThrow(new TypeError(`${owner}: unknown option "${name}"`));
          }
        });
      }

      it('O1 needs none', () => {
        expect(() => make({})).not.toThrow();
      });
    });
  }

  it('O3 every message says what was expected and what came', () => {
    const make = (options: Anything) => () => createRoom(joins(NEVER), options);
    for (const [options, text] of [
      [null, 'createRoom: options must be an object, got null'],
      [{ deadline: 0 }, 'createRoom: deadline must be greater than 0 and at most 2147483647 ms, got 0'],
      [{ deadline: '40s' }, 'createRoom: deadline must be a number of milliseconds, got a string'],
      [{ deadline: 5n }, 'createRoom: deadline must be a number of milliseconds, got 5n'],
      [{ stableAfter: NaN }, 'createRoom: stableAfter must be at least 0 and at most 2147483647 ms, got NaN'],
      [{ name: Symbol('s3cret') }, 'createRoom: name must be a string, got a symbol'],
      [{ schedule: [1, 2] }, 'createRoom: schedule must be a function, got an array'],
      [{ wake$: Promise.resolve() }, 'createRoom: wake$ must be an Observable, got a Promise'],
      [{ scheduler: {} }, 'createRoom: scheduler must be a SchedulerLike such as asyncScheduler, got an object'],
      [{ endpoints: '' }, 'createRoom: endpoints must be an array of strings that are not empty, got an empty string'],
    ] as unknown as readonly [Anything, string][]) {
      expect(make(options)).toThrowError(text);
    }
  });

  it('O3 no message repeats a text that came', () => {
    const names = ['name', 'schedule', 'deadline', 'settle', 'endpoints', 'wake$', 'leave$', 'scheduler', 'random'];
    for (const name of names) {
      const value = name === 'name' ? ['s3cret'] : 's3cret';
      expect(String(thrownBy(() => createRoom(joins(NEVER), { [name]: value })))).toMatch(
        new RegExp(`^TypeError: createRoom: ${name.replace('$', '.')}(?!.*s3cret)`),
      );
    }
  });

  it('O2 the opening limit is 3 s, or the attempt limit where that is shorter', () => {
    const told = (options: Anything): number | undefined => {
      const transport = joins(NEVER);
      marbles(({ command }) => command(watchedRoom(transport, { ...brisk, joinDeadline: 20_000, ...options }), '-j'));
      return transport.attempts[0]?.openingLimit;
    };
    expect(told({ attemptLimit: 10_000 })).toBe(3_000);
    expect(told({ attemptLimit: 2_999 })).toBe(2_999);
    expect(told({ attemptLimit: 5_000, openingLimit: 4_000 })).toBe(4_000);
  });

  it('are read once: changing them later changes nothing', () => {
    marbles(({ command, expectStates }) => {
      const settle = { signal: 0, media: 0 };
      const options: { joinDeadline: number } & Anything = { ...brisk, settle, joinDeadline: 3 };
      const room = watchedRoom(joins(NEVER), options);
      options.joinDeadline = 10;
      command(room, '         -j   ');
      expectStates(room).toBe('dc--f');
    });
  });

  it('O1 says so at once, not at the first subscription', () => {
    expect(() => roomConnection(joins(NEVER), { deadline: 0 })).toThrowError(RangeError);
    expect(() => deriveConnectionState(linkOf('a', alwaysUp), { deadline: 0 })).toThrowError(RangeError);
  });
});
