import fc from 'fast-check';
import { defaultSchedule } from '../../../lib/core/default-schedule.js';
import {
  planRetry,
  positionAfter,
  START,
  type Bounds,
  type Failure,
  type RetryPlan,
  type RetryPolicy,
  type RetryPosition,
} from '../../../lib/core/recovery/recovery.js';
import { exponential, giveUp, immediate, MAX_DELAY, spaced, type AttemptContext, type Schedule } from '../../../lib/core/schedule/schedule.js';
import { ScheduleError } from '../../../lib/core/schedule/schedule-error.js';
import { UNREACHABLE, type Verdict } from '../../../lib/core/recovery/verdict.js';
import { anySchedule, chance, verdict } from '../arbitraries.js';

const policy = (changes: Partial<RetryPolicy> = {}): RetryPolicy => ({
  schedule: spaced(1_000),
  random: () => 0.5,
  stableAfter: 10_000,
  lastChanceFrom: 3_000,
  ...changes,
});
const failed: Failure = { error: 'nobody answered', verdict: UNREACHABLE };
const busy = (retryAfter?: number): Failure => ({
  error: 'busy',
  verdict: retryAfter === undefined ? { kind: 'busy' } : { kind: 'busy', retryAfter },
});
/** A break at 100 that has lasted until `now`, with the deadline at 40,100. */
const at = (now: number): Bounds => ({ now, aliveAt: 100, deadlineAt: 40_100 });

function plan(position: RetryPosition, failure: Failure, bounds: Bounds, by: RetryPolicy): RetryPlan {
  const planned = planRetry(position, failure, bounds, by);
  if (planned === 'giveUp') throw new Error('it gave up');
  return planned;
}

/** What the schedule was asked with. */
function asked(position: RetryPosition, failure: Failure, bounds: Bounds): AttemptContext {
  const contexts: AttemptContext[] = [];
  const schedule: Schedule = (attempt) => {
    contexts.push(attempt);
    return 0;
  };
  planRetry(position, failure, bounds, policy({ schedule }));
  expect(contexts.length).toBe(1);
  return contexts[0]!;
}

describe('planRetry', () => {
  describe('the wait', () => {
    it('R7 tries when the schedule says so', () => {
      expect(plan(START, failed, at(200), policy()).retryAt).toBe(1_200);
      expect(plan(START, failed, at(200), policy({ schedule: immediate })).retryAt).toBe(200);
    });

    it('R3 counts every wait that it plans, the busy ones too', () => {
      let { position } = plan(START, failed, at(100), policy());
      expect(position.waits).toBe(1);
      ({ position } = plan(position, busy(), at(1_100), policy()));
      ({ position } = plan(position, failed, at(2_100), policy()));
      expect(position.waits).toBe(3);
    });

    it('R3 changes no position that it was given', () => {
      const position = Object.freeze({ ...START });
      plan(position, busy(), at(100), policy());
      expect(position).toEqual(START);
    });

    it('gives up when the schedule does', () => {
      expect(planRetry(START, failed, at(100), policy({ schedule: giveUp }))).toBe('giveUp');
    });

    it('gives up when the schedule does, with the last chance taken as well', () => {
      const position = { ...START, lastChanceTaken: true };
      expect(planRetry(position, failed, at(100), policy({ schedule: giveUp }))).toBe('giveUp');
    });

    it('R6 takes no wait for longer than a timer can hold', () => {
      const bounds: Bounds = { now: 0, aliveAt: 0, deadlineAt: 1e12 };
      expect(plan(START, failed, bounds, policy({ schedule: spaced(1e11) })).retryAt).toBe(MAX_DELAY);
    });
  });

  describe('what the schedule is asked with', () => {
    it('R3 the position counts from 1', () => {
      expect(asked(START, failed, at(100)).position).toBe(1);
      expect(asked({ ...START, waits: 6 }, failed, at(100)).position).toBe(7);
    });

    it('the failure, and the time on both sides of it', () => {
      const attempt = asked(START, failed, at(1_600));
      expect(attempt.error).toBe('nobody answered');
      expect(attempt.verdict).toBe(UNREACHABLE);
      expect(attempt.elapsed).toBe(1_500);
      expect(attempt.remaining).toBe(38_500);
      expect(attempt.random()).toBe(0.5);
    });

    it('R11 the busy answers since the break, this one included', () => {
      let position = START;
      const busyCount: number[] = [];
      for (const failure of [failed, busy(), busy(), failed, busy()]) {
        busyCount.push(asked(position, failure, at(100)).busyCount);
        ({ position } = plan(position, failure, at(100), policy()));
      }
      expect(busyCount).toEqual([0, 1, 2, 2, 3]);
    });

    it('R11 the time since somebody was last not reached, 0 when that never was', () => {
      expect(asked(START, busy(), at(5_000)).sinceUnreachable).toBe(0);
      expect(asked(START, failed, at(5_000)).sinceUnreachable).toBe(0);
      const { position } = plan(START, failed, at(1_000), policy());
      expect(asked(position, busy(), at(5_000)).sinceUnreachable).toBe(4_000);
      const again = plan(position, busy(), at(5_000), policy()).position;
      expect(asked(again, busy(), at(6_500)).sinceUnreachable).toBe(5_500);
    });
  });

  describe('the last chance', () => {
    const patient = policy({ schedule: spaced(60_000) });

    it('D4 replaces a wait that would end at the deadline or after it, uniform in what is left', () => {
      const times = [0, 0.25, 0.75].map((value) => plan(START, failed, at(100), { ...patient, random: () => value }).retryAt);
      expect(times).toEqual([100, 10_100, 30_100]);
      expect(plan(START, failed, at(100), policy({ schedule: spaced(40_000) })).position.lastChanceTaken).toBeTrue();
      expect(plan(START, failed, at(100), policy({ schedule: spaced(39_999) })).position.lastChanceTaken).toBeFalse();
    });

    it('D4 takes a position like any other wait', () => {
      expect(plan({ ...START, waits: 4 }, failed, at(100), patient).position.waits).toBe(5);
    });

    it('D4 comes once; then the deadline is waited for, however short the schedule waits', () => {
      const { position } = plan(START, failed, at(100), patient);
      expect(plan(position, failed, at(20_100), patient).retryAt).toBeNull();
      expect(plan(position, failed, at(20_100), policy()).retryAt).toBeNull();
    });

    it('D4 needs 3 s that are left', () => {
      expect(plan(START, failed, at(37_100), patient).retryAt).toBe(38_600);
      expect(plan(START, failed, at(37_101), patient)).toEqual({
        position: jasmine.objectContaining({ waits: 1, lastChanceTaken: false }) as unknown as RetryPosition,
        retryAt: null,
      });
    });

    it('D4 needs as much as it is told to', () => {
      expect(plan(START, failed, at(40_099), { ...patient, lastChanceFrom: 0 }).retryAt).toBe(40_099.5);
      expect(plan(START, failed, at(100), { ...patient, lastChanceFrom: 40_001 }).retryAt).toBeNull();
    });

    it('D4 is there again after the next break, even of a connection that did not last', () => {
      const { position } = plan(START, failed, at(100), patient);
      expect(plan(positionAfter(position, 0, patient), failed, at(100), patient).retryAt).not.toBeNull();
    });

    it('D4 R11 comes after a hint that can be kept, uniform in what is left then', () => {
      const late = policy({ schedule: spaced(60_000) });
      expect(plan(START, busy(30_000), at(100), late).retryAt).toBe(35_100);
      expect(plan(START, busy(30_000), at(100), policy({ schedule: spaced(60_000), random: () => 0 })).retryAt).toBe(30_100);
    });

    it('D4 R11 comes at any time when the hint is the deadline itself, which cannot be kept', () => {
      expect(plan(START, busy(40_000), at(100), policy()).retryAt).toBe(20_100);
    });

    it('D4 R11 is what is left of a hint beyond the deadline', () => {
      const { position, retryAt } = plan(START, busy(60_000), at(20_100), policy({ schedule: defaultSchedule }));
      expect(retryAt).toBe(30_100);
      expect(plan(position, busy(5_000), at(30_100), policy({ schedule: defaultSchedule })).retryAt).toBeNull();
    });
  });

  describe('a bad schedule', () => {
    const answers: readonly (readonly [unknown, string])[] = [
      [NaN, 'it returned NaN'],
      [-1, 'it returned -1'],
      [-Infinity, 'it returned -Infinity'],
      ['1000', 'it returned a value of type string'],
      [undefined, 'it returned a value of type undefined'],
      [null, 'it returned a value of type object'],
      [1_000n, 'it returned a value of type bigint'],
      [true, 'it returned a value of type boolean'],
      [Promise.resolve(5), 'it returned a value of type object'],
    ];

    for (const [answer, words] of answers) {
      it(`R12 is an error: ${String(answer)}, ${words}`, () => {
        const schedule = (() => answer) as unknown as Schedule;
        expect(() => planRetry(START, failed, at(100), policy({ schedule }))).toThrowMatching(
          (thrown) => thrown instanceof ScheduleError && thrown.message.endsWith(words),
        );
      });
    }

    it('R12 that throws is an error with what it threw as its cause', () => {
      const cause = new Error('broken');
      const schedule: Schedule = () => {
        throw cause;
      };
      expect(() => planRetry(START, failed, at(100), policy({ schedule }))).toThrowMatching(
        (thrown) => thrown instanceof ScheduleError && thrown.cause === cause,
      );
    });

    it('R12 is told so in these words', () => {
      const { name, message } = new ScheduleError('threw');
      expect(name).toBe('ScheduleError');
      expect(message).toBe('schedule: expected milliseconds ≥ 0 or Infinity, but it threw');
    });

    it('R12 is found out when the last chance is taken, too', () => {
      const position = { ...START, lastChanceTaken: true };
      expect(() => planRetry(position, failed, at(100), policy({ schedule: spaced(NaN) }))).toThrowError(ScheduleError);
    });
  });

  describe('laws', () => {
    const bounds: fc.Arbitrary<Bounds> = fc
      .tuple(fc.oneof(fc.nat(100_000), fc.constant(1_700_000_000_000)), fc.nat(40_000), fc.integer({ min: 1, max: 100_000 }))
      .map(([now, elapsed, remaining]) => ({ now, aliveAt: now - elapsed, deadlineAt: now + remaining }));
    const position: fc.Arbitrary<RetryPosition> = fc.record({
      waits: fc.nat(1_000_000),
      busyCount: fc.nat(100),
      unreachableAt: fc.constant(null),
      lastChanceTaken: fc.boolean(),
    });
    const failure: fc.Arbitrary<Failure> = verdict.map((said: Verdict) => ({ error: 'failed', verdict: said }));
    const anyPolicy: fc.Arbitrary<RetryPolicy> = fc
      .record({
        schedule: fc.oneof(anySchedule, fc.constantFrom(defaultSchedule, exponential(), spaced(1e300))),
        lastChanceFrom: fc.nat(5_000),
        value: chance,
      })
      .map(({ schedule, lastChanceFrom, value }) => policy({ schedule, lastChanceFrom, random: () => value }));

    const holds = (check: (planned: RetryPlan, from: RetryPosition, within: Bounds) => boolean): void => {
      fc.assert(
        fc.property(position, failure, bounds, anyPolicy, (from, why, within, by) => {
          const planned = planRetry(from, why, within, by);
          return planned === 'giveUp' || check(planned, from, within);
        }),
        { numRuns: 2_000 },
      );
      expect().nothing();
    };

    it('D1 never plans an attempt for the deadline or later', () => {
      holds(({ retryAt }, _, { deadlineAt }) => retryAt === null || retryAt < deadlineAt);
    });

    it('R7 never plans an attempt for the past', () => {
      holds(({ retryAt }, _, { now }) => retryAt === null || retryAt >= now);
    });

    it('R3 takes one position a plan, whatever comes of it', () => {
      holds((planned, from) => planned.position.waits === from.waits + 1);
    });

    it('D4 plans nothing any more once the last chance is taken', () => {
      holds(({ retryAt, position: { lastChanceTaken } }, from) => !from.lastChanceTaken || (retryAt === null && lastChanceTaken));
    });

    it('R7 is pure: the same question, the same plan', () => {
      fc.assert(
        fc.property(position, failure, bounds, anyPolicy, (from, why, within, by) => {
          expect(planRetry(from, why, within, by)).toEqual(planRetry(from, why, within, by));
        }),
      );
    });
  });
});

describe('positionAfter', () => {
  const used: RetryPosition = { waits: 7, busyCount: 3, unreachableAt: 500, lastChanceTaken: true };

  it('R4 is the beginning after a connection that lasted 10 s', () => {
    expect(positionAfter(used, 10_000, policy())).toEqual(START);
    expect(positionAfter(used, 3_600_000, policy())).toEqual(START);
  });

  it('R3 is where it was after one that did not', () => {
    expect(positionAfter(used, 9_999, policy()).waits).toBe(7);
    expect(positionAfter(used, 0, policy()).waits).toBe(7);
  });

  it('R11 D4 forgets the busy answers and the last chance of the break before', () => {
    expect(positionAfter(used, 0, policy())).toEqual({ waits: 7, busyCount: 0, unreachableAt: null, lastChanceTaken: false });
  });

  it('R3 with nothing to last always begins anew', () => {
    expect(positionAfter(used, 0, policy({ stableAfter: 0 }))).toEqual(START);
  });

  it('R3 makes joining and dropping in a loop slower: the delays of the default schedule grow to their cap', () => {
    const by = policy({ schedule: defaultSchedule });
    let position = START;
    const delays: number[] = [];
    for (let drop = 0; drop < 6; drop++) {
      const planned = plan(positionAfter(position, 200, by), failed, at(100), by);
      ({ position } = planned);
      delays.push(planned.retryAt! - 100);
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 2_850, 2_850]);
  });

  it('R4 lets the third of three outages hours apart begin like the first', () => {
    const by = policy({ schedule: defaultSchedule });
    let position = START;
    const delays: number[] = [];
    for (let outage = 0; outage < 3; outage++) {
      position = positionAfter(position, 3_600_000, by);
      for (let attempt = 0; attempt < 5; attempt++) {
        const planned = plan(position, failed, at(100), by);
        ({ position } = planned);
        delays.push(planned.retryAt! - 100);
      }
    }
    const fresh = [250, 500, 1_000, 2_000, 2_850];
    expect(delays).toEqual([...fresh, ...fresh, ...fresh]);
  });
});
