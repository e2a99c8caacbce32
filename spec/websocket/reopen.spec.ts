import { BehaviorSubject, NEVER, of, Subject, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { OpeningLimitError } from '../../lib/websocket/opening-limit-error.js';
import { reopen } from '../../lib/websocket/reopen.js';

const run = (spec: Parameters<TestScheduler['run']>[0]): void => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(spec);
};

describe('reopen', () => {
  it('R16 gives a hung opening 1, 1 and 3 s, one after the other, and begins again', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               -');
      expectObservable(channel.pipe(reopen()), '           ^ 6499ms        !').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe([
        '                                                  ^ 999ms !',
        '                                                  1s ^ 999ms !',
        '                                                  2s ^ 2999ms !',
        '                                                  5s ^ 999ms !',
        '                                                  6s ^ 499ms !',
      ]);
    });
  });

  it('R16 gives other turns when it is told to', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const channel = cold('                                     -');
      expectObservable(channel.pipe(reopen({ turns: [2, 4] })), '^-------!').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe([
        '                                                        ^-!',
        '                                                        --^---!',
        '                                                        ------^-!',
      ]);
    });
  });

  it('R16 leaves what is open alone, whatever is hinted', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               400ms c 5s x');
      const hint$ = hot('                                  600ms h');
      expectObservable(channel.pipe(reopen({ hint$ })), '  ^ 4s !').toBe('400ms c');
      expectSubscriptions(channel.subscriptions).toBe('    ^ 4s !');
    });
  });

  it('R16 begins anew, with a first turn, at a sign that the network is back', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               -');
      const hint$ = hot('                                  2600ms h');
      expectObservable(channel.pipe(reopen({ hint$ })), '  ^ 3999ms !').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe([
        '                                                  ^ 999ms !',
        '                                                  1s ^ 999ms !',
        '                                                  2s ^ 599ms !',
        '                                                  2600ms ^ 999ms !',
        '                                                  3600ms ^ 399ms !',
      ]);
    });
  });

  it('R16 counts one sign in a second: signs that come often do not starve an opening', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const hint$ = hot('                                  500ms h 399ms h 299ms h 499ms h 599ms h');
      const slow = cold('                                  950ms c');
      expectObservable(slow.pipe(reopen({ hint$ })), '     ^ 4s !').toBe('950ms c');
      const hung = cold('                                  -');
      expectObservable(hung.pipe(reopen({ hint$ })), '     ^ 2499ms !').toBe('-');
      expectSubscriptions(hung.subscriptions).toBe([
        '                                                  ^ 999ms !',
        '                                                  1s ^ 199ms !', // at 1,200 ms
        '                                                  1200ms ^ 999ms !',
        '                                                  2200ms ^ 99ms !', // at 2,300 ms
        '                                                  2300ms ^ 199ms !',
      ]);
    });
  });

  it('R16 opens one at a time where a sign is told again to who comes late', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               -');
      const hint$ = new BehaviorSubject('h');
      expectObservable(channel.pipe(reopen({ hint$ })), '  ^ 499ms !').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe('    ^ 499ms !');
    });
  });

  it('R16 hears signs of whatever can be subscribed to, and hands on their error', () => {
    run(({ cold, expectObservable }) => {
      const channel = cold('                               400ms c');
      const hint$ = { subscribe: () => undefined } as unknown as Observable<unknown>;
      expectObservable(channel.pipe(reopen({ hint$ })), '  ^ 4s !').toBe('400ms c');
      const failing$ = cold('                              99ms #', undefined, new Error('no signs'));
      expectObservable(channel.pipe(reopen({ hint$: failing$ }))).toBe('99ms #', undefined, new Error('no signs'));
      expectObservable(of('c').pipe(reopen({ hint$: failing$ }))).toBe('(c|)');
    });
  });

  it('R16 takes a refusal for an answer, and an opening that ran into its limit for none', () => {
    run(({ cold, expectObservable }) => {
      const refused = cold('                               300ms #', undefined, new Error('refused'));
      expectObservable(refused.pipe(reopen())).toBe('      300ms #', undefined, new Error('refused'));
      const hung = cold('                                  300ms #', undefined, new OpeningLimitError(300));
      expectObservable(hung.pipe(reopen()), '              ^ 4s !').toBe('-');
    });
  });

  it('R16 ends with what it opened: a channel that is lost is not opened again', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               --c--#', undefined, new Error('lost'));
      expectObservable(channel.pipe(reopen())).toBe('      --c--#', undefined, new Error('lost'));
      expectSubscriptions(channel.subscriptions).toBe('    ^----!');
    });
  });

  it('R16 hands on whatever an open channel ends with, an opening that ran into its limit too', () => {
    run(({ cold, expectObservable }) => {
      const channel = cold('                               --c--#', undefined, new OpeningLimitError(5));
      expectObservable(channel.pipe(reopen())).toBe('      --c--#', undefined, new OpeningLimitError(5));
    });
  });

  it('R16 ends the opening, and the listening for hints, with its subscriber', () => {
    run(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const hint$ = new Subject<unknown>();
      const channel = cold('                               -');
      expectObservable(channel.pipe(reopen({ hint$ })), '  ^ 99ms !').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe('    ^ 99ms !');
      flush();
      expect(hint$.observed).toBeFalse();
    });
  });

  it('R16 counts the turns of each subscriber by itself', () => {
    run(({ cold, expectObservable }) => {
      const channel$ = cold('                1500ms c').pipe(reopen({ turns: [1_000, 2_000] }));
      expectObservable(channel$, '           ^ 3s !').toBe('2500ms c');
      expectObservable(channel$, '     700ms ^ 3s !').toBe('3200ms c');
    });
  });

  it('O1 refuses options that cannot be, at once', () => {
    const wrong = (options: object): (() => unknown) => () => reopen(options);
    expect(wrong({ turn: [1] })).toThrow(new TypeError('reopen: unknown option "turn"'));
    expect(wrong({ turns: 1_000 })).toThrow(new TypeError('reopen: turns must be an array of milliseconds, got 1000'));
    expect(wrong({ turns: [] })).toThrow(new RangeError('reopen: turns must be an array that is not empty, got an empty array'));
    expect(wrong({ turns: [1_000, 0] })).toThrow(
      new RangeError('reopen: turns[1] must be greater than 0 and at most 2147483647 ms, got 0'),
    );
    expect(wrong({ turns: ['1'] })).toThrowError(TypeError, /^reopen: turns/);
    expect(wrong({ hint$: 1 })).toThrow(new TypeError('reopen: hint$ must be an Observable, got 1'));
    expect(wrong({ scheduler: {} })).toThrow(new TypeError('reopen: scheduler must be a SchedulerLike such as asyncScheduler, got an object'));
    expect(() => reopen({ turns: [1], hint$: NEVER })).not.toThrow();
  });
});
