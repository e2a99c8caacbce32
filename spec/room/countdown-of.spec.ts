import { expectTypeOf } from 'expect-type';
import { asyncScheduler, ignoreElements, NEVER, Subject, switchMap, take, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { countdownOf, type Countdown, type Progress, type Room } from '../../lib/index.js';
import { busy, early, recording, sleepy, throttled } from './clocks.js';
import { brisk, joins, ledgerOf, linkOf, marbles, watchedRoom, type TestLink } from './room-harness.js';

type Times = Pick<Progress, 'nextRetryAt' | 'deadlineAt'>;

const at = (nextRetryAt: number | null, deadlineAt: number): Times => ({ nextRetryAt, deadlineAt });
const left = (retryIn: number | null, giveUpIn: number): Countdown => ({ retryIn, giveUpIn });

/** Both ways to be in virtual time: the default scheduler inside `run`, and the test's own scheduler. */
const schedulers: Readonly<Record<string, (test: TestScheduler) => SchedulerLike>> = {
  asyncScheduler: () => asyncScheduler,
  'the TestScheduler': (test) => test,
};

for (const [name, schedulerOf] of Object.entries(schedulers)) {
  describe(`countdownOf on ${name}`, () => {
    it('P6 counts whole seconds, rounded up, until the next attempt and until giving up', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const progress$ = hot('n 999ms w 2499ms        r 499ms n    ', { n: null, w: at(3_500, 6_500), r: at(null, 6_500) });
        //                              1000    1500    2500    3500    4000
        const expected = '      n 999ms a 499ms b 999ms c 999ms d 499ms n';
        const values = { n: null, a: left(3, 6), b: left(2, 5), c: left(1, 4), d: left(null, 3) };
        const countdown$ = countdownOf({ progress$ }, { scheduler: schedulerOf(scheduler) });
        expectObservable(countdown$, '^ 9s !').toBe(expected, values);
      });
    });

    it('P6 counts the two numbers apart when their seconds end at different times', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const progress$ = hot('w 2499ms r', { w: at(2_500, 5_000), r: at(null, 5_000) });
        const expected = '     a 499ms b 499ms c 499ms d 499ms e 499ms f 499ms g 999ms h';
        const values = {
          a: left(3, 5), b: left(2, 5), c: left(2, 4), d: left(1, 4), e: left(1, 3), f: left(null, 3), g: left(null, 2), h: left(null, 1),
        };
        const countdown$ = countdownOf({ progress$ }, { scheduler: schedulerOf(scheduler) });
        expectObservable(countdown$, '^ 9s !').toBe(expected, values);
      });
    });

    it('P6 shows an attempt that begins in the frame of a tick as one value, whichever comes first', () => {
      const values = { w: at(2_000, 4_000), r: at(null, 4_000) };
      const numbers = { a: left(2, 4), b: left(1, 3), c: left(null, 2), d: left(null, 1) };
      marbles(({ hot, scheduler, expectObservable }) => {
        const options = { scheduler: schedulerOf(scheduler) };
        const first$ = hot('w 1999ms r', values);
        expectObservable(countdownOf({ progress$: first$ }, options), '^ 9s !').toBe('a 999ms b 999ms c 999ms d', numbers);
        const last$ = new Subject<Times>();
        expectObservable(countdownOf({ progress$: last$ }, options), '^ 9s !').toBe('a 999ms b 999ms c 999ms d', numbers);
        scheduler.schedule(() => last$.next(values.w));
        // Set after the timer of the tick: it fires after it.
        scheduler.schedule(() => scheduler.schedule(() => last$.next(values.r), 500), 1_500);
      });
    });

    it('P6 says a progress that changes neither number once', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const progress$ = hot('(nnww)--w 99ms v', { n: null, w: at(2_000, 5_000), v: at(1_950, 4_950) });
        const countdown$ = countdownOf({ progress$ }, { scheduler: schedulerOf(scheduler) });
        expectObservable(countdown$, '^ 99ms !').toBe('(na)', { n: null, a: left(2, 5) });
      });
    });

    it('P6 follows a time that is brought forward, at once', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const progress$ = hot('w 699ms v', { w: at(9_000, 20_000), v: at(1_000, 20_000) });
        const countdown$ = countdownOf({ progress$ }, { scheduler: schedulerOf(scheduler) });
        expectObservable(countdown$, '^ 800ms !').toBe('a 699ms b', { a: left(9, 20), b: left(1, 20) });
      });
    });

    it('P6 waits for the deadline alone when no attempt is left', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const progress$ = hot('w 2499ms n', { w: at(null, 2_500), n: null });
        const countdown$ = countdownOf({ progress$ }, { scheduler: schedulerOf(scheduler) });
        const values = { a: left(null, 3), b: left(null, 2), c: left(null, 1), n: null };
        expectObservable(countdown$, '^ 9s !').toBe('a 499ms b 999ms c 999ms n', values);
      });
    });

    it('P6 counts along with a room', () => {
      marbles(({ cold, scheduler: test, command, expectObservable }) => {
        const scheduler = schedulerOf(test);
        const room = watchedRoom(joins(cold('#'), cold('#'), NEVER), {
          ...brisk, scheduler, schedule: () => 2_000, deadline: 6_000, joinDeadline: 6_000, attemptLimit: 6_000,
        });
        command(room, 'j');
        // Attempts at 0, 2000 and 4000, each in the frame of a tick; the deadline is at 6000.
        const expected = '(naw) 995ms b 999ms (cd) 996ms e 999ms f 999ms g 999ms n';
        const values = {
          n: null, a: left(null, 6), w: left(2, 6), b: left(1, 5), c: left(null, 4), d: left(2, 4), e: left(1, 3), f: left(null, 2),
          g: left(null, 1),
        };
        expectObservable(countdownOf(room, { scheduler }), '^ 9s !').toBe(expected, values);
      });
    });

    it('P6 completes with its source, in mid count, and passes on its error', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const options = { scheduler: schedulerOf(scheduler) };
        const values = { w: at(3_000, 5_000) };
        expectObservable(countdownOf({ progress$: hot('w--|', values) }, options)).toBe('a--|', { a: left(3, 5) });
        expectObservable(countdownOf({ progress$: hot('w--#', values) }, options)).toBe('a--#', { a: left(3, 5) });
      });
    });

    it('P6 has one timer while it counts, none otherwise, and cancels it when it is unsubscribed', () => {
      marbles(({ hot, scheduler: test, call, expectObservable, expectSubscriptions }) => {
        const ledger = ledgerOf();
        const scheduler = ledger.clocked(test);
        const progress$ = hot('            n 99ms w 499ms n 99ms w', { n: null, w: at(9_000, 9_500) });
        const countdown$ = countdownOf({ progress$ }, { scheduler });
        expectObservable(countdown$, '     ^ 899ms              !').toBe('n 99ms a 399ms b 99ms n 99ms b', {
          n: null, a: left(9, 10), b: left(9, 9),
        });
        const none = (): void => expect(ledger.alive()).toEqual({});
        const one = (): void => expect(ledger.alive()).toEqual({ timers: 1 });
        call('                             -- 48ms n 49ms - o 398ms o 99ms - n 99ms - o 197ms n', { n: none, o: one });
        expectSubscriptions(progress$.subscriptions).toBe('^ 899ms !');
      });
    });
  });
}

describe('countdownOf', () => {
  it('P6 counts for each subscriber by itself', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const progress$ = cold('w', { w: at(3_000, 5_000) });
      const countdown$ = countdownOf({ progress$ });
      expectObservable(countdown$, '    ^ 1499ms !').toBe('a 999ms b', { a: left(3, 5), b: left(2, 4) });
      // Subscribed later: the times are absolute.
      expectObservable(countdown$, '-- 498ms ^ 999ms !').toBe('-- 498ms a 499ms b', { a: left(3, 5), b: left(2, 4) });
      expectSubscriptions(progress$.subscriptions).toBe(['^ 1499ms !', '-- 498ms ^ 999ms !']);
    });
  });

  it('P6 holds where a switchMap over a ticking timer throws: the frame of an attempt is that of a tick', () => {
    const counting = (ticks: (room: Room<TestLink>) => Observable<unknown>): void =>
      marbles(({ cold, command, expectObservable }) => {
        const room = watchedRoom(joins(cold('#'), NEVER), { ...brisk, schedule: () => 2_000, joinDeadline: 6_000, attemptLimit: 6_000 });
        command(room, 'j');
        expectObservable(ticks(room).pipe(ignoreElements()), '^ 9s !').toBe('');
      });
    const naive = ({ snapshot$ }: Room<TestLink>): Observable<unknown> => snapshot$.pipe(switchMap(() => timer(0, 1_000)));
    expect(() => counting(naive)).toThrowError('Expected a due immediate or interval');
    expect(() => counting((room) => countdownOf(room))).not.toThrow();
  });

  it('P6 sets no timer after a subscriber has had enough, or ended the count itself', () => {
    marbles(({ scheduler: test }) => {
      const ledger = ledgerOf();
      const scheduler = ledger.clocked(test);
      const source = new Subject<Times | null>();
      countdownOf({ progress$: source }, { scheduler }).pipe(take(1)).subscribe();
      source.next(at(3_000, 5_000));
      expect(ledger.alive()).toEqual({});

      const seen: (Countdown | null)[] = [];
      countdownOf({ progress$: source }, { scheduler }).subscribe((countdown) => {
        seen.push(countdown);
        if (countdown !== null) source.next(null);
      });
      source.next(at(3_000, 5_000));
      expect(seen).toEqual([left(3, 5), null]);
      expect(ledger.alive()).toEqual({});
    });
  });

  describe('on real clocks', () => {
    const times = at(5_000, 9_000);

    it('P6 skips the numbers that late timers have missed', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const clock = busy(500, 3_200, scheduler);
        const countdown$ = countdownOf({ progress$: hot('w', { w: times }) }, { scheduler: clock });
        const values = { a: left(5, 9), b: left(2, 6), c: left(1, 5) };
        expectObservable(countdown$, '^ 4500ms !').toBe('a 3199ms b 799ms c', values);
      });
    });

    it('P6 tells the truth whenever timers of a hidden page fire, and shows no time that has passed', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const clock = throttled(2_700, scheduler);
        const countdown$ = countdownOf({ progress$: hot('w', { w: times }) }, { scheduler: clock });
        const values = { a: left(5, 9), b: left(3, 7), c: left(null, 4), d: left(null, 1), e: left(null, 0) };
        expectObservable(countdown$, '^ 60s !').toBe('a 2699ms b 2699ms c 2699ms d', values);
      });
    });

    it('P6 sets a timer that fires early again, and shows nothing wrong', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const clock = recording(early(3, scheduler));
        const countdown$ = countdownOf({ progress$: hot('w', { w: at(2_000, 9_500) }) }, { scheduler: clock });
        const values = { a: left(2, 10), b: left(2, 9), c: left(1, 9) };
        expectObservable(countdown$, '^ 1200ms !').toBe('a 499ms b 499ms c', values);
        scheduler.schedule(() => expect(clock.delays).toEqual([500, 3, 500, 3, 500]), 1_100);
      });
    });

    it('P6 is right within a second after a sleep, and at once when the room brings its time forward at a wake', () => {
      marbles(({ hot, scheduler, call, expectObservable }) => {
        const clock = sleepy(scheduler);
        call('                 - 299ms s                      ', { s: () => clock.sleep(2_300) });
        const progress$ = hot('w 599ms - 999ms v              ', { w: at(8_000, 20_000), v: at(4_000, 20_000) });
        const countdown$ = countdownOf({ progress$ }, { scheduler: clock });
        // The clock shows 3300 when 1000 ms were counted: 4.7 s and 16.7 s are left; at 1600 it is 3900.
        const expected = '     a 999ms b 599ms c              ';
        const values = { a: left(8, 20), b: left(5, 17), c: left(1, 17) };
        expectObservable(countdown$, '^ 1650ms !').toBe(expected, values);
      });
    });

    it('P6 counts on from what the clock shows when it is set back, one timer a second', () => {
      marbles(({ hot, scheduler, call, expectObservable }) => {
        const clock = sleepy(scheduler);
        const counted = recording(clock);
        call('                 - 299ms s', { s: () => clock.sleep(-3_600_000) });
        const progress$ = hot('w        ', { w: at(5_000, 9_000) });
        const values = { a: left(5, 9), b: left(3_604, 3_608), c: left(3_603, 3_607) };
        expectObservable(countdownOf({ progress$ }, { scheduler: counted }), '^ 2500ms !').toBe('a 999ms b 999ms c', values);
        scheduler.schedule(() => expect(counted.delays).toEqual([1_000, 1_000, 1_000]), 2_400);
      });
    });

    it('P6 counts times that are not whole milliseconds to the end', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const clock = recording(scheduler);
        const countdown$ = countdownOf({ progress$: hot('w', { w: at(null, 2_999.7) }) }, { scheduler: clock });
        const seen = jasmine.createSpy();
        countdown$.subscribe(seen);
        expectObservable(NEVER, '^ 4s !').toBe('');
        scheduler.schedule(() => {
          expect(seen.calls.allArgs()).toEqual([[left(null, 3)], [left(null, 2)], [left(null, 1)]]);
          expect(clock.delays.length).toBe(2);
        }, 3_500);
      });
    });

    it('P6 sets no timer for times that never come', () => {
      marbles(({ hot, scheduler, expectObservable }) => {
        const clock = recording(scheduler);
        const progress$ = hot('w', { w: at(NaN, Infinity) });
        const countdown$ = countdownOf({ progress$ }, { scheduler: clock });
        expectObservable(countdown$, '^ 4s !').toBe('a', { a: left(NaN, Infinity) });
        scheduler.schedule(() => expect(clock.delays).toEqual([]), 3_500);
      });
    });
  });

  it('P6 runs in real time', async () => {
    const room = watchedRoom({ join: () => throwError(() => new Error('no network')) }, { ...brisk, joinDeadline: 30_000, schedule: () => 1_040 });
    const seen: (Countdown | null)[] = [];
    countdownOf(room).subscribe((countdown) => seen.push(countdown));
    room.join();
    await new Promise((resolve) => setTimeout(resolve, 300));
    room.leave();
    expect(seen).toEqual([null, left(null, 30), left(2, 30), left(1, 30), null]);
  });

  it('P6 names what it cannot use, at once', () => {
    for (const room of [undefined, null, {}, 5, 'room', { progress$: 5 }, { progress$: null }])
      expect(() => countdownOf(room as never)).withContext(JSON.stringify(room)).toThrowError(TypeError, /^countdownOf: progress\$ must be an Observable/);
    const progress$ = NEVER;
    expect(() => countdownOf({ progress$ }, { every: 5 } as never)).toThrowError(TypeError, 'countdownOf: unknown option "every"');
    expect(() => countdownOf({ progress$ }, { scheduler: 5 as never })).toThrowError(TypeError, /^countdownOf: scheduler must be a SchedulerLike/);
    expect(() => countdownOf({ progress$ }, null as never)).toThrowError(TypeError, /^countdownOf: options must be an object/);
  });

  it('P6 takes anything with a progress$, and gives a countdown or null', () => {
    expectTypeOf(countdownOf({ progress$: NEVER })).toEqualTypeOf<Observable<Countdown | null>>();
    expectTypeOf(countdownOf(watchedRoom(joins(NEVER)))).toEqualTypeOf<Observable<Countdown | null>>();
    // @ts-expect-error not a room
    expect(() => countdownOf(linkOf('a', NEVER))).toThrowError(TypeError);
  });
});
