import fc from 'fast-check';
import { both, capped, either, jittered, times } from '../../../lib/core/schedule/schedule-combinators.js';
import { exponential, giveUp, immediate, spaced, type Schedule } from '../../../lib/core/schedule/schedule.js';
import { anyContext, anySchedule, context, law } from '../arbitraries.js';

const three = [anySchedule, anySchedule, anySchedule] as [
  fc.Arbitrary<Schedule>,
  fc.Arbitrary<Schedule>,
  fc.Arbitrary<Schedule>,
];
const two = [anySchedule, anySchedule] as [fc.Arbitrary<Schedule>, fc.Arbitrary<Schedule>];
const one = [anySchedule] as [fc.Arbitrary<Schedule>];

describe('both', () => {
  it('P4 is associative', () => {
    law(three, (a, b, c) => both(both(a, b), c), (a, b, c) => both(a, both(b, c)));
  });

  it('P4 is commutative', () => {
    law(two, (a, b) => both(a, b), (a, b) => both(b, a));
  });

  it('P4 is idempotent', () => {
    law(one, (a) => both(a, a), (a) => a);
  });

  it('P4 has immediate as its identity', () => {
    law(one, (a) => both(immediate, a), (a) => a);
  });

  it('P4 is absorbed by giveUp', () => {
    law(one, (a) => both(a, giveUp), () => giveUp);
  });

  it('P4 of many is the same as two by two, and of none its identity', () => {
    law(three, (a, b, c) => both(a, b, c), (a, b, c) => both(a, both(b, c)));
    law(one, () => both(), () => immediate);
  });
});

describe('either', () => {
  it('P4 is associative', () => {
    law(three, (a, b, c) => either(either(a, b), c), (a, b, c) => either(a, either(b, c)));
  });

  it('P4 is commutative', () => {
    law(two, (a, b) => either(a, b), (a, b) => either(b, a));
  });

  it('P4 is idempotent', () => {
    law(one, (a) => either(a, a), (a) => a);
  });

  it('P4 has giveUp as its identity', () => {
    law(one, (a) => either(giveUp, a), (a) => a);
  });

  it('P4 is absorbed by immediate', () => {
    law(one, (a) => either(a, immediate), () => immediate);
  });

  it('P4 of many is the same as two by two, and of none its identity', () => {
    law(three, (a, b, c) => either(a, b, c), (a, b, c) => either(a, either(b, c)));
    law(one, () => either(), () => giveUp);
  });
});

describe('both and either', () => {
  it('P4 absorb each other', () => {
    law(two, (a, b) => both(a, either(a, b)), (a) => a);
    law(two, (a, b) => either(a, both(a, b)), (a) => a);
  });

  it('P4 distribute over each other', () => {
    law(three, (a, b, c) => both(a, either(b, c)), (a, b, c) => either(both(a, b), both(a, c)));
    law(three, (a, b, c) => either(a, both(b, c)), (a, b, c) => both(either(a, b), either(a, c)));
  });
});

describe('times', () => {
  const count = fc.nat(100);

  it('P4 allows so many waits of no length', () => {
    const schedule = times(3);
    expect([1, 2, 3, 4, 1_000_000].map((position) => schedule(context({ position })))).toEqual([0, 0, 0, Infinity, Infinity]);
  });

  it('P4 of none is giveUp, without end immediate', () => {
    law(one, () => times(0), () => giveUp);
    law(one, () => times(Infinity), () => immediate);
  });

  it('P4 the smaller count wins in both, the greater in either', () => {
    law([count, count], (n, m) => both(times(n), times(m)), (n, m) => times(Math.min(n, m)));
    law([count, count], (n, m) => either(times(n), times(m)), (n, m) => times(Math.max(n, m)));
  });

  it('P4 limits another schedule with both', () => {
    const schedule = both(times(2), spaced(1_000));
    expect([1, 2, 3].map((position) => schedule(context({ position })))).toEqual([1_000, 1_000, Infinity]);
  });
});

describe('capped', () => {
  const max = fc.nat(60_000);

  it('P4 never waits longer than the cap', () => {
    fc.assert(
      fc.property(max, anySchedule, anyContext, (ms, schedule, attempt) => {
        const wait = capped(ms, schedule)(attempt);
        return wait === Infinity || wait <= ms;
      }),
    );
  });

  it('P4 leaves what is below the cap as it is', () => {
    expect(capped(5_000, spaced(4_999))(context())).toBe(4_999);
    expect(capped(5_000, spaced(5_001))(context())).toBe(5_000);
  });

  it('P4 leaves giving up as it is', () => {
    law([max], (ms) => capped(ms, giveUp), () => giveUp);
  });

  it('P4 is idempotent, and of two caps the lower one counts', () => {
    law([max, ...one], (ms, a) => capped(ms, capped(ms, a)), (ms, a) => capped(ms, a));
    law([max, max, ...one], (m, n, a) => capped(m, capped(n, a)), (m, n, a) => capped(Math.min(m, n), a));
  });

  it('P4 without a limit is the schedule itself', () => {
    law(one, (a) => capped(Infinity, a), (a) => a);
  });
});

describe('jittered', () => {
  it('P4 spreads a wait from half to one and a half of it', () => {
    const schedule = jittered(spaced(1_000));
    expect([0, 0.25, 0.5, 0.75].map((value) => schedule(context({ random: () => value })))).toEqual([500, 750, 1_000, 1_250]);
  });

  it('P4 spreads over the given factors', () => {
    const schedule = jittered(spaced(1_000), { from: 0, to: 1 });
    expect([0, 0.5].map((value) => schedule(context({ random: () => value })))).toEqual([0, 500]);
    expect(jittered(spaced(1_000), { from: 1 })(context())).toBe(1_250);
    expect(jittered(spaced(1_000), { to: 0.5 })(context())).toBe(500);
  });

  it('P4 never leaves its bounds', () => {
    fc.assert(
      fc.property(fc.nat(60_000), anyContext, (ms, attempt) => {
        const wait = jittered(spaced(ms))(attempt);
        return wait >= ms * 0.5 && wait <= ms * 1.5;
      }),
    );
  });

  it('P4 leaves giving up as it is', () => {
    law(one, () => jittered(giveUp), () => giveUp);
    expect(jittered(giveUp, { from: 0 })(context({ random: () => 0 }))).toBe(Infinity);
  });

  it('P4 by a factor of 1 is the schedule itself', () => {
    law(one, (a) => jittered(a, { from: 1, to: 1 }), (a) => a);
  });

  it('R5 capped first and jittered after, so that those at the cap are spread too', () => {
    const schedule = jittered(capped(2_900, exponential({ first: 500 })));
    const late = [0, 0.5, 0.999].map((value) => schedule(context({ position: 1_000_000, random: () => value })));
    expect(late).toEqual([1_450, 2_900, 2_900 * 1.499]);
  });
});

describe('every combinator', () => {
  const combinators: Readonly<Record<string, (schedule: Schedule) => Schedule>> = {
    both: (schedule) => both(schedule, spaced(5)),
    either: (schedule) => either(schedule, spaced(5)),
    capped: (schedule) => capped(1_000, schedule),
    jittered: (schedule) => jittered(schedule),
  };

  for (const [name, combine] of Object.entries(combinators)) {
    it(`R12 ${name} does not turn NaN into a wait`, () => {
      expect(combine(() => NaN)(context())).toBeNaN();
    });

    it(`R12 ${name} lets what a schedule throws through`, () => {
      const broken: Schedule = () => {
        throw new Error('broken');
      };
      expect(() => combine(broken)(context())).toThrowError('broken');
    });
  }
});

describe('a combination that cannot be', () => {
  const none = 5 as unknown as Schedule;

  it('O3 is refused when it is made, by name', () => {
    expect(() => both(immediate, none)).toThrowError(TypeError, 'both must be a schedule, got 5');
    expect(() => either(none)).toThrowError(TypeError, 'either must be a schedule, got 5');
    expect(() => capped(5, none)).toThrowError(TypeError, 'capped: schedule must be a schedule, got 5');
    expect(() => jittered(none)).toThrowError(TypeError, 'jittered: schedule must be a schedule, got 5');
  });

  it('O3 is refused with a number that cannot be', () => {
    for (const value of [NaN, -1]) {
      const got = `must be a number, at least 0, got ${String(value)}`;
      expect(() => times(value)).toThrowError(RangeError, `times: count ${got}`);
      expect(() => capped(value, immediate)).toThrowError(RangeError, `capped: max ${got}`);
      expect(() => jittered(immediate, { from: value })).toThrowError(RangeError, `jittered: from ${got}`);
      expect(() => jittered(immediate, { to: value })).toThrowError(RangeError, `jittered: to ${got}`);
    }
  });
});
