import {
  AttemptLimitError,
  DeadlineExceededError,
  LinkEndedError,
  ScheduleError,
} from '../../../lib/index.js';

describe('errors', () => {
  it('J6 say which limit cut an attempt', () => {
    const error = new AttemptLimitError(10_000);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.limit]).toEqual(['AttemptLimitError', 10_000]);
    expect(error.message).toBe('attempt cut after 10000 ms: signal and media were not both up');
  });

  it('D5 say which deadline passed, after how many attempts and after which error', () => {
    const cause = new Error('no route');
    const error = new DeadlineExceededError(40_000, 7, { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.deadline, error.attempts, error.cause]).toEqual(['DeadlineExceededError', 40_000, 7, cause]);
    expect(error.message).toBe('not connected within 40000 ms, after 7 attempts');
    expect('cause' in new DeadlineExceededError(40_000, 0)).toBeFalse();
  });

  it('J8 say that a join has ended', () => {
    const error = new LinkEndedError();
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message]).toEqual(['LinkEndedError', 'the join completed, and with it its link']);
  });

  it('R12 say what a schedule answered', () => {
    const cause = new Error('in the schedule');
    const error = new ScheduleError('threw', { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.cause]).toEqual(['ScheduleError', cause]);
    expect(error.message).toBe('schedule: expected milliseconds ≥ 0 or Infinity, but it threw');
  });
});
