import { concat, EMPTY, NEVER, of, Subject, type Observable } from 'rxjs';
import {
  createRoom,
  DeadlineExceededError,
  giveUp,
  LinkEndedError,
  roomConnection,
  type RoomError,
  type ServerNotice,
  type Wake,
} from '../../lib/index.js';
import { recording, sleepy, throttled } from './clocks.js';
import { alwaysUp, brisk, joins, marbles, watchedRoom } from './room-harness.js';

describe('a room does no more than it must:', () => {
  it('S4 a health that repeats what is known wakes nobody', () => {
    marbles(({ cold, health, link, command, call, scheduler }) => {
      const clock = recording(scheduler);
      const a = link('a', { signal$: health('-u-u--u--d-d--d') });
      const room = watchedRoom(joins(cold('  a', { a })), { ...brisk, schedule: () => 50, deadline: 99, scheduler: clock });
      let before = 0;
      command(room, 'j');
      const note = (): void => void (before = clock.delays.length);
      const same = (): void => expect(clock.delays.length).toBe(before);
      call('         --n----s--n----s', { n: note, s: same });
    });
  });

  it('S4 what moves no time leaves the timer alone', () => {
    marbles(({ cold, hot, health, link, command, call, scheduler }) => {
      const clock = recording(scheduler);
      const notice$ = hot<ServerNotice>('-------w', { w: { kind: 'endpoints', list: ['x'] } });
      const a = link('a', { signal$: health('-u--d'), notice$ });
      const room = watchedRoom(joins(cold('  a', { a })), { ...brisk, schedule: () => 50, deadline: 99, scheduler: clock });
      let before = 0;
      command(room, 'j');
      call('         -----n---s', {
        n: () => void (before = clock.delays.length),
        s: () => expect(clock.delays.slice(before)).toEqual([0]), // the end of the frame
      });
    });
  });

  it('L4 D6 one that is over is not woken by retryNow()', () => {
    marbles(({ command, scheduler, call }) => {
      const clock = recording(scheduler);
      const room = watchedRoom(joins(NEVER), { ...brisk, scheduler: clock });
      room.retryNow();
      expect(clock.delays).toEqual([]);
      let before = 0;
      command(room, '-j--l');
      call('         ----nrs', {
        n: () => void (before = clock.delays.length),
        r: () => room.retryNow(),
        s: () => expect(clock.delays.length).toBe(before),
      });
    });
  });

  it('R8 a repair under way is not disturbed by what else is heard', () => {
    marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
      const a = link('a', { signal$: health('---u-d-----'), media$: health('---u----d-u') });
      const repair = cold<never>('            -     ');
      const transport = { ...joins(cold('     -a    ', { a })), repair: () => repair };
      const room = watchedRoom(transport, { ...brisk, attemptLimit: 15 });
      command(room, '                         -j-------------l');
      expectStates(room).toBe('                dc-C-s---------l');
      expectSubscriptions(repair.subscriptions).toBe('-------^-------!');
    });
  });

  it('H12 a link that cannot be probed is not asked', () => {
    const events: string[] = [];
    marbles(({ cold, health, link, command }) => {
      const a = link('a', { media$: health('---u-d') });
      const room = watchedRoom(joins(cold('-a', { a })), { ...brisk, probeHold: 3 });
      room.events$.subscribe(({ type }) => events.push(type));
      command(room, '                       -j------l');
    });
    expect(events).toContain('media');
    expect(events).not.toContain('probe');
  });
});

describe('a room in one frame', () => {
  it('R12 D5 ends a schedule that gives up in one emission', () => {
    marbles(({ cold, link, health, command, expectStates }) => {
      const a = link('a', { signal$: health('---u-d') });
      const room = watchedRoom(joins(cold('  -a', { a })), { ...brisk, schedule: giveUp });
      command(room, '                        -j');
      expectStates(room).toBe('               dc-C-f');
    });
  });

  it('D1 J4 ends at its deadline by a join() too, when timers are late', () => {
    marbles(({ cold, link, health, command, expectStates, scheduler }) => {
      const a = link('a', { signal$: health('---u-d ') });
      const options = { ...brisk, schedule: () => 60, scheduler: throttled(100, scheduler) };
      const room = watchedRoom(joins(cold('   -a     ', { a })), options);
      command(room, '                         -j 28ms j');
      expectStates(room).toBe('                dc-C-s 24ms t');
    });
  });

  it('Z1 J4 is told how long it slept, though a join() comes before the wake', () => {
    let ending: unknown;
    marbles(({ cold, link, health, command, call }) => {
      const clock = sleepy();
      const wake$ = new Subject<Wake>();
      const a = link('a', { signal$: health('---u-d') });
      const room = watchedRoom(joins(cold('   -a', { a })), { ...brisk, schedule: () => 60, scheduler: clock, wake$ });
      command(room, '                         -j');
      call('                                  --------w-e', {
        w: () => {
          clock.sleep(30);
          room.join();
          wake$.next({ suspendedFor: 30 });
        },
        e: () => void (ending = room.connectionState),
      });
    });
    expect(ending).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'timeout', suspendedFor: 30 }));
  });
});

describe('a transport that does little', () => {
  const errorsOf = (room: { readonly errors$: Observable<RoomError> }): RoomError[] => {
    const errors: RoomError[] = [];
    room.errors$.subscribe((error) => errors.push(error));
    return errors;
  };

  it('L1 S1 can be used behind a proxy, as frameworks put objects there', () => {
    const proxied = marbles(({ cold, link, command, expectStates }) => {
      const room = watchedRoom(joins(cold('-a', { a: link('a') })));
      const proxied = new Proxy(room, { get: (target, name, receiver) => Reflect.get(target, name, receiver) as unknown });
      command(proxied, '       -j-l');
      expectStates(proxied).toBe('dcCl');
      return proxied;
    });
    expect(proxied.connectionState).toEqual({ state: 'disconnected', reason: 'leaveChannel' });
    expect(() => proxied[Symbol.dispose]()).not.toThrow();
  });

  it('L5 a link need not listen to why it is closed', () => {
    const room = createRoom({ join: () => concat(of({ signal$: alwaysUp, media$: null }), NEVER) }, brisk);
    const errors = errorsOf(room);
    marbles(({ command, expectStates }) => {
      command(room, '         -j----l');
      expectStates(room).toBe('d(cC)-l');
    });
    expect(errors).toEqual([]);
  });

  it('J1 J8 a request without an answer has failed', () => {
    marbles(({ command, expectStates }) => {
      const room = watchedRoom({ request: () => EMPTY, join: () => NEVER }, { ...brisk, joinDeadline: 5 });
      command(room, '         -j    ');
      expectStates(room).toBe('dc----q');
      room.connectionState$.subscribe((state) => {
        if (state.state !== 'failed') return;
        expect(state.error).toBeInstanceOf(DeadlineExceededError);
        expect((state.error).cause).toBeInstanceOf(LinkEndedError);
      });
    });
  });

  it('R1 P5 a cold room repairs in place, too', () => {
    const kinds: string[] = [];
    marbles(({ cold, health, link, expectStates, expectSubscriptions }) => {
      const first = cold('                 -a     ', { a: link('a', { signal$: health('---u-d') }) });
      const transport = {
        ...joins(first),
        repair: (_: unknown, { kind }: { readonly kind: string }) => {
          kinds.push(kind);
          return NEVER;
        },
      };
      expectStates(roomConnection(transport, brisk), '^-------!').toBe('c--C-s');
      expectSubscriptions(first.subscriptions).toBe('^-------!');
    });
    expect(kinds).toEqual(['resume']);
  });

  it('T3 a device that tells odd things of its wakes is taken for one that did not sleep, and is no error', () => {
    const odd = [{}, { suspendedFor: NaN }, { suspendedFor: -5 }, { suspendedFor: '60000' }, null, undefined];
    const wake$ = new Subject<Wake>();
    const events: string[] = [];
    marbles(({ cold, link, command, call, expectStates }) => {
      const room = watchedRoom(joins(cold('-a', { a: link('a') })), { ...brisk, wake$ });
      const errors = errorsOf(room);
      room.events$.subscribe(({ type }) => events.push(type));
      command(room, '         -j  ');
      call('                  ---w-e', {
        w: () => odd.forEach((wake) => wake$.next(wake as Wake)),
        e: () => expect(errors).toEqual([]),
      });
      expectStates(room).toBe('dcC ');
    });
    expect(events).not.toContain('suspended');
  });

  it('T3 a device that can say leave no more, by an error, changes nothing and is reported', () => {
    const errors: RoomError[] = [];
    marbles(({ cold, hot, link, command, expectStates }) => {
      const leave$ = hot('    ----#', undefined, 'broken');
      const room = watchedRoom(joins(cold('-a', { a: link('a') })), { ...brisk, leave$ });
      room.errors$.subscribe((error) => errors.push(error));
      command(room, '         -j');
      expectStates(room).toBe('dcC');
    });
    expect(errors).toEqual([{ at: 4, from: 'leave$', error: 'broken' }]);
  });
});
