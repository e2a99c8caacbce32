import { BehaviorSubject, concat, defer, filter, map, NEVER, Observable, of, Subject } from 'rxjs';
import { whenConnected, type ConnectionState, type Health, type Room, type RoomError, type RoomTransport, type ServerNotice, type Wake } from '../../lib/index.js';
import {
  alwaysUp,
  brisk,
  inPage,
  joins,
  ledgerOf,
  linkOf,
  marbles,
  textOf,
  throttled,
  watchedRoom,
  type Ledger,
  type Marbles,
  type TestLink,
} from './room-harness.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The `unhandledRejection` events while `body` runs. */
const unhandledIn = async (body: () => Promise<void>): Promise<unknown[]> => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  await body();
  await pause(15);
  process.off('unhandledRejection', listener);
  return unhandled;
};

/** One way of being in a room; all that runs is booked. At 12 the room is in the state that the name says. */
interface Scene {
  readonly joins: readonly string[];
  readonly signal?: string;
  readonly media?: string;
  readonly wait?: number;
  readonly settle?: number;
  readonly request?: string;
  readonly repair?: string;
  readonly probe?: string;
  readonly states: string;
  /** What must be alive at 12, so that a spec which ends it proves something. */
  readonly alive: readonly string[];
}

const scenes: Readonly<Record<string, Scene>> = {
  'connecting, in its request': { joins: ['-'], request: '-', states: 'dc', alive: ['request', 'timers'] },
  'connecting, in an attempt': { joins: ['-'], states: 'dc', alive: ['join', 'timers'] },
  'connecting, in an attempt that has its link': { joins: ['-a'], media: '-', states: 'dc', alive: ['join', 'signal$', 'media$', 'notice$', 'errors$'] },
  'connecting, in a wait': { joins: ['-#'], wait: 15, states: 'dc', alive: ['timers', 'wake$', 'leave$'] },
  connected: { joins: ['-a'], states: 'dcC', alive: ['join', 'signal$', 'media$', 'notice$', 'errors$', 'wake$', 'leave$'] },
  'connected, in a dip that settles': { joins: ['-a'], media: 'u-------d', settle: 5, states: 'dcC', alive: ['join', 'timers'] },
  'connected, in a quiet repair': { joins: ['-a'], media: 'u------d', settle: 9, repair: '-', states: 'dcC', alive: ['join', 'repair', 'timers'] },
  'connected, in a probe': { joins: ['-a'], media: 'u-------d', settle: 9, probe: '-', states: 'dcC', alive: ['join', 'probe', 'timers'] },
  'reconnecting, in a wait': { joins: ['-a'], media: 'u-------d', wait: 15, states: 'dcC-------m', alive: ['join', 'media$', 'timers'] },
  'reconnecting, in a repair': { joins: ['-a'], media: 'u----d', repair: '-', states: 'dcC----m', alive: ['join', 'repair', 'timers'] },
  'reconnecting, in a rejoin': { joins: ['-a', '-'], media: 'u----d', states: 'dcC----m', alive: ['join', 'timers'] },
  'reconnecting, in a rejoin that has its link': { joins: ['-a', '-b'], media: 'u----d', states: 'dcC----m', alive: ['join', 'signal$', 'timers'] },
  'reconnecting, with only the deadline left': { joins: ['-a', '-#'], media: 'u----d', wait: 2, states: 'dcC----m', alive: ['timers'] },
};

interface Staged {
  readonly room: Room<TestLink>;
  readonly ledger: Ledger;
  readonly words: Subject<ServerNotice>;
}

/** Puts a scene on the stage, booked in a ledger. */
function stage({ cold, scheduler, command }: Marbles, scene: Scene): Staged {
  const ledger = ledgerOf();
  const words = new Subject<ServerNotice>();
  const healthOf = (diagram: string): Observable<Health> => cold<Health>(diagram, { u: 'up', d: { down: true } });
  const build = (name: string): TestLink => {
    const media = name === 'a' ? scene.media : '-';
    return linkOf(name, ledger.counted('signal$', alwaysUp), {
      media$: ledger.counted('media$', media === undefined ? alwaysUp : healthOf(media)),
      notice$: ledger.counted('notice$', words),
      errors$: ledger.counted('errors$', NEVER),
      ...(scene.probe === undefined ? {} : { probe: () => ledger.counted('probe', cold(scene.probe!)) }),
    });
  };
  const sources = [...scene.joins, '-'].map((diagram) =>
    defer(() => ledger.counted('join', cold(diagram).pipe(map((letter) => build(letter))))),
  );
  const room = watchedRoom(
    {
      ...joins(...sources),
      request: () => ledger.counted('request', scene.request === undefined ? of(undefined) : cold<undefined>(scene.request)),
      ...(scene.repair === undefined ? {} : { repair: () => ledger.counted('repair', cold(scene.repair!)) }),
    },
    {
      ...brisk,
      schedule: ({ position }) => (scene.wait === 2 && position > 1 ? 100 : (scene.wait ?? 2)),
      attemptLimit: 15,
      settle: { signal: scene.settle ?? 0, media: scene.settle ?? 0 },
      probeLimit: 15,
      probeHold: 15,
      wake$: ledger.counted('wake$', NEVER as Observable<Wake>),
      leave$: ledger.counted('leave$', NEVER),
      scheduler: ledger.clocked(scheduler),
    },
  );
  command(room, '-j');
  return { room, ledger, words };
}

describe('leaving a room', () => {
  for (const [name, scene] of Object.entries(scenes)) {
    describe(name, () => {
      it('L1 leave() emits disconnected/leaveChannel before it returns', () => {
        const seen: string[] = [];
        const told: string[] = [];
        marbles((t) => {
          const { room } = stage(t, scene);
          room.connectionState$.subscribe((state) => seen.push(textOf(state)));
          t.call('------------x', {
            x: () => {
              seen.splice(0);
              room.leave();
              told.push(...seen, textOf(room.connectionState));
            },
          });
          t.expectStates(room).toBe(`${scene.states}${'-'.repeat(12 - scene.states.length)}l`);
        });
        expect(told).toEqual(['disconnected/leaveChannel', 'disconnected/leaveChannel']);
      });

      it('L4 leave() leaves nothing behind: no timer, no subscription', () => {
        const books: unknown[] = [];
        const during: string[] = [];
        marbles((t) => {
          const { room, ledger } = stage(t, scene);
          room.connectionState$.subscribe(({ state, reason }) => {
            if (state === 'disconnected' && reason !== null) books.push(ledger.alive());
          });
          t.call('------------x', {
            x: () => {
              during.push(...Object.keys(ledger.alive()));
              room.leave();
              books.push(ledger.alive());
            },
          });
        });
        expect(during).toEqual(jasmine.arrayContaining([...scene.alive]));
        expect(books).toEqual([{}, {}]);
      });

      it('L4 failing leaves nothing behind: no timer, no subscription', () => {
        const books: unknown[] = [];
        marbles((t) => {
          const { room, ledger } = stage(t, scene.states.endsWith('C') ? { ...scene, media: scene.media ?? 'u-d', settle: 0 } : scene);
          room.connectionState$.subscribe(({ state }) => {
            if (state === 'failed') books.push(ledger.alive());
          });
        });
        expect(books).toEqual([{}]);
      });
    });
  }

  for (const kind of ['closed', 'kicked', 'duplicateUser'] as const) {
    for (const name of ['connected', 'connected, in a dip that settles', 'connected, in a probe', 'reconnecting, in a wait', 'reconnecting, in a repair']) {
      it(`L4 the server's word (${kind}) while ${name} leaves nothing behind`, () => {
        const books: unknown[] = [];
        marbles((t) => {
          const { room, ledger, words } = stage(t, scenes[name]!);
          room.connectionState$.subscribe(({ state, reason }) => {
            if (state === 'disconnected' && reason !== null) books.push(ledger.alive());
          });
          t.call('------------x', { x: () => words.next({ kind }) });
        });
        expect(books).toEqual([{}]);
      });
    }
  }

  it('L4 a fatal error leaves nothing behind', () => {
    const ledger = ledgerOf();
    const books: unknown[] = [];
    marbles(({ cold, command, scheduler }) => {
      const room = watchedRoom(
        { ...joins(ledger.counted('join', cold('--#'))), classify: () => ({ kind: 'fatal' }) },
        { ...brisk, scheduler: ledger.clocked(scheduler), wake$: ledger.counted('wake$', NEVER), leave$: ledger.counted('leave$', NEVER) },
      );
      room.connectionState$.subscribe(({ state }) => {
        if (state === 'failed') books.push(ledger.alive());
      });
      command(room, '-j');
    });
    expect(books).toEqual([{}]);
  });

  it('L4 leave() in the very frame of a timer takes that timer with it', () => {
    const ledger = ledgerOf();
    marbles(({ cold, link, health, command, call, scheduler, expectStates }) => {
      const a = link('a', { signal$: health('---u-d') });
      const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, scheduler: ledger.clocked(scheduler) });
      command(room, '         -j');
      call('                  -------x', {
        x: () => {
          room.leave();
          expect(ledger.alive()).toEqual({});
        },
      });
      expectStates(room).toBe('dc-C-s-l');
    });
  });

  it('L4 failing at an event after the deadline, for timers are late, takes the late timer with it', () => {
    const ledger = ledgerOf();
    const books: unknown[] = [];
    marbles(({ cold, link, health, command, scheduler, expectStates }) => {
      const a = link('a', { signal$: health('---u-d 24ms u') });
      const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, schedule: () => 100, scheduler: ledger.clocked(throttled(scheduler, 100)) });
      room.connectionState$.subscribe(({ state }) => {
        if (state === 'failed') books.push(ledger.alive());
      });
      command(room, '-j');
      expectStates(room).toBe('dc-C-s 24ms t');
    });
    expect(books).toEqual([{}]);
  });

  describe('on the default scheduler, too busy for its timers', () => {
    /** The platform's timers that are set while `body` runs, and not cleared. */
    const timersIn = async (body: (alive: ReadonlySet<unknown>) => void | Promise<void>): Promise<void> => {
      const { setInterval: set, clearInterval: clear } = globalThis;
      const alive = new Set<unknown>();
      globalThis.setInterval = ((...args: Parameters<typeof set>) => {
        const id = set(...args);
        alive.add(id);
        return id;
      }) as typeof set;
      globalThis.clearInterval = (id) => {
        alive.delete(id);
        clear(id);
      };
      try {
        await body(alive);
      } finally {
        globalThis.setInterval = set;
        globalThis.clearInterval = clear;
        for (const id of alive) clear(id as Parameters<typeof clear>[0]);
      }
    };

    const block = (ms: number): void => {
      const until = Date.now() + ms;
      while (Date.now() < until);
    };

    it('L4 leave() takes an overdue timer with it', () =>
      timersIn((alive) => {
        const room = watchedRoom(joins(NEVER), { joinDeadline: 5 });
        room.join();
        expect(alive.size).toBe(1);
        block(8);
        room.leave();
        expect(alive.size).toBe(0);
      }));

    for (const [name, state, act] of [
      ['failing at an event after the deadline', 'failed', (signal$: Subject<Health>) => signal$.next('up')],
      ["the server's word", 'disconnected', (_: Subject<Health>, notice$: Subject<ServerNotice>) => notice$.next({ kind: 'kicked' })],
    ] as const) {
      it(`L4 ${name} takes an overdue timer with it`, () =>
        timersIn(async (alive) => {
          const signal$ = new Subject<Health>();
          const notice$ = new Subject<ServerNotice>();
          const source = concat(of(linkOf('a', signal$, { notice$ })), NEVER);
          // The word comes after an attempt's limit, the health after the deadline.
          const limits = state === 'failed' ? { joinDeadline: 30 } : { attemptLimit: 30 };
          const room = watchedRoom(joins(source), limits);
          const books: number[] = [];
          room.connectionState$.subscribe(({ state: now, reason }) => {
            if (now === state && reason !== null) books.push(alive.size);
          });
          room.join();
          expect(alive.size).toBe(1);
          block(35);
          act(signal$, notice$);
          for (let i = 0; i < 5; i++) await Promise.resolve();
          expect(books).toEqual([0]);
          room.leave();
        }));
    }
  });

  it('L4 nothing runs before the first join', () => {
    const ledger = ledgerOf();
    marbles(({ scheduler }) => {
      const room = watchedRoom(joins(ledger.counted('join', NEVER)), {
        ...brisk,
        scheduler: ledger.clocked(scheduler),
        wake$: ledger.counted('wake$', NEVER),
        leave$: ledger.counted('leave$', NEVER),
      });
      room.retryNow();
      room.leave();
      expect(ledger.alive()).toEqual({});
    });
  });

  it('L4 the page has no listener of ours before the join, nor after a leave, a kick or failing', () => {
    inPage(({ listeners }) => {
      const counts: number[] = [];
      marbles(({ cold, hot, link, command, expectStates }) => {
        const a = link('a');
        const b = link('b', { notice$: hot<ServerNotice>('---------k', { k: { kind: 'kicked' } }) });
        const room = watchedRoom(joins(cold('         -a', { a }), cold('-b', { b }), NEVER), { ...brisk, joinDeadline: 2 });
        room.connectionState$.subscribe(() => counts.push(listeners()));
        command(room, '                               -j--l-j-----j');
        expectStates(room).toBe('                      dcC-l-cC-k--c-f');
      });
      const [before, connecting, connected, ...rest] = counts;
      expect(before).toBe(0);
      expect(connected).toBeGreaterThan(0);
      expect(rest).toEqual([0, connecting!, connected!, 0, connecting!, 0]);
    });
  });

  describe('where there is nothing to leave', () => {
    it('L1 leave() before any join changes and emits nothing', () => {
      marbles(({ command, expectStates, expectObservable }) => {
        const room = watchedRoom(joins(NEVER));
        command(room, '-l-(ll)');
        expectStates(room).toBe('d');
        expectObservable(room.snapshot$.pipe(map(() => 's'))).toBe('s');
      });
    });

    it('L1 leave() after leaving changes and emits nothing', () => {
      marbles(({ command, expectStates, expectObservable }) => {
        const room = watchedRoom(joins(NEVER));
        command(room, '-j-l-l');
        expectStates(room).toBe('dc-l');
        expectObservable(room.events$.pipe(map(({ type }) => type[0]))).toBe('-a');
      });
    });

    it('L1 leave() after a kick keeps the reason', () => {
      marbles(({ cold, hot, link, command, expectStates }) => {
        const a = link('a', { notice$: hot<ServerNotice>('----k', { k: { kind: 'kicked' } }) });
        const room = watchedRoom(joins(cold('-a', { a })));
        command(room, '          -j---l');
        expectStates(room).toBe(' dcC-k ');
      });
    });

    it('L1 leave() after failing keeps the reason and the error', () => {
      const states: ConnectionState[] = [];
      marbles(({ command, expectStates }) => {
        const room = watchedRoom(joins(NEVER), { ...brisk, joinDeadline: 3 });
        room.connectionState$.subscribe((state) => states.push(state));
        command(room, '-j---l');
        expectStates(room).toBe('dc--f');
      });
      expect(states.length).toBe(3);
    });
  });

  it('L1 leave() inside an emission is carried out when its turn comes', () => {
    const seen: string[] = [];
    marbles(({ cold, link, command, expectStates }) => {
      const room = watchedRoom(joins(cold('-a', { a: link('a') })));
      room.connectionState$.subscribe((state) => {
        seen.push(`in ${textOf(state)}`);
        if (state.state === 'connected') room.leave();
        seen.push(`out ${textOf(state)}`);
      });
      command(room, '         -j');
      expectStates(room).toBe('dc(Cl)');
    });
    expect(seen.slice(-4)).toEqual([
      'in connected/joinSucceed',
      'out connected/joinSucceed',
      'in disconnected/leaveChannel',
      'out disconnected/leaveChannel',
    ]);
  });

  describe('in the middle of something', () => {
    it('L2 during a wait: no further attempt', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d ') });
        const first = cold('                    -a     ', { a });
        const second = cold('                   -b     ', { b: link('b') });
        const room = watchedRoom(joins(first, second));
        command(room, '                         -j----l');
        expectStates(room).toBe('                dc-C-sl');
        expectSubscriptions(first.subscriptions).toBe('-^----!');
        expectSubscriptions(second.subscriptions).toBe([]);
      });
    });

    it('L2 during an attempt: it is unsubscribed, no late connected', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const source = cold('----a', { a: link('a') });
        const stubborn = new Observable<TestLink>((subscriber) => {
          source.subscribe((link) => subscriber.next(link));
          cold('-----b', { b: link('b') }).subscribe((link) => subscriber.next(link));
        });
        const polite = cold('  ----a         ', { a: link('a') });
        const room = watchedRoom(joins(stubborn, polite));
        command(room, '        -j-l-------j-l');
        expectStates(room).toBe('dc-l-------c-l');
        expectSubscriptions(polite.subscriptions).toBe('-----------^-!');
      });
    });

    it('L2 during a request: it is unsubscribed, no join follows', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const token = cold('    ----t ', { t: 'token' });
        const stubborn = new Observable<string>((subscriber) => {
          token.subscribe((name) => subscriber.next(name));
        });
        const join = cold('     -a', { a: link('a') });
        const asked = [stubborn, token];
        const room = watchedRoom({ request: () => asked.shift()!, join: () => join });
        command(room, '         -j-l---------j-l');
        expectStates(room).toBe('dc-l---------c-l');
        expectSubscriptions(token.subscriptions).toBe(['-^', '-------------^-!']);
        expectSubscriptions(join.subscriptions).toBe([]);
      });
    });

    it('L2 during a repair: it is unsubscribed', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { media$: health('---u-d   ') });
        const repair = cold('                 -        ');
        const room = watchedRoom({ ...joins(cold('-a', { a })), repair: () => repair });
        command(room, '                      -j------l');
        expectStates(room).toBe('             dc-C-m--l');
        expectSubscriptions(repair.subscriptions).toBe('-------^!');
      });
    });

    /** Transports with a promise in them: `ask` gives it. */
    const promising: Readonly<Record<string, (ask: () => Promise<never>, media$: Observable<Health>) => RoomTransport<unknown, TestLink>>> = {
      'a token request': (ask) => ({ request: ask, join: () => NEVER }),
      'an attempt': (ask) => ({ join: () => defer(ask) }),
      'a repair': (ask, media$) => ({
        join: () => concat(of(linkOf('a', alwaysUp, { media$ })), NEVER),
        repair: () => defer(ask),
      }),
      'a probe': (ask, media$) => ({
        join: () => concat(of(linkOf('a', alwaysUp, { media$, probe: () => defer(ask) })), NEVER),
      }),
    };
    for (const [name, transportOf] of Object.entries(promising)) {
      it(`L2 during ${name} that rejects later: no unhandled rejection, nothing more happens`, async () => {
        const states: string[] = [];
        let asked = 0;
        const unhandled = await unhandledIn(async () => {
          let reject: (error: Error) => void = () => {};
          const media$ = new BehaviorSubject<Health>('up');
          const ask = (): Promise<never> => {
            asked++;
            return new Promise((_, refuse) => (reject = refuse));
          };
          const room = watchedRoom(transportOf(ask, media$), { schedule: () => 1, settle: { media: 1000 } });
          room.connectionState$.subscribe((state) => states.push(textOf(state)));
          room.join();
          await pause(5);
          media$.next({ down: true });
          await pause(20);
          states.splice(0);
          room.leave();
          reject(new Error('too late'));
        });
        expect(asked).toBe(1);
        expect(unhandled).toEqual([]);
        expect(states).toEqual(['disconnected/leaveChannel']);
      });
    }

    it('L2 whoever awaits the connection is told, and nobody is left with an unhandled rejection', async () => {
      const unhandled = await unhandledIn(async () => {
        const room = watchedRoom(joins(NEVER), {});
        room.join();
        void whenConnected(room);
        await pause(1);
        room.leave();
      });
      expect(unhandled).toEqual([]);
    });
  });

  describe('the echo of our own leave', () => {
    for (const kind of ['closed', 'kicked', 'duplicateUser'] as const) {
      it(`L3 ${kind}, heard in the frame of the leave or after it, is not a kick`, () => {
        marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
          const notice$ = hot<ServerNotice>('                           ----k--k', { k: { kind } });
          const room = watchedRoom(joins(cold('-a', { a: link('a', { notice$ }) })));
          command(room, '                                           -j--l   ');
          expectStates(room).toBe('                                  dcC-l   ');
          expectSubscriptions(notice$.subscriptions).toBe('            --^-!   ');
        });
      });

      it(`L3 ${kind}, said while the link is being closed, is not a kick`, () => {
        marbles(({ cold, link, command, expectStates }) => {
          const notice$ = new Subject<ServerNotice>();
          const a = link('a', { notice$, close: () => notice$.next({ kind }) });
          const room = watchedRoom(joins(cold('-a', { a })));
          command(room, '         -j--l');
          expectStates(room).toBe('dcC-l');
        });
      });
    }

    it('L3 a join that errors because we left, with a kick, is not a kick', () => {
      marbles(({ link, call, command, expectStates }) => {
        const session = new Subject<TestLink>();
        const a = link('a', { close: () => session.error('4001') });
        const room = watchedRoom({ ...joins(session), classify: () => ({ kind: 'kicked' }) });
        command(room, '         -j--l');
        call('                  --a  ', { a: () => session.next(a) });
        expectStates(room).toBe('dcC-l');
      });
    });

    it('L3 the echo of the old session is not a kick of the new one', () => {
      marbles(({ cold, hot, link, command, expectStates }) => {
        const notice$ = hot<ServerNotice>('----kk-k', { k: { kind: 'kicked' } });
        const room = watchedRoom(joins(cold('-a', { a: link('a', { notice$ }) }), cold('------b', { b: link('b') })));
        command(room, '         -j--(lj)');
        expectStates(room).toBe('dcC-(lc)--C');
      });
    });

    it('L3 a leave that the device asked for, in the frame of the kick, is a leave', () => {
      marbles(({ cold, hot, link, command, expectStates }) => {
        const notice$ = hot<ServerNotice>('----k', { k: { kind: 'kicked' } });
        const leave$ = hot('           ----x');
        const room = watchedRoom(joins(cold('-a', { a: link('a', { notice$ }) })), { ...brisk, leave$ });
        command(room, '         -j   ');
        expectStates(room).toBe('dcC-l');
      });
    });
  });

  describe('closing a link', () => {
    /** What a session goes through, in order: `why` it is closed, then its unsubscription. */
    const logged = (log: string[], name: string, source: Observable<TestLink>): Observable<TestLink> =>
      new Observable((subscriber) => {
        log.push(`${name} begins`);
        subscriber.add(() => log.push(`${name} ends`));
        subscriber.add(source.subscribe(subscriber));
      });

    it('L5 a link that we leave is told so, once, before it is unsubscribed', () => {
      const log: string[] = [];
      marbles(({ cold, link, command }) => {
        const a = link('a', { close: (why) => log.push(`a ${why}`) });
        command(watchedRoom(joins(logged(log, 'a', cold('-a', { a })))), '-j--l-l');
      });
      expect(log).toEqual(['a begins', 'a left', 'a ends']);
    });

    it('L5 a broken link that we leave is told so', () => {
      const log: string[] = [];
      marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d'), close: (why) => log.push(`a ${why}`) });
        command(watchedRoom(joins(logged(log, 'a', cold('-a', { a })))), '-j----l');
      });
      expect(log).toEqual(['a begins', 'a left', 'a ends']);
    });

    it('L5 a link whose place a rejoin takes is told before it is unsubscribed', () => {
      const log: string[] = [];
      marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d'), close: (why) => log.push(`a ${why}`) });
        command(watchedRoom(joins(logged(log, 'a', cold('-a', { a })), NEVER)), '-j-------l');
      });
      expect(log).toEqual(['a begins', 'a superseded', 'a ends']);
    });

    it('L5 a link that never came up is told that it is abandoned, when its attempt is cut', () => {
      const log: string[] = [];
      marbles(({ cold, link, command }) => {
        const a = link('a', { media$: NEVER, close: (why) => log.push(`a ${why}`) });
        command(watchedRoom(joins(logged(log, 'a', cold('-a', { a })), NEVER)), '-j');
      });
      expect(log).toEqual(['a begins', 'a abandoned', 'a ends']);
    });

    it('L5 a rejoined link that never came up is abandoned, not superseded', () => {
      const log: string[] = [];
      marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d'), close: (why) => log.push(`a ${why}`) });
        const b = link('b', { media$: NEVER, close: (why) => log.push(`b ${why}`) });
        const transport = joins(cold('-a', { a }), logged(log, 'b', cold('-b', { b })), NEVER);
        command(watchedRoom(transport, { ...brisk, attemptLimit: 4 }), '-j');
      });
      expect(log).toEqual(['a superseded', 'b begins', 'b abandoned', 'b ends']);
    });

    it('L5 a link that is still there at the deadline is told that it is abandoned', () => {
      const log: string[] = [];
      marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d'), close: (why) => log.push(`a ${why}`) });
        command(watchedRoom(joins(logged(log, 'a', cold('-a', { a }))), { ...brisk, schedule: () => 30 }), '-j');
      });
      expect(log).toEqual(['a begins', 'a abandoned', 'a ends']);
    });

    for (const kind of ['closed', 'kicked', 'duplicateUser'] as const) {
      it(`L5 a link on which the server says ${kind} is told that it is dismissed`, () => {
        const log: string[] = [];
        marbles(({ cold, hot, link, command }) => {
          const notice$ = hot<ServerNotice>('----k', { k: { kind } });
          const a = link('a', { notice$, close: (why) => log.push(`a ${why}`) });
          command(watchedRoom(joins(logged(log, 'a', cold('-a', { a })))), '-j----l');
        });
        expect(log).toEqual(['a begins', 'a dismissed', 'a ends']);
      });
    }

    it('L5 a link that ended by itself is not told anything after it was unsubscribed', () => {
      const log: string[] = [];
      marbles(({ cold, link, command }) => {
        const a = link('a', { close: (why) => log.push(`a ${why}`) });
        command(watchedRoom(joins(logged(log, 'a', cold('-a--#', { a })), NEVER)), '-j----l');
      });
      expect(log.indexOf('a ends')).toBe(log.length - 1);
    });

    it('L5 a close that throws is reported and holds nothing up', () => {
      const errors: RoomError[] = [];
      const boom = new Error('close');
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const a = link('a', {
          close: () => {
            throw boom;
          },
        });
        const source = cold('         -a         ', { a });
        const room = watchedRoom(joins(source));
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '               -j--l--j  ');
        expectStates(room).toBe('      dcC-l--cC ');
        expectSubscriptions(source.subscriptions).toBe(['-^--!', '-------^']);
      });
      expect(errors).toEqual([{ at: 4, from: 'close', error: boom }]);
    });

    it('L5 a teardown that throws is reported and holds nothing up', () => {
      const errors: RoomError[] = [];
      marbles(({ link, command, expectStates }) => {
        const room = watchedRoom<unknown, TestLink>({
          join: () =>
            new Observable((subscriber) => {
              subscriber.next(link('a'));
              return () => {
                throw new Error('teardown');
              };
            }),
        });
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '         -j----l----j---- ');
        expectStates(room).toBe('d(cC)-l----(cC)');
      });
      expect(errors.map(({ from }) => from)).toEqual(['teardown']);
    });

    it('L5 so is that of a stream of a link that ends, or that another replaces', () => {
      const from: string[] = [];
      const torn = new Observable<Health>((subscriber) => {
        subscriber.next('up');
        return () => {
          throw new Error('teardown');
        };
      });
      marbles(({ cold, link, command, expectStates }) => {
        const links = { a: link('a', { signal$: torn }), b: link('b', { signal$: torn }) };
        const room = watchedRoom(joins(cold('a--b--#', links), cold('a', { a: link('c') })));
        room.errors$.subscribe((error) => from.push(error.from));
        command(room, '         j---------');
        expectStates(room, '      -^----------').toBe('-C-R--s-R');
      });
      expect(from).toEqual(['teardown', 'teardown']);
    });

    it('L5 a close that calls the room is no way into an endless loop', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const a = link('a', {
          close: () => {
            room.leave();
            room.retryNow();
          },
        });
        const room = watchedRoom(joins(cold('-a', { a })));
        command(room, '         -j--l---j');
        expectStates(room).toBe('dcC-l---cC');
      });
    });

    it('L5 a join() from within a close is a new session, after the old one has ended', () => {
      const log: string[] = [];
      marbles(({ cold, link, command, expectStates }) => {
        const a = link('a', { close: () => room.join() });
        const room = watchedRoom(joins(logged(log, 'a', cold('-a', { a })), logged(log, 'b', cold('-----b', { b: link('b') }))));
        command(room, '         -j--l');
        expectStates(room).toBe('dcC-(lc)-C');
      });
      expect(log).toEqual(['a begins', 'a ends', 'b begins']);
    });
  });

  describe('again and again', () => {
    it('L6 100 cycles of join and leave end with the listeners and subscriptions that they began with', () => {
      inPage(({ listeners }) => {
        const ledger = ledgerOf();
        const joined: unknown[] = [];
        const left: unknown[] = [];
        marbles(({ scheduler, cold }) => {
          const build = (): TestLink =>
            linkOf('a', ledger.counted('signal$', alwaysUp), {
              media$: ledger.counted('media$', alwaysUp),
              notice$: ledger.counted('notice$', NEVER),
              errors$: ledger.counted('errors$', NEVER),
            });
          const join = (): Observable<TestLink> => ledger.counted('join', cold('-a').pipe(map(build)));
          const room = watchedRoom({ join }, { ...brisk, scheduler: ledger.clocked(scheduler) });
          for (let cycle = 0; cycle < 100; cycle++) {
            cold(`${cycle * 10 + 1}ms x`).subscribe(() => room.join());
            cold(`${cycle * 10 + 5}ms x`).subscribe(() => {
              joined.push({ ...ledger.alive(), listeners: listeners(), state: room.connectionState.state });
              for (let again = 0; again < cycle % 3; again++) {
                room.leave();
                room.join();
              }
              room.leave();
              left.push({ ...ledger.alive(), listeners: listeners() });
            });
          }
        });
        expect(joined.length).toBe(100);
        expect(new Set(joined.map((books) => JSON.stringify(books))).size).toBe(1);
        expect(joined[0]).toEqual(jasmine.objectContaining({ state: 'connected', join: 1, signal$: 1 }));
        expect(left.every((books) => JSON.stringify(books) === '{"listeners":0}')).toBe(true);
      });
    });

    it('L6 100 cycles in one tick leave nothing behind', () => {
      inPage(({ listeners }) => {
        const ledger = ledgerOf();
        marbles(({ scheduler }) => {
          const room = watchedRoom(joins(ledger.counted('join', NEVER)), { ...brisk, scheduler: ledger.clocked(scheduler) });
          for (let cycle = 0; cycle < 100; cycle++) {
            room.join();
            room.leave();
          }
          expect(ledger.alive()).toEqual({});
          expect(listeners()).toBe(0);
        });
      });
    });
  });

  describe('the page', () => {
    const hide = (window: EventTarget, persisted: boolean): void => {
      window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));
    };

    it('L8 closing it says leave', () => {
      inPage(({ window, listeners }) => {
        const closes = marbles(({ cold, link, command, call, expectStates, expectSubscriptions }) => {
          const a = link('a');
          const source = cold('   -a  ', { a });
          const room = watchedRoom(joins(source));
          command(room, '         -j  ');
          call('                  ----h', { h: () => hide(window, false) });
          expectStates(room).toBe('dcC-l');
          expectSubscriptions(source.subscriptions).toBe('-^--!');
          return a.closes;
        });
        expect(closes).toEqual(['left']);
        expect(listeners()).toBe(0);
      });
    });

    it('L8 closing it says leave before its last task ends: a microtask is all that it has', async () => {
      const a = linkOf('a', alwaysUp);
      const room = watchedRoom({ join: () => concat(of(a), NEVER) }, {});
      const closePage = inPage(({ window }) => {
        room.join();
        return () => hide(window, false);
      });
      await pause(5);
      expect(room.connectionState.state).toBe('connected');
      closePage();
      for (let i = 0; i < 5; i++) await Promise.resolve();
      expect(a.closes).toEqual(['left']);
      room.leave();
    });

    it('L8 closing it says leave while connecting and while reconnecting, too', () => {
      inPage(({ window }) => {
        marbles(({ cold, link, health, command, call, expectStates }) => {
          const a = link('a', { signal$: health('----------u-d') });
          const room = watchedRoom(joins(NEVER, cold(' -a', { a })));
          command(room, '                       -j----j         ');
          call('                                ---h---------h  ', { h: () => hide(window, false) });
          expectStates(room).toBe('              dc-l--c---C-sl');
        });
      });
    });

    it('L8 putting it into the back/forward cache is no leave', () => {
      inPage(({ window }) => {
        marbles(({ cold, link, command, call, expectStates }) => {
          const room = watchedRoom(joins(cold('-a', { a: link('a') })));
          command(room, '         -j   ');
          call('                  ----h', { h: () => hide(window, true) });
          expectStates(room).toBe('dcC');
        });
      });
    });

    it('L8 coming back from the back/forward cache is a wake: the wait is shortened', () => {
      inPage(({ window }) => {
        marbles(({ cold, link, health, command, call, expectStates, expectSubscriptions }) => {
          const a = link('a', { signal$: health('---u-d      ') });
          const second = cold('                         -b', { b: link('b') });
          const room = watchedRoom(joins(cold('-a', { a }), second), { ...brisk, schedule: () => 15, wakeFloor: 0 });
          command(room, '                       -j          ');
          call('                                ------h--s  ', {
            h: () => hide(window, true),
            s: () => window.dispatchEvent(new Event('pageshow')),
          });
          expectStates(room).toBe('              dc-C-s----R ');
          expectSubscriptions(second.subscriptions).toBe('---------^');
        });
      });
    });

    it('L8 an application may say itself when to leave', () => {
      inPage(({ window, listeners }) => {
        marbles(({ cold, hot, link, command, call, expectStates, expectSubscriptions }) => {
          const leave$ = hot('    ------x');
          const room = watchedRoom(joins(cold('-a', { a: link('a') })), { ...brisk, leave$, wake$: NEVER });
          command(room, '         -j     ');
          call('                  ----h  ', { h: () => hide(window, false) });
          expectStates(room).toBe('dcC---l');
          expectSubscriptions(leave$.subscriptions).toBe('-^----!');
        });
        expect(listeners()).toBe(0);
      });
    });
  });

  it('M6 leaves and completes every stream when disposed of, and joins no more', () => {
    marbles(({ cold, link, call, command, expectStates, expectObservable, expectSubscriptions }) => {
      const source = cold('   -a       ', { a: link('a') });
      const room = watchedRoom(joins(source));
      command(room, '         -j       ');
      call('                  ----x---j', {
        x: () => room.dispose(),
        j: () => expect(() => room.join()).toThrowError('join: this room was disposed of; create another one'),
      });
      expectStates(room).toBe('dcC-(l|)');
      expectObservable(room.errors$).toBe('----|');
      expectObservable(room.events$.pipe(filter(() => false))).toBe('----|');
      expectObservable(room.link$.pipe(map((link) => link?.name ?? 'n'))).toBe('n-a-(n|)');
      expectObservable(room.progress$.pipe(map((progress) => (progress === null ? 'n' : 'p')))).toBe('npn-|');
      expectObservable(room.snapshot$.pipe(map(({ connectionState }) => connectionState.state[0]))).toBe('dcc-(d|)');
      expectSubscriptions(source.subscriptions).toBe('-^--!');
    });
  });

  it('M6 leaves before it completes when disposed of in an emission', () => {
    marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
      const source = cold('   -a', { a: link('a') });
      const room = watchedRoom(joins(source));
      room.connectionState$.subscribe(({ state }) => {
        if (state === 'connected') room[Symbol.dispose]();
      });
      command(room, '         -j');
      expectStates(room).toBe('dc(Cl|)');
      expectSubscriptions(source.subscriptions).toBe('-^!');
    });
  });
});
