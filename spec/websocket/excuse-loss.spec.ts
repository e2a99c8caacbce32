import { concat, finalize, NEVER, of, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { excuseLoss, type ExcuseLossOptions } from '../../lib/websocket/excuse-loss.js';
import type { Health } from '../../lib/core/machine/health.js';

const run = (spec: Parameters<TestScheduler['run']>[0]): void => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(spec);
};

/** l: a loss that the source knows of, d: one that was held back, dated when it is told. */
const healths: Readonly<Record<string, Health>> = { u: 'up', l: { down: true, aliveAt: 1 }, d: { down: true } };
const always = (): boolean => true;

describe('excuseLoss', () => {
  it('H14 holds an excused loss back for 20 s, and dates it then', () => {
    run(({ hot, expectObservable }) => {
      const health$ = hot('                                          u 99ms l', healths);
      expectObservable(health$.pipe(excuseLoss({ when: always })), '    ^ 60s !').toBe('u 20099ms d', healths);
      expectObservable(health$.pipe(excuseLoss({ when: always, limit: 50 })), '^ 60s !').toBe('u 149ms d', healths);
    });
  });

  it('H14 passes a loss that is not excused at once, as it is', () => {
    run(({ hot, expectObservable }) => {
      const health$ = hot('                                          u--l--u', healths);
      expectObservable(health$.pipe(excuseLoss({ when: () => false }))).toBe('u--l--u', healths);
    });
  });

  it('H14 says nothing of an excused loss that ends in time', () => {
    run(({ hot, expectObservable }) => {
      const health$ = hot('                                          u 99ms l 19s u', healths);
      expectObservable(health$.pipe(excuseLoss({ when: always })), '    ^ 60s !').toBe('u 99ms - 19s u', healths);
    });
  });

  it('H14 asks at every loss anew: what excuses no more lets the next one through', () => {
    run(({ hot, expectObservable }) => {
      let asked = 0;
      const health$ = hot('                                          u--l--l', healths);
      expectObservable(health$.pipe(excuseLoss({ when: () => asked++ === 0 }))).toBe('u-----l', healths);
    });
  });

  it('H14 tries something meanwhile, until the loss is over or told; its failure is nobody’s', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const meanwhile = cold('                                       --x');
      const health$ = hot('                                          u--l----u---l', healths);
      const options: ExcuseLossOptions = { when: always, limit: 9, meanwhile$: meanwhile };
      expectObservable(health$.pipe(excuseLoss(options)), '             ^-----------------------!').toBe('u-------u------------d', healths);
      expectSubscriptions(meanwhile.subscriptions).toBe(['           ---^----!', '------------^--------!']);

      const failing: ExcuseLossOptions = { when: always, limit: 4, meanwhile$: throwError(() => new Error('no way')) };
      expectObservable(hot('                                         u--l', healths).pipe(excuseLoss(failing)), '^--------!').toBe('u------d', healths);
    });
  });

  it('H14 counts from the first word of a loss: a source that repeats it restarts nothing', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const meanwhile = cold('                                       -');
      const health$ = hot('                                          u--l--l--l--l-lu--l-', healths);
      const options: ExcuseLossOptions = { when: always, limit: 10, meanwhile$: meanwhile };
      expectObservable(health$.pipe(excuseLoss(options)), '             ^-------------------!').toBe('u------------dlu', healths);
      expectSubscriptions(meanwhile.subscriptions).toBe(['           ---^---------!', '------------------^-!']);
    });
  });

  it('H14 asks at every word of a loss that is held back, and at none of one that was told', () => {
    run(({ hot, expectObservable }) => {
      let asked = 0;
      const when = (): boolean => ++asked !== 4;
      const health$ = hot('                                          u--l-l-l-l-l', healths);
      expectObservable(health$.pipe(excuseLoss({ when }))).toBe('       u--------l-l', healths);
    });
  });

  it('H10 the end of its source is the end of the patience: the loss that is held back is told', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const meanwhile = cold('                                       -');
      const health$ = hot('                                          u--l---|', healths);
      expectObservable(health$.pipe(excuseLoss({ when: always, meanwhile$: meanwhile }))).toBe('u------(d|)', healths);
      expectSubscriptions(meanwhile.subscriptions).toBe('            ---^---!');
      const over$ = hot('                                            u--l-u-|', healths);
      expectObservable(over$.pipe(excuseLoss({ when: always }))).toBe(' u----u-|', healths);
      expectObservable(of(healths['l']!).pipe(excuseLoss({ when: always }))).toBe('(d|)', healths);
    });
  });

  it('H14 ends what it tries with its subscriber, and with what replaces the source', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const meanwhile = cold('                                       -');
      const health$ = hot('                                          u--l', healths);
      expectObservable(health$.pipe(excuseLoss({ when: always, meanwhile$: meanwhile })), '^------!').toBe('u', healths);
      expectSubscriptions(meanwhile.subscriptions).toBe('            ---^---!');
    });
  });

  it('H14 tries whatever can be subscribed to', () => {
    run(({ hot, expectObservable }) => {
      let tries = 0;
      const subscribe = (): void => {
        tries += 1;
      };
      const meanwhile$ = { subscribe } as unknown as Observable<unknown>;
      const health$ = hot('                                          u--l---u', healths);
      const result$ = health$.pipe(excuseLoss({ when: always, meanwhile$ }), finalize(() => expect(tries).toBe(1)));
      expectObservable(result$, '                                    ^-------!').toBe('u------u', healths);
    });
  });

  it('H14 hands on the error of its source, and what `when` throws', () => {
    run(({ hot, expectObservable }) => {
      const health$ = hot('                                          u-#', healths, new Error('over'));
      expectObservable(health$.pipe(excuseLoss({ when: always }))).toBe('u-#', healths, new Error('over'));
      const when = (): boolean => {
        throw new Error('no answer');
      };
      expectObservable(hot('                                         u-l', healths).pipe(excuseLoss({ when }))).toBe('u-#', healths, new Error('no answer'));
    });
  });

  it('O1 refuses options that cannot be, at once', () => {
    const wrong = (options: object): (() => unknown) => () => excuseLoss(options as ExcuseLossOptions);
    expect(wrong({})).toThrow(new TypeError('excuseLoss: when must be a function, got undefined'));
    expect(wrong({ when: true })).toThrow(new TypeError('excuseLoss: when must be a function, got true'));
    expect(wrong({ when: always, limit: 0 })).toThrowError(RangeError, /^excuseLoss: limit/);
    expect(wrong({ when: always, meanwhile: NEVER })).toThrow(new TypeError('excuseLoss: unknown option "meanwhile"'));
    expect(wrong({ when: always, meanwhile$: 1 })).toThrow(new TypeError('excuseLoss: meanwhile$ must be an Observable, got 1'));
    expect(wrong({ when: always, scheduler: {} })).toThrow(
      new TypeError('excuseLoss: scheduler must be a SchedulerLike such as asyncScheduler, got an object'),
    );
    const source$: Observable<Health> = concat(of<Health>('up'), NEVER);
    expect(() => source$.pipe(excuseLoss({ when: always }))).not.toThrow();
  });
});
