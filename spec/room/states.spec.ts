import * as fc from 'fast-check';
import { filter, map, NEVER, Subject } from 'rxjs';
import {
  createRoom,
  reasonCodes,
  reasonOfCode,
  stateCodes,
  stateOfCode,
  type ConnectionState,
  type Health,
  type ServerNotice,
} from '../../lib/index.js';
import { alwaysUp, brisk, illegalities, joins, linkOf, marbles, textOf, watchedRoom, type TestLink } from './room-harness.js';

describe('states of a room', () => {
  it('S1 is disconnected, for no reason, before any join', () => {
    const transport = joins(NEVER);
    const room = watchedRoom(transport);
    const seen: ConnectionState[] = [];
    room.connectionState$.subscribe((state) => seen.push(state));
    expect(seen).toEqual([{ state: 'disconnected', reason: null }]);
    expect<ConnectionState>(room.connectionState).toBe(seen[0]!);
    expect(transport.attempts).toEqual([]);
  });

  it('S1 shows neither progress nor link before any join, synchronously too', () => {
    const room = watchedRoom(joins(NEVER));
    const seen: unknown[] = [];
    room.progress$.subscribe((progress) => seen.push(progress));
    room.link$.subscribe((link) => seen.push(link));
    expect(seen).toEqual([null, null]);
  });

  it('S2 joins, and rejoins after signalling broke', () => {
    marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
      const a = link('a', { signal$: health('---u---d  ') });
      const b = link('b');
      const first = cold('                    -a        ', { a });
      const second = cold('                           -b', { b });
      const firstSubs = '                    -^-------!';
      const secondSubs = '                   ---------^ ';
      const states = '                       dc-C---s--R';
      const room = watchedRoom(joins(first, second));
      command(room, '                        -j        ');
      expectStates(room).toBe(states);
      expectSubscriptions(first.subscriptions).toBe(firstSubs);
      expectSubscriptions(second.subscriptions).toBe(secondSubs);
    });
  });

  it('S2 names media when media broke', () => {
    marbles(({ cold, link, health, command, expectStates }) => {
      const a = link('a', { media$: health('---u---d  ') });
      const b = link('b');
      const room = watchedRoom(joins(cold('-a        ', { a }), cold('-b', { b })));
      command(room, '                       -j        ');
      expectStates(room).toBe('              dc-C---m--R');
    });
  });

  it('S2 names redispatch when the server moved us', () => {
    marbles(({ cold, hot, link, command, expectStates }) => {
      const word: ServerNotice = { kind: 'redispatch', endpoint: 'wss://other' };
      const a = link('a', { notice$: hot<ServerNotice>('------w', { w: word }) });
      const b = link('b');
      const room = watchedRoom(joins(cold('--a   ', { a }), cold('--b', { b })));
      command(room, '                      -j       ');
      expectStates(room).toBe('             dc-C--r-R');
    });
  });

  describe('legal edges', () => {
    const C = (link: unknown): ConnectionState => ({ state: 'connected', reason: 'joinSucceed', link });
    const R = (link: unknown): ConnectionState => ({ state: 'connected', reason: 'rejoinSucceed', link });
    const d: ConnectionState = { state: 'disconnected', reason: null };
    const c: ConnectionState = { state: 'connecting', reason: 'joinChannel' };
    const broken = { state: 'reconnecting', link: 1, error: null, since: 0 } as const;
    const s: ConnectionState = { ...broken, reason: 'signalDisconnected' };
    const m: ConnectionState = { ...broken, reason: 'mediaConnectionDisconnected' };
    const l: ConnectionState = { state: 'disconnected', reason: 'leaveChannel' };
    const ended = { state: 'failed', error: new Error('over'), attempts: 1, cause: null } as const;
    const f: ConnectionState = { ...ended, reason: 'joinChannelFailed' };
    const t: ConnectionState = { ...ended, reason: 'timeout' };
    const q: ConnectionState = { ...ended, reason: 'requestChannelFailed' };

    it('S3 the checker of these specs passes what the table allows', () => {
      expect(illegalities([d, c, C(1), s, R(1), R(2), t, c, f, c, C(1), t, c, C(1), f, c, l, c, C(1), l])).toEqual([]);
    });

    it('S3 the checker of these specs finds what the table forbids', () => {
      const wrong = [
        [d, C(1)],
        [d, l],
        [d, c, c],
        [d, c, s],
        [d, c, R(1)],
        [d, c, C(1), C(1)],
        [d, c, C(1), R(1)],
        [d, c, C(1), q],
        [d, c, C(1), c],
        [d, c, C(1), s, m],
        [d, c, C(1), s, s],
        [d, c, C(1), s, C(1)],
        [d, c, C(1), s, c],
        [d, c, l, d],
        [d, c, l, l],
        [d, c, l, f],
        [d, c, f, l],
        [d, c, f, C(1)],
        [d, c, { state: 'connected', reason: 'timeout', link: 1 } as unknown as ConnectionState],
      ];
      for (const states of wrong) {
        expect(illegalities(states)).withContext(states.map(textOf).join(' ')).not.toEqual([]);
      }
    });

    /** What may befall a room in one frame, several in a row; `s` and `m` are health of every link so far. */
    const happening = fc.constantFrom('join', 'leave', 'retryNow', 'link', 'end', 'error', 'fatal', 'su', 'sd', 'mu', 'md', 'closed', 'kicked', 'duplicateUser', 'redispatch');
    const script = fc.array(fc.tuple(fc.nat(12), happening), { maxLength: 40 });
    const times = fc.record({ signal: fc.nat(4), media: fc.nat(4), stableAfter: fc.nat(10), wait: fc.nat(6), repairs: fc.boolean() });

    it('S3 whatever happens, in whatever order: every emission is a legal edge', () => {
      fc.assert(
        fc.property(script, times, (happenings, { signal, media, stableAfter, wait, repairs }) => {
          const states: ConnectionState[] = [];
          marbles(({ cold, scheduler }) => {
            let running: Subject<TestLink> | null = null;
            let made = 0;
            const signal$ = new Subject<Health>();
            const media$ = new Subject<Health>();
            const notice$ = new Subject<ServerNotice>();
            const room = createRoom(
              {
                join: () => (running = new Subject()),
                classify: (error) => ({ kind: error === 'fatal' ? 'fatal' : 'unreachable' }),
                ...(repairs ? { repair: () => cold('---#') } : {}),
              },
              { ...brisk, settle: { signal, media }, stableAfter, schedule: () => wait, scheduler },
            );
            room.connectionState$.subscribe((state) => states.push(state));
            const acts: Record<string, () => void> = {
              join: () => room.join(),
              leave: () => room.leave(),
              retryNow: () => room.retryNow(),
              link: () => running?.next(linkOf(`link ${++made}`, signal$, { media$, notice$ })),
              end: () => running?.complete(),
              error: () => running?.error('unreachable'),
              fatal: () => running?.error('fatal'),
              su: () => signal$.next('up'),
              sd: () => signal$.next({ down: true }),
              mu: () => media$.next('up'),
              md: () => media$.next({ down: true }),
              closed: () => notice$.next({ kind: 'closed' }),
              kicked: () => notice$.next({ kind: 'kicked' }),
              duplicateUser: () => notice$.next({ kind: 'duplicateUser' }),
              redispatch: () => notice$.next({ kind: 'redispatch', endpoint: 'wss://other' }),
            };
            room.join();
            let at = 0;
            for (const [pause, name] of happenings) cold(`${(at += pause)}ms x`).subscribe(() => acts[name]?.());
          });
          expect(illegalities(states)).withContext(states.map(textOf).join(' ')).toEqual([]);
          return illegalities(states).length === 0;
        }),
        { numRuns: 300, includeErrorInReport: true },
      );
    });
  });

  it('S3 state and reason change together, in one emission', () => {
    marbles(({ cold, link, health, command, expectObservable }) => {
      const a = link('a', { signal$: health('---u---d            ') });
      const room = watchedRoom(joins(cold('  -a                  ', { a }), NEVER));
      command(room, '                         -j                  ');
      const both$ = room.connectionState$.pipe(map(({ state, reason }) => ({ state, reason, now: room.connectionState.reason })));
      expectObservable(both$).toBe('          dc-C---s 19ms t', {
        d: { state: 'disconnected', reason: null, now: null },
        c: { state: 'connecting', reason: 'joinChannel', now: 'joinChannel' },
        C: { state: 'connected', reason: 'joinSucceed', now: 'joinSucceed' },
        s: { state: 'reconnecting', reason: 'signalDisconnected', now: 'signalDisconnected' },
        t: { state: 'failed', reason: 'timeout', now: 'timeout' },
      });
    });
  });

  it('S4 says nothing again when a health repeats itself', () => {
    marbles(({ cold, link, health, command, expectStates }) => {
      const signal$ = health('              ---u-u-u-d-d-d-');
      const media$ = health('               ---uu-uu--d-d-d');
      const a = link('a', { signal$, media$ });
      const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, schedule: () => 10, deadline: 9 });
      command(room, '                       -j             ');
      expectStates(room).toBe('              dc-C-----s--------t');
    });
  });

  it('S4 says nothing for each attempt, neither of a join nor of a rejoin', () => {
    marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
      const a = link('a', { signal$: health('----------u--d         ') });
      const refused = cold<TestLink>('        -#                     ');
      const first = cold('                           -a              ', { a });
      const again = cold<TestLink>('                             -#  ');
      const last = cold('                                           -b', { b: link('b') });
      const transport = joins(refused, refused, first, again, again, last);
      const room = watchedRoom(transport, brisk);
      command(room, '                         -j                     ');
      expectStates(room).toBe('                dc--------C--s--------R');
      expectSubscriptions(refused.subscriptions).toBe(['-^!', '----^!']);
      expectSubscriptions(again.subscriptions).toBe(['---------------^!', '------------------^!']);
    });
  });

  it('S4 is connected again only when the link itself changed', () => {
    marbles(({ cold, link, command, expectObservable }) => {
      const a = link('a');
      const b = link('b');
      const room = watchedRoom(joins(cold(' -a--a--b--b', { a, b })));
      command(room, '                        -j          ');
      const names$ = room.connectionState$.pipe(
        filter((state) => state.state === 'connected'),
        map((state) => state.link.name),
      );
      expectObservable(names$).toBe('         --a-----b');
    });
  });

  it('S4 a link that is told of twice is the same link: it is not closed', () => {
    const closes = marbles(({ cold, link, command, expectStates }) => {
      const a = link('a');
      const room = watchedRoom(joins(cold(' -a--a', { a })));
      command(room, '                       -j    ');
      expectStates(room).toBe('              dcC   ');
      return a.closes;
    });
    expect(closes).toEqual([]);
  });

  it('S5 is still connecting while health goes down and up before the first connected', () => {
    marbles(({ cold, link, health, command, expectStates }) => {
      const signal$ = health('              ---u-d-u-d-u    ');
      const media$ = health('               -----u-d-u-d-u  ');
      const a = link('a', { signal$, media$ });
      const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, attemptLimit: 19 });
      command(room, '                       -j              ');
      expectStates(room).toBe('              dc-----------C-');
    });
  });

  it('S5 a first connect that took several attempts, one with a link, is no rejoin', () => {
    marbles(({ cold, link, command, expectStates }) => {
      const half = link('half', { media$: NEVER });
      const refused = cold<TestLink>('-#           ');
      const cut = cold('            -h           ', { h: half });
      const last = cold('                  -b     ', { b: link('b') });
      const room = watchedRoom(joins(refused, cut, last), { ...brisk, attemptLimit: 4 });
      command(room, '           -j                ');
      expectStates(room).toBe('  dc---------C       ');
    });
  });

  it('S5 the first connect after a leave is no rejoin', () => {
    marbles(({ cold, link, command, expectStates }) => {
      const room = watchedRoom(joins(cold('-a', { a: link('a') })));
      command(room, '          -j--l--j ');
      expectStates(room).toBe(' dcC-l--cC');
    });
  });

  it('S5 the first connect after a kick is no rejoin', () => {
    marbles(({ cold, hot, link, command, expectStates }) => {
      const a = link('a', { notice$: hot<ServerNotice>('----k', { k: { kind: 'kicked' } }) });
      const room = watchedRoom(joins(cold('-a', { a }), cold('-b', { b: link('b') })));
      command(room, '          -j-----j ');
      expectStates(room).toBe(' dcC-k--cC');
    });
  });

  it('S5 the first connect after failing is no rejoin', () => {
    marbles(({ cold, link, health, command, expectStates }) => {
      const a = link('a', { signal$: health('---u-d   ') });
      const room = watchedRoom(joins(cold('  -a       ', { a }), NEVER, cold('-b', { b: link('b') })), { ...brisk, deadline: 3 });
      command(room, '                         -j--------j ');
      expectStates(room).toBe('                dc-C-s--t-cC');
    });
  });

  describe('both at once', () => {
    const cases = [
      { settle: { signal: 0, media: 0 }, states: 'dc-C--s---R' },
      { settle: { signal: 3, media: 3 }, states: 'dc-C-----sR' },
      { settle: { signal: 3, media: 0 }, states: 'dc-C--s---R' },
      { settle: { signal: 0, media: 3 }, states: 'dc-C--s---R' },
    ];
    for (const { settle, states } of cases) {
      for (const order of ['signal first', 'media first']) {
        it(`S6 one emission when both go down in one frame, ${order}, settle ${settle.signal} and ${settle.media}; one when both come up`, () => {
          marbles(({ cold, link, health, command, expectStates, expectObservable }) => {
            const script = '---u--d---u';
            const one$ = health(script);
            const other$ = health(script);
            const [signal$, media$] = order === 'signal first' ? [one$, other$] : [other$, one$];
            const a = link('a', { signal$, media$ });
            const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, settle, schedule: () => 15 });
            command(room, '           -j         ');
            expectStates(room).toBe(states);
            const causes$ = room.snapshot$.pipe(
              filter(({ connectionState }) => connectionState.state === 'reconnecting'),
              map(({ progress }) => progress?.cause),
            );
            expectObservable(causes$).toBe(states.replaceAll(/\w/g, (letter) => (letter === 's' ? 's' : '-')), { s: 'both' });
          });
        });
      }
    }

    it('S6 one source of both healths is one emission, on a scheduler of its own too', () => {
      marbles(({ cold, link, health, command, expectStates, scheduler }) => {
        const both$ = health('            ---u--d---u');
        const a = link('a', { signal$: both$, media$: both$ });
        const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, schedule: () => 15, scheduler });
        command(room, '                   -j         ');
        expectStates(room).toBe('          dc-C--s---R');
      });
    });

    it('S6 only the end of a frame announces: down and up again in one frame is nothing', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const signal$ = health('                      ---u-(du)------');
        const media$ = health('                       ---u-(du)-(ud)-');
        const room = watchedRoom(joins(cold('         -a', { a: link('a', { signal$, media$ }) })), {
          ...brisk,
          schedule: () => 100,
        });
        command(room, '                               -j                 ');
        expectStates(room).toBe('                      dc-C------m 19ms t');
      });
    });

    it('S6 only the end of a frame announces: up and down again in one frame is nothing', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const signal$ = health('              ---u--d--(ud)-');
        const room = watchedRoom(joins(cold(' -a', { a: link('a', { signal$ }) })), { ...brisk, schedule: () => 100 });
        command(room, '                       -j            ');
        expectStates(room).toBe('              dc-C--s 19ms t');
      });
    });

    it('S6 only the end of a frame announces: not a join() in the middle of it', () => {
      marbles(({ cold, link, health, command, expectStates, scheduler }) => {
        const a = link('a', { signal$: health('---u--d--u') });
        const options = { ...brisk, settle: { signal: 3 }, schedule: () => 15, scheduler };
        const room = watchedRoom(joins(cold('  -a        ', { a })), options);
        command(room, '                        -j-------j');
        expectStates(room).toBe('               dc-C      ');
      });
    });
  });

  describe('a second cause', () => {
    for (const [first, reason, settle] of [
      ['media', 'm', 0],
      ['signal', 's', 0],
      ['media', 'm', 2],
      ['signal', 's', 2],
    ] as const) {
      it(`S7 changes the cause of progress, neither reason nor deadline: ${first} first, settle ${settle}`, () => {
        marbles(({ cold, link, health, command, expectStates, expectObservable }) => {
          const early$ = health('    ---u--d      ');
          const late$ = health('     ---u------d  ');
          const a = link('a', first === 'media' ? { signal$: late$, media$: early$ } : { signal$: early$, media$: late$ });
          const room = watchedRoom(joins(cold('-a', { a })), {
            ...brisk,
            schedule: () => 30,
            settle: { signal: settle, media: settle },
          });
          command(room, '           -j           ');
          expectStates(room).toBe(`dc-C--${settle === 0 ? '' : '--'}${reason} ${19 - settle}ms t`);
          const told$ = room.snapshot$.pipe(
            filter(({ connectionState }) => connectionState.state === 'reconnecting'),
            map(({ progress }) => `${String(progress?.cause)} until ${String(progress?.deadlineAt)}`),
          );
          expectObservable(told$).toBe(settle === 0 ? '------a---b' : '--------a-b', {
            a: `${first} until 26`,
            b: 'both until 26',
          });
        });
      });
    }
  });

  describe('both healths', () => {
    it('S8 is connected only when signal and media are both up, whichever is last', () => {
      for (const [signal, media] of [
        ['---u--------', '--------u---'],
        ['--------u---', '---u--------'],
        ['---u-d--u---', '------u-----'],
      ] as const) {
        marbles(({ cold, link, health, command, expectStates }) => {
          const a = link('a', { signal$: health(signal), media$: health(media) });
          const room = watchedRoom(joins(cold('-a', { a })));
          command(room, '         -j       ');
          expectStates(room).toBe('dc------C');
        });
      }
    });

    it('S8 a transport without media says so, and signal is enough', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u'), media$: null });
        const room = watchedRoom(joins(cold('  -a  ', { a })));
        command(room, '                         -j  ');
        expectStates(room).toBe('                dc-C');
      });
    });

    it('S8 a source that never speaks is not up, be it signal or media', () => {
      for (const parts of [{ media$: NEVER }, { signal$: NEVER }, { signal$: NEVER, media$: alwaysUp }]) {
        marbles(({ cold, link, command, expectStates }) => {
          const room = watchedRoom(joins(cold(' -a', { a: link('a', parts) })));
          command(room, '                       -j              ');
          expectStates(room).toBe('              dc 19ms f');
        });
      }
    });

    it('S8 is connected again only when signal and media are both up', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const signal$ = health('             ---u--d--u---d--u');
        const media$ = health('              ---u---d---u---- ');
        const a = link('a', { signal$, media$ });
        const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, schedule: () => 15 });
        command(room, '                      -j               ');
        expectStates(room).toBe('             dc-C--s----R-s--R');
      });
    });
  });

  describe('proof of media', () => {
    it('S9 a repair that says it has done is no proof: only the health is', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const media$ = health('   ---u--d-------u');
        const a = link('a', { media$ });
        const repair = cold('             --(r|)', { r: 'negotiated' });
        const room = watchedRoom({ ...joins(cold('-a', { a })), repair: () => repair });
        command(room, '           -j             ');
        expectStates(room).toBe(' dc-C--m-------R');
        expectSubscriptions(repair.subscriptions).toBe('--------^-!');
      });
    });

    it('S9 a rejoin brings a new link, whose media must prove itself', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { media$: health('---u--d            ') });
        const b = link('b', { media$: health('-------------u     ') });
        const room = watchedRoom(joins(cold(' -a                 ', { a }), cold('-b', { b })));
        command(room, '                       -j                 ');
        expectStates(room).toBe('              dc-C--m------R     ');
      });
    });

    it('S9 health that signalling proves says nothing of media', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const signal$ = health('             ---u--d--u--------');
        const media$ = health('              ---u--d--------u--');
        const a = link('a', { signal$, media$ });
        const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, schedule: () => 15 });
        command(room, '                      -j                ');
        expectStates(room).toBe('             dc-C--s--------R  ');
      });
    });
  });

  it('S10 exports the codes 1 to 5 of the states, which lead back to their names', () => {
    expect(stateCodes).toEqual({ disconnected: 1, connecting: 2, connected: 3, reconnecting: 4, failed: 5 });
    for (const [name, code] of Object.entries(stateCodes)) expect<unknown>(stateOfCode(code)).toBe(name);
    for (const code of [0, 6, -1, 1.5, NaN, Infinity]) expect(stateOfCode(code)).toBeUndefined();
  });

  it('S10 exports the codes 1 to 14 of the reasons, which lead back to their names', () => {
    expect(reasonCodes).toEqual({
      leaveChannel: 1,
      channelClosed: 2,
      serverKicked: 3,
      timeout: 4,
      joinChannel: 5,
      joinSucceed: 6,
      rejoinSucceed: 7,
      mediaConnectionDisconnected: 8,
      signalDisconnected: 9,
      requestChannelFailed: 10,
      joinChannelFailed: 11,
      redispatch: 12,
      settingProxyServer: 13,
      duplicateUser: 14,
    });
    for (const [name, code] of Object.entries(reasonCodes)) expect<unknown>(reasonOfCode(code)).toBe(name);
    for (const code of [0, 15, -1, 3.5, NaN, Infinity]) expect(reasonOfCode(code)).toBeUndefined();
  });
});
