import fc from 'fast-check';
import { defaultSchedule } from '../../../lib/core/default-schedule.js';
import { AttemptLimitError } from '../../../lib/core/recovery/attempt-limit-error.js';
import { FOUND_DOWN, type Failure } from '../../../lib/core/recovery/failure.js';
import type { Loss } from '../../../lib/core/recovery/loss.js';
import {
  atOnce,
  attemptFailed,
  attemptStarted,
  beginRecovery,
  broughtForward,
  dueAt,
  failed,
  givenUp,
  limitAtFrom,
  planned,
  shortcut,
  stopped,
  type Recovery,
  type RecoveryPolicy,
} from '../../../lib/core/recovery/recovery.js';
import { newStanding, type Tally } from '../../../lib/core/recovery/standing.js';
import { UNREACHABLE, type Verdict } from '../../../lib/core/recovery/verdict.js';
import { times } from '../../../lib/core/schedule/schedule-combinators.js';
import {
  exponential,
  giveUp,
  immediate,
  MAX_DELAY,
  spaced,
  type AttemptContext,
  type Schedule,
} from '../../../lib/core/schedule/schedule.js';
import { ScheduleError } from '../../../lib/core/schedule/schedule-error.js';
import { anySchedule, chance, verdict } from '../arbitraries.js';

const policy = (changes: Partial<RecoveryPolicy> = {}): RecoveryPolicy => ({
  schedule: spaced(1_000),
  random: () => 0.5,
  lastChanceFrom: 3_000,
  attemptLimit: 10_000,
  ...changes,
});

/** A break that dates from 100 and was found then. */
const loss: Loss = { aliveAt: 100, spent: 0, deadline: 40_000, deadlineAt: 40_100, answered: false, extended: false };

/** A recovery that began at 100, with nothing planned yet. */
const recovery = (tally: Partial<Tally> = {}): Recovery<string> =>
  beginRecovery({ ...newStanding(0).tally, ...tally }, 100);

const nobody: Failure = { error: 'nobody answered', verdict: UNREACHABLE };
const busy = (retryAfter?: number): Failure => ({
  error: 'busy',
  verdict: retryAfter === undefined ? { kind: 'busy' } : { kind: 'busy', retryAfter },
});

/** An attempt from `since`, under way. */
const attempting = (tally: Partial<Tally> = {}, since = 100): Recovery<string> =>
  attemptStarted(atOnce(recovery(tally), since, loss, { counted: true }), 'work', since, since + 10_000);

/** When the attempt after this failure is due. */
const dueAfter = (failure: Failure, now: number, by: RecoveryPolicy = policy(), from = attempting()): number =>
  dueAt(attemptFailed(from, failure, now, loss, by));

/** What the schedule was asked with. */
function asked(from: Recovery<string>, failure: Failure, now: number): AttemptContext {
  const contexts: AttemptContext[] = [];
  const schedule: Schedule = (attempt) => {
    contexts.push(attempt);
    return 0;
  };
  attemptFailed(from, failure, now, loss, policy({ schedule }));
  expect(contexts.length).toBe(1);
  return contexts[0]!;
}

/** After the one last chance. */
const takenFrom = <W>(from: Recovery<W>): Recovery<W> => ({ ...from, tally: { ...from.tally, lastChanceTaken: true } });

describe('beginRecovery', () => {
  it('R3 begins with the tally of the breaks before, with no attempt and with nothing planned', () => {
    const { tally, attempts, lastFailure, phase } = recovery({ position: 6, busyCount: 2 });
    expect([tally.position, tally.busyCount, attempts, tally.lastChanceTaken]).toEqual([6, 2, 0, false]);
    expect([lastFailure, phase]).toEqual([FOUND_DOWN, { kind: 'untilDeadline' }]);
  });

  it('R11 counts the time without an answer from here, or from an earlier break that is not over', () => {
    expect(recovery().tally.unreachableAt).toBe(100);
    expect(recovery({ unreachableAt: 40 }).tally.unreachableAt).toBe(40);
  });
});

describe('planned', () => {
  describe('the wait', () => {
    it('R7 is what the schedule says', () => {
      expect(dueAfter(nobody, 200)).toBe(1_200);
      expect(dueAfter(nobody, 200, policy({ schedule: immediate }))).toBe(200);
    });

    it('R17 is never so short that two attempts begin in one millisecond', () => {
      const at200 = attempting({}, 200);
      expect(dueAfter(nobody, 200, policy({ schedule: immediate }), at200)).toBe(201);
      expect(dueAfter(nobody, 200, policy({ schedule: spaced(0.5) }), at200)).toBe(201);
    });

    it('R7 does not wait for a clock that was set back', () => {
      expect(dueAfter(nobody, 200, policy({ schedule: immediate }), attempting({}, 9_000))).toBe(201);
    });

    it('R5 ends at a whole millisecond, not before its time', () => {
      expect(dueAfter(nobody, 200, policy({ schedule: spaced(1_000.01) }))).toBe(1_201);
      expect(dueAfter(busy(1_000.01), 200, policy({ schedule: immediate }))).toBe(1_201);
      expect(dueAfter(nobody, 200, policy({ schedule: spaced(60_000), random: () => 1 / 3 }))).toBe(13_500); // 200 + 39,900 / 3
      expect(dueAfter(nobody, 201, policy({ schedule: spaced(60_000), random: () => 0.5 }))).toBe(20_151); // 201 + 19,949.5
    });

    it('R6 is no longer than a timer can hold', () => {
      const far: Loss = { ...loss, deadlineAt: 1e12 };
      expect(dueAt(planned(recovery(), nobody, 0, far, policy({ schedule: spaced(1e11) })))).toBe(MAX_DELAY);
    });

    it('R7 never brings a time that was promised forward, and may put it off', () => {
      const at5100 = planned(recovery(), nobody, 100, loss, policy({ schedule: spaced(5_000) }));
      expect(dueAt(planned(at5100, nobody, 200, loss, policy({ schedule: spaced(10) })))).toBe(5_100);
      expect(dueAt(planned(at5100, nobody, 200, loss, policy({ schedule: spaced(6_000) })))).toBe(6_200);
      // Not even for a last chance, and not because only the deadline would be left.
      expect(dueAt(planned(at5100, nobody, 200, loss, policy({ schedule: spaced(90_000) })))).toBe(5_100);
    });
  });

  describe('what the schedule is asked with', () => {
    it('R3 the position after the one that was taken last', () => {
      expect(asked(recovery(), nobody, 100).position).toBe(1);
      expect(asked(attempting(), nobody, 100).position).toBe(2);
      expect(asked(attempting({ position: 6 }), nobody, 100).position).toBe(8);
    });

    it('R3 the same position again when the wait ended without an attempt', () => {
      const waiting = planned(recovery(), nobody, 100, loss, policy());
      expect(asked(waiting, nobody, 500).position).toBe(1);
    });

    it('the failure, and the time on both sides of it', () => {
      const { error, verdict: said, elapsed, remaining, random } = asked(attempting(), nobody, 1_600);
      expect([error, said, elapsed, remaining, random()]).toEqual(['nobody answered', UNREACHABLE, 1_500, 38_500, 0.5]);
    });

    it('R11 the busy answers since a connection was stable, this one included', () => {
      let from = recovery({ busyCount: 4 });
      const counts = [nobody, busy(), busy(), nobody, busy()].map((failure) => {
        from = attempting({ ...from.tally });
        const { busyCount } = asked(from, failure, 200);
        from = attemptFailed(from, failure, 200, loss, policy());
        return busyCount;
      });
      expect(counts).toEqual([4, 5, 6, 6, 7]);
    });

    it('R11 the time since the last failure without an answer, else since the break was found', () => {
      expect(asked(attempting(), busy(), 5_000).sinceUnreachable).toBe(4_900);
      expect(asked(attempting({ unreachableAt: 50 }), busy(), 5_000).sinceUnreachable).toBe(4_950);
      expect(asked(attempting(), nobody, 5_000).sinceUnreachable).toBe(0);
      const again = attempting(attemptFailed(attempting(), nobody, 1_000, loss, policy()).tally, 2_000);
      expect(asked(again, busy(), 5_000).sinceUnreachable).toBe(4_000);
      const busyTwice = attempting(attemptFailed(again, busy(), 5_000, loss, policy()).tally, 6_000);
      expect(asked(busyTwice, busy(), 6_500).sinceUnreachable).toBe(5_500);
    });
  });

  describe('a hint', () => {
    it('R11 is a floor for every wait until an attempt was made at it', () => {
      expect(dueAfter(busy(3_000), 200)).toBe(3_200);
      const waiting = attemptFailed(attempting(), busy(3_000), 200, loss, policy());
      expect(waiting.tally.hintAt).toBe(3_200);
      expect(dueAt(planned(stopped(waiting), nobody, 300, loss, policy()))).toBe(3_200);
      const before = attemptStarted(waiting, 'work', 3_199, 13_199);
      expect(before.tally.hintAt).toBe(3_200);
      const at = attemptStarted(waiting, 'work', 3_200, 13_200);
      expect(at.tally.hintAt).toBeNull();
    });

    it('R11 outlives a heal: it holds in the next break too', () => {
      expect(dueAt(planned(recovery({ hintAt: 3_200 }), nobody, 100, loss, policy()))).toBe(3_200);
      expect(dueAt(atOnce(recovery({ hintAt: 3_200 }), 100, loss, { counted: true }))).toBe(3_200);
    });

    it('R7 D4 does not go at once where the deadline comes before the next millisecond', () => {
      const last = { ...loss, deadlineAt: 101 };
      expect(atOnce(recovery({ beganAt: 100 }), 100, last, { counted: false }).phase).toEqual({ kind: 'untilDeadline' });
      expect(dueAt(atOnce(recovery({ beganAt: 99 }), 100, last, { counted: false }))).toBe(100);
    });

    it('R11 of a newer answer replaces the older one, and an answer without one leaves it', () => {
      const waiting = attemptFailed(attempting(), busy(8_000), 200, loss, policy());
      expect(failed(waiting, busy(500), 300).tally.hintAt).toBe(800);
      expect(failed(waiting, busy(), 300).tally.hintAt).toBe(8_200);
      expect(failed(waiting, nobody, 300).tally.hintAt).toBe(8_200);
    });

    it('R11 that makes no sense is none', () => {
      for (const hint of [-1, NaN, '3000' as unknown as number]) {
        expect(failed(attempting(), busy(hint), 300).tally.hintAt).withContext(String(hint)).toBeNull();
      }
      expect(failed(attempting(), busy(1e300), 300).tally.hintAt).toBe(300 + MAX_DELAY);
    });

    it('R11 that lies at the deadline or beyond it is shown, and holds nothing back', () => {
      const waiting = attemptFailed(attempting(), busy(39_900), 200, loss, policy());
      expect([waiting.tally.hintAt, dueAt(waiting)]).toEqual([40_100, 1_200]);
    });
  });

  describe('the last chance', () => {
    const patient = policy({ schedule: spaced(60_000) });
    const chanceAt = (value: number, failure: Failure, now: number): number =>
      dueAfter(failure, now, { ...patient, random: () => value });

    it('D4 replaces a wait that would end at the deadline or after it, uniform in what is left', () => {
      // 39,900 are left at 200.
      expect([0, 0.25, 0.75].map((value) => chanceAt(value, nobody, 200))).toEqual([200, 10_175, 30_125]);
      const takenBy = (wait: number): boolean =>
        attemptFailed(attempting(), nobody, 200, loss, policy({ schedule: spaced(wait) })).tally.lastChanceTaken;
      expect([39_899, 39_900].map(takenBy)).toEqual([false, true]);
    });

    it('D4 comes once; then the deadline is waited for, however short the schedule waits', () => {
      const used = takenFrom(attempting());
      expect(attemptFailed(used, nobody, 20_100, loss, patient).phase).toEqual({ kind: 'untilDeadline' });
      expect(attemptFailed(used, nobody, 20_100, loss, policy()).phase).toEqual({ kind: 'untilDeadline' });
    });

    it('D4 needs 3 s that are left', () => {
      expect(dueAfter(nobody, 37_100, patient)).toBe(38_600);
      const tooLate = attemptFailed(attempting(), nobody, 37_101, loss, patient);
      expect([tooLate.phase.kind, tooLate.tally.lastChanceTaken]).toEqual(['untilDeadline', false]);
    });

    it('D4 needs as much as it is told to', () => {
      expect(dueAfter(nobody, 40_098, { ...patient, lastChanceFrom: 2 })).toBe(40_099);
      expect(dueAfter(nobody, 40_098, { ...patient, lastChanceFrom: 3 })).toBe(Infinity);
      expect(dueAfter(nobody, 200, { ...patient, lastChanceFrom: 39_901 })).toBe(Infinity);
    });

    it('D4 R11 comes after a hint that can be kept, uniform in what is left then', () => {
      // The hint is at 30,200: 9,900 are left.
      expect([0, 0.5].map((value) => chanceAt(value, busy(30_000), 200))).toEqual([30_200, 35_150]);
    });

    it('D4 R11 comes at any time when the hint cannot be kept', () => {
      expect(chanceAt(0.5, busy(60_000), 20_100)).toBe(30_100);
    });

    it('D4 is no time for an attempt in the last millisecond before the deadline', () => {
      const last = attempting({}, 40_099);
      expect(attemptFailed(last, nobody, 40_099, loss, { ...patient, lastChanceFrom: 0 }).phase).toEqual({ kind: 'untilDeadline' });
      expect(attemptFailed(last, nobody, 40_099, loss, policy({ schedule: immediate, lastChanceFrom: 0 })).phase).toEqual({
        kind: 'untilDeadline',
      });
    });
  });

  describe('giving up', () => {
    const endOf = (failure: Failure, by: RecoveryPolicy, from = attempting()): Recovery<string>['phase'] =>
      attemptFailed(from, failure, 200, loss, by).phase;

    it('R12 does when the schedule does, with the error that it was asked about', () => {
      expect(endOf(nobody, policy({ schedule: giveUp }))).toEqual({ kind: 'givenUp', error: 'nobody answered' });
    });

    it('R12 does so with the last chance taken too', () => {
      const used = takenFrom(attempting());
      expect(endOf(nobody, policy({ schedule: giveUp }), used).kind).toBe('givenUp');
    });

    it('R3 times(n) allows n attempts', () => {
      const by = policy({ schedule: times(3) });
      let from = planned(recovery(), FOUND_DOWN, 100, loss, by);
      let begun = 0;
      while (dueAt(from) < loss.deadlineAt) {
        begun++;
        from = attemptFailed(attemptStarted(from, 'work', dueAt(from), Infinity), nobody, dueAt(from), loss, by);
      }
      expect([begun, from.phase.kind]).toEqual([3, 'givenUp']);
    });

    it('R3 a wait that ends in a heal takes none of them', () => {
      const by = policy({ schedule: times(1) });
      const first = planned(recovery(), FOUND_DOWN, 100, loss, by);
      const second = planned(beginRecovery(first.tally, 500), FOUND_DOWN, 500, loss, by);
      expect([dueAt(first), dueAt(second)]).toEqual([100, 500]);
    });

    it('J2 does for a verdict that no retry can change, without asking the schedule', () => {
      const schedule: Schedule = () => {
        throw new Error('it was asked');
      };
      for (const kind of ['fatal', 'kicked', 'closed', 'duplicateUser'] as const) {
        expect(endOf({ error: kind, verdict: { kind } }, policy({ schedule }))).toEqual({ kind: 'givenUp', error: kind });
      }
    });

    it('R1 does not for any other', () => {
      const others: readonly Verdict[] = [UNREACHABLE, { kind: 'refused' }, { kind: 'busy' }, { kind: 'redispatch', endpoint: 'b' }];
      for (const said of others) expect(endOf({ error: 'no', verdict: said }, policy()).kind).withContext(said.kind).toBe('waiting');
    });

    it('O3 does when chance cannot be drawn, by the schedule or for the last chance', () => {
      const broken = new RangeError('not a chance');
      const random = (): number => {
        throw broken;
      };
      expect(endOf(nobody, policy({ random, schedule: spaced(60_000) }))).toEqual({ kind: 'givenUp', error: broken });
      const phase = endOf(nobody, policy({ random, schedule: ({ random: draw }) => draw() }));
      expect(phase.kind === 'givenUp' && (phase.error as Error).cause).toBe(broken);
    });

    it('R12 does with a ScheduleError when the schedule throws or answers no wait', () => {
      const throws: Schedule = () => {
        throw new Error('broken');
      };
      for (const schedule of [throws, () => NaN, () => -1, (() => '5') as unknown as Schedule]) {
        for (const from of [attempting(), takenFrom(attempting())]) {
          const phase = endOf(nobody, policy({ schedule }), from);
          expect(phase.kind === 'givenUp' && phase.error).toBeInstanceOf(ScheduleError);
        }
      }
    });
  });
});

describe('attemptStarted', () => {
  it('R3 takes a position and a number', () => {
    const begun = attemptStarted(planned(recovery({ position: 4 }), nobody, 100, loss, policy()), 'work', 1_100, 11_100);
    expect([begun.tally.position, begun.tally.beganAt, begun.attempts]).toEqual([5, 1_100, 1]);
    expect(begun.phase).toEqual({ kind: 'attempting', since: 1_100, limitAt: 11_100, work: 'work' });
    expect(dueAt(begun)).toBe(Infinity);
  });

  it('R3 takes no position where the schedule did not begin it', () => {
    const begun = attemptStarted(atOnce(recovery(), 100, loss, { counted: false }), 'work', 100, 10_100);
    expect([begun.tally.position, begun.attempts]).toEqual([0, 1]);
  });
});

describe('failed', () => {
  it('J1 D5 remembers what failed last', () => {
    expect(failed(failed(attempting(), nobody, 200), busy(), 300).lastFailure).toEqual(busy());
  });

  it('R15 counts the attempts that were cut at their limit', () => {
    const cut: Failure = { error: new AttemptLimitError(10_000), verdict: UNREACHABLE };
    expect([nobody, cut, cut, busy()].reduce((from, failure) => failed(from, failure, 200), attempting()).tally.limitsReached).toBe(2);
  });
});

describe('limitAtFrom', () => {
  const limitAt = (limitsReached: number, now: number, attemptLimit = 3_000): number =>
    limitAtFrom({ ...newStanding(0).tally, limitsReached }, now, loss, policy({ attemptLimit }));

  it('R15 doubles with each limit that was reached, and never passes the deadline', () => {
    expect([0, 1, 2, 3].map((reached) => limitAt(reached, 100))).toEqual([3_100, 6_100, 12_100, 24_100]);
    expect(limitAt(4, 100)).toBe(40_100); // not 48,100
    expect(limitAt(0, 39_100)).toBe(40_100);
  });

  it('J6 is the deadline where there is no limit', () => {
    expect(limitAt(0, 100, Infinity)).toBe(40_100);
    expect(limitAt(5, 100, Infinity)).toBe(40_100);
  });
});

describe('shortcut', () => {
  const waiting = planned(recovery({ beganAt: 60 }), nobody, 100, loss, policy({ schedule: spaced(9_000) }));

  it('H8 R14 R20 goes at once instead of by the schedule', () => {
    for (const which of ['restart', 'rejoin', 'redispatch'] as const) {
      expect(dueAt(shortcut(waiting, which, 700, loss)!)).withContext(which).toBe(700);
    }
  });

  it('H8 R14 R20 does each once', () => {
    const once = shortcut(waiting, 'restart', 700, loss)!;
    expect(shortcut(once, 'restart', 800, loss)).toBeNull();
    const both = shortcut(once, 'rejoin', 800, loss)!;
    expect(both.tally.used).toEqual(['restart', 'rejoin']);
  });

  it('R3 a restart takes no position, a rejoin and a redispatch take one', () => {
    const positionAfter = (which: 'restart' | 'rejoin' | 'redispatch'): number =>
      attemptStarted(shortcut(waiting, which, 700, loss)!, 'work', 700, 10_700).tally.position;
    expect([positionAfter('restart'), positionAfter('rejoin'), positionAfter('redispatch')]).toEqual([0, 1, 1]);
  });

  it('R17 goes a millisecond after the last attempt began, and not before a hint', () => {
    expect(dueAt(shortcut(recovery({ beganAt: 700 }), 'rejoin', 700, loss)!)).toBe(701);
    expect(dueAt(shortcut(recovery({ hintAt: 4_000 }), 'rejoin', 700, loss)!)).toBe(4_000);
    expect(dueAt(shortcut(recovery({ hintAt: 40_100 }), 'rejoin', 700, loss)!)).toBe(700);
  });
});

describe('broughtForward', () => {
  const waiting = planned(recovery({ beganAt: 60 }), nobody, 100, loss, policy({ schedule: spaced(9_000) }));

  it('R8 brings the attempt of a wait forward, and never puts it off', () => {
    expect(dueAt(broughtForward(waiting, 1_060, 500, loss))).toBe(1_060);
    expect(dueAt(broughtForward(waiting, 300, 500, loss))).toBe(500);
    expect(broughtForward(waiting, 9_100, 500, loss)).toBe(waiting);
    expect(broughtForward(waiting, 20_000, 500, loss)).toBe(waiting);
  });

  it('R8 R11 does not bring it before a hint that lies within the deadline', () => {
    const hinted = attemptFailed(attempting(), busy(8_000), 200, loss, policy({ schedule: spaced(9_000) }));
    expect(dueAt(broughtForward(hinted, 500, 500, loss))).toBe(8_200);
    const beyond = attemptFailed(attempting(), busy(60_000), 200, loss, policy({ schedule: spaced(9_000) }));
    expect(dueAt(broughtForward(beyond, 500, 500, loss))).toBe(500);
  });

  it('R8 begins one more attempt where only the deadline is waited for, if it comes before that', () => {
    const idle = recovery({ beganAt: 60 });
    expect(dueAt(broughtForward(idle, 310, 500, loss))).toBe(500);
    expect(attemptStarted(broughtForward(idle, 310, 500, loss), 'work', 500, 10_500).tally.position).toBe(1);
    expect(dueAt(broughtForward(idle, 40_100, 500, loss))).toBe(Infinity);
  });

  it('R8 R3 leaves it to what was planned whether it takes a position', () => {
    const free = atOnce(recovery({ hintAt: 3_000 }), 100, loss, { counted: false });
    const hurried = broughtForward({ ...free, tally: { ...free.tally, hintAt: null } }, 200, 200, loss);
    expect(attemptStarted(hurried, 'work', 200, 10_200).tally.position).toBe(0);
  });

  it('R8 D6 disturbs no attempt that runs, and does not bring back what has given up', () => {
    const running = attempting();
    expect(broughtForward(running, 500, 500, loss)).toBe(running);
    const over = givenUp(recovery(), 'no');
    expect(broughtForward(over, 500, 500, loss)).toBe(over);
  });
});

describe('planned: laws', () => {
  const tally: fc.Arbitrary<Tally> = fc.record({
    position: fc.nat(1_000_000),
    busyCount: fc.nat(100),
    hintAt: fc.option(fc.nat(150_000)),
    unreachableAt: fc.option(fc.nat(100_000)),
    beganAt: fc.oneof(fc.constant(-Infinity), fc.nat(100_000)),
    limitsReached: fc.nat(5),
    openingsHung: fc.nat(5),
    used: fc.subarray(['restart', 'rejoin', 'redispatch', 'resume'] as const),
    lastChanceTaken: fc.boolean(),
  });
  const failure = verdict.map((said): Failure => ({ error: 'failed', verdict: said }));
  const anyPolicy = fc
    .record({
      schedule: fc.oneof(anySchedule, fc.constantFrom(defaultSchedule, exponential(), spaced(1e300))),
      lastChanceFrom: fc.nat(5_000),
      value: chance,
    })
    .map(({ schedule, lastChanceFrom, value }) => policy({ schedule, lastChanceFrom, random: () => value }));
  const situation = fc.record({
    tally,
    failure,
    by: anyPolicy,
    now: fc.nat(100_000),
    elapsed: fc.nat(40_000),
    remaining: fc.integer({ min: 1, max: 100_000 }),
    promised: fc.option(fc.integer({ min: -10_000, max: 100_000 })),
  });
  type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

  function plan({ tally: counted, failure: why, by, now, elapsed, remaining, promised }: Situation) {
    const within: Loss = { ...loss, aliveAt: now - elapsed, deadlineAt: now + remaining };
    const idle = beginRecovery(counted, now);
    // Whatever was promised came after the last attempt.
    const until = Math.max(now + (promised ?? 0), counted.beganAt + 1);
    const from: Recovery<string> = promised === null ? idle : { ...idle, phase: { kind: 'waiting', until, counted: true } };
    return { from, within, now, after: planned(from, why, now, within, by) };
  }

  const holds = (check: (plan: { from: Recovery<string>; within: Loss; now: number; after: Recovery<string> }) => boolean): void => {
    fc.assert(
      fc.property(situation, (one) => check(plan(one))),
      { numRuns: 2_000 },
    );
    expect().nothing();
  };

  it('D1 no attempt is newly planned for the deadline or later', () => {
    holds(({ from, within, after }) => after.phase.kind !== 'waiting' || dueAt(after) < within.deadlineAt || dueAt(after) === dueAt(from));
  });

  it('R7 a time that was promised is never brought forward', () => {
    holds(({ from, after }) => from.phase.kind !== 'waiting' || after.phase.kind === 'givenUp' || dueAt(after) >= dueAt(from));
  });

  it('R7 R17 no attempt is newly planned for the past, nor for the millisecond of the last one', () => {
    holds(({ from, now, after }) => {
      const due = dueAt(after);
      return due === dueAt(from) || (due >= now && due > Math.min(now, from.tally.beganAt));
    });
  });

  it('R11 no attempt is planned before a hint that lies before the deadline', () => {
    holds(({ from: { tally: { hintAt } }, within, after }) => hintAt === null || hintAt >= within.deadlineAt || dueAt(after) >= hintAt);
  });

  it('R3 a plan takes no position, and leaves all that is counted as it is, but for the last chance', () => {
    holds(({ from, after }) => {
      const { lastChanceTaken } = after.tally;
      expect(after.tally).toEqual({ ...from.tally, lastChanceTaken });
      return after.attempts === from.attempts;
    });
  });

  it('D4 nothing new is planned once the last chance is taken', () => {
    holds(({ from, after }) => !from.tally.lastChanceTaken || from.phase.kind === 'waiting' || after.phase.kind !== 'waiting');
  });

  it('P4 is pure: the same question, the same plan', () => {
    fc.assert(fc.property(situation, (one) => expect(plan(one).after).toEqual(plan(one).after)));
  });
});
