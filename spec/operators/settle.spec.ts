import { expectTypeOf } from 'expect-type';
import fc from 'fast-check';
import { concat, merge, NEVER, of, Subject, take, type Observable, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { settle, type SettleOptions } from '../../lib/operators/settle.js';

const testScheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

/** A dip lasts 3 ms before it counts, a return counts at once. */
const byDip = (value: string): number => (value.startsWith('d') ? 3 : 0);
/** `d1` and `d2` say the same. */
const sameWord = (a: string, b: string): boolean => a.charAt(0) === b.charAt(0);

describe('settle', () => {
  it('P2 lets a value through once it has lasted its own time', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' u-----d-u-----d-------');
      const subs = '       ^---------------------!';
      const expected = '   u----------------d----';
      expectObservable(source.pipe(settle(byDip)), subs).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('P2 drops a value that is followed in its last moment', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      expectObservable(hot('u-d--u----').pipe(settle(byDip))).toBe('u---------');
      expectObservable(hot('u-d---u---').pipe(settle(byDip))).toBe('u----du---');
    });
  });

  it('P2 lets nothing through that says what was said last', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const dips = '       uu-d-u-d-u-u----d----d--';
      const expected = '   u------------------d----';
      expectObservable(hot(dips).pipe(settle(byDip))).toBe(expected);
    });
  });

  it('P2 does not begin anew when a value is repeated', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const source = hot('u--d-d-d-d--');
      const expected = '  u-----d-----';
      expectObservable(source.pipe(settle(byDip))).toBe(expected);
    });
  });

  it('P2 tells by `same` what is a repetition', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const values = { u: 'u', v: 'up', d: 'd1', e: 'd2' };
      const source = hot('u-v-d-e-----v', values);
      const expected = '  u------x----v';
      const result = source.pipe(settle(byDip, { same: sameWord }));
      expectObservable(result).toBe(expected, { ...values, x: 'd1' });
    });
  });

  it('P2 takes two objects for two values unless told otherwise, and NaN for itself', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const objects = { a: { n: 1 }, b: { n: 1 } };
      expectObservable(hot('a-b', objects).pipe(settle(() => 0))).toBe('a-b', objects);
      expectObservable(hot('a-b', { a: NaN, b: NaN }).pipe(settle(() => 0))).toBe('a--', { a: NaN });
    });
  });

  describe('of 0', () => {
    const schedulers: readonly (readonly [string, (scheduler: TestScheduler) => SettleOptions<string>])[] = [
      ['the default scheduler', () => ({})],
      ['a scheduler of its own', (scheduler) => ({ scheduler })],
    ];

    for (const [name, options] of schedulers) {
      it(`P2 is the end of the frame: only the last of a frame counts, on ${name}`, () => {
        const scheduler = testScheduler();
        scheduler.run(({ hot, expectObservable }) => {
          const one = hot('   a-(ab)----(ab)----');
          const other = hot(' --c-------b--a----');
          const expected = '  a-c-------b--a----';
          expectObservable(merge(one, other).pipe(settle(() => 0, options(scheduler)))).toBe(expected);
        });
      });

      it(`P2 says nothing about a value that is over within its frame, on ${name}`, () => {
        const scheduler = testScheduler();
        scheduler.run(({ hot, expectObservable }) => {
          const source = hot('u--(duuu)----');
          const expected = '  u------------';
          expectObservable(source.pipe(settle(() => 0, options(scheduler)))).toBe(expected);
        });
      });
    }

    it('P2 is never within the call that brought the value', () => {
      const scheduler = testScheduler();
      scheduler.run(({ flush }) => {
        const source = new Subject<string>();
        const seen: string[] = [];
        source.pipe(settle(() => 0)).subscribe((value) => seen.push(value));
        source.next('a');
        source.next('b');
        expect(seen).toEqual([]);
        flush();
        expect(seen).toEqual(['b']);
      });
    });

    it('P2 counts the last of a frame too when all of them say the same', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const values = { a: 'd1', b: 'd2' };
        const source = hot('--(ab)--', values);
        expectObservable(source.pipe(settle(() => 0, { same: sameWord }))).toBe('--b-----', values);
      });
    });
  });

  it('P2 drops what has not settled when the source completes', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('u--d-|    ');
      const expected = '  u----|    ';
      expectObservable(source.pipe(settle(byDip))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  it('P2 drops what a source says in the frame of its completion', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      expectObservable(of('u').pipe(settle(() => 0))).toBe('|');
      expectObservable(cold('--(u|)').pipe(settle(() => 0))).toBe('--|');
    });
  });

  it('P2 keeps what has settled before the source completes', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      expectObservable(hot('u--d---|').pipe(settle(byDip))).toBe('u-----d|');
    });
  });

  it('P2 drops what has not settled when the source fails', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('u--d-#    ');
      const expected = '  u----#    ';
      expectObservable(source.pipe(settle(byDip))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  it('P2 drops what has not settled on unsubscription, with its timer', () => {
    const inner = testScheduler();
    inner.run(({ hot, expectObservable, expectSubscriptions }) => {
      const delays: number[] = [];
      const scheduler: SchedulerLike = {
        now: () => inner.now(),
        schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
          delays.push(delay);
          return inner.schedule(work, delay, state);
        },
      };
      const source = hot('--d-------');
      const subs = '      ^---!     ';
      expectObservable(source.pipe(settle(byDip, { scheduler })), subs).toBe('----------');
      expectSubscriptions(source.subscriptions).toBe(subs);
      inner.schedule(() => expect(delays).toEqual([3]), 9);
    });
  });

  it('P2 can be left inside an emission', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('u--d----u');
      expectObservable(source.pipe(settle(byDip), take(2))).toBe('u-----(d|)');
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  it('P2 keeps its state to each subscriber', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const source = hot('u--d--------');
      const result = source.pipe(settle(byDip));
      expectObservable(result).toBe('       u-----d-----');
      expectObservable(result, '--^').toBe(' ------d-----');
      expectObservable(result, '----^').toBe('------------');
    });
  });

  it('P2 errors with what the duration or the comparison throws', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const broken = (): never => {
        throw new Error('broken');
      };
      const one = hot('--a');
      const two = hot('--a-b');
      expectObservable(one.pipe(settle(broken))).toBe('--#', undefined, new Error('broken'));
      expectObservable(two.pipe(settle(() => 0, { same: broken }))).toBe('--a-#', undefined, new Error('broken'));
      expectSubscriptions(one.subscriptions).toBe('^-!');
      expectSubscriptions(two.subscriptions).toBe('^---!');
    });
  });

  it('P2 R6 errors with a duration that is no time, and names it', () => {
    for (const answer of [-1, NaN, Infinity, 2 ** 31, '3', null, undefined]) {
      const errors: unknown[] = [];
      concat(of('a'), NEVER)
        .pipe(settle(() => answer as number))
        .subscribe({ error: (error: unknown) => errors.push(error) })
        .unsubscribe();
      expect(errors.map(String)).withContext(String(answer)).toEqual([jasmine.stringMatching(/duration/)]);
    }
  });

  it('P2 R6 says what it expected of a duration', () => {
    const errorOf = (answer: unknown): unknown => {
      let seen: unknown;
      of('a')
        .pipe(settle(() => answer as number))
        .subscribe({ error: (error: unknown) => (seen = error) });
      return seen;
    };
    expect(errorOf(-1)).toEqual(new RangeError('settle: duration must be at least 0 and at most 2147483647 ms, got -1'));
    expect(errorOf('3')).toEqual(new TypeError('settle: duration must be a number of milliseconds, got a string'));
  });

  it('P2 holds for every script: what comes out has lasted, and nothing comes twice', () => {
    const happening = fc.record({ after: fc.nat(6), value: fc.constantFrom('u', 'd', 'x') });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 20 }), fc.nat(5), (script, ms) => {
        const scheduler = new TestScheduler(() => {});
        return scheduler.run(({ flush }) => {
          const source = new Subject<string>();
          const said: { at: number; value: string }[] = [];
          const seen: { at: number; value: string }[] = [];
          let at = 0;
          for (const { after, value } of script) {
            at += after;
            scheduler.schedule(() => {
              said.push({ at: scheduler.now(), value });
              source.next(value);
            }, at);
          }
          source.pipe(settle(() => ms)).subscribe((value) => seen.push({ at: scheduler.now(), value }));
          flush();
          // By hand: the runs of one value, each as long as until the next run begins.
          const runs = said.filter(({ value }, index) => value !== said[index - 1]?.value);
          const lasted = runs.filter((run, index) => {
            const next = runs[index + 1];
            return next === undefined || (ms === 0 ? next.at > run.at : next.at > run.at + ms);
          });
          const expected = lasted.filter(({ value }, index) => value !== lasted[index - 1]?.value);
          // A run that ends in the very moment it would have lasted may go either way.
          const unclear = ms > 0 && runs.some((run, index) => runs[index + 1]?.at === run.at + ms);
          return unclear || JSON.stringify(seen) === JSON.stringify(expected.map((run) => ({ at: run.at + ms, value: run.value })));
        });
      }),
      { numRuns: 500 },
    );
    expect().nothing();
  });

  describe('options', () => {
    const byName = (name: string): RegExp => new RegExp(`settle: .*${name}`);
    const never = (): number => 0;

    it('O1 are refused by name, when called', () => {
      const options = (value: object): SettleOptions<string> => value;
      expect(() => settle(never, options({ sane: 1 }))).toThrowError(TypeError, byName('sane'));
      expect(() => settle(never, options({ same: true }))).toThrowError(TypeError, byName('same'));
      expect(() => settle(never, null!)).toThrowError(TypeError, byName('options'));
      expect(() => settle('1s' as unknown as () => number)).toThrowError(TypeError, 'settle: duration must be a function, got a string');
    });

    for (const scheduler of [5, {}, null]) {
      it(`O1 refuses the scheduler ${JSON.stringify(scheduler)} by name, when called`, () => {
        expect(() => settle(never, { scheduler } as unknown as SettleOptions<string>)).toThrowError(TypeError, byName('scheduler'));
      });
    }

    for (const duration of [1_000, '1s', null, undefined]) {
      it(`O1 refuses the duration ${String(duration)} by name, when called`, () => {
        expect(() => settle(duration as unknown as () => number)).toThrowError(TypeError, byName('duration'));
      });
    }

    it('keeps the type of its source', () => {
      expectTypeOf(of(1).pipe(settle(() => 0))).toEqualTypeOf<Observable<number>>();
      expect().nothing();
    });
  });
});
