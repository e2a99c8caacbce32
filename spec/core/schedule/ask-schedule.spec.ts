import { askSchedule } from '../../../lib/core/schedule/ask-schedule.js';
import { ScheduleError } from '../../../lib/core/schedule/schedule-error.js';
import { giveUp, immediate, MAX_DELAY, spaced, type Schedule } from '../../../lib/core/schedule/schedule.js';
import { context } from '../arbitraries.js';

describe('askSchedule', () => {
  it('R7 answers what the schedule answers', () => {
    expect(askSchedule(immediate, context())).toBe(0);
    expect(askSchedule(spaced(1_234.5), context())).toBe(1_234.5);
    expect(askSchedule(giveUp, context())).toBe(Infinity);
  });

  it('R6 answers no wait longer than a timer can hold', () => {
    expect(askSchedule(spaced(MAX_DELAY), context())).toBe(MAX_DELAY);
    expect(askSchedule(spaced(1e300), context())).toBe(MAX_DELAY);
  });

  const answers: readonly (readonly [unknown, string])[] = [
    [NaN, 'returned NaN'],
    [-1, 'returned -1'],
    [-Infinity, 'returned -Infinity'],
    ['1000', 'returned a value of type string'],
    [undefined, 'returned a value of type undefined'],
    [null, 'returned a value of type object'],
    [1_000n, 'returned a value of type bigint'],
    [true, 'returned a value of type boolean'],
    [Promise.resolve(5), 'returned a value of type object'],
  ];

  for (const [answer, words] of answers) {
    it(`R12 refuses ${String(answer)}: it ${words}`, () => {
      const schedule = (() => answer) as unknown as Schedule;
      expect(() => askSchedule(schedule, context())).toThrowMatching(
        (thrown) => thrown instanceof ScheduleError && thrown.message === new ScheduleError(words).message,
      );
    });
  }

  it('R12 tells what a schedule threw as the cause', () => {
    const cause = new Error('broken');
    const schedule: Schedule = () => {
      throw cause;
    };
    expect(() => askSchedule(schedule, context())).toThrowMatching(
      (thrown) => thrown instanceof ScheduleError && thrown.cause === cause,
    );
  });
});

describe('ScheduleError', () => {
  it('R12 says what a schedule answered', () => {
    const cause = new Error('in the schedule');
    const error = new ScheduleError('threw', { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.cause]).toEqual(['ScheduleError', cause]);
    expect(error.message).toBe('schedule: expected milliseconds ≥ 0 or Infinity, but it threw');
  });
});
