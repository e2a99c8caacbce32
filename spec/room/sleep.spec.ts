import { NEVER } from 'rxjs';
import type { Attempt, Failed, Health, Room, RoomEvent, RoomOptions, ServerNotice, Verdict, Wake } from '../../lib/index.js';
import { busy, sleepy, throttled, type SleepyClock } from './clocks.js';
import { brisk, healths, joins, marbles, watchedRoom, type Joins, type TestLink } from './room-harness.js';

const unreachable: Verdict = { kind: 'unreachable' };

/** A wake after so many milliseconds of sleep, and a hint of none. */
const wakes: Record<string, Wake> = { w: { suspendedFor: 10 }, W: { suspendedFor: 30 }, n: { suspendedFor: 19 }, o: { suspendedFor: 0 } };

/** `s` and `S` in a diagram of calls: the device sleeps. Diagrams count the time awake only. */
const sleeps = (clock: SleepyClock): Readonly<Record<string, () => void>> => ({
  s: () => clock.sleep(10),
  n: () => clock.sleep(19),
  S: () => clock.sleep(30),
  // More than the three minutes within which late timers get an attempt after the deadline.
  L: () => clock.sleep(200_000),
});

const awake: RoomOptions = { ...brisk, wakeFloor: 0 };

/** The state that it ended in. */
const endOf = (room: Room<TestLink>): Failed => {
  const state = room.connectionState;
  if (state.state !== 'failed') throw new Error(`it is ${state.state}`);
  return state;
};

describe('sleep and wake', () => {
  describe('longer than the deadline', () => {
    it('Z1 fails a connected room at the wake, before any attempt, with the time slept', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    -----S--           ', sleeps(clock));
        const wake$ = hot('       -------W-          ', wakes);
        const a = cold('          l                  ', { l: link('a', { probe: () => cold<never>('-|') }) });
        const b = cold('          l                  ', { l: link('b') });
        const subs = '            ^------!           ';
        room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$ });
        command(room, '           j--------r         ');
        expectStates(room, '      -^                 ')
          .toBe('                 -C-----t           ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe([]);
      });
      expect(endOf(room)).toEqual(jasmine.objectContaining({ attempts: 0, suspendedFor: 30 }));
    });

    for (const buffered of ['before', 'after'] as const) {
      it(`Z1 judges the wake before the input that was buffered, heard ${buffered} it in the same frame`, () => {
        let room!: Room<TestLink>;
        marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
          const clock = sleepy();
          call('                  -----S             ', sleeps(clock));
          const values = { ...healths };
          const words = { k: { kind: 'kicked' } as ServerNotice };
          const early$ = hot('    -u-----(du)        ', values);
          const earlyWord$ = hot('-------k           ', words);
          const wake$ = hot('     -------W           ', wakes);
          const late$ = hot('     -u-----(du)        ', values);
          const lateWord$ = hot(' -------k           ', words);
          const signal$ = buffered === 'before' ? early$ : late$;
          const notice$ = buffered === 'before' ? earlyWord$ : lateWord$;
          const a = cold('        l                  ', { l: link('a', { signal$, notice$ }) });
          const b = cold('        l                  ', { l: link('b') });
          const subs = '          ^------!           ';
          room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$, schedule: () => 0 });
          command(room, '         j                  ');
          expectStates(room, '    --^                ')
            .toBe('               --C----t           ');
          expectSubscriptions(a.subscriptions).toBe(subs);
          expectSubscriptions(b.subscriptions).toBe([]);
        });
        expect(endOf(room).suspendedFor).toBe(30);
      });
    }

    it('Z1 lets only leave() go before the wake', () => {
      marbles(({ cold, hot, link, call, command, expectStates }) => {
        const clock = sleepy();
        call('                    -----S             ', sleeps(clock));
        const wake$ = hot('       -------W           ', wakes);
        const a = cold('          l                  ', { l: link('a') });
        const room = watchedRoom(joins(a), { ...awake, scheduler: clock, wake$ });
        command(room, '           j------l           ');
        expectStates(room, '      -^                 ')
          .toBe('                 -C-----l           ');
      });
    });

    it('Z1 fails at the wake when a dip was reported just before it', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, health, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    -----S             ', sleeps(clock));
        const signal$ = health('  -u----d            ');
        const wake$ = hot('       -------W           ', wakes);
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const b = cold('          l                  ', { l: link('b') });
        room = watchedRoom(joins(a, b), { ...awake, settle: { signal: 4, media: 0 }, scheduler: clock, wake$ });
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C----t           ');
        expectSubscriptions(b.subscriptions).toBe([]);
      });
      expect(endOf(room).suspendedFor).toBe(30);
    });

    it('Z1 fails a connected room at the next event that knows of the sleep, where no wake tells', () => {
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    -----L             ', sleeps(clock));
        const values: Record<string, Health> = { u: 'up', d: { down: true, aliveAt: 5 } };
        const signal$ = hot('     -u-----d           ', values);
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const b = cold('          l                  ', { l: link('b') });
        const subs = '            ^------!           ';
        const room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, schedule: () => 0 });
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C----t           ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe([]);
      });
    });

    it('Z1 fails a reconnecting room at the wake, before the attempt that is due', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, health, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    ------S            ', sleeps(clock));
        const wake$ = hot('       --------W          ', wakes);
        const signal$ = health('  -u---d             ');
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const b = cold('          l                  ', { l: link('b') });
        const subs = '            ^-------!          ';
        room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$, schedule: () => 9 });
        command(room, '           j-------r-r        ');
        expectStates(room, '      --^                ')
          .toBe('                 --C--s--t          ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe([]);
      });
      expect(endOf(room)).toEqual(jasmine.objectContaining({ attempts: 0, suspendedFor: 30 }));
    });

    it('Z1 fails a reconnecting room in mid attempt, which it unsubscribes', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    --------S          ', sleeps(clock));
        const wake$ = hot('       ----------W        ', wakes);
        const a = cold('          l----#             ', { l: link('a') }, unreachable);
        const b = cold('                 ---l        ', { l: link('b') });
        const subs = '            -------^--!        ';
        room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$ });
        command(room, '           j                  ');
        expectStates(room, '      -^                 ')
          .toBe('                 -C---s----t        ');
        expectSubscriptions(b.subscriptions).toBe(subs);
      });
      expect(endOf(room)).toEqual(jasmine.objectContaining({ attempts: 1, suspendedFor: 30 }));
    });

    const events = [
      ['a timer', '  -u---d                      ', '--C--s--------t'],
      ['a heal', '   -u---d----u                 ', '--C--s----t    '],
    ] as const;
    for (const [name, diagram, states] of events) {
      it(`Z1 fails a reconnecting room at the next event where no wake tells: ${name}`, () => {
        marbles(({ cold, health, link, call, command, expectStates, expectSubscriptions }) => {
          const clock = sleepy();
          call('                  ------L            ', sleeps(clock));
          const signal$ = health(diagram);
          const a = cold('        l                  ', { l: link('a', { signal$ }) });
          const b = cold('        l                  ', { l: link('b') });
          const room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$: NEVER, schedule: () => 9 });
          command(room, '         j                  ');
          expectStates(room, '    --^                ').toBe(states);
          expectSubscriptions(b.subscriptions).toBe([]);
        });
      });
    }

    it('Z1 fails a joining room at the wake, before any further attempt', () => {
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    ---S               ', sleeps(clock));
        const wake$ = hot('       -----W             ', wakes);
        const a = cold('          -------l           ', { l: link('a') });
        const subs = '            ^----!             ';
        const room = watchedRoom(joins(a), { ...awake, scheduler: clock, wake$, schedule: () => 0 });
        command(room, '           j                  ');
        expectStates(room, '      -^                 ')
          .toBe('                 -c---f             ');
        expectSubscriptions(a.subscriptions).toBe(subs);
      });
    });

    it('Z1 takes late timers alone for no sleep', () => {
      const events: RoomEvent[] = [];
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const values: Record<string, Health> = { u: 'up', d: { down: true } };
        const signal$ = hot('     -u 4998ms d', values);
        const wake$ = hot('       90s o', wakes);
        const a = cold('          l', { l: link('a', { signal$ }) });
        const b = cold('          1s l', { l: link('b', { probe: () => cold('5ms p') }) });
        const subs = '            ^ 59999ms !';
        const next = '            60s ^';
        const room = watchedRoom(joins(a, b), { scheduler: throttled(60_000), deadline: 120_000, wake$, random: () => 0.5 });
        room.events$.subscribe((event) => events.push(event));
        command(room, '           j');
        expectStates(room, '      --^')
          .toBe('                 --C 59997ms s 999ms R');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(events.filter(({ type }) => type === 'suspended')).toEqual([]);
    });

    it('Z1 takes a processor that was busy past every limit for no sleep, as long as the deadline has not passed', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d                      ');
        const a = cold('          l                           ', { l: link('a', { signal$ }) });
        const b = cold('                                --l   ', { l: link('b') });
        const next = '            ----------------------^     ';
        const room = watchedRoom(joins(a, b), { ...awake, scheduler: busy(6, 22), settle: { signal: 3, media: 0 } });
        command(room, '           j                           ');
        expectStates(room, '      --^                         ')
          .toBe('                 --C-------------------s-R   ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('Z1 D8 says nothing of sleep when late timers miss the deadline, and makes one attempt before it fails', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const values: Record<string, Health> = { u: 'up', d: { down: true } };
        const signal$ = hot('     -u 4998ms d', values);
        const a = cold('          l', { l: link('a', { signal$ }) });
        const b = cold<never>('   -');
        // Due at 6 s, begun at the first timer; given up at the second.
        const only = '            60s ^ 59999ms !';
        room = watchedRoom(joins(a, b), { scheduler: throttled(60_000), settle: { signal: 0 }, schedule: () => 1_000 });
        command(room, '           j');
        expectStates(room, '      --^')
          .toBe('                 --C 4997ms s 114999ms t');
        expectSubscriptions(b.subscriptions).toBe(only);
      });
      expect(endOf(room)).toEqual(jasmine.objectContaining({ attempts: 1 }));
      expect(endOf(room).suspendedFor).toBeUndefined();
    });

    it('Z1 takes a wake that does not say how long for a hint', () => {
      for (const odd of [{}, { suspendedFor: NaN }, { suspendedFor: -5 }, { suspendedFor: '60000' }, new Event('online'), null, undefined]) {
        marbles(({ cold, hot, link, command, expectStates }) => {
          const wake$ = hot('     -----w             ', { w: odd as Wake });
          const a = cold('        l---------#        ', { l: link('a') }, unreachable);
          const b = cold<never>(' -                  ');
          const room = watchedRoom(joins(a, b), { ...awake, wake$ });
          command(room, '         j                  ');
          expectStates(room, '    -^                 ')
            .toBe('               -C--------s-------------------t');
        });
      }
    });
  });

  describe('shorter than the deadline', () => {
    it('Z2 keeps a connection whose probe is answered, and says nothing', () => {
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    -------n           ', sleeps(clock));
        const wake$ = hot('       -------n           ', wakes);
        const probe = cold('             -p          ');
        const probed = '          -------^!          ';
        const a = cold('          l                  ', { l: link('a', { probe: () => probe }) });
        const room = watchedRoom(joins(a), { ...awake, scheduler: clock, wake$ });
        command(room, '           j                  ');
        expectStates(room, '      -^                 ')
          .toBe('                 -C                 ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(probe.subscriptions).toBe(probed);
      });
    });

    const deaths = [
      ['refused', '--#', '-------w'],
      ['not answered', '-', '-------w'],
      ['refused, with other wakes in the frame of the first', '--#', '-------(woo)'],
      ['refused, with another wake while it is out', '--#', '-------wo'],
    ] as const;
    for (const [name, answer, woken] of deaths) {
      it(`Z2 probes an open-looking socket; a dip so found dates from before the sleep (probe ${name})`, () => {
        let room!: Room<TestLink>;
        const deadlines = new Set<number>();
        marbles(({ cold, hot, scheduler, link, call, command, expectStates, expectSubscriptions }) => {
          const clock = sleepy(scheduler);
          call('                  -------s           ', sleeps(clock));
          const wake$ = hot(woken, wakes);
          const probe = cold(answer);
          const probed = '        -------^-!         ';
          const a = cold('        l                  ', { l: link('a', { probe: () => probe }) });
          const b = cold<never>('          -         ');
          const subs = '          ^----------!       ';
          // Asleep from 7 to 17 of the clock: the deadline is at 27.
          const next = '          -----------^-----! ';
          room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$, probeLimit: 2 });
          room.progress$.subscribe((progress) => {
            if (progress !== null && progress.cause !== null) deadlines.add(progress.deadlineAt);
          });
          command(room, '         j                  ');
          expectStates(room, '    -^                 ')
            .toBe('               -C-------s-------t ');
          expectSubscriptions(a.subscriptions).toBe(subs);
          expectSubscriptions(probe.subscriptions).toBe(probed);
          expectSubscriptions(b.subscriptions).toBe(next);
        });
        expect([...deadlines]).toEqual([27]);
      });
    }

    it('Z2 dates a dip that the probe finds from before it, though the wake tells nonsense about a sleep', () => {
      const deadlines = new Set<number>();
      marbles(({ cold, hot, link, command, expectStates }) => {
        const wake$ = hot('     -------n           ', { n: { suspendedFor: NaN } });
        const probe = cold('           --#         ');
        const a = cold('        l                  ', { l: link('a', { probe: () => probe }) });
        const room = watchedRoom(joins(a, NEVER), { ...awake, wake$, probeLimit: 3 });
        room.progress$.subscribe((progress) => {
          if (progress !== null && progress.cause !== null) deadlines.add(progress.deadlineAt);
        });
        command(room, '         j                  ');
        expectStates(room, '    -^                 ')
          .toBe('               -C-------s-----------------t ');
      });
      expect([...deadlines]).toEqual([27]);
    });

    for (const [name, reported] of [
      ['in the frame of the wake', '-u-----d'],
      ['just before the wake', '-u----d'],
    ] as const) {
      it(`Z2 dates a dip from before the sleep that is reported ${name}`, () => {
        let room!: Room<TestLink>;
        const deadlines: number[] = [];
        marbles(({ cold, hot, health, link, call, command }) => {
          const clock = sleepy();
          call('                  -----s             ', sleeps(clock));
          const signal$ = health(reported);
          const wake$ = hot('     -------w           ', wakes);
          const a = cold('        l                  ', { l: link('a', { signal$ }) });
          room = watchedRoom(joins(a, NEVER), { ...awake, scheduler: clock, wake$ });
          room.progress$.subscribe((progress) => {
            if (progress?.cause != null) deadlines.push(progress.deadlineAt);
          });
          command(room, '         j                  ');
        });
        // It slept from 5 to 15, and the wake of 17 knows only that it slept for 10: 7 is the latest proof of life.
        expect(deadlines.at(-1)).toBeLessThanOrEqual(27);
        expect(endOf(room).reason).toBe('timeout');
      });
    }

    it('Z2 goes on with the time that remains, counted from the last proof of life', () => {
      const attempts: number[] = [];
      let transport!: Joins;
      marbles(({ cold, hot, health, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    --------s          ', sleeps(clock));
        const wake$ = hot('       --------w          ', wakes);
        const signal$ = health('  -u---d             ');
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const b = cold<never>('           -          ');
        // The wait is over at the wake; 25 of the clock is 15 of the time awake.
        const next = '            --------^------!   ';
        transport = joins(a, b);
        const room = watchedRoom(transport, { ...awake, scheduler: clock, wake$, schedule: () => 9 });
        room.progress$.subscribe((progress) => {
          if (progress !== null && progress.cause !== null) attempts.push(progress.deadlineAt);
        });
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C--s---------t   ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(new Set(attempts)).toEqual(new Set([25]));
      expect(transport.attempts[1]).toEqual(jasmine.objectContaining<Attempt<TestLink>>({ limitAt: 25, deadlineAt: 25 }));
    });

    it('Z2 goes on without a wake too', () => {
      marbles(({ cold, health, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    ------s            ', sleeps(clock));
        const signal$ = health('  -u---d             ');
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const b = cold('                 --l         ', { l: link('b') });
        const next = '            -------^           ';
        const room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$: NEVER });
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C--s---R         ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('Z2 dates from before the sleep what a health reports with its last proof of life', () => {
      marbles(({ cold, hot, link, call, command, expectStates }) => {
        const clock = sleepy();
        call('                    -----s             ', sleeps(clock));
        const values: Record<string, Health> = { u: 'up', d: { down: true, aliveAt: 4 } };
        const signal$ = hot('     -u-----d           ', values);
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const room = watchedRoom(joins(a, NEVER), { ...awake, scheduler: clock });
        command(room, '           j                  ');
        // 24 of the clock is 14 of the time awake.
        expectStates(room, '      --^                ')
          .toBe('                 --C----s------t    ');
      });
    });
  });

  describe('due at once', () => {
    it('Z3 starts once when announcement and attempt are both due', () => {
      marbles(({ cold, hot, health, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    ------s            ', sleeps(clock));
        const wake$ = hot('       -------(woo)       ', wakes);
        const signal$ = health('  -u---d             ');
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const b = cold('                 --l         ', { l: link('b') });
        const next = '            -------^           ';
        const room = watchedRoom(joins(a, b), {
          ...awake,
          scheduler: clock,
          wake$,
          settle: { signal: 4, media: 4 },
          schedule: () => 9,
        });
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C----s-R         ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('Z3 starts once when the limit of an attempt and the wait after it are both over', () => {
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    --------S          ', sleeps(clock));
        const wake$ = hot('       ---------W         ', wakes);
        const a = cold('          l----#             ', { l: link('a') }, unreachable);
        const b = cold<never>('   -                  ');
        const c = cold('                   --l       ', { l: link('c') });
        const second = '          -------^-!         ';
        const third = '           ---------^         ';
        const room = watchedRoom(joins(a, b, c), {
          ...awake,
          scheduler: clock,
          wake$,
          deadline: 99,
          schedule: ({ position }) => (position === 1 ? 2 : 0),
        });
        command(room, '           j                  ');
        expectStates(room, '      -^                 ')
          .toBe('                 -C---s-----R       ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
    });

    it('Z3 starts once when timer, wake and retryNow() meet in one tick', () => {
      marbles(({ cold, hot, scheduler, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       -------(oo)           ', wakes);
        const a = cold('          l----#                ', { l: link('a') }, unreachable);
        const b = cold<never>('          -#             ', undefined, unreachable);
        const c = cold('                           -l   ', { l: link('c') });
        const second = '          -------^!             ';
        const third = '           -----------------^    ';
        const room = watchedRoom(joins(a, b, c), {
          ...awake,
          scheduler,
          wake$,
          schedule: ({ position }) => (position === 1 ? 2 : 9),
        });
        command(room, '           j------(rrr)          ');
        expectStates(room, '      -^                    ')
          .toBe('                 -C---s------------R    ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
    });

    it('Z3 starts once when a busy processor finds everything due', () => {
      let transport!: Joins;
      const positions: number[] = [];
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d                 ');
        const a = cold('          l                      ', { l: link('a', { signal$ }) });
        const b = cold<never>('              -           ');
        const next = '            -----------------^--!      ';
        transport = joins(a, b);
        const room = watchedRoom(transport, {
          ...awake,
          attemptLimit: 3,
          scheduler: busy(6, 17),
          settle: { signal: 3, media: 3 },
          schedule: ({ position }) => {
            positions.push(position);
            return position === 1 ? 2 : 90;
          },
          lastChanceFrom: 90,
        });
        command(room, '           j                      ');
        expectStates(room, '      --^                    ')
          .toBe('                 --C--------------s-------t ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(transport.attempts.length).toBe(2);
      expect(positions).toEqual([1, 2]);
    });
  });
});
