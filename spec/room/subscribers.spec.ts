import { combineLatest, concat, config, filter, map, merge, NEVER, of, take, withLatestFrom, type Observable } from 'rxjs';
import { createRoom, type ConnectionState, type Health, type Room, type RoomSnapshot, type ServerNotice } from '../../lib/index.js';
import { brisk, joins, ledgerOf, marbles, textOf, watchedRoom, type TestLink } from './room-harness.js';

const short = (state: ConnectionState): string => textOf(state).replace(/^.*\//, '');

/** What a subscriber saw, with what it does then. */
const watch = (seen: string[], room: Room<TestLink>, act: (state: ConnectionState, nth: number) => void = () => {}): void => {
  room.connectionState$.subscribe((state) => act(state, seen.push(short(state))));
};

describe('subscribers of a room', () => {
  describe('many of them', () => {
    it('M1 share one session', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('                ---u----');
        const source = cold('                   -a      ', { a: link('a', { signal$ }) });
        const room = watchedRoom(joins(source));
        command(room, '                         -j      ');
        expectStates(room).toBe('                dc-C    ');
        expectStates(room, '  ^-!             ').toBe('dc');
        expectStates(room, '  --^-!           ').toBe('--cC');
        expectSubscriptions(source.subscriptions).toBe('-^');
        expectSubscriptions((signal$ as unknown as typeof source).subscriptions).toBe('--^');
      });
    });

    it('M1 give a late one the current value only', () => {
      marbles(({ cold, link, health, command, expectStates, expectObservable }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const room = watchedRoom(joins(cold('  -a       ', { a }), cold('-b', { b: link('b') })));
        command(room, '                        -j       ');
        expectStates(room, '                    ----^    ').toBe('----Cs--R');
        expectStates(room, '                    ------^  ').toBe('------s-R');
        expectObservable(room.link$.pipe(map((link) => link?.name ?? 'n')), '------^').toBe('------a-b');
        expectObservable(room.progress$.pipe(map((progress) => progress?.phase[0] ?? 'n')), '------^').toBe('------wan');
      });
    });

    it('M1 neither begin nor end anything by subscribing and unsubscribing', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const source = cold('                 -a  ', { a: link('a') });
        const room = createRoom(joins(source), brisk);
        command(room, '                       --j------l');
        expectStates(room, '^--!').toBe('      d-c ');
        expectStates(room, '------^!').toBe('  ------C');
        expectSubscriptions(source.subscriptions).toBe('--^------!');
      });
    });
  });

  describe('that give commands in an emission', () => {
    it('M2 leave(): every other sees the same order, before and after it', () => {
      const before: string[] = [];
      const culprit: string[] = [];
      const after: string[] = [];
      marbles(({ cold, link, command }) => {
        const room = watchedRoom(joins(cold('-a', { a: link('a') })));
        watch(before, room);
        watch(culprit, room, (state) => {
          if (state.state === 'connected') room.leave();
        });
        watch(after, room);
        command(room, '-j');
      });
      const order = ['null', 'joinChannel', 'joinSucceed', 'leaveChannel'];
      expect([before, culprit, after]).toEqual([order, order, order]);
    });

    it('M2 leave(); join() in one callback, with others before and after it', () => {
      const before: string[] = [];
      const culprit: string[] = [];
      const after: string[] = [];
      marbles(({ cold, link, command, expectSubscriptions }) => {
        const first = cold('  -a ', { a: link('a') });
        const second = cold('  -b', { b: link('b') });
        const room = watchedRoom(joins(first, second));
        watch(before, room);
        watch(culprit, room, (state, nth) => {
          if (state.state !== 'connected' || nth > 3) return;
          room.leave();
          room.join();
        });
        watch(after, room);
        command(room, '-j');
        expectSubscriptions(first.subscriptions).toBe(' -^!');
        expectSubscriptions(second.subscriptions).toBe('--^');
      });
      const order = ['null', 'joinChannel', 'joinSucceed', 'leaveChannel', 'joinChannel', 'joinSucceed'];
      expect([before, culprit, after]).toEqual([order, order, order]);
    });

    it('M2 join(); leave(); join() in one callback of a disconnected room: judged one by one', () => {
      const culprit: string[] = [];
      const after: string[] = [];
      const ledger = ledgerOf();
      marbles(({ cold, link, command }) => {
        const room = watchedRoom(joins(ledger.counted('join', cold('-a', { a: link('a') }))));
        watch(culprit, room, ({ state }, nth) => {
          if (state !== 'disconnected' || nth !== 3) return;
          room.join();
          room.leave();
          room.join();
        });
        watch(after, room);
        command(room, '-(jl)');
      });
      const order = ['null', 'joinChannel', 'leaveChannel', 'joinChannel', 'leaveChannel', 'joinChannel', 'joinSucceed'];
      expect([culprit, after]).toEqual([order, order]);
      expect(ledger.alive()).toEqual({ join: 1 });
    });

    it('M2 leave() by two of them is one leave; join() by two of them is one join', () => {
      const seen: string[] = [];
      marbles(({ cold, link, command, expectSubscriptions }) => {
        const source = cold('-a', { a: link('a') });
        const room = watchedRoom(joins(source));
        for (let i = 0; i < 2; i++) {
          watch([], room, ({ state }, nth) => {
            if (state === 'connected' && nth === 3) room.leave();
            if (state === 'disconnected' && nth === 4) room.join();
          });
        }
        watch(seen, room);
        command(room, '-j');
        expectSubscriptions(source.subscriptions).toBe(['-^!', '--^']);
      });
      expect(seen).toEqual(['null', 'joinChannel', 'joinSucceed', 'leaveChannel', 'joinChannel', 'joinSucceed']);
    });

    it('M2 leave() while it is told that the join began: nothing is started', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const source = cold('-a', { a: link('a') });
        const room = watchedRoom(joins(source));
        room.connectionState$.subscribe(({ state }) => {
          if (state === 'connecting') room.leave();
        });
        command(room, '         -j');
        expectStates(room).toBe('d(cl)');
        expectSubscriptions(source.subscriptions).toBe([]);
      });
    });

    it('M2 join() when told that it failed or was left: nothing sticks', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const room = watchedRoom({ ...joins(cold('--#'), cold('-----a', { a: link('a') })), classify: () => ({ kind: 'fatal' }) });
        room.connectionState$
          .pipe(filter(({ reason }) => reason === 'joinChannelFailed' || reason === 'leaveChannel'))
          .subscribe(() => room.join());
        command(room, '         -j----------l     ');
        expectStates(room).toBe('dc-(fc)-C---(lc)-C');
      });
    });

    it('M2 retryNow() when told of the break: the attempt begins at once', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d ') });
        const second = cold('                        -b', { b: link('b') });
        const room = watchedRoom(joins(cold('  -a     ', { a }), second), { ...brisk, schedule: () => 15, wakeFloor: 0 });
        room.connectionState$.subscribe(({ state }) => {
          if (state === 'reconnecting') room.retryNow();
        });
        command(room, '                        -j     ');
        expectStates(room).toBe('               dc-C-sR');
        expectSubscriptions(second.subscriptions).toBe('-----^');
      });
    });

    it('M2 from progress$, link$, snapshot$, events$ and errors$, too', () => {
      const streams: Readonly<Record<string, (room: Room<TestLink>) => Observable<unknown>>> = {
        progress$: (room) => room.progress$.pipe(filter((progress) => progress !== null)),
        link$: (room) => room.link$.pipe(filter((link) => link !== null)),
        snapshot$: (room) => room.snapshot$.pipe(filter(({ link }) => link !== null)),
        events$: (room) => room.events$,
        errors$: (room) => room.errors$,
      };
      for (const [name, streamOf] of Object.entries(streams)) {
        const seen: string[] = [];
        const ledger = ledgerOf();
        marbles(({ cold, hot, link, command }) => {
          const a = link('a', { errors$: hot('---e') });
          const room = watchedRoom(joins(ledger.counted('join', cold('-a', { a }))));
          streamOf(room).subscribe(() => room.leave());
          watch(seen, room);
          command(room, '-j');
        });
        expect(seen.at(-1)).withContext(name).toBe('leaveChannel');
        expect(seen.filter((reason) => reason === 'leaveChannel').length).withContext(name).toBe(1);
        expect(ledger.alive()).withContext(name).toEqual({});
      }
    });

    it('M2 a subscriber that unsubscribes another, or itself, harms none', () => {
      const seen: string[] = [];
      marbles(({ cold, link, command, expectStates }) => {
        const room = watchedRoom(joins(cold('-a', { a: link('a') })));
        const other = room.connectionState$.subscribe(() => {});
        room.connectionState$.subscribe(() => other.unsubscribe());
        room.connectionState$.pipe(take(2)).subscribe(() => {});
        watch(seen, room);
        command(room, '         -j');
        expectStates(room).toBe('dcC');
      });
      expect(seen).toEqual(['null', 'joinChannel', 'joinSucceed']);
    });

    it('M2 no other room is delayed: one that is joined or left in an emission of this one is so at once', () => {
      const told: string[] = [];
      marbles(({ cold, link, command }) => {
        const room = watchedRoom(joins(cold('-a', { a: link('a') })));
        const other = watchedRoom(joins(cold('-b', { b: link('b') })));
        room.connectionState$.subscribe(({ state }) => {
          if (state !== 'connected') return;
          other.join();
          told.push(short(other.connectionState));
          other.leave();
          told.push(short(other.connectionState));
        });
        command(room, '-j');
      });
      expect(told).toEqual(['joinChannel', 'leaveChannel']);
    });
  });

  describe('a transport that gives commands', () => {
    it('M2 leave() from within request or join: nothing stays', () => {
      for (const place of ['request', 'join'] as const) {
        const ledger = ledgerOf();
        marbles(({ link, command, expectStates, scheduler }) => {
          const act = (here: string): void => {
            if (here === place) room.leave();
          };
          const room: Room<TestLink> = watchedRoom(
            {
              request: () => {
                act('request');
                return of('token');
              },
              join: () => {
                act('join');
                return ledger.counted('join', concat(of(link('a')), NEVER));
              },
            },
            { ...brisk, scheduler: ledger.clocked(scheduler) },
          );
          command(room, '         -j');
          expectStates(room).toBe('d(cl)');
        });
        expect(ledger.alive()).withContext(place).toEqual({});
      }
    });

    it('M2 leave(); join() from within join: the last session lives, and only its link', () => {
      const ledger = ledgerOf();
      const links: TestLink[] = [];
      const room = marbles(({ link, command, scheduler }) => {
        let calls = 0;
        const room: Room<TestLink> = watchedRoom(
          {
            join: () => {
              const mine = link(`${++calls}`);
              links.push(mine);
              if (calls === 1) {
                room.leave();
                room.join();
              }
              return ledger.counted('join', concat(of(mine), NEVER));
            },
          },
          { ...brisk, scheduler },
        );
        command(room, '-j');
        return room;
      });
      const { connectionState } = room;
      expect(ledger.alive()).toEqual({ join: 1 });
      expect(connectionState.state === 'connected' && connectionState.link.name).toBe('2');
      expect(links[1]?.closes).toEqual([]);
      room.leave();
      expect(links[1]?.closes).toEqual(['left']);
    });
  });

  describe('that throw', () => {
    const unhandled: unknown[] = [];
    let before: typeof config.onUnhandledError;
    beforeEach(() => {
      before = config.onUnhandledError;
      unhandled.splice(0);
      config.onUnhandledError = (error) => unhandled.push(error);
    });
    afterEach(() => {
      config.onUnhandledError = before;
    });

    it('M3 harm no other subscriber and not the room, whatever they listen to', () => {
      const streams: Readonly<Record<string, (room: Room<TestLink>) => Observable<unknown>>> = {
        connectionState$: (room) => room.connectionState$,
        progress$: (room) => room.progress$,
        link$: (room) => room.link$,
        snapshot$: (room) => room.snapshot$,
        events$: (room) => room.events$,
        errors$: (room) => room.errors$,
      };
      for (const [name, streamOf] of Object.entries(streams)) {
        unhandled.splice(0);
        const boom = new Error(name);
        const seen: string[] = [];
        marbles(({ cold, hot, link, health, command, expectStates, expectSubscriptions }) => {
          const a = link('a', { signal$: health('---u-d  '), errors$: hot('----e') });
          const first = cold('                   -a      ', { a });
          const second = cold('                        -b', { b: link('b') });
          const room = watchedRoom(joins(first, second));
          streamOf(room).subscribe(() => {
            throw boom;
          });
          watch(seen, room);
          command(room, '                        -j---------l');
          expectStates(room).toBe('               dc-C-s--R--l');
          expectSubscriptions(first.subscriptions).toBe(' -^-----!');
          expectSubscriptions(second.subscriptions).toBe('-------^---!');
        });
        expect(seen).withContext(name).toEqual(['null', 'joinChannel', 'joinSucceed', 'signalDisconnected', 'rejoinSucceed', 'leaveChannel']);
        expect(unhandled.length).withContext(name).toBeGreaterThan(0);
        expect(unhandled.every((error) => error === boom)).withContext(name).toBe(true);
      }
    });

    it('M3 while leave() is called: it returns, and the room is left', () => {
      marbles(({ cold, link, call, command, expectStates, expectSubscriptions }) => {
        const source = cold('   -a   ', { a: link('a') });
        const room = watchedRoom(joins(source));
        command(room, '         -j   ');
        call('                  ----x', {
          x: () => {
            room.connectionState$.subscribe(() => {
              throw new Error('boom');
            });
            room.leave();
            expect(room.connectionState.reason).toBe('leaveChannel');
          },
        });
        expectStates(room).toBe('dcC-l');
        expectSubscriptions(source.subscriptions).toBe('-^--!');
      });
      expect(unhandled.length).toBeGreaterThan(0);
    });
  });

  describe('of two rooms', () => {
    it('M4 share nothing: neither commands nor breaks nor deadlines', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const b = link('b');
        const one = cold('                      -a       ', { a });
        const other = cold('                    -b       ', { b });
        const options = { ...brisk, schedule: () => 100 };
        const room = watchedRoom(joins(one), options);
        const second = watchedRoom(joins(other), options);
        command(room, '                         -j       ');
        command(second, '                       --j--l--j');
        expectStates(room).toBe('                dc-C-s 19ms t');
        expectStates(second).toBe('              d-cC-l--cC');
        expectSubscriptions(one.subscriptions).toBe(' -^ 23ms !');
        expectSubscriptions(other.subscriptions).toBe(['--^--!', '--------^']);
      });
    });

    it('M4 share nothing: with one transport and one options object between them', () => {
      const attempts = marbles(({ cold, link, command, expectStates }) => {
        const endpoints = ['one', 'two'];
        const options = { ...brisk, endpoints };
        const transport = joins(cold('-#'), cold('-a', { a: link('a') }), cold('-b', { b: link('b') }));
        const room = watchedRoom(transport, options);
        const second = watchedRoom(transport, options);
        endpoints.push('three');
        command(room, '           -j   ');
        command(second, '         --j  ');
        expectStates(room).toBe('  dc---C');
        expectStates(second).toBe('d-cC');
        return transport.attempts;
      });
      expect(attempts.map(({ endpoint, number }) => `${number} ${String(endpoint)}`)).toEqual(['1 one', '1 one', '2 one']);
    });

    it('M4 share nothing: a subscriber of one that commands the other', () => {
      marbles(({ cold, hot, link, command, expectStates }) => {
        const notice$ = hot<ServerNotice>('------k', { k: { kind: 'kicked' } });
        const room = watchedRoom(joins(cold('-a', { a: link('a', { notice$ }) }), NEVER));
        const second = watchedRoom(joins(cold('-b', { b: link('b') })));
        room.connectionState$.pipe(filter(({ state }) => state === 'disconnected')).subscribe(() => second.leave());
        second.connectionState$.pipe(filter(({ reason }) => reason === 'leaveChannel')).subscribe(() => room.join());
        command(room, '           -j--   ');
        command(second, '         --j    ');
        expectStates(room).toBe('  dcC---(kc) 16ms f');
        expectStates(second).toBe('d-cC--l');
      });
    });
  });

  describe('one snapshot', () => {
    /** A room with everything in it: failed first attempt, break, second cause, failed rejoin, rejoin, kick, failed join. */
    const eventful = (body: (room: Room<TestLink>) => void): void => {
      marbles(({ cold, hot, link, health, command }) => {
        const a = link('a', { signal$: health('-------u--d'), media$: concat(of<Health>('up'), health('-----------d')) });
        const b = link('b', { notice$: hot<ServerNotice>('20ms k', { k: { kind: 'kicked' } }) });
        const transport = joins(cold('-#'), cold('-a', { a }), cold('-#'), cold('-b', { b }), NEVER);
        const room = watchedRoom(transport, { ...brisk, settle: { signal: 2, media: 2 } });
        body(room);
        command(room, '-j 25ms j');
      });
    };

    it('M5 state, progress and link belong together in every snapshot', () => {
      const snapshots: RoomSnapshot<TestLink>[] = [];
      eventful((room) => room.snapshot$.subscribe((snapshot) => snapshots.push(snapshot)));
      expect(snapshots.map(({ connectionState }) => connectionState.state)).toEqual(
        jasmine.arrayContaining(['disconnected', 'connecting', 'connected', 'reconnecting', 'failed']),
      );
      for (const { connectionState, progress, link } of snapshots) {
        const underWay = connectionState.state === 'connecting' || connectionState.state === 'reconnecting';
        expect(progress !== null).withContext(textOf(connectionState)).toBe(underWay);
        expect(link).toBe('link' in connectionState ? connectionState.link : null);
        if (connectionState.state === 'connecting') expect(progress?.cause).toBeNull();
        if (connectionState.state === 'reconnecting') expect(progress?.cause).not.toBeNull();
      }
    });

    it('M5 no two snapshots in a row are the same', () => {
      const snapshots: RoomSnapshot<TestLink>[] = [];
      eventful((room) => room.snapshot$.subscribe((snapshot) => snapshots.push(snapshot)));
      const same = snapshots.filter((snapshot, i) => {
        const before = snapshots[i - 1];
        return (
          before?.connectionState === snapshot.connectionState && JSON.stringify(before.progress) === JSON.stringify(snapshot.progress)
        );
      });
      expect(same).toEqual([]);
    });

    it('M5 connectionState$, progress$ and link$ are projections of it', () => {
      const projected: { states: unknown[]; progresses: unknown[]; links: unknown[] } = { states: [], progresses: [], links: [] };
      const streamed: typeof projected = { states: [], progresses: [], links: [] };
      eventful((room) => {
        const push = (list: unknown[], value: unknown): void => {
          if (list.length === 0 || JSON.stringify(list.at(-1)) !== JSON.stringify(value)) list.push(value);
        };
        const named = (link: TestLink | null): string => link?.name ?? 'none';
        room.snapshot$.subscribe(({ connectionState, progress, link }) => {
          push(projected.states, textOf(connectionState));
          push(projected.progresses, progress);
          push(projected.links, named(link));
        });
        room.connectionState$.subscribe((state) => streamed.states.push(textOf(state)));
        room.progress$.subscribe((progress) => streamed.progresses.push(progress));
        room.link$.subscribe((link) => streamed.links.push(named(link)));
      });
      expect(streamed).toEqual(projected);
      expect(streamed.links).toEqual(['none', 'a', 'b', 'none']);
    });

    it('M5 agrees with the current value of the room, in every emission of every stream', () => {
      const disagreements: string[] = [];
      let checks = 0;
      eventful((room) => {
        const latest = <T>(source: Observable<T>): T => {
          let value!: T;
          source.pipe(take(1)).subscribe((current) => (value = current));
          return value;
        };
        merge(room.connectionState$, room.progress$, room.link$, room.snapshot$).subscribe(() => {
          checks++;
          const { connectionState, progress, link } = latest(room.snapshot$);
          if (connectionState !== room.connectionState) disagreements.push('connectionState');
          if (connectionState !== latest(room.connectionState$)) disagreements.push('connectionState$');
          if (JSON.stringify(progress) !== JSON.stringify(latest(room.progress$))) disagreements.push('progress$');
          if (link !== latest(room.link$)) disagreements.push('link$');
        });
      });
      expect(checks).toBeGreaterThan(20);
      expect(disagreements).toEqual([]);
    });

    it('M5 of one moment with the others, when those were subscribed first', () => {
      const disagreements: string[] = [];
      eventful((room) => {
        const pairs$ = room.connectionState$.pipe(withLatestFrom(room.progress$, room.link$, room.snapshot$));
        pairs$.subscribe(([state, progress, link, snapshot]) => {
          const underWay = state.state === 'connecting' || state.state === 'reconnecting';
          if ((progress !== null) !== underWay) disagreements.push(`${textOf(state)} with progress ${JSON.stringify(progress)}`);
          if (link !== ('link' in state ? state.link : null)) disagreements.push(`${textOf(state)} with link ${link?.name ?? 'none'}`);
          if (snapshot.connectionState !== state) disagreements.push(`${textOf(state)} with ${textOf(snapshot.connectionState)}`);
        });
      });
      expect(disagreements).toEqual([]);
    });

    it('M5 settles on one and the same after every frame, combined in any way', () => {
      const wrong: string[] = [];
      eventful((room) => {
        let last: string | null = null;
        const check = (): void => {
          if (last !== null) wrong.push(last);
        };
        room.snapshot$.subscribe(check);
        combineLatest([room.link$, room.progress$, room.connectionState$]).subscribe(([link, progress, state]) => {
          const underWay = state.state === 'connecting' || state.state === 'reconnecting';
          const agrees = (progress !== null) === underWay && link === ('link' in state ? state.link : null);
          last = agrees ? null : textOf(state);
        });
      });
      expect(wrong).toEqual([]);
    });
  });

});
