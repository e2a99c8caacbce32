import { expectTypeOf } from 'expect-type';
import { asyncScheduler, EMPTY, NEVER, Observable, of, take, throwError, type SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { hedged, LinkEndedError, type RoomTransport } from '../../lib/index.js';
import { brisk, joins, ledgerOf, marbles, watchedRoom, type TestLink } from '../room/room-harness.js';

const testScheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

describe('hedged', () => {
  it('R15 keeps the first that answers, and ends the other', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       ------------x    ');
      const two = cold('             ---v--w--|     ');
      const first = '          ^--------!       ';
      const second = '         ------^--------! ';
      const result = '         ---------v--w--| ';
      expectObservable(hedged([() => one, () => two], { after: 6 })).toBe(result);
      expectSubscriptions(one.subscriptions).toBe(first);
      expectSubscriptions(two.subscriptions).toBe(second);
    });
  });

  it('R15 begins no second opening when the first answers in time, or in the frame before', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -----v---| ');
      const two = cold('       -          ');
      const result = '         -----v---| ';
      expectObservable(hedged([() => one, () => two], { after: 6 })).toBe(result);
      expectSubscriptions(two.subscriptions).toBe([]);
    });
  });

  it('R15 goes on to the third while the first two are silent', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -                ');
      const two = cold('           -            ');
      const three = cold('             ---v     ');
      const result = '         -----------v     ';
      const subs = [
        '                      ^----------!     ',
        '                      ----^------!     ',
        '                      --------^        ',
      ];
      expectObservable(hedged([() => one, () => two, () => three], { after: 4 })).toBe(result);
      [one, two, three].forEach((opening, i) => expectSubscriptions(opening.subscriptions).toBe(subs[i]!));
    });
  });

  it('R15 lets the first win though it was hedged', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -----v----#');
      const two = cold('          -------x');
      const result = '         -----v----#';
      const second = '         ---^-!     ';
      expectObservable(hedged([() => one, () => two], { after: 3 })).toBe(result);
      expectSubscriptions(two.subscriptions).toBe(second);
    });
  });

  it('R15 unsubscribes the losers before the value is handed on', () => {
    const order: string[] = [];
    const ends = (name: string): Observable<string> => new Observable(() => () => order.push(`${name} ended`));
    testScheduler().run(({ cold }) => {
      const opening = hedged([() => ends('one'), () => ends('two'), () => cold('-v')], { after: 2 });
      opening.subscribe((value) => order.push(`sent ${value}`));
    });
    expect(order).toEqual(['one ended', 'two ended', 'sent v']);
  });

  it('R15 waits 250 ms before the next, unless told otherwise', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -          ');
      const two = cold('       -v         ');
      const result = '         250ms -v   ';
      const second = '         250ms ^    ';
      expectObservable(hedged([() => one, () => two])).toBe(result);
      expectSubscriptions(two.subscriptions).toBe(second);
    });
  });

  it('R15 makes an opening only when it begins', () => {
    const made: string[] = [];
    const making = (name: string, opening: Observable<string>) => (): Observable<string> => {
      made.push(name);
      return opening;
    };
    testScheduler().run(({ cold, expectObservable }) => {
      const openings = [making('one', cold('--v')), making('two', NEVER)];
      const opening = hedged(openings, { after: 3 });
      expect(made).toEqual([]);
      expectObservable(opening).toBe('--v');
    });
    expect(made).toEqual(['one']);
  });

  it('begins the next at once when one fails, completes without a value, or cannot be made', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       --#         ');
      const two = cold('         --|       ');
      const four = cold('          --v     ');
      const result = '         ------v     ';
      const subs = [
        '                      ^-!         ',
        '                      --^-!       ',
        '                      ----^       ',
      ];
      const broken = (): never => {
        throw new Error('cannot be made');
      };
      expectObservable(hedged([() => one, () => two, broken, () => four], { after: 9 })).toBe(result);
      [one, two, four].forEach((opening, i) => expectSubscriptions(opening.subscriptions).toBe(subs[i]!));
    });
  });

  it('gives the next opening its whole time when it began early', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       --#          ');
      const two = cold('         -          ');
      const three = cold('           -v     ');
      const result = '         -------v     ';
      const third = '          ------^      ';
      expectObservable(hedged([() => one, () => two, () => three], { after: 4 })).toBe(result);
      expectSubscriptions(three.subscriptions).toBe(third);
    });
  });

  it('fails with the last error when all have failed, and not before', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const one = cold<never>('------#     ', undefined, 'one');
      const two = cold<never>('    --------#', undefined, 'two');
      const result = '         ------------#';
      expectObservable(hedged([() => one, () => two], { after: 4 })).toBe(result, undefined, 'two');
    });
  });

  it('fails with the error of a link that ended, when none gave one', () => {
    const errors: unknown[] = [];
    hedged([() => EMPTY]).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([jasmine.any(LinkEndedError)]);
  });

  it('hands on the error of the one that had won, and begins no other', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -v-#      ');
      const two = cold('       -         ');
      const result = '         -v-#      ';
      expectObservable(hedged([() => one, () => two], { after: 9 })).toBe(result);
      expectSubscriptions(two.subscriptions).toBe([]);
    });
  });

  it('ends all when unsubscribed, in the middle and from within the first value', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -          ');
      const two = cold('         -        ');
      const three = cold('         (ab)   ');
      const unsub = '          ^--!       ';
      const subs = ['          ^--!       ', '--^!'];
      expectObservable(hedged([() => one, () => two, () => three], { after: 2 }), unsub).toBe('-');
      expectObservable(hedged([() => three, () => NEVER]).pipe(take(1))).toBe('(a|)');
      [one, two].forEach((opening, i) => expectSubscriptions(opening.subscriptions).toBe(subs[i]!));
      expectSubscriptions(three.subscriptions).toBe('(^!)');
    });
  });

  it('keeps its subscribers apart', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('       -          ');
      const two = cold('         -v       ');
      const opening = hedged([() => one, () => two], { after: 2 });
      expectObservable(opening, '^          ').toBe('---v');
      expectObservable(opening, '----^      ').toBe('-------v');
      expectSubscriptions(one.subscriptions).toBe(['^--!', '----^--!']);
    });
  });

  it('R15 is one attempt of a room, whose losers are closed before the winner is a link', () => {
    let transport!: RoomTransport<void, TestLink> & ReturnType<typeof joins>;
    marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
      const one = cold('       -----------l       ', { l: link('slow') });
      const two = cold('          --l             ', { l: link('fast') });
      const first = '          ^----!             ';
      const second = '         ---^               ';
      transport = joins(hedged([() => one, () => two], { after: 3 }));
      const room = watchedRoom(transport, brisk);
      command(room, '          j                  ');
      expectStates(room, '     -^                 ')
        .toBe('                -c---C             ');
      expectSubscriptions(one.subscriptions).toBe(first);
      expectSubscriptions(two.subscriptions).toBe(second);
    });
    expect(transport.attempts.length).toBe(1);
  });

  it('R15 is cut as a whole with its attempt', () => {
    marbles(({ cold, command, expectSubscriptions }) => {
      const one = cold<never>('-         ');
      const two = cold<never>('-         ');
      const room = watchedRoom(joins(hedged([() => one, () => two], { after: 3 }), NEVER), { ...brisk, attemptLimit: 7 });
      command(room, '          j---------');
      expectSubscriptions(one.subscriptions).toBe('^------!');
      expectSubscriptions(two.subscriptions).toBe('---^---!');
    });
  });

  it('R15 keeps no timer once the last opening has begun', () => {
    const ledger = ledgerOf();
    const timers: unknown[] = [];
    testScheduler().run(({ cold, flush }) => {
      const scheduler = ledger.clocked(asyncScheduler);
      hedged([() => NEVER, () => NEVER], { after: 2, scheduler }).subscribe();
      hedged([() => NEVER], { after: 2, scheduler }).subscribe();
      cold('-x-x').subscribe(() => timers.push(ledger.alive()));
      flush();
    });
    expect(timers).toEqual([{ timers: 1 }, {}]);
  });

  it('refuses nothing to open, and times that are none', () => {
    expect(() => hedged([])).toThrowError(TypeError, 'hedged: openings must be an array of functions that is not empty, got an empty array');
    expect(() => hedged([() => NEVER], { after: -1 })).toThrowError(RangeError, 'hedged: after must be at least 0 and at most 2147483647 ms, got -1');
    expect(() => hedged([() => NEVER], { after: 0 })).not.toThrow();
    const scheduler = {} as SchedulerLike;
    expect(() => hedged([() => NEVER], { scheduler })).toThrowError(
      TypeError,
      'hedged: scheduler must be a SchedulerLike such as asyncScheduler, got an object',
    );
    expect(() => hedged([() => NEVER], { after: NaN })).toThrowError(RangeError);
    expect(() => hedged([() => NEVER], { wait: 1 } as object)).toThrowError(TypeError, 'hedged: unknown option "wait"');
  });

  it('O3 names an opening that opens nothing, and goes on to the next', () => {
    const seen: unknown[] = [];
    const openings = [() => 5, () => 'wss://host/?token=s3cret'] as unknown as (() => Observable<number>)[];
    hedged(openings).subscribe({ error: (error: unknown) => seen.push(error) });
    expect(seen).toEqual([
      new TypeError('hedged: the return value of an opening must be a Promise or an Observable, got a string'),
    ]);
    hedged([...openings, () => of(3)]).subscribe((value) => seen.push(value));
    expect(seen[1]).toBe(3);
  });

  it('takes whatever can be turned into an observable', () => {
    const openings = [() => throwError(() => 'no'), () => Promise.resolve(1), () => [2]];
    expectTypeOf(hedged<number>(openings)).toEqualTypeOf<Observable<number>>();
    // @ts-expect-error an opening is a function, so that it begins when its turn comes
    const eager = (): unknown => hedged([NEVER]);
    expect(eager).toBeDefined();
  });
});
