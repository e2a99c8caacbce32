import { AttemptLimitError } from '../../../lib/core/recovery/attempt-limit-error.js';
import { DeadlineExceededError } from '../../../lib/core/recovery/deadline-exceeded-error.js';
import { GaveUpError } from '../../../lib/core/recovery/gave-up-error.js';

const cause = new Error('no route');

describe('AttemptLimitError', () => {
  it('J6 says which limit cut an attempt', () => {
    const error = new AttemptLimitError(10_000);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.limit]).toEqual(['AttemptLimitError', 10_000]);
    expect(error.message).toBe('attempt cut after 10000 ms: not connected by then');
  });
});

describe('DeadlineExceededError', () => {
  it('D5 says which deadline passed, after how many attempts and after which error', () => {
    const error = new DeadlineExceededError(40_000, 7, { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.deadline, error.attempts, error.cause]).toEqual(['DeadlineExceededError', 40_000, 7, cause]);
    expect(error.message).toBe('not connected within 40000 ms, after 7 attempts');
  });

  it('D5 says that earlier breaks used part of the budget', () => {
    const error = new DeadlineExceededError(40_000, 2, { cause, spent: 1 });
    expect([error.deadline, error.cause]).toEqual([40_000, cause]);
    expect(error.message).toBe('40000 ms lost since the last stable connection, after 2 attempts');
  });

  it('D5 begins with the name of the room, where it has one', () => {
    expect(new DeadlineExceededError(5, 2, { name: 'lobby' }).message).toBe('lobby: not connected within 5 ms, after 2 attempts');
  });

  it('D5 counts one attempt in the singular, and has no cause when nothing failed', () => {
    expect(new DeadlineExceededError(5, 1).message).toBe('not connected within 5 ms, after 1 attempt');
    expect(new DeadlineExceededError(5, 0).message).toBe('not connected within 5 ms, after 0 attempts');
    expect('cause' in new DeadlineExceededError(40_000, 0)).toBeFalse();
    expect('cause' in new DeadlineExceededError(40_000, 0, { spent: 7 })).toBeFalse();
  });
});

describe('GaveUpError', () => {
  it('R12 D5 says after how many attempts, and holds what there is instead of an error', () => {
    const error = new GaveUpError(3, { cause: 'down' });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.attempts, error.cause]).toEqual(['GaveUpError', 3, 'down']);
    expect(error.message).toBe('gave up after 3 attempts');
    expect(new GaveUpError(1).message).toBe('gave up after 1 attempt');
    expect('cause' in new GaveUpError(1)).toBeFalse();
  });
});
