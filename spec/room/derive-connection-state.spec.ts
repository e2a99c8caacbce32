import { EMPTY, map, NEVER } from 'rxjs';
import {
  DeadlineExceededError,
  deriveConnectionState,
  type ConnectionState,
  type DeriveOptions,
  type Health,
  type ServerNotice,
} from '../../lib/index.js';
import { alwaysUp, inPage, ledgerOf, marbles, textOf, watched } from './room-harness.js';

const options: DeriveOptions = { deadline: 10, joinDeadline: 10, settle: { signal: 2, media: 0 }, wake$: NEVER, leave$: NEVER };

const healths: Readonly<Record<string, Health>> = { u: 'up', d: { down: true } };

describe('deriveConnectionState', () => {
  it('P5 P5 derives one honest state from both healths', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('    --u---------d----u---', healths);
      const media$ = hot('     ----u---d-----u----d-', healths);
      const unsub = '          ^-------------------!';
      expectStates(watched(deriveConnectionState({ signal$, media$ }, options)), unsub).toBe('c---C---m--------R-m');
      expectSubscriptions(signal$.subscriptions).toBe(unsub);
      expectSubscriptions(media$.subscriptions).toBe(unsub);
    });
  });

  it('P5 P5 starts with connecting, synchronously', () => {
    const seen: string[] = [];
    deriveConnectionState({ signal$: NEVER, media$: null }, options).pipe(map(textOf)).subscribe((state) => seen.push(state)).unsubscribe();
    expect(seen).toEqual(['connecting/joinChannel']);
  });

  it('P5 S6 one emission when both go down, and one when both come up', () => {
    marbles(({ hot, expectStates }) => {
      const signal$ = hot('                                          --u---d---u', healths);
      const media$ = hot('                                           --u---d---u', healths);
      const states$ = deriveConnectionState({ signal$, media$ }, { ...options, settle: { signal: 0 } });
      expectStates(watched(states$), '^ 15ms !').toBe('              c-C---s---R');
    });
  });

  it('P5 S8 needs no media where there is none', () => {
    marbles(({ hot, expectStates }) => {
      const signal$ = hot('                                                        --u-', healths);
      expectStates(watched(deriveConnectionState({ signal$, media$: null }, options)), '^---!').toBe('c-C');
    });
  });

  it('P5 P5 settles a dip', () => {
    marbles(({ hot, expectStates }) => {
      const signal$ = hot('                                                   --u---du----d-----', healths);
      expectStates(watched(deriveConnectionState({ signal$, media$: null }, options)), '^ 15ms !').toBe('c-C-----------s');
    });
  });

  it('P5 P5 fails at the deadline, and completes', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('                                             --u---d-----------u', healths);
      expectStates(watched(deriveConnectionState({ signal$, media$: alwaysUp }, options))).toBe('c-C-----s-------(t|)');
      expectSubscriptions(signal$.subscriptions).toBe('                 ^---------------!');
    });
  });

  it('P5 P5 fails at the join deadline where the healths never come up, and completes', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('                              --u----------', healths);
      expectStates(watched(deriveConnectionState({ signal$, media$: NEVER }, options))).toBe('c---------(f|)');
      expectSubscriptions(signal$.subscriptions).toBe('  ^---------!');
    });
  });

  it('P5 P5 attempts nothing: the sources are subscribed once, whatever happens to them', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('     --u---d----u---d---u---', healths);
      const media$ = hot('      --u----d--u------------', healths);
      const unsub = '           ^---------------------!';
      expectStates(watched(deriveConnectionState({ signal$, media$ }, { ...options, settle: { signal: 0 } })), unsub).toBe('c-C---s----R---s---R');
      expectSubscriptions(signal$.subscriptions).toBe(unsub);
      expectSubscriptions(media$.subscriptions).toBe(unsub);
    });
  });

  it('P5 J6 cuts nothing: as long as the join deadline is not reached, the healths may take their time', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('15s u', healths);
      expectStates(watched(deriveConnectionState({ signal$, media$: null }, { ...options, joinDeadline: 20_000 })), '^ 16s !').toBe('c 14999ms C');
      expectSubscriptions(signal$.subscriptions).toBe('^ 16s !');
    });
  });

  for (const [kind, letter] of [
    ['closed', 'x'],
    ['kicked', 'k'],
    ['duplicateUser', 'u'],
  ] as const) {
    it(`P5 T1 hears the server's word (${kind}), and completes`, () => {
      marbles(({ hot, expectStates, expectSubscriptions }) => {
        const notice$ = hot<ServerNotice>('---w', { w: { kind } });
        const signal$ = hot('          --u', healths);
        expectStates(watched(deriveConnectionState({ signal$, media$: null, notice$ }, options))).toBe(`c-C(${letter}|)`);
        expectSubscriptions(notice$.subscriptions).toBe('^--!');
      });
    });
  }

  for (const [name, end] of [
    ['errors', '#'],
    ['completes', '|'],
  ] as const) {
    it(`P5 P5 a source that ${name} is a lost source, not an error of the state`, () => {
      marbles(({ hot, expectStates }) => {
        const signal$ = hot(`                                                --u---${end}`, healths);
        const states$ = deriveConnectionState({ signal$, media$: alwaysUp }, { ...options, settle: { signal: 0 } });
        expectStates(watched(states$)).toBe('                 c-C---s---------(t|)');
      });
    });
  }

  it('P5 P5 gives the sources themselves as the link of the state', () => {
    const links = marbles(({ hot }) => {
      const sources = { signal$: hot('--u---d', healths), media$: null, mine: 'yes' };
      const links: unknown[] = [];
      deriveConnectionState(sources, options).subscribe((state) => links.push('link' in state ? state.link === sources : null));
      return links;
    });
    expect(links).toEqual([null, true, true, null]);
  });

  it('P5 D5 carries the error and no attempts', () => {
    const states: ConnectionState[] = [];
    marbles(({ hot }) => {
      deriveConnectionState({ signal$: hot('--u---d', healths), media$: null }, options).subscribe((state) => states.push(state));
    });
    const last = states.at(-1);
    expect(last?.state === 'failed' && last.error).toBeInstanceOf(DeadlineExceededError);
  });

  it('P5 L8 completes after leaving where the device says so', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('                                          --u---', healths);
      const leave$ = hot('                                           -----x');
      expectStates(watched(deriveConnectionState({ signal$, media$: null }, { ...options, leave$ }))).toBe('c-C--(l|)');
      expectSubscriptions(signal$.subscriptions).toBe('              ^----!');
    });
  });

  it('P5 L7 releases everything when unsubscribed, and emits nothing', () => {
    inPage(({ listeners }) => {
      const ledger = ledgerOf();
      const seen: string[] = [];
      marbles(({ hot, call, scheduler }) => {
        const { deadline, joinDeadline, settle } = options as Required<DeriveOptions>;
        const signal$ = ledger.counted('signal$', hot('--u---d', healths));
        const sources = { signal$, media$: ledger.counted('media$', alwaysUp), notice$: ledger.counted('notice$', NEVER) };
        const states$ = deriveConnectionState(sources, { deadline, joinDeadline, settle, scheduler: ledger.clocked(scheduler) });
        const subscription = states$.subscribe({ next: (state) => seen.push(textOf(state)), complete: () => seen.push('complete') });
        call('---------x', {
          x: () => {
            expect(Object.keys(ledger.alive())).toEqual(jasmine.arrayContaining(['signal$', 'media$', 'notice$', 'timers']));
            subscription.unsubscribe();
            expect(ledger.alive()).toEqual({});
            expect(listeners()).toBe(0);
          },
        });
      });
      expect(seen).toEqual(['connecting/joinChannel', 'connected/joinSucceed', 'reconnecting/signalDisconnected']);
    });
  });

  it('P5 P5 is a judgement of its own for every subscriber', () => {
    marbles(({ hot, expectStates, expectSubscriptions }) => {
      const signal$ = hot('     --u--d--u--', healths);
      const states$ = watched(deriveConnectionState({ signal$, media$: null }, { ...options, settle: { signal: 0 } }));
      expectStates(states$, '   ^---------!').toBe('c-C--s--R');
      expectStates(states$, '   ------^---!').toBe('------c-C');
      expectSubscriptions(signal$.subscriptions).toBe(['^---------!', '------^---!']);
    });
  });

  it('P5 P5 a source that is over from the start is no connection', () => {
    marbles(({ expectStates }) => {
      expectStates(watched(deriveConnectionState({ signal$: EMPTY, media$: null }, options))).toBe('c---------(f|)');
    });
  });
});
