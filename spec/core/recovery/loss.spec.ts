import fc from 'fast-check';
import { DeadlineExceededError } from '../../../lib/core/recovery/deadline-exceeded-error.js';
import { FOUND_DOWN } from '../../../lib/core/recovery/failure.js';
import {
  beginJoinLoss,
  beginLoss,
  deadlineError,
  extended,
  isOverdue,
  mayBeExtended,
  redated,
  type Loss,
} from '../../../lib/core/recovery/loss.js';
import { healed } from '../../../lib/core/recovery/healed.js';
import { newStanding, type Standing } from '../../../lib/core/recovery/standing.js';
import { UNREACHABLE } from '../../../lib/core/recovery/verdict.js';

/** Each millisecond connected earns back 4: 40 s in 10 s. */
const policy = { deadline: 40_000, stableAfter: 10_000 };

/** Connected since 100,000, after breaks that spent so much. */
const standing = (spent: number): Standing => ({ ...newStanding(100_000), spent });

/** Found at once, unless told otherwise. */
const broke = (aliveAt: number, changes: { now?: number; answered?: boolean; settle?: number } = {}) => ({
  now: aliveAt,
  aliveAt,
  answered: false,
  settle: 1_000,
  ...changes,
});

describe('beginLoss', () => {
  it('D1 of a stable connection has the whole budget, from the last proof of life', () => {
    const loss = beginLoss(standing(39_000), broke(110_000, { now: 115_000 }), policy);
    expect(loss).toEqual({ aliveAt: 110_000, spent: 0, deadline: 40_000, deadlineAt: 150_000, answered: false, extended: false });
  });

  it('D3 earns back four milliseconds for each one connected', () => {
    // 30,000 − 2,500 · 4 = 20,000; 102,500 − 20,000 + 40,000 = 122,500
    const { spent, deadlineAt } = beginLoss(standing(30_000), broke(102_500), policy);
    expect([spent, deadlineAt]).toEqual([20_000, 122_500]);
  });

  it('D3 earns back no more than was spent', () => {
    const { spent, deadlineAt } = beginLoss(standing(4_000), broke(105_000), policy);
    expect([spent, deadlineAt]).toEqual([0, 145_000]);
  });

  it('D3 D7 a link that the server ended with "refused" or "busy" earned nothing', () => {
    const { spent, deadlineAt } = beginLoss(standing(30_000), broke(109_999, { answered: true }), policy);
    expect([spent, deadlineAt]).toEqual([30_000, 119_999]);
  });

  it('D3 D7 but one that lasted has earned all of it, however it ended', () => {
    const { spent, deadlineAt } = beginLoss(standing(30_000), broke(110_000, { answered: true }), policy);
    expect([spent, deadlineAt]).toEqual([0, 150_000]);
  });

  it('D3 leaves the time that a dip may take to be announced, however much was spent', () => {
    // 10 ms earn 40 back, so that 40 ms are left to lose; but a dip may take 1 s to be announced.
    const { spent, deadlineAt } = beginLoss(standing(40_000), broke(100_010), policy);
    expect([spent, deadlineAt]).toEqual([39_960, 101_010]);
  });

  it('D1 leaves no time to settle that is beyond the deadline of a stable connection', () => {
    // Found 39,500 ms late: 500 ms are left, not 1,000.
    expect(beginLoss(standing(0), broke(110_000, { now: 149_500 }), policy).deadlineAt).toBe(150_000);
  });

  it('D9 a proof of life from before the connection earns nothing', () => {
    expect(beginLoss(standing(30_000), broke(99_000), policy).spent).toBe(30_000);
  });
});

describe('beginJoinLoss', () => {
  it('D3 has a budget of its own, whatever was before', () => {
    expect(beginJoinLoss(500, 20_000)).toEqual({
      aliveAt: 500,
      spent: 0,
      deadline: 20_000,
      deadlineAt: 20_500,
      answered: false,
      extended: false,
    });
  });
});

describe('redated', () => {
  const loss = beginLoss(standing(30_000), broke(105_000), policy); // spent 10,000, deadline at 135,000

  it('Z2 dates the break from before the sleep: the connection lasted that much less', () => {
    // 30,000 − 2,000 · 4 = 22,000; 102,000 − 22,000 + 40,000 = 120,000
    const earlier = redated(loss, standing(30_000), { now: 105_500, aliveAt: 102_000, settle: 1_000 }, policy);
    expect([earlier.aliveAt, earlier.spent, earlier.deadlineAt]).toEqual([102_000, 22_000, 120_000]);
  });

  it('Z2 never dates it later', () => {
    expect(redated(loss, standing(30_000), { now: 109_000, aliveAt: 106_000, settle: 1_000 }, policy)).toBe(loss);
    expect(redated(loss, standing(30_000), { now: 109_000, aliveAt: 105_000, settle: 1_000 }, policy)).toBe(loss);
  });

  it('D7 gives back nothing to a link that earned nothing', () => {
    const refused = beginLoss(standing(30_000), broke(105_000, { answered: true }), policy);
    expect(redated(refused, standing(30_000), { now: 105_500, aliveAt: 102_000, settle: 1_000 }, policy).spent).toBe(30_000);
  });
});

describe('redated, of a link that the server ended', () => {
  it('D3 D7 gives back nothing where the connection was stable only by the time that the device slept', () => {
    // Connected for 11 s, of which it slept for 2.
    const busy = beginLoss(standing(30_000), broke(111_000, { answered: true }), policy);
    expect(busy.spent).toBe(0);
    const again = redated(busy, standing(30_000), { now: 111_000, aliveAt: 109_000, settle: 0 }, policy);
    expect([again.spent, again.deadlineAt]).toEqual([30_000, 119_000]);
  });
});

describe('extended', () => {
  const loss = beginLoss(standing(0), broke(110_000), policy); // deadline at 150,000

  it('D8 moves the deadline by what one attempt may take', () => {
    expect(extended(loss, 170_000, 10_000)).toEqual({ ...loss, deadlineAt: 180_000, extended: true });
  });

  it('D8 is possible up to 3 minutes after the deadline', () => {
    expect(mayBeExtended(loss, 330_000)).toBeTrue(); // 150,000 + 180,000
    expect(mayBeExtended(loss, 330_001)).toBeFalse();
  });

  it('D8 is possible once a break, and only for one that had the whole budget', () => {
    expect(mayBeExtended(extended(loss, 170_000, 10_000), 180_000)).toBeFalse();
    expect(mayBeExtended({ ...loss, spent: 1 }, 170_000)).toBeFalse();
  });
});

describe('isOverdue', () => {
  it('D1 D2 from the very millisecond of the deadline on', () => {
    const loss = beginJoinLoss(0, 20_000);
    expect([19_999, 20_000, 20_001].map((now) => isOverdue(loss, now))).toEqual([false, true, true]);
  });
});

describe('deadlineError', () => {
  const loss = beginLoss(standing(0), broke(110_000), policy);

  it('D5 tells the budget, the attempts and the last error', () => {
    const cause = new Error('no route');
    const error = deadlineError(loss, 7, { error: cause, verdict: UNREACHABLE });
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect([error.deadline, error.attempts, error.cause]).toEqual([40_000, 7, cause]);
    expect(error.message).toBe('not connected within 40000 ms, after 7 attempts');
  });

  it('D5 tells of the time that earlier breaks took', () => {
    const error = deadlineError({ ...loss, spent: 12_000 }, 1, { error: 'no route', verdict: UNREACHABLE });
    expect([error.deadline, error.cause]).toEqual([40_000, 'no route']);
    expect(error.message).toBe('40000 ms lost since the last stable connection, after 1 attempt');
  });

  it('D5 has no cause where nothing failed', () => {
    expect('cause' in deadlineError(loss, 0, FOUND_DOWN)).toBeFalse();
  });
});

describe('the budget of lost time', () => {
  /** A connection that is up, then down, again and again; each break begins with what the ones before left. */
  function breaks(spans: readonly { readonly up: number; readonly down: number; readonly answered?: boolean }[]): Loss[] {
    let now = 0;
    let before = newStanding(now);
    return spans.map(({ up, down, answered = false }) => {
      now += up;
      const loss = beginLoss(before, { now, aliveAt: now, answered, settle: 1_000 }, policy);
      now += down;
      before = healed(loss, before.tally, now, 'loud');
      return loss;
    });
  }
  const whole = ({ aliveAt, deadlineAt }: Loss): boolean => deadlineAt === aliveAt + policy.deadline;

  it('D7 a train, 6 s up and 2 s down, has all of it at every tunnel', () => {
    // 6 s earn back 24 s, and 2 s were lost.
    expect(breaks(Array.from({ length: 500 }, () => ({ up: 6_000, down: 2_000 }))).every(whole)).toBeTrue();
  });

  it('D7 whoever is connected for more than a fifth of the time has all of it, whatever the spans', () => {
    const span = fc.nat(39_999).chain((down) => fc.integer({ min: Math.ceil(down / 4), max: 60_000 }).map((up) => ({ up, down })));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (spans) => {
        // Each break is followed by a time up that earns back all that it lost.
        const shifted = spans.map(({ down }, index) => ({ up: spans[index - 1]?.up ?? 0, down }));
        return breaks(shifted).every(whole);
      }),
    );
    expect().nothing();
  });

  it('D7 whoever is connected for less than a fifth of it has less and less', () => {
    // Each round loses 2,500 and earns 4 · 500 = 2,000 back: 500 more are spent at every break.
    const losses = breaks(Array.from({ length: 5 }, () => ({ up: 500, down: 2_500 })));
    expect(losses.map(({ spent }) => spent)).toEqual([0, 500, 1_000, 1_500, 2_000]);
  });

  it('D3 spends nothing in dips that nobody was told of, however dense', () => {
    let before = { ...newStanding(0), spent: 8_000 };
    for (let dip = 1; dip <= 100; dip++) {
      // Each of 900 ms, after 100 ms that earn 400 back.
      const now = dip * 1_000 - 900;
      const loss = beginLoss(before, { now, aliveAt: now, answered: false, settle: 1_000 }, policy);
      expect(loss.spent).toBe(Math.max(0, 8_000 - 400 * dip));
      before = healed(loss, before.tally, now + 900, 'quiet');
    }
  });
});

describe('beginLoss: laws', () => {
  const at = fc.record({
    spent: fc.nat(40_000),
    lasted: fc.nat(20_000),
    late: fc.nat(60_000),
    answered: fc.boolean(),
    settle: fc.nat(5_000),
  });
  type At = typeof at extends fc.Arbitrary<infer T> ? T : never;
  const lossAt = ({ spent, lasted, late, answered, settle }: At): Loss =>
    beginLoss(standing(spent), { now: 100_000 + lasted + late, aliveAt: 100_000 + lasted, answered, settle }, policy);

  const holds = (check: (loss: Loss, one: At, more: number) => boolean): void => {
    fc.assert(
      fc.property(at, fc.nat(10_000), (one, more) => check(lossAt(one), one, more)),
      { numRuns: 1_000 },
    );
    expect().nothing();
  };

  it('D3 what is spent lies within the budget, and never grows by being connected', () => {
    holds(({ spent }, one) => spent >= 0 && spent <= one.spent);
  });

  it('D1 no break has longer than the budget, and each has what is not spent of it', () => {
    holds(({ aliveAt, spent, deadlineAt }) => deadlineAt <= aliveAt + 40_000 && deadlineAt >= aliveAt + 40_000 - spent);
  });

  it('D3 each has the time to be announced, if the budget has it', () => {
    holds(({ aliveAt, deadlineAt }, { late, settle }) => deadlineAt >= Math.min(aliveAt + late + settle, aliveAt + 40_000));
  });

  it('D3 to have been connected for longer never costs time', () => {
    holds((loss, one, more) => lossAt({ ...one, lasted: one.lasted + more }).deadlineAt >= loss.deadlineAt);
  });

  it('D3 to have spent more never gives time', () => {
    holds((loss, one, more) => lossAt({ ...one, spent: one.spent + more }).deadlineAt <= loss.deadlineAt);
  });

  it('D7 a "no" of the server never gives time', () => {
    holds((_, one) => lossAt({ ...one, answered: true }).deadlineAt <= lossAt({ ...one, answered: false }).deadlineAt);
  });

  it('D3 healed and broken again in the same moment, it is as it was', () => {
    holds((loss, { late, settle, answered }) => {
      const now = loss.aliveAt + late;
      const again = beginLoss(healed(loss, newStanding(0).tally, now, 'loud'), { now, aliveAt: now, answered, settle }, policy);
      return again.spent === Math.min(40_000, loss.spent + late);
    });
  });

  it('Z2 a sleep that is told of later never gives time', () => {
    holds((loss, one, more) => {
      const { late, settle, spent } = one;
      const now = loss.aliveAt + late;
      const again = redated(loss, standing(spent), { now: now + 500, aliveAt: loss.aliveAt - more, settle }, policy);
      return again.spent >= loss.spent && again.aliveAt <= loss.aliveAt && again.deadlineAt <= loss.deadlineAt;
    });
  });
});
