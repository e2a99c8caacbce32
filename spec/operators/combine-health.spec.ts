import { expectTypeOf } from 'expect-type';
import fc from 'fast-check';
import { BehaviorSubject, EMPTY, map, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Health } from '../../lib/core/machine/health.js';
import { combineHealth } from '../../lib/operators/combine-health.js';

const testScheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

const down = (aliveAt?: number): Health => (aliveAt === undefined ? { down: true } : { down: true, aliveAt });
/** u: up, d: down since nobody knows when, and down since 3, 5 and 7. */
const healths: Readonly<Record<string, Health>> = { u: 'up', d: down(), x: down(3), y: down(5), z: down(7) };

describe('combineHealth', () => {
  it('P3 is up when all are up, down when any is down', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const audio = hot('  u-----d--u----', healths);
      const video = hot('  --u---d-----u-', healths);
      const subs = '       ^-------------!';
      const expected = '   --u---d-----u-';
      expectObservable(combineHealth([audio, video]), subs).toBe(expected, healths);
      expectSubscriptions(audio.subscriptions).toBe(subs);
      expectSubscriptions(video.subscriptions).toBe(subs);
    });
  });

  it('P3 is silent until every source has spoken, though one is down', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const audio = hot('  d-u-d-----', healths);
      const video = hot('  ------u---', healths);
      const third = hot('  ---u------', healths);
      expectObservable(combineHealth([audio, video, third])).toBe('------d---', healths);
      expectObservable(combineHealth([audio, NEVER])).toBe('----------', healths);
    });
  });

  it('P3 says only what is new', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const audio = hot('  u-u-d-d-u-u-', healths);
      const video = hot('  u---u-u-u-d-', healths);
      expectObservable(combineHealth([audio, video])).toBe('u---d---u-d-', healths);
    });
  });

  it('P3 gives one value for one cause that several report in a frame', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const cause = hot('  u---d---u---d---', healths);
      const result = combineHealth([cause, cause, cause.pipe(map((health) => health))]);
      expectObservable(result).toBe('u---d---u---d---', healths);
    });
  });

  it('P3 says nothing when one goes and another comes in a frame', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const audio = hot('  u--d--u---', healths);
      const video = hot('  u-----d---', healths);
      expectObservable(combineHealth([audio, video])).toBe('u--d------', healths);
      expectObservable(combineHealth([video, audio])).toBe('u--d------', healths);
    });
  });

  it('P3 says nothing about a dip that is over within its frame', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const audio = hot('  u--(du)---', healths);
      const video = hot('  u---------', healths);
      expectObservable(combineHealth([audio, video])).toBe('u---------', healths);
    });
  });

  it('P3 keeps to the end of the frame on a scheduler of its own', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const audio = hot('  u--d--u---', healths);
      const video = hot('  u--u--d---', healths);
      expectObservable(combineHealth([audio, video], { scheduler })).toBe('u--d------', healths);
    });
  });

  it('P3 is down since the earliest last proof of life that is known', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const audio = hot('  u--y------', healths);
      const video = hot('  u---------', healths);
      expectObservable(combineHealth([audio, video])).toBe('u--y------', healths);
      expectObservable(combineHealth([hot('z--', healths), hot('x--', healths), hot('d--', healths)])).toBe('x--', healths);
    });
  });

  it('P3 is that, in whatever order one frame brings them', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const late = hot('   u--z------', healths);
      const early = hot('  u--x------', healths);
      expectObservable(combineHealth([early, late])).toBe('u--x------', healths);
      expectObservable(combineHealth([late, early])).toBe('u--x------', healths);
    });
  });

  describe('a source that ends', () => {
    it('P3 by completion reads down from then on', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const audio = hot('  u--|      ', healths);
        const video = hot('  u-----d-u-', healths);
        expectObservable(combineHealth([audio, video])).toBe('u--d------', healths);
      });
    });

    it('P3 by error reads down from then on, and the error goes no further', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const audio = hot('  u--#      ', healths);
        const video = hot('  u-----d-u-', healths);
        expectObservable(combineHealth([audio, video])).toBe('u--d------', healths);
      });
    });

    it('P3 while it is down changes nothing', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const audio = hot('  d--|      ', healths);
        const video = hot('  u---------', healths);
        expectObservable(combineHealth([audio, video])).toBe('d---------', healths);
      });
    });

    it('P3 in the frame in which it came up was never up', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const audio = hot('  d--(u|)   ', healths);
        const video = hot('  u---------', healths);
        expectObservable(combineHealth([audio, video])).toBe('d---------', healths);
      });
    });

    it('P3 before it spoke has spoken: it is down', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const video = hot('  --u-------', healths);
        expectObservable(combineHealth([EMPTY, video])).toBe('--d-------', healths);
        expectObservable(combineHealth([throwError(() => 'broken'), video])).toBe('--d-------', healths);
      });
    });

    it('P3 leaves a result that goes on, when all have ended too', () => {
      testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
        const audio = hot('  u--|      ', healths);
        const video = hot('  u----#    ', healths);
        expectObservable(combineHealth([audio, video]), '^--------!').toBe('u--d------', healths);
        expectSubscriptions(audio.subscriptions).toBe('^--!');
        expectSubscriptions(video.subscriptions).toBe('^----!');
      });
    });

    it('P3 that cannot be subscribed is one that ended', () => {
      testScheduler().run(({ hot, expectObservable }) => {
        const broken = new Subject<Health>();
        broken.error('broken');
        expectObservable(combineHealth([broken, hot('u', healths)])).toBe('d', healths);
      });
    });
  });

  it('P3 of no source is up, and does not end', () => {
    testScheduler().run(({ expectObservable }) => {
      expectObservable(combineHealth([]), '^-----!').toBe('u-----', healths);
    });
  });

  it('P3 of one source is that source, said once', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      expectObservable(combineHealth([hot('u-u-z-z-u', healths)])).toBe('u---z---u', healths);
    });
  });

  it('P3 lets go of every source on unsubscription', () => {
    const audio = new BehaviorSubject<Health>('up');
    const video = new BehaviorSubject<Health>('up');
    testScheduler().run(({ flush }) => {
      const subscription = combineHealth([audio, video]).subscribe();
      subscription.unsubscribe();
      flush();
    });
    expect([audio.observed, video.observed]).toEqual([false, false]);
  });

  it('P3 keeps its state to each subscriber', () => {
    testScheduler().run(({ hot, expectObservable }) => {
      const result = combineHealth([hot('u--d---u-', healths), hot('u--------', healths)]);
      expectObservable(result).toBe('      u--d---u-', healths);
      expectObservable(result, '--^').toBe('---------', healths);
    });
  });

  it('P3 holds for every script: at the end of a frame it says whether all are up, once', () => {
    const report = fc.record({ after: fc.nat(2), source: fc.nat(2), isUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 30 }), (script) => {
        const scheduler = new TestScheduler(() => {});
        return scheduler.run(({ flush }) => {
          const sources = [new Subject<Health>(), new Subject<Health>(), new Subject<Health>()];
          const now: (boolean | undefined)[] = [undefined, undefined, undefined];
          const truth: { at: number; isUp: boolean }[] = [];
          let at = 1;
          for (const { after, source, isUp } of script) {
            at += after;
            scheduler.schedule(() => {
              now[source] = isUp;
              if (truth.at(-1)?.at === scheduler.now()) truth.pop();
              if (!now.includes(undefined)) truth.push({ at: scheduler.now(), isUp: now.every(Boolean) });
              sources[source]!.next(isUp ? 'up' : { down: true });
            }, at);
          }
          const seen: { at: number; isUp: boolean }[] = [];
          combineHealth(sources).subscribe((health) => seen.push({ at: scheduler.now(), isUp: health === 'up' }));
          flush();
          const expected = truth.filter(({ isUp }, index) => isUp !== truth[index - 1]?.isUp);
          return JSON.stringify(seen) === JSON.stringify(expected);
        });
      }),
      { numRuns: 500 },
    );
    expect().nothing();
  });

  it('O1 refuses an option that does not exist, and what is no scheduler, by name, when called', () => {
    // @ts-expect-error: misspelt
    expect(() => combineHealth([of('up')], { shceduler: 5 })).toThrowError(TypeError, 'combineHealth: unknown option "shceduler"');
    // @ts-expect-error: no scheduler
    expect(() => combineHealth([of('up')], { scheduler: 5 })).toThrowError(
      TypeError,
      'combineHealth: scheduler must be a SchedulerLike such as asyncScheduler, got 5',
    );
  });

  it('O1 O3 refuses sources that are no streams', () => {
    const combine = (sources: unknown) => () => combineHealth(sources as []);
    const text = (got: string): string => `combineHealth: sources must be an array of Observables, got ${got}`;
    expect(combine(undefined)).toThrowError(TypeError, text('undefined'));
    expect(combine(of('up'))).toThrowError(TypeError, text('an object'));
    expect(combine([of('up'), 'up'])).toThrowError(TypeError, text('an array'));
  });

  it('is a stream of health', () => {
    expectTypeOf(combineHealth([])).toEqualTypeOf<Observable<Health>>();
    expect().nothing();
  });
});
