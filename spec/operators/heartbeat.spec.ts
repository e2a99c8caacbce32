import { expectTypeOf } from 'expect-type';
import { EMPTY, NEVER, Subject, take, takeUntil, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { heartbeat } from '../../lib/operators/heartbeat.js';
import type { OperatorFunction, SchedulerLike } from 'rxjs';
import type { Health } from '../../lib/core/machine/health.js';
import type { HeartbeatOptions } from '../../lib/operators/heartbeat.js';

const testScheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

const u: Health = 'up';
const down = (aliveAt: number): Health => ({ down: true, aliveAt });

/** A `ping` that writes down when it was called, and options to match the diagrams: 3 ms, then 4 ms. */
function recorded(scheduler: SchedulerLike, options: Partial<HeartbeatOptions> = {}) {
  const pings: number[] = [];
  const ping = (): void => void pings.push(scheduler.now());
  return { pings, operator: heartbeat({ ping, every: 3, timeout: 4, scheduler, ...options }) };
}

/** Fires every timer `lag` ms late, as a busy or sleeping device does. */
const lagging = (inner: SchedulerLike, lag: () => number): SchedulerLike => ({
  now: () => inner.now(),
  schedule(...[work, delay = 0, state]: Parameters<SchedulerLike['schedule']>) {
    return inner.schedule(work, delay + lag(), state);
  },
});

describe('heartbeat', () => {
  it('asks after a silence, reports the loss after another, and the return', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    a-b-----------c-   ');
      const subs = '          ^-----------------!';
      const expected = '      u--------d----u----';
      //                           p  p           pings at 5 and, being down, at 12; then 17
      const { pings, operator } = recorded(scheduler);
      expectObservable(source.pipe(operator), subs).toBe(expected, { u, d: down(2) });
      expectSubscriptions(source.subscriptions).toBe(subs);
      scheduler.schedule(() => expect(pings).toEqual([5, 12, 17]), 18);
    });
  });

  it('H3 takes any inbound traffic for life, and lets a lost pong time out however many pings go out', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const source = hot('    x---y---z--------------------', { x: undefined, y: 'text', z: new Uint8Array(1) });
      const expected = '      u--------------d-------------';
      const { pings, operator } = recorded(scheduler);
      expectObservable(source.pipe(operator), '^ 27ms !').toBe(expected, { u, d: down(8) });
      scheduler.schedule(() => expect(pings).toEqual([3, 7, 11, 18, 21, 24]), 26);
    });
  });

  it('H3 stays up for as long as every ping is answered', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const source = new Subject<string>();
      const ping = (): void => void scheduler.schedule(() => source.next('pong'), 2);
      const health = source.pipe(heartbeat({ ping, every: 3, timeout: 4, upAtOnce: true, scheduler }));
      expectObservable(health, '^ 999ms !').toBe('u', { u });
    });
  });

  it('takes an answer that comes within the call of ping', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const source = new Subject<string>();
      const ping = (): void => source.next('pong');
      const health = source.pipe(heartbeat({ ping, every: 3, timeout: 4, scheduler }));
      expectObservable(health, '^ 99ms !').toBe('---u', { u });
    });
  });

  it('counts from the subscription while nothing was ever heard', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      expectObservable(NEVER.pipe(recorded(scheduler).operator), '--^ 20ms !').toBe('---------d', { d: down(2) });
      const upAtOnce = recorded(scheduler, { upAtOnce: true }).operator;
      expectObservable(NEVER.pipe(upAtOnce), '       --^ 20ms !').toBe('--u------d', { u, d: down(2) });
    });
  });

  it('judges for input in the frame of the judgement', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const source = hot('    a------b--          ');
      const expected = '      u-------------d-    ';
      expectObservable(source.pipe(recorded(scheduler).operator), '^-------------- !').toBe(expected, { u, d: down(7) });
    });
  });

  describe('on a busy device', () => {
    it('H4 lets queued input be read, once, when its timer fires late', () => {
      const scheduler = testScheduler();
      scheduler.run(({ hot, expectObservable }) => {
        // The timers that are due at 3 and 10 fire at 6 and 13; the input of the meantime is read only at 14.
        const source = hot('  a-------------b---- ');
        const expected = '    u-------------------';
        const { operator } = recorded(lagging(scheduler, () => 3), { grace: 5 });
        expectObservable(source.pipe(operator), '^ 19ms !').toBe(expected, { u });
      });
    });

    it('H4 judges when the grace has passed, however late that is', () => {
      const scheduler = testScheduler();
      scheduler.run(({ hot, expectObservable }) => {
        //                    due  3  at  6: asks; due 10 at 13: grace; due 18 at 21: judges
        const source = hot('  a-------------------------');
        const expected = '    u--------------------d----';
        const { pings, operator } = recorded(lagging(scheduler, () => 3), { grace: 5 });
        expectObservable(source.pipe(operator), '^ 23ms !').toBe(expected, { u, d: down(0) });
        scheduler.schedule(() => expect(pings).toEqual([6]), 22);
      });
    });

    it('H4 gives no grace when punctual, or when it is 0', () => {
      const scheduler = testScheduler();
      scheduler.run(({ hot, expectObservable }) => {
        const source = hot('                          a---------------');
        const punctual = recorded(scheduler, { grace: 5 });
        expectObservable(source.pipe(punctual.operator), '^ 9ms !').toBe('u------d', { u, d: down(0) });
        const hasty = recorded(lagging(scheduler, () => 1), { grace: 0 });
        expectObservable(source.pipe(hasty.operator), '   ^ 11ms !').toBe('u--------d', { u, d: down(0) });
      });
    });

    it('judges a device that slept by what is read in the grace', () => {
      const inner = new VirtualTimeScheduler();
      let skew = 0;
      const sleepy: SchedulerLike = { now: () => inner.now() + skew, schedule: inner.schedule.bind(inner) };
      const source = new Subject<string>();
      const seen: Health[] = [];
      const operator = heartbeat({ ping: () => {}, every: 30, timeout: 40, grace: 10, scheduler: sleepy });
      const subscription = source.pipe(operator).subscribe((health) => seen.push(health));
      source.next('before');
      inner.schedule(() => (skew = 3_600_000), 35); // asked at 30, then asleep for an hour
      inner.schedule(() => source.next('queued'), 75); // its timer fires at 70
      inner.schedule(() => subscription.unsubscribe(), 90);
      inner.flush();
      expect(seen).toEqual(['up']);
    });

    it('still notices silence when the clock is set back', () => {
      const inner = new VirtualTimeScheduler();
      let skew = 0;
      const scheduler: SchedulerLike = { now: () => 1e9 + inner.now() + skew, schedule: inner.schedule.bind(inner) };
      const seen: [number, Health][] = [];
      const operator = heartbeat({ ping: () => {}, every: 30, timeout: 40, scheduler });
      const subscription = NEVER.pipe(operator).subscribe((health) => seen.push([inner.now(), health]));
      inner.schedule(() => (skew = -3_600_000), 10);
      inner.schedule(() => subscription.unsubscribe(), 500);
      inner.flush();
      expect(seen).toEqual([[100, down(1e9)]]); // 30 ms later than without
    });
  });

  it('arms one timer at a time, and none for a message', () => {
    const inner = new VirtualTimeScheduler();
    let armed = 0;
    const counting: SchedulerLike = {
      now: () => inner.now(),
      schedule(...work: Parameters<SchedulerLike['schedule']>) {
        armed += 1;
        return inner.schedule(...work);
      },
    };
    const source = new Subject<number>();
    const subscription = source.pipe(heartbeat({ ping: () => {}, scheduler: counting })).subscribe();
    for (let ms = 1; ms <= 4_900; ms += 1) inner.schedule(() => source.next(ms), ms);
    inner.schedule(() => subscription.unsubscribe(), 5_100);
    inner.flush();
    expect(armed).toBe(2);
  });

  it('moves a timer forward when an answer makes the next ping due before it', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const source = hot('    ----a---------- ');
      const { pings, operator } = recorded(scheduler, { timeout: 100 });
      expectObservable(source.pipe(operator), '^ 14ms !').toBe('----u', { u });
      scheduler.schedule(() => expect(pings).toEqual([3, 7]), 13);
    });
  });

  it('passes errors and completion on', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const broken = cold('   -a-#');
      expectObservable(broken.pipe(recorded(scheduler).operator)).toBe('-u-#', { u });
      expectSubscriptions(broken.subscriptions).toBe('                  ^--!');
      const done = cold('     -a-|');
      expectObservable(done.pipe(recorded(scheduler).operator)).toBe('  -u-|', { u });
      expectObservable(EMPTY.pipe(recorded(scheduler).operator)).toBe(' |');
    });
  });

  it('ends with the error of a ping that throws, and lets go of the source', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    a---------');
      const subs = '          ^--!      ';
      const expected = '      u--#      ';
      const ping = (): never => {
        throw 'error';
      };
      expectObservable(source.pipe(heartbeat({ ping, every: 3, scheduler }))).toBe(expected, { u });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('leaves neither timer nor subscription when unsubscribed', () => {
    const scheduler = new VirtualTimeScheduler();
    const source = new Subject<number>();
    const { pings, operator } = recorded(scheduler);
    const subscription = source.pipe(operator).subscribe();
    source.next(1);
    subscription.unsubscribe();
    scheduler.flush();
    expect(pings).toEqual([]);
    expect(source.observed).toBeFalse();
  });

  it('can be unsubscribed within its emissions and within ping', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    a-------- ');
      const { pings, operator } = recorded(scheduler);
      const first = '         (u|)      ';
      expectObservable(source.pipe(operator, take(1))).toBe(first, { u });
      expectObservable(NEVER.pipe(recorded(scheduler, { upAtOnce: true }).operator, take(1))).toBe(first, { u });
      expectSubscriptions(source.subscriptions).toBe(['(^!)']);
      const stop = new Subject<void>();
      const stopped = heartbeat({ ping: () => stop.next(), every: 3, timeout: 1, scheduler });
      expectObservable(NEVER.pipe(stopped, takeUntil(stop))).toBe('---|');
      scheduler.schedule(() => expect(pings).toEqual([]), 30);
    });
  });

  it('says nothing before it has heard something, unless it is asked to', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const { operator } = recorded(scheduler, { upAtOnce: false });
      expectObservable(NEVER.pipe(operator), '^-!').toBe('---');
    });
  });

  it('neither listens nor arms when it is unsubscribed within the health that it is given at once', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-');
      const { pings, operator } = recorded(scheduler, { upAtOnce: true });
      expectObservable(source.pipe(operator, take(1))).toBe('(u|)', { u });
      expectSubscriptions(source.subscriptions).toBe([]);
      scheduler.schedule(() => expect(pings).toEqual([]), 20);
    });
  });

  it('watches every subscription on its own', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const source = hot('    a----------------- ');
      const { operator } = recorded(scheduler);
      const health = source.pipe(operator);
      expectObservable(health, '^ 16ms !').toBe('             u------d', { u, d: down(0) });
      expectObservable(health, '----^ 12ms !').toBe('         -----------d', { d: down(4) });
    });
  });

  it('refuses options that make no sense, by name', () => {
    const ping = (): void => {};
    expect(() => heartbeat({ ping, every: 0 })).toThrowError(RangeError, 'heartbeat: every must be greater than 0 and at most 2147483647 ms, got 0');
    expect(() => heartbeat({ ping, every: 2 ** 31 })).toThrowError(RangeError, /^heartbeat: every/);
    expect(() => heartbeat({ ping, timeout: NaN })).toThrowError(RangeError, /^heartbeat: timeout/);
    expect(() => heartbeat({ ping, grace: -1 })).toThrowError(RangeError, 'heartbeat: grace must be at least 0 and at most 2147483647 ms, got -1');
    expect(() => heartbeat({ ping, grace: 0 })).not.toThrow();
    expect(() => heartbeat({ ping, scheduler: {} as SchedulerLike })).toThrowError(
      TypeError,
      'heartbeat: scheduler must be a SchedulerLike such as asyncScheduler, got an object',
    );
    expect(() => heartbeat({ ping, upAtOnce: 'yes' as unknown as boolean })).toThrowError(
      TypeError,
      'heartbeat: upAtOnce must be true or false, got a string',
    );
    expect(() => heartbeat({ ping, evry: 1 } as HeartbeatOptions)).toThrowError(TypeError, 'heartbeat: unknown option "evry"');
    expect(() => heartbeat({} as HeartbeatOptions)).toThrowError(TypeError, 'heartbeat: ping must be a function, got undefined');
  });

  it('has the type of an operator over anything', () => {
    expectTypeOf(heartbeat({ ping: () => {} })).toEqualTypeOf<OperatorFunction<unknown, Health>>();
    // @ts-expect-error: without a ping nobody asks
    expect(() => heartbeat({ every: 5 })).toThrowError(TypeError);
  });
});
