import { expectTypeOf } from 'expect-type';
import fc from 'fast-check';
import {
  asyncScheduler,
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  merge,
  NEVER,
  Observable,
  of,
  range,
  take,
  tap,
  throwError,
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { AttemptLimitError } from '../../lib/core/recovery/attempt-limit-error.js';
import { DeadlineExceededError } from '../../lib/core/recovery/deadline-exceeded-error.js';
import { exponential, giveUp, immediate, MAX_DELAY, spaced, type AttemptContext, type Schedule } from '../../lib/core/schedule/schedule.js';
import { both, times } from '../../lib/core/schedule/schedule-combinators.js';
import { ScheduleError } from '../../lib/core/schedule/schedule-error.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';
import { reconnect, type ReconnectOptions } from '../../lib/operators/reconnect.js';

const testScheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

/** Waits 1, 2, 3 … ms: every position shows in the diagram. */
const counting: Schedule = ({ position }) => position;

/** Short enough for a diagram: no jitter, no last chance, and what has lasted 5 ms is stable. */
const short: ReconnectOptions = { schedule: spaced(2), deadline: 100, stableAfter: 5, lastChanceFrom: 100 };

/** Counts the timers that are still to fire, and notes every delay that was asked for. */
function tracked(inner: SchedulerLike) {
  const live = new Set<object>();
  const delays: number[] = [];
  const scheduler: SchedulerLike = {
    now: () => inner.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
      const timer = {};
      live.add(timer);
      delays.push(delay);
      const subscription = inner.schedule<T>(
        function (now) {
          live.delete(timer);
          work.call(this, now);
        },
        delay,
        state,
      );
      subscription.add(() => live.delete(timer));
      return subscription;
    },
  };
  return { scheduler, delays, timers: () => live.size };
}

/** What a source ends with. */
function errorOf(source: Observable<unknown>): { error: unknown; at: () => number | null } {
  const seen: { error: unknown; time: number | null } = { error: null, time: null };
  source.subscribe({
    error: (error: unknown) => {
      seen.error = error;
      seen.time = asyncScheduler.now();
    },
  });
  return {
    get error() {
      return seen.error;
    },
    at: () => seen.time,
  };
}

describe('reconnect', () => {
  describe('trying again', () => {
    it('P1 resubscribes when the schedule says so', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a#            ');
        const subs = [
          '                  ^-!            ',
          '                  ----^-!        ',
          '                  --------^-!    ',
          '                  ------------^-!',
        ];
        const unsub = '           --------------!';
        const expected = '        -a---a---a---a-';
        expectObservable(source.pipe(reconnect(short)), unsub).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 asks the schedule anew after every failure, with the position, the error and the time', () => {
      const asked: Partial<AttemptContext>[] = [];
      const schedule: Schedule = ({ position, error, elapsed, remaining }) => {
        asked.push({ position, error, elapsed, remaining });
        return 3;
      };
      testScheduler().run(({ cold, expectObservable, expectSubscriptions, flush }) => {
        const source = cold('-#       ', undefined, 'down');
        const subs = [
          '                  ^!       ',
          '                  ----^!   ',
          '                  --------^!',
        ];
        expectObservable(source.pipe(reconnect({ ...short, schedule })), '---------!').toBe('----------');
        expectSubscriptions(source.subscriptions).toBe(subs);
        flush();
      });
      expect(asked).toEqual([
        { position: 1, error: 'down', elapsed: 1, remaining: 99 },
        { position: 2, error: 'down', elapsed: 5, remaining: 95 },
      ]);
    });

    it('P1 completes when the source does, before its first value too', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const valued = cold(' -a-|');
        const silent = cold(' ---|');
        expectObservable(valued.pipe(reconnect(short))).toBe('-a-|');
        expectObservable(silent.pipe(reconnect(short))).toBe('---|');
        expectSubscriptions(valued.subscriptions).toBe('^--!');
        expectSubscriptions(silent.subscriptions).toBe('^--!');
      });
    });

    it('P1 passes what a source says at once, and completes with one that does at once', () => {
      testScheduler().run(({ expectObservable }) => {
        expectObservable(from(['a', 'b']).pipe(reconnect(short))).toBe('(ab|)');
        expectObservable(EMPTY.pipe(reconnect(short))).toBe('|');
      });
    });

    it('P1 tries again after an error at once', () => {
      testScheduler().run(({ expectObservable }) => {
        let tries = 0;
        const source = defer(() => (++tries < 3 ? throwError(() => 'down') : of('a')));
        expectObservable(source.pipe(reconnect(short))).toBe('----(a|)');
      });
    });

    it('P1 takes a source that throws while it is subscribed for one that failed', () => {
      testScheduler().run(({ expectObservable }) => {
        let tries = 0;
        const source = new Observable<string>((subscriber) => {
          if (++tries < 2) throw new Error('no socket');
          subscriber.next('a');
        });
        expectObservable(source.pipe(reconnect(short)), '^---!').toBe('--a');
      });
    });

    it('P1 has let go of a failed source before it subscribes again, without a wait too', () => {
      testScheduler().run(({ flush }) => {
        const log: string[] = [];
        let number = 0;
        const source = defer(() => {
          const mine = ++number;
          log.push(`open ${mine}`);
          const end = mine < 3 ? throwError(() => 'down') : NEVER;
          return concat(of('a'), end).pipe(finalize(() => log.push(`close ${mine}`)));
        });
        const subscription = source.pipe(reconnect({ ...short, schedule: immediate })).subscribe();
        flush();
        subscription.unsubscribe();
        expect(log).toEqual(['open 1', 'close 1', 'open 2', 'close 2', 'open 3', 'close 3']);
      });
    });
  });

  describe('the deadline', () => {
    const deadline = 5;

    it('P1 bounds the time to the first value, and cuts an attempt that hangs', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('----------');
        const subs = '       ^----!    ';
        const expected = '   -----#    ';
        const error = new DeadlineExceededError(deadline, 1);
        expectObservable(source.pipe(reconnect({ ...short, deadline }))).toBe(expected, undefined, error);
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 counts from the first of the failures, however many follow', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('a-----------#     ', undefined, 'down');
        const dead = cold('  -#                ', undefined, 'dead');
        let tries = 0;
        const both = defer(() => (++tries === 1 ? source : dead));
        const expected = '   a----------------#';
        expectObservable(both.pipe(reconnect({ ...short, deadline }))).toBe(expected, undefined, new DeadlineExceededError(deadline, 1));
        expectSubscriptions(source.subscriptions).toBe('^-----------!');
        expectSubscriptions(dead.subscriptions).toBe(' --------------^!');
      });
    });

    it('P1 errors during a wait', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#        ', undefined, 'down');
        const subs = '       ^!        ';
        const expected = '   -----#    ';
        const options = { ...short, deadline, schedule: spaced(30) };
        expectObservable(source.pipe(reconnect(options))).toBe(expected, undefined, new DeadlineExceededError(deadline, 1));
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 is cleared by a value, and begins anew with the next failure', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('----a-------#             ');
        const subs = [
          '                  ^-----------!             ',
          '                  --------------^--!        ',
        ];
        const expected = '        ----a------------#        ';
        const dead = cold('       ----------------          ');
        let tries = 0;
        const both = defer(() => (++tries === 1 ? source : dead));
        expectObservable(both.pipe(reconnect({ ...short, deadline }))).toBe(expected, undefined, new DeadlineExceededError(deadline, 1));
        expectSubscriptions(source.subscriptions).toBe(subs[0]!);
        expectSubscriptions(dead.subscriptions).toBe(subs[1]!);
      });
    });

    it('P1 is no limit for a source that is up, for its values and for its end', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('     -a--------------b------|');
        const expected = '        -a--------------b------|';
        expectObservable(source.pipe(reconnect({ ...short, deadline: 5 }))).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe('^----------------------!');
      });
    });

    it('P1 lets a value through one frame before it', () => {
      testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot(' ----a-----');
        const subs = '       ^--------!';
        expectObservable(source.pipe(reconnect({ ...short, deadline })), subs).toBe('----a');
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 wins its own frame against a value, whichever comes first in it', () => {
      testScheduler().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const before = hot(' -----a-----'); // scheduled before the deadline's timer
        const after = cold(' -----a-----'); // scheduled after it
        for (const source of [before, after]) {
          expectObservable(source.pipe(reconnect({ ...short, deadline }))).toBe('-----#', undefined, new DeadlineExceededError(deadline, 1));
          expectSubscriptions(source.subscriptions).toBe('^----!');
        }
      });
    });

    it('P1 wins its own frame against an error, a fatal one too, and against completion', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const options: ReconnectOptions = { ...short, deadline, classify: () => ({ kind: 'fatal' }) };
        for (const end of ['-----#', '-----|']) {
          expectObservable(hot(end).pipe(reconnect(options))).toBe('-----#', undefined, new DeadlineExceededError(deadline, 1));
        }
      });
    });

    it('P1 wins its own frame against an attempt that is due in it', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#    ', undefined, 'down');
        const options = { ...short, deadline, schedule: spaced(4) };
        expectObservable(source.pipe(reconnect(options))).toBe('-----#', undefined, new DeadlineExceededError(deadline, 1));
        expectSubscriptions(source.subscriptions).toBe(['^!']);
      });
    });

    it('P1 begins no attempt after it when the timer of a wait comes late', () => {
      const inner = testScheduler();
      inner.run(({ cold, expectObservable, expectSubscriptions }) => {
        let skew = 0;
        // Asleep for a minute: the clock has moved on, the timers have not.
        const scheduler: SchedulerLike = { now: () => inner.now() + skew, schedule: inner.schedule.bind(inner) };
        const source = cold('-#       ', undefined, 'down');
        inner.schedule(() => (skew = 60_000), 2);
        const result = source.pipe(reconnect({ ...short, deadline: 50, scheduler }));
        expectObservable(result).toBe('---#', undefined, new DeadlineExceededError(50, 1));
        expectSubscriptions(source.subscriptions).toBe(['^!']);
      });
    });

    it('P1 judges at the first event after it when its own timer comes late', () => {
      const inner = testScheduler();
      inner.run(({ hot, expectObservable, expectSubscriptions }) => {
        let skew = 0;
        const scheduler: SchedulerLike = { now: () => inner.now() + skew, schedule: inner.schedule.bind(inner) };
        const source = hot('--a------');
        inner.schedule(() => (skew = 60_000), 1);
        const result = source.pipe(reconnect({ ...short, deadline: 50, scheduler }));
        expectObservable(result).toBe('--#', undefined, new DeadlineExceededError(50, 1));
        expectSubscriptions(source.subscriptions).toBe('^-!');
      });
    });

    it('P1 tells the last error as its cause, and the attempts', () => {
      testScheduler().run(({ flush }) => {
        let tries = 0;
        const source = defer(() => throwError(() => `failure ${++tries}`));
        const seen = errorOf(source.pipe(reconnect({ ...short, deadline: 7 })));
        flush();
        expect(seen.error).toBeInstanceOf(DeadlineExceededError);
        const error = seen.error as DeadlineExceededError;
        expect([error.cause, error.attempts, error.deadline, seen.at()]).toEqual(['failure 4', 4, 7, 7]);
        expect(error.message).toBe('not connected within 7 ms, after 4 attempts');
        expect(error.name).toBe('DeadlineExceededError');
      });
    });

    it('P1 knows no cause when nothing failed', () => {
      testScheduler().run(({ flush }) => {
        const seen = errorOf(NEVER.pipe(reconnect({ ...short, deadline: 7 })));
        flush();
        expect('cause' in (seen.error as Error)).toBeFalse();
      });
    });

    it('P1 is 40 s unless told otherwise', () => {
      testScheduler().run(({ cold, expectObservable }) => {
        expectObservable(cold('-').pipe(reconnect())).toBe('40s #', undefined, new DeadlineExceededError(40_000, 1));
      });
    });

    it('P1 a source that fails for ever is tried by the default schedule until then', () => {
      testScheduler().run(({ flush }) => {
        const times: number[] = [];
        const source = defer(() => {
          times.push(asyncScheduler.now());
          return throwError(() => 'down');
        });
        const seen = errorOf(source.pipe(reconnect({ random: () => 0.5 })));
        flush();
        expect(times.slice(0, 6)).toEqual([0, 250, 750, 1_750, 3_750, 6_600]);
        expect(seen.at()).toBe(40_000);
        // Every 2.85 s from then on; the one after 37,950 would come too late, and 3 s are not left.
        expect(times.at(-1)).toBe(37_950);
        expect(times.length).toBe(17);
      });
    });

    it('P1 holds for every script of attempts: never later, no value after it, and no attempt at it', () => {
      const stableAfter = 5;
      const attempt = fc.record({ fails: fc.boolean(), value: fc.nat(12), end: fc.nat(12) });
      fc.assert(
        fc.property(fc.array(attempt, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (script, times, pause) => {
          // A multiple, so that a millisecond with values earns whole milliseconds back.
          const limit = times * stableAfter;
          const scheduler = new TestScheduler(() => {});
          return scheduler.run(({ cold, flush }) => {
            let index = 0;
            const seen = { ok: true, endedAt: NaN };
            // The budget, reckoned from outside: until the first value nothing is spent.
            let [spent, since, silentSince] = [0, NaN, 0 as number | null];
            const deadlineAt = (): number => (silentSince === null ? Infinity : silentSince + limit - spent);
            const isLate = (): boolean => scheduler.now() >= deadlineAt();
            const source = defer(() => {
              if (isLate()) seen.ok = false;
              const next = script[index++];
              if (next === undefined) return NEVER;
              const { fails, value, end } = next;
              return fails ? cold(`${end}ms #`) : cold(`${value}ms a ${end}ms #`);
            });
            const watched = source.pipe(
              tap({
                error: () => {
                  if (silentSince !== null) return;
                  silentSince = scheduler.now();
                  const lasted = silentSince - since;
                  spent = lasted >= stableAfter ? 0 : Math.max(0, spent - (lasted * limit) / stableAfter);
                },
              }),
              reconnect({ schedule: spaced(pause), deadline: limit, stableAfter, lastChanceFrom: 100 }),
            );
            watched.subscribe({
              next: () => {
                const now = scheduler.now();
                if (isLate()) seen.ok = false;
                if (silentSince !== null) {
                  spent = Number.isNaN(since) ? 0 : spent + now - silentSince;
                  since = now;
                }
                silentSince = null;
              },
              error: () => (seen.endedAt = scheduler.now()),
            });
            flush();
            return seen.ok && silentSince !== null && seen.endedAt === deadlineAt();
          });
        }),
        { numRuns: 300 },
      );
      expect().nothing();
    });
  });

  describe('the budget of lost time', () => {
    /** Gives a value at once and fails after `up` ms, for ever; when and how it ends. */
    function flapping(up: number, options: ReconnectOptions = {}): { readonly at: number | null; readonly error: unknown } {
      return testScheduler().run(({ cold, flush }) => {
        const seen = errorOf(cold(`a ${up - 1}ms #`, undefined, 'down').pipe(reconnect({ random: () => 0.5, ...options })));
        flush();
        return { at: seen.at(), error: seen.error };
      });
    }

    // By the default schedule 250, 500, 1,000, 2,000 and then always 2,850 ms are lost; each ms up earns 4 back.

    it('P1 D7 a source that drops within half a second ends, and says why', () => {
      // Break 18 begins with 3,750 + 13 · 2,850 − 17 · 120 = 38,760 spent: 1,240 are left, less than its wait.
      // 18 · 30 up, 3,750 + 13 · 2,850 lost before, and 1,240.
      const { at, error } = flapping(30);
      expect(at).toBe(540 + 40_800 + 1_240);
      expect((error as Error).message).toBe('40000 ms lost since the last stable connection, after 0 attempts');
      expect((error as Error).cause).toBe('down');
    });

    it('P1 D7 so does one that drops after 210 ms, by 62 s', () => {
      // The first two breaks are earned back in full. Break 5 begins with 1,000 − 840 + 2,000 − 840 = 1,320 spent, break 23 with
      // 18 · (2,850 − 840) = 36,180 more: 2,500 are left. 23 · 210 up, 3,750 + 18 · 2,850 lost before, and 2,500.
      expect(flapping(210).at).toBe(4_830 + 55_050 + 2_500);
    });

    it('P1 D7 R18 one that refuses after a second earns nothing by it, and ends by 57 s', () => {
      // Break 17 begins with 3,750 + 12 · 2,850 = 37,950 spent: 2,050 are left. 17 s up, 37,950 lost before, and 2,050.
      expect(flapping(1_000, { classify: () => ({ kind: 'refused' }) }).at).toBe(17_000 + 40_000);
    });

    it('P1 D7 a train, 6 s up and 2 s down, goes on', () => {
      testScheduler().run(({ cold, flush }) => {
        const seen = { values: 0, ended: false };
        let upAt = 0;
        const source = defer(() => {
          const now = asyncScheduler.now();
          if (now < upAt) return throwError(() => 'in the tunnel');
          upAt = now + 8_000;
          return cold('a 5999ms #');
        });
        source
          .pipe(reconnect({ random: () => 0.5 }), take(200))
          .subscribe({ next: () => seen.values++, error: () => (seen.ended = true) });
        flush();
        expect(seen).toEqual({ values: 200, ended: false });
      });
    });

    it('P1 D3 is whole again after a source that was stable', () => {
      testScheduler().run(({ cold, expectObservable }) => {
        // 4 of 10 are lost, then 5 ms with values earn all of it back: the second break has 10 again.
        const first = cold(' a#');
        const second = cold('a----#');
        const sources = [first, second];
        const source = defer(() => sources.shift() ?? NEVER);
        const options: ReconnectOptions = { ...short, deadline: 10, schedule: spaced(4) };
        expectObservable(source.pipe(reconnect(options))).toBe('a----a--------------#', undefined, new DeadlineExceededError(10, 1));
      });
    });

    it('P1 D3 carries what is not earned back into the next break', () => {
      testScheduler().run(({ cold, expectObservable }) => {
        // 4 of 10 are lost; 1 ms with values earns 10 / 5 = 2 back: 8 are left.
        const sources = [cold('a#'), cold('a#')];
        const source = defer(() => sources.shift() ?? NEVER);
        const options: ReconnectOptions = { ...short, deadline: 10, schedule: spaced(4) };
        const error = new DeadlineExceededError(10, 1, { spent: 2 });
        expectObservable(source.pipe(reconnect(options))).toBe('a----a--------#', undefined, error);
      });
    });

    it('P1 D3 the time to the first value spends nothing', () => {
      testScheduler().run(({ cold, expectObservable }) => {
        const sources = [cold('--------a#')];
        const source = defer(() => sources.shift() ?? NEVER);
        const options: ReconnectOptions = { ...short, deadline: 10 };
        expectObservable(source.pipe(reconnect(options))).toBe('--------a----------#', undefined, new DeadlineExceededError(10, 1));
      });
    });
  });

  describe('the limit of an attempt', () => {
    it('P1 J6 there is none unless it is asked for', () => {
      testScheduler().run(({ cold, expectSubscriptions, flush }) => {
        const source = cold('----');
        source.pipe(reconnect({ deadline: 30_000 })).subscribe({ error: () => {} });
        flush();
        expectSubscriptions(source.subscriptions).toBe('^ 29999ms !');
      });
    });

    it('P1 R15 cuts an attempt without a value, and doubles each time until the deadline', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('--------------------');
        // 2, 4 and 8 ms, but the deadline comes after 6 of them; 1 ms of wait in between.
        const subs = ['      ^-!             ', '      ---^---!         ', '      --------^-----!  '];
        const options: ReconnectOptions = { ...short, schedule: spaced(1), attemptLimit: 2, deadline: 14 };
        expectObservable(source.pipe(reconnect(options))).toBe('--------------#', undefined, new DeadlineExceededError(14, 3));
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 J6 is over with the first value', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a-----------b|');
        expectObservable(source.pipe(reconnect({ ...short, attemptLimit: 2 }))).toBe('-a-----------b|');
        expectSubscriptions(source.subscriptions).toBe('^-------------!');
      });
    });

    it('P1 J6 asks classify about the AttemptLimitError, which is the last error at the deadline', () => {
      testScheduler().run(({ flush }) => {
        const asked: unknown[] = [];
        const classify = (error: unknown): undefined => void asked.push(error);
        const seen = errorOf(NEVER.pipe(reconnect({ ...short, attemptLimit: 20, deadline: 50, classify })));
        flush();
        expect(asked).toEqual([new AttemptLimitError(20)]);
        expect((seen.error as Error).cause).toBe(asked[0]);
        const fatal = errorOf(NEVER.pipe(reconnect({ ...short, attemptLimit: 20, classify: () => ({ kind: 'fatal' }) })));
        flush();
        expect(fatal.error).toEqual(new AttemptLimitError(20));
      });
    });
  });

  describe('the last chance', () => {
    it('P1 D4 comes once for a wait that would end too late, uniform in what is left', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#          ', undefined, 'down');
        const subs = [
          '                  ^!          ',
          '                  -----^!     ',
        ];
        const expected = '        ---------#  ';
        const options: ReconnectOptions = { schedule: spaced(50), deadline: 9, lastChanceFrom: 3, random: () => 0.5 };
        expectObservable(source.pipe(reconnect(options))).toBe(expected, undefined, new DeadlineExceededError(9, 2));
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 D4 needs as much left as it is told', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#          ', undefined, 'down');
        const options: ReconnectOptions = { schedule: spaced(50), deadline: 9, lastChanceFrom: 9 };
        expectObservable(source.pipe(reconnect(options))).toBe('---------#', undefined, new DeadlineExceededError(9, 1));
        expectSubscriptions(source.subscriptions).toBe(['^!']);
      });
    });
  });

  describe('the position in the schedule', () => {
    it('R3 stays where it was while a source drops before it was stable', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a#             ');
        const subs = [
          '                  ^-!             ',
          '                  ---^-!          ', // waited 1
          '                  -------^-!      ', // waited 2
          '                  ------------^-! ', // waited 3
        ];
        const unsub = '           --------------! ';
        const expected = '        -a--a---a----a--';
        expectObservable(source.pipe(reconnect({ ...short, schedule: counting })), unsub).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('R3 stays where it was when many values came in a short time', () => {
      testScheduler().run(({ cold, expectSubscriptions, expectObservable }) => {
        const source = cold('(abc)#     ');
        // The three values and the error: 5 ms of a diagram, with the error at 5. Stable only from 6 on.
        const subs = ['      ^----!          ', '      ------^----!    ', '      -------------^--!'];
        expectObservable(source.pipe(reconnect({ ...short, stableAfter: 6, schedule: counting })), '----------------!').toBe(
          '(abc)-(abc)--(abc)',
        );
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('R4 is the first again after a source that lasted, counted from its first value', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-----a----#        '); // 10 ms, of which 5 up
        const short5 = { ...short, schedule: counting, stableAfter: 5 };
        const subs = ['      ^---------!', '      -----------^---------!', '      ----------------------^-!'];
        expectObservable(source.pipe(reconnect(short5)), '------------------------!').toBe('-----a----------a');
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('R4 is counted from the first value, though others followed', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-----a---b#        '); // 10 ms, of which 5 up
        const short5 = { ...short, schedule: counting, stableAfter: 5 };
        const subs = ['      ^---------!', '      -----------^---------!', '      ----------------------^-!'];
        expectObservable(source.pipe(reconnect(short5)), '------------------------!').toBe('-----a---b------a---b');
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('R4 is the first again for every one of three outages far apart', () => {
      const asked: number[] = [];
      const schedule: Schedule = ({ position }) => {
        asked.push(position);
        return 1;
      };
      testScheduler().run(({ cold, flush }) => {
        let tries = 0;
        const source = defer(() => (++tries % 3 === 0 ? cold('a 3600s #') : throwError(() => 'down')));
        source.pipe(reconnect({ schedule }), take(4)).subscribe();
        flush();
      });
      // Two failures before the first value, then three outages of three.
      expect(asked).toEqual([1, 2, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    });
  });

  describe('giving up', () => {
    const failing = (): Observable<never> => throwError(() => 'down');

    it('P1 passes a fatal error on at once', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a#', undefined, 'no such room');
        const classify = (error: unknown): Verdict => ({ kind: error === 'no such room' ? 'fatal' : 'unreachable' });
        expectObservable(source.pipe(reconnect({ ...short, classify }))).toBe('-a#', undefined, 'no such room');
        expectSubscriptions(source.subscriptions).toBe(['^-!']);
      });
    });

    it('P1 passes the error on when the schedule gives up', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#     ', undefined, 'down');
        const schedule: Schedule = ({ position }) => (position <= 2 ? 1 : Infinity);
        expectObservable(source.pipe(reconnect({ ...short, schedule }))).toBe('-----#', undefined, 'down');
        expectSubscriptions(source.subscriptions).toBe(['^!', '--^!', '----^!']);
      });
    });

    it('R12 errors with the cause when the schedule throws', () => {
      testScheduler().run(({ expectObservable }) => {
        const cause = new Error('broken');
        const schedule: Schedule = () => {
          throw cause;
        };
        const seen = errorOf(failing().pipe(reconnect({ ...short, schedule })));
        expect(seen.error).toBeInstanceOf(ScheduleError);
        expect((seen.error as Error).cause).toBe(cause);
        expectObservable(failing().pipe(reconnect({ ...short, schedule }))).toBe('#', undefined, new ScheduleError('threw'));
      });
    });

    it('R12 errors when the schedule answers NaN, a negative number or none', () => {
      for (const answer of [NaN, -1, -Infinity, '5', null, undefined]) {
        testScheduler().run(() => {
          const seen = errorOf(failing().pipe(reconnect({ ...short, schedule: () => answer as number })));
          expect(seen.error).withContext(String(answer)).toBeInstanceOf(ScheduleError);
        });
      }
    });

    it('R11 keeps the hint of a busy server', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#', undefined, 'busy');
        const options: ReconnectOptions = {
          deadline: 10_000,
          classify: () => ({ kind: 'busy', retryAfter: 3_000 }),
          random: () => 0.5,
        };
        expectObservable(source.pipe(reconnect(options)), '3103ms !').toBe('');
        expectSubscriptions(source.subscriptions).toBe(['^!', '3101ms ^!']);
      });
    });
  });

  describe('what an error means', () => {
    /** What is subscribed to when one source after the other fails with its error. */
    function tries(error: unknown, classify: (error: unknown) => Verdict | undefined, deadline = 10): readonly [number, unknown] {
      return testScheduler().run(({ flush }) => {
        let count = 0;
        const source = defer(() => {
          count++;
          return throwError(() => error);
        });
        const seen = errorOf(source.pipe(reconnect({ ...short, deadline, classify })));
        flush();
        return [count, seen.error];
      });
    }

    for (const kind of ['kicked', 'closed', 'duplicateUser', 'fatal'] as const) {
      it(`P1 T1 J2 "${kind}" ends it at once with the source's own value, an Error or not`, () => {
        const error = new Error('4001');
        expect(tries(error, () => ({ kind }))[0]).toBe(1);
        expect(tries(error, () => ({ kind }))[1]).toBe(error);
        for (const value of ['4001', 4_001, null, undefined]) {
          expect(tries(value, () => ({ kind }))).withContext(String(value)).toEqual([1, value]);
        }
      });

      it(`P1 T1 R18 "${kind}" ends it at once after values too`, () => {
        testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold('-a--#', undefined, 'no more');
          expectObservable(source.pipe(reconnect({ ...short, classify: () => ({ kind }) }))).toBe('-a--#', undefined, 'no more');
          expectSubscriptions(source.subscriptions).toBe('^---!');
        });
      });
    }

    it('P1 R1 R14 "refused" and "redispatch" are retried by the schedule: there is one place only', () => {
      for (const verdict of [{ kind: 'refused' }, { kind: 'redispatch', endpoint: 'b' }] as const) {
        const [count, error] = tries('no', () => verdict);
        expect(count).toBe(5); // at 0, 2, 4, 6 and 8
        expect(error).toEqual(new DeadlineExceededError(10, 5, { cause: 'no' }));
      }
    });

    it('P1 R11 "busy" is counted, and its hint is kept by any schedule', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions, flush }) => {
        const asked: number[] = [];
        const schedule: Schedule = ({ busyCount }) => {
          asked.push(busyCount);
          return 1;
        };
        const classify = (error: unknown): Verdict => ({ kind: 'busy', ...(error === 'in 9' ? { retryAfter: 9 } : {}) });
        const first = cold(' -#', undefined, 'in 9');
        const second = cold('-#', undefined, 'busy');
        const sources = [first, second];
        const source = defer(() => sources.shift() ?? NEVER);
        expectObservable(source.pipe(reconnect({ ...short, schedule, classify })), '--------------!').toBe('--------------');
        expectSubscriptions(first.subscriptions).toBe(' ^!');
        expectSubscriptions(second.subscriptions).toBe('----------^!'); // 1 + 9
        flush();
        expect(asked).toEqual([1, 2]);
      });
    });

    it('P1 R1 nothing said, a throw and a value that is no verdict mean unreachable', () => {
      const asked: unknown[] = [];
      const schedule: Schedule = ({ verdict }) => {
        asked.push(verdict.kind);
        return 5;
      };
      const answers: readonly (() => unknown)[] = [
        () => undefined,
        () => null,
        () => 'fatal',
        () => ({ kind: 'Fatal' }),
        () => ({ kind: 'endpoints', list: ['a'] }),
        () => {
          throw new Error('broken');
        },
      ];
      for (const classify of answers) {
        testScheduler().run(({ flush }) => {
          const source = throwError(() => 'down');
          const seen = errorOf(source.pipe(reconnect({ ...short, deadline: 10, schedule, classify: classify as () => Verdict })));
          flush();
          // At 0 and 5; the wait after that would reach the deadline.
          expect(seen.error).toEqual(new DeadlineExceededError(10, 2, { cause: 'down' }));
        });
      }
      expect(new Set(asked)).toEqual(new Set(['unreachable']));
      expect(asked.length).toBe(2 * answers.length);
    });

    it('P1 R3 times(n) allows n attempts after the first', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#', undefined, 'down');
        const subs = ['^!', '---^!', '------^!'];
        const schedule = both(times(2), spaced(2));
        expectObservable(source.pipe(reconnect({ ...short, schedule }))).toBe('-------#', undefined, 'down');
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 asks about each error once', () => {
      let asked = 0;
      const [count] = tries('down', () => {
        asked++;
        return undefined;
      });
      expect(asked).toBe(count);
    });
  });

  describe('unsubscribing', () => {
    it('P1 during an attempt cuts it', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('---a--');
        const subs = '       ^-!   ';
        expectObservable(source.pipe(reconnect(short)), subs).toBe('------');
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('P1 during a wait cancels it', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#      ');
        const unsub = '      --!     ';
        expectObservable(source.pipe(reconnect(short)), unsub).toBe('--------');
        expectSubscriptions(source.subscriptions).toBe(['^!']);
      });
    });

    it('P1 inside an emission ends everything', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a-b#');
        expectObservable(source.pipe(reconnect(short), take(1))).toBe('-(a|)');
        expectSubscriptions(source.subscriptions).toBe(['^!']);
      });
    });

    it('P1 inside an emission during subscription stops a source that emits all it has at once', () => {
      testScheduler().run(() => {
        const drawn: number[] = [];
        range(1, 5)
          .pipe(
            tap((value) => drawn.push(value)),
            reconnect(short),
            take(2),
          )
          .subscribe();
        expect(drawn).toEqual([1, 2]);
      });
    });

    it('P1 inside an emission during subscription leaves no attempt and no timer behind, though the source fails right after', () => {
      const inner = testScheduler();
      inner.run(({ flush }) => {
        const { scheduler, timers } = tracked(inner);
        let tries = 0;
        const source = defer(() => {
          if (++tries > 5) return NEVER; // enough has been seen
          return concat(of('a'), throwError(() => 'down'));
        });
        source.pipe(reconnect({ ...short, scheduler }), take(1)).subscribe();
        expect(timers()).withContext('timers').toBe(0);
        flush();
        expect(tries).withContext('attempts').toBe(1);
      });
    });

    it('P1 leaves no timer behind, whenever it comes', () => {
      for (let at = 0; at <= 12; at++) {
        const inner = testScheduler();
        inner.run(({ cold, flush }) => {
          const { scheduler, timers } = tracked(inner);
          const subscription = cold('-a-#').pipe(reconnect({ ...short, scheduler })).subscribe();
          inner.schedule(() => {
            subscription.unsubscribe();
            expect(timers()).withContext(`at ${at}`).toBe(0);
          }, at);
          flush();
        });
      }
    });
  });

  describe('timers', () => {
    /** How many are left when the result has ended. */
    function left(source: (scheduler: TestScheduler) => Observable<unknown>, options: ReconnectOptions): number {
      const inner = testScheduler();
      return inner.run(({ flush }) => {
        const { scheduler, timers } = tracked(inner);
        let atEnd = NaN;
        source(inner)
          .pipe(
            reconnect({ ...short, ...options, scheduler }),
            finalize(() => (atEnd = timers())),
          )
          .subscribe({ error: () => {} });
        flush();
        return atEnd;
      });
    }

    it('P1 are none once it has ended', () => {
      const fatal: ReconnectOptions = { classify: () => ({ kind: 'fatal' }) };
      expect(left(() => EMPTY, {})).withContext('completed at once').toBe(0);
      expect(left((s) => s.createColdObservable('--a--|'), {})).withContext('completed').toBe(0);
      expect(left(() => throwError(() => 'down'), fatal)).withContext('fatal at once').toBe(0);
      expect(left((s) => s.createColdObservable('--a--#'), fatal)).withContext('fatal').toBe(0);
      expect(left(() => throwError(() => 'down'), { schedule: giveUp })).withContext('given up').toBe(0);
      expect(left(() => throwError(() => 'down'), { schedule: () => NaN })).withContext('a bad schedule').toBe(0);
      expect(left(() => NEVER, { deadline: 5 })).withContext('the deadline, in an attempt').toBe(0);
      expect(left(() => throwError(() => 'down'), { deadline: 5 })).withContext('the deadline, in a wait').toBe(0);
    });

    it('P1 are none while the source is up', () => {
      const inner = testScheduler();
      inner.run(({ hot, flush }) => {
        const { scheduler, timers } = tracked(inner);
        const subscription = hot('--a-------').pipe(reconnect({ ...short, scheduler })).subscribe();
        inner.schedule(() => expect(timers()).toBe(1), 1); // the deadline
        inner.schedule(() => {
          expect(timers()).toBe(0);
          subscription.unsubscribe();
        }, 4);
        flush();
      });
    });

    it('R6 are asked for no more than a timer can hold, and for nothing negative', () => {
      const inner = testScheduler();
      inner.run(({ flush }) => {
        const { scheduler, delays } = tracked(inner);
        throwError(() => 'down')
          .pipe(reconnect({ scheduler, deadline: MAX_DELAY, schedule: exponential({ first: 1e6 }), lastChanceFrom: 1 }))
          .subscribe({ error: () => {} });
        flush();
        expect(delays.length).toBeGreaterThan(10);
        for (const delay of delays) expect(delay >= 0 && delay <= MAX_DELAY).withContext(String(delay)).toBeTrue();
      });
    });
  });

  describe('subscribers', () => {
    it('P1 count for themselves', () => {
      testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-#         ', undefined, 'down');
        const result = source.pipe(reconnect({ ...short, schedule: counting, deadline: 6 }));
        expectObservable(result).toBe('       ------#', undefined, new DeadlineExceededError(6, 3));
        expectObservable(result, '---^').toBe('---------#', undefined, new DeadlineExceededError(6, 3));
        expectSubscriptions(source.subscriptions).toBe([
          '                   ^!         ',
          '                   --^!       ', // waited 1
          '                   ---^!      ', // the second subscriber
          '                   -----^!    ', // waited 2
          '                   -----^!    ', // the second subscriber waited 1
          '                   --------^! ', // and 2
        ]);
      });
    });

    it('P1 have a schedule position of their own each', () => {
      testScheduler().run(({ cold, flush }) => {
        const positions: number[] = [];
        const schedule: Schedule = ({ position }) => {
          positions.push(position);
          return Infinity;
        };
        const result = cold('-#').pipe(reconnect({ ...short, schedule }));
        merge(errors(result), errors(result)).subscribe();
        flush();
        expect(positions).toEqual([1, 1]);
      });
    });

    it('P1 that throw do not end the source', () => {
      testScheduler().run(({ hot, expectSubscriptions, flush }) => {
        const source = hot('-a-b-c|');
        const seen: unknown[] = [];
        source.pipe(reconnect(short)).subscribe((value) => seen.push(value));
        flush();
        expect(seen).toEqual(['a', 'b', 'c']);
        expectSubscriptions(source.subscriptions).toBe('^-----!');
      });
    });
  });

  describe('options', () => {
    const impossible: readonly (readonly [string, unknown, typeof TypeError | typeof RangeError])[] = [
      ['schedule', 5, TypeError],
      ['schedule', null, TypeError],
      ['deadline', 0, RangeError],
      ['deadline', -1, RangeError],
      ['deadline', NaN, RangeError],
      ['deadline', Infinity, RangeError],
      ['deadline', 2 ** 31, RangeError],
      ['deadline', '40000', TypeError],
      ['attemptLimit', 0, RangeError],
      ['attemptLimit', Infinity, RangeError],
      ['attemptLimit', '5', TypeError],
      ['stableAfter', -1, RangeError],
      ['stableAfter', '1', TypeError],
      ['lastChanceFrom', -1, RangeError],
      ['lastChanceFrom', NaN, RangeError],
      ['classify', 'fatal', TypeError],
      ['random', 0.5, TypeError],
      ['scheduler', 5, TypeError],
      ['scheduler', {}, TypeError],
      ['scheduler', null, TypeError],
    ];

    for (const [name, value, kind] of impossible) {
      it(`O1 refuses ${name}: ${typeof value === 'number' ? value : JSON.stringify(value)} by name, when called`, () => {
        expect(() => reconnect({ [name]: value })).toThrowError(kind, new RegExp(`reconnect: ${name} `));
      });
    }

    it('O1 refuses one that does not exist', () => {
      // @ts-expect-error: misspelt
      expect(() => reconnect({ deadlien: 5 })).toThrowError(TypeError, 'reconnect: unknown option "deadlien"');
      expect(() => reconnect(null as unknown as ReconnectOptions)).toThrowError(TypeError, /options/);
    });

    it('O1 takes those at the edge of the possible', () => {
      expect(() => reconnect({ deadline: MAX_DELAY, stableAfter: 0, lastChanceFrom: 0 })).not.toThrow();
    });

    it('keeps the type of its source', () => {
      expectTypeOf(of(1).pipe(reconnect())).toEqualTypeOf<Observable<number>>();
      expect().nothing();
    });
  });
});

/** The source's end, as a completion. */
const errors = (source: Observable<unknown>): Observable<unknown> =>
  new Observable((subscriber) => source.subscribe({ error: () => subscriber.complete() }));
