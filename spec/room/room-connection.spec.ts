import { map, NEVER, Observable, repeat, take } from 'rxjs';
import { roomConnection, type ConnectionState, type ServerNotice } from '../../lib/index.js';
import { alwaysUp, brisk, inPage, joins, ledgerOf, linkOf, marbles, textOf, watched, type TestLink } from './room-harness.js';

const boom = new Error('boom');

describe('roomConnection', () => {
  it('P5 L7 joins when subscribed, leaves when unsubscribed, and emits nothing of that', () => {
    const closes = marbles(({ cold, link, expectStates, expectSubscriptions }) => {
      const a = link('a');
      const source = cold('           --a       ', { a });
      const connection$ = watched(roomConnection(joins(source), brisk));
      const unsub = '                 ---^-----!';
      expectStates(connection$, unsub).toBe('---c-C');
      expectSubscriptions(source.subscriptions).toBe(unsub);
      return a.closes;
    });
    expect(closes).toEqual(['left']);
  });

  it('P5 P5 starts with connecting, synchronously, and never with disconnected', () => {
    const seen: string[] = [];
    roomConnection(joins(NEVER)).pipe(take(1), map(textOf)).subscribe((state) => seen.push(state));
    expect(seen).toEqual(['connecting/joinChannel']);
  });

  for (const [kind, letter] of [
    ['closed', 'x'],
    ['kicked', 'k'],
    ['duplicateUser', 'u'],
  ] as const) {
    it(`P5 P5 completes after the server's word: ${kind}`, () => {
      marbles(({ cold, hot, link, expectStates, expectSubscriptions }) => {
        const a = link('a', { notice$: hot<ServerNotice>('----w', { w: { kind } }) });
        const source = cold('-a  ', { a });
        expectStates(watched(roomConnection(joins(source), brisk))).toBe(`cC--(${letter}|)`);
        expectSubscriptions(source.subscriptions).toBe('^---!');
      });
    });
  }

  it('P5 P5 completes after failing to join', () => {
    marbles(({ cold, expectStates, expectSubscriptions }) => {
      const source = cold<TestLink>('                       -#  ', {}, boom);
      const connection$ = roomConnection(joins(source), { ...brisk, joinDeadline: 5 });
      expectStates(watched(connection$)).toBe('              c----(f|)');
      expectSubscriptions(source.subscriptions).toBe(['^!', '---^!']);
    });
  });

  it('P5 P5 completes after failing to rejoin', () => {
    marbles(({ cold, link, health, expectStates, expectSubscriptions }) => {
      const a = link('a', { signal$: health('---u-d ') });
      const first = cold('                    -a     ', { a });
      const hanging = cold<TestLink>('             - ');
      const connection$ = roomConnection(joins(first, hanging), { ...brisk, deadline: 5 });
      expectStates(watched(connection$)).toBe('c--C-s----(t|)');
      expectSubscriptions(first.subscriptions).toBe('  ^------!');
      expectSubscriptions(hanging.subscriptions).toBe('-------^--!');
    });
  });

  it('P5 P5 completes after leaving where the device says so', () => {
    marbles(({ cold, hot, link, expectStates, expectSubscriptions }) => {
      const leave$ = hot('----x');
      const connection$ = roomConnection(joins(cold('-a', { a: link('a') })), { ...brisk, leave$ });
      expectStates(watched(connection$)).toBe('cC--(l|)');
      expectSubscriptions(leave$.subscriptions).toBe('^---!');
    });
  });

  it('P5 P5 goes through a break like a room', () => {
    marbles(({ cold, link, health, expectStates, expectSubscriptions }) => {
      const a = link('a', { signal$: health('---u-d   ') });
      const first = cold('                    -a       ', { a });
      const second = cold('                          -b', { b: link('b') });
      expectStates(watched(roomConnection(joins(first, second), brisk)), '^ 11ms !').toBe('c--C-s--R');
      expectSubscriptions(first.subscriptions).toBe('  ^------!    ');
      expectSubscriptions(second.subscriptions).toBe(' -------^ 4ms !');
    });
  });

  describe('released', () => {
    const scenes: Readonly<Record<string, { readonly at: number; readonly source: string; readonly signal?: string; readonly last: string }>> = {
      'in an attempt': { at: 3, source: '-', last: 'joinChannel' },
      'in a wait': { at: 3, source: '--#', last: 'joinChannel' },
      'while connected': { at: 5, source: '-a', last: 'joinSucceed' },
      'in a break': { at: 5, source: '-a', signal: 'u--d', last: 'signalDisconnected' },
    };
    for (const [name, { at, source, signal, last }] of Object.entries(scenes)) {
      it(`P5 L7 by unsubscribing ${name}: everything, and nothing is emitted`, () => {
        inPage(({ listeners }) => {
          const ledger = ledgerOf();
          const seen: string[] = [];
          marbles(({ cold, scheduler, call }) => {
            const signal$ = signal === undefined ? alwaysUp : cold(signal, { u: 'up', d: { down: true } } as const);
            const build = (): TestLink =>
              linkOf('a', ledger.counted('signal$', signal$), {
                media$: ledger.counted('media$', alwaysUp),
                notice$: ledger.counted('notice$', NEVER),
              });
            const connection$ = roomConnection(joins(ledger.counted('join', cold(source).pipe(map(build)))), {
              ...brisk,
              scheduler: ledger.clocked(scheduler),
            });
            const subscription = watched(connection$).subscribe({
              next: ({ reason }) => seen.push(String(reason)),
              complete: () => seen.push('complete'),
            });
            call(`${at}ms x`, {
              x: () => {
                expect(listeners()).toBeGreaterThan(0);
                subscription.unsubscribe();
                expect(ledger.alive()).toEqual({});
                expect(listeners()).toBe(0);
              },
            });
          });
          expect(seen.at(-1)).toBe(last);
        });
      });
    }

    it('P5 L7 by unsubscribing inside an emission, the first one too', () => {
      for (const count of [1, 2]) {
        const ledger = ledgerOf();
        marbles(({ cold, link, scheduler, expectObservable }) => {
          const source = ledger.counted('join', cold('-a', { a: link('a') }));
          const connection$ = roomConnection(joins(source), { ...brisk, scheduler: ledger.clocked(scheduler) });
          const states$ = connection$.pipe(take(count), map(({ state }) => state[3]));
          expectObservable(states$).toBe(count === 1 ? '(n|)' : 'n(n|)');
        });
        expect(ledger.alive()).toEqual({});
      }
    });

    it('P5 L7 when its terminal value is told', () => {
      const ledger = ledgerOf();
      const books: unknown[] = [];
      marbles(({ cold, scheduler }) => {
        const source = ledger.counted('join', cold<TestLink>('-#', {}, boom));
        roomConnection(joins(source), { ...brisk, scheduler: ledger.clocked(scheduler) }).subscribe({
          next: ({ state }) => {
            if (state === 'failed') books.push(ledger.alive());
          },
          complete: () => books.push(ledger.alive()),
        });
      });
      expect(books).toEqual([{}, {}]);
    });
  });

  it('P5 P5 is a session of its own for every subscriber', () => {
    marbles(({ cold, link, expectStates, expectSubscriptions }) => {
      const source = cold('           -a     ', { a: link('a') });
      const connection$ = watched(roomConnection(joins(source), brisk));
      expectStates(connection$, '     ^---!  ').toBe('cC    ');
      expectStates(connection$, '     --^---!').toBe('--cC  ');
      expectSubscriptions(source.subscriptions).toBe(['^---!', '--^---!']);
    });
  });

  it('P5 P5 can be repeated after its end, as a new first join', () => {
    marbles(({ cold, hot, link, expectStates }) => {
      const notice$ = hot<ServerNotice>('----k', { k: { kind: 'kicked' } });
      const connection$ = roomConnection(joins(cold('-a', { a: link('a', { notice$ }) }), cold('-b', { b: link('b') })), brisk);
      expectStates(watched(connection$).pipe(repeat({ count: 2, delay: 4 })), '^ 15ms !').toBe('cC--k---cC');
    });
  });

  it('P5 P5 never errors, whatever its transport does', () => {
    marbles(({ expectObservable }) => {
      const connection$ = roomConnection<unknown, TestLink>(
        {
          request: () => {
            throw boom;
          },
          join: () => new Observable(),
          classify: () => {
            throw boom;
          },
        },
        brisk,
      );
      const texts$ = watched(connection$).pipe(map((state: ConnectionState) => textOf(state)));
      expectObservable(texts$).toBe('c 19ms (q|)', { c: 'connecting/joinChannel', q: 'failed/requestChannelFailed' });
    });
  });
});
