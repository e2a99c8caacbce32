import { filter, map, NEVER, Subject, throwError } from 'rxjs';
import { DeadlineExceededError, type ConnectionState, type Health, type RoomOptions, type ServerNotice, type Wake } from '../../lib/index.js';
import { brisk, joins, marbles, textOf, throttled, watchedRoom, type Marbles, type TestLink } from './room-harness.js';

const boom = new Error('boom');

/** Only the deadline is left to wait for. */
const patient: RoomOptions = { ...brisk, schedule: () => 100 };

const nextAt = ({ progress$ }: { progress$: ReturnType<typeof watchedRoom>['progress$'] }) =>
  progress$.pipe(
    filter((progress) => progress?.phase === 'waiting'),
    map((progress) => progress?.nextRetryAt ?? null),
  );

describe('the deadline', () => {
  describe('reconnecting ends at exactly the deadline', () => {
    it('D1 during an attempt, which is unsubscribed', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const hanging = cold<TestLink>('           -    ');
        const room = watchedRoom(joins(cold('   -a       ', { a }), hanging), { ...brisk, attemptLimit: 30 });
        command(room, '                         -j       ');
        expectStates(room).toBe('                dc-C-s 19ms t');
        expectSubscriptions(hanging.subscriptions).toBe('-------^ 17ms !');
      });
    });

    it('D1 during an attempt that has its link, which is closed', () => {
      const closes = marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const b = link('b', { media$: NEVER });
        const second = cold('                          -b', { b });
        const room = watchedRoom(joins(cold('   -a       ', { a }), second), { ...brisk, attemptLimit: 30 });
        command(room, '                         -j       ');
        expectStates(room).toBe('                dc-C-s 19ms t');
        expectSubscriptions(second.subscriptions).toBe('-------^ 17ms !');
        return b.closes;
      });
      expect(closes).toEqual(['abandoned']);
    });

    it('D1 during a request, which is unsubscribed', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const granted = cold('                 (t|)     ', { t: 'token' });
        const hanging = cold('               -   ');
        const asked = [granted, hanging];
        const join = cold('                     -a       ', { a });
        const room = watchedRoom({ request: () => asked.shift()!, join: () => join }, { ...brisk, attemptLimit: 30 });
        command(room, '                         -j       ');
        expectStates(room).toBe('                dc-C-s 19ms t');
        expectSubscriptions(hanging.subscriptions).toBe('-------^ 17ms !');
        expectSubscriptions(join.subscriptions).toBe('-^-----!');
      });
    });

    it('D1 during a repair, which is unsubscribed', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { media$: health('---u-d   ') });
        const repair = cold('                        -    ');
        const transport = { ...joins(cold('    -a       ', { a })), repair: () => repair };
        const room = watchedRoom(transport, { ...brisk, attemptLimit: 30 });
        command(room, '                        -j       ');
        expectStates(room).toBe('               dc-C-m 19ms t');
        expectSubscriptions(repair.subscriptions).toBe('-------^ 17ms !');
      });
    });

    it('D1 while offline: every attempt fails at once, nothing else happens', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const offline = cold<TestLink>('           #    ', {}, boom);
        const room = watchedRoom(joins(cold('   -a       ', { a }), offline), { ...brisk, schedule: () => 6 });
        command(room, '                         -j       ');
        expectStates(room).toBe('                dc-C-s 19ms t');
        expectSubscriptions(offline.subscriptions).toBe(['-----------(^!)', '-----------------(^!)', '-----------------------(^!)']);
      });
    });

    it('D1 during a wait, the link still there, which is unsubscribed', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const first = cold('                    -a       ', { a });
        const room = watchedRoom(joins(first), patient);
        command(room, '                         -j       ');
        expectStates(room).toBe('                dc-C-s 19ms t');
        expectSubscriptions(first.subscriptions).toBe('-^ 23ms !');
      });
    });

    it('D1 at the first event after it, when timers are late', () => {
      marbles(({ cold, link, health, command, expectStates, scheduler }) => {
        const a = link('a', { signal$: health('---u-d 24ms u  ') });
        const room = watchedRoom(joins(cold('   -a             ', { a })), { ...patient, scheduler: throttled(scheduler, 100) });
        command(room, '                         -j             ');
        expectStates(room).toBe('                dc-C-s 24ms t  ');
      });
    });

    it('D1 at the first event after it, even one that says nothing new, when timers are late', () => {
      marbles(({ cold, link, health, command, expectStates, scheduler }) => {
        const a = link('a', { signal$: health('---u-d 24ms d ') });
        const options = { ...patient, scheduler: throttled(scheduler, 100) };
        const room = watchedRoom(joins(cold('   -a            ', { a })), options);
        command(room, '                         -j            ');
        expectStates(room).toBe('                dc-C-s 24ms t ');
      });
    });

    it('D1 at its late timer, when timers are late and nothing else happens', () => {
      marbles(({ cold, link, health, command, expectStates, scheduler }) => {
        const a = link('a', { signal$: health('---u-d ') });
        const room = watchedRoom(joins(cold('   -a     ', { a })), { ...patient, scheduler: throttled(scheduler, 100) });
        command(room, '                         -j     ');
        expectStates(room).toBe('                dc-C-s 94ms t');
      });
    });

    it('D1 counted from the last proof of life, not from its report', () => {
      marbles(({ cold, hot, link, command, expectStates, expectObservable }) => {
        const signal$ = hot<Health>('     ---u------d', { u: 'up', d: { down: true, aliveAt: 4 } });
        const room = watchedRoom(joins(cold('-a', { a: link('a', { signal$ }) })), patient);
        command(room, '                   -j             ');
        expectStates(room).toBe('          dc-C------s-------------t');
        const deadlines$ = room.progress$.pipe(map((progress) => progress?.deadlineAt ?? 'none'));
        expectObservable(deadlines$).toBe('na-n------d-------------n', { n: 'none', a: 21, d: 24 });
      });
    });

    it('D1 counted from the last proof of life, not from the announcement', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d           ') });
        const room = watchedRoom(joins(cold('  -a               ', { a })), { ...patient, settle: { signal: 7 } });
        command(room, '                        -j               ');
        expectStates(room).toBe('               dc-C--------s 12ms t');
      });
    });

    it('D1 fixed at the first cause, whatever comes later', () => {
      marbles(({ cold, hot, link, command, expectStates, expectObservable }) => {
        const signal$ = hot<Health>('     ---u-------d---u---d', { u: 'up', d: { down: true, aliveAt: 2 } });
        const media$ = hot<Health>('      ---u--d--------d----', { u: 'up', d: { down: true } });
        const room = watchedRoom(joins(cold('-a', { a: link('a', { signal$, media$ }) })), patient);
        command(room, '                   -j                       ');
        expectStates(room).toBe('          dc-C--m 19ms t           ');
        const deadlines$ = room.snapshot$.pipe(
          filter(({ connectionState }) => connectionState.state === 'reconnecting'),
          map(({ progress }) => progress?.deadlineAt),
        );
        expectObservable(deadlines$).toBe('------d----d---d---d', { d: 26 });
      });
    });

    it('D1 after 40 s by default', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u 20s d ') });
        const room = watchedRoom(joins(cold('   -a         ', { a }), NEVER), {});
        command(room, '                         -j         ');
        expectStates(room).toBe('                dc-C 21s s 38999ms t ');
      });
    });
  });

  describe('a success', () => {
    /** Broken at 5, so that the deadline is at 25; the rejoin begins at 7. */
    const rejoinUpAt = ({ cold, link, health, command, scheduler }: Marbles, at: number, more: Partial<TestLink> = {}) => {
      const a = link('a', { signal$: health('---u-d') });
      const b = link('b', { ...more });
      const second = cold(`${at - 7}ms b`, { b });
      const room = watchedRoom(joins(cold('-a', { a }), second), { ...brisk, attemptLimit: 30, scheduler });
      command(room, '-j');
      return { room, second, b };
    };

    it('D2 a frame before the deadline clears it', () => {
      marbles((t) => {
        const { room } = rejoinUpAt(t, 24);
        t.expectStates(room).toBe('dc-C-s 18ms R');
      });
    });

    it("D2 in the deadline's own frame comes too late, and is closed", () => {
      const closes = marbles((t) => {
        const { room, second, b } = rejoinUpAt(t, 25);
        t.expectStates(room).toBe('dc-C-s 19ms t');
        t.expectSubscriptions(second.subscriptions).toBe('-------^ 17ms !');
        return b.closes;
      });
      expect(closes).toEqual(['abandoned']);
    });

    it('D2 a frame after it is ignored, its attempt unsubscribed before', () => {
      marbles((t) => {
        const { room, second } = rejoinUpAt(t, 26);
        t.expectStates(room).toBe('dc-C-s 19ms t');
        t.expectSubscriptions(second.subscriptions).toBe('-------^ 17ms !');
      });
    });

    for (const [name, script, result] of [
      ['a frame before', '---u-d 18ms u', 'dc-C-s 18ms R'],
      ["in the deadline's own frame of", '---u-d 19ms u', 'dc-C-s 19ms t'],
      ['a frame after', '---u-d 20ms u', 'dc-C-s 19ms t'],
    ] as const) {
      it(`D2 of health ${name} the deadline`, () => {
        marbles(({ cold, link, health, command, expectStates, scheduler }) => {
          const room = watchedRoom(joins(cold('-a', { a: link('a', { signal$: health(script) }) })), { ...patient, scheduler });
          command(room, '-j');
          expectStates(room).toBe(result);
        });
      });
    }

    for (const [name, at, result] of [
      ['a frame before', 20, 'dc 18ms C'],
      ['in the frame of', 21, 'dc 19ms f'],
      ['a frame after', 22, 'dc 19ms f'],
    ] as const) {
      it(`D2 of a first join ${name} its deadline`, () => {
        marbles(({ cold, link, command, expectStates, scheduler }) => {
          const source = cold(`${at - 1}ms a`, { a: link('a') });
          const room = watchedRoom(joins(source), { ...brisk, attemptLimit: 30, scheduler });
          command(room, '-j');
          expectStates(room).toBe(result);
        });
      });
    }
  });

  describe('order in a frame', () => {
    const words: Readonly<Record<string, ServerNotice>> = { k: { kind: 'kicked' }, r: { kind: 'redispatch', endpoint: 'wss://other' } };

    for (const kind of ['k', 'r']) {
      it(`D2 the deadline goes before the server's word (${words[kind]!.kind})`, () => {
        marbles(({ cold, hot, link, health, command, expectStates, scheduler }) => {
          const a = link('a', { signal$: health('---u-d'), notice$: hot(`25ms ${kind}`, { ...words }) });
          const room = watchedRoom(joins(cold('-a', { a })), { ...patient, scheduler });
          command(room, '-j');
          expectStates(room).toBe('dc-C-s 19ms t');
        });
      });
    }

    it('D2 the word of the frame before goes before the deadline', () => {
      marbles(({ cold, hot, link, health, command, expectStates, scheduler }) => {
        const a = link('a', { signal$: health('---u-d'), notice$: hot('24ms k', { ...words }) });
        const room = watchedRoom(joins(cold('-a', { a })), { ...patient, scheduler });
        command(room, '-j');
        expectStates(room).toBe('dc-C-s 18ms k');
      });
    });

    it('D2 a leave goes before the deadline: leave()', () => {
      marbles(({ cold, link, health, command, expectStates, scheduler }) => {
        const a = link('a', { signal$: health('---u-d') });
        const room = watchedRoom(joins(cold('-a', { a })), { ...patient, scheduler });
        command(room, '-j 23ms l');
        expectStates(room).toBe('dc-C-s 19ms l');
      });
    });

    it('D2 a leave goes before the deadline: leave$, be it heard before or after the timer', () => {
      for (const late of [false, true]) {
        marbles(({ cold, hot, link, health, command, expectStates, scheduler }) => {
          const a = link('a', { signal$: health('---u-d') });
          const leave$ = new Subject();
          // At 24 a millisecond more is scheduled, after the room has set its timer of the same time.
          if (late) hot('24ms x').subscribe(() => cold('-x').subscribe(leave$));
          else hot('25ms x').subscribe(leave$);
          const room = watchedRoom(joins(cold('-a', { a })), { ...patient, leave$, scheduler });
          command(room, '-j');
          expectStates(room).toBe('dc-C-s 19ms l');
        });
      }
    });

    it("D2 a leave goes before the server's word and before health, whichever is heard first", () => {
      for (const leaveFirst of [true, false]) {
        marbles(({ cold, hot, link, health, command, expectStates, scheduler }) => {
          const early$ = leaveFirst ? hot('    --------x') : null;
          const signal$ = health('             ---u-d--u');
          const notice$ = hot('                  --------k', { ...words });
          const leave$ = early$ ?? hot('       --------x');
          const options = { ...patient, leave$, scheduler };
          const room = watchedRoom(joins(cold('-a', { a: link('a', { signal$, notice$ }) })), options);
          command(room, '                      -j       ');
          expectStates(room).toBe('             dc-C-s--l');
        });
      }
    });

    it("D2 the server's word goes before health, whichever is heard first", () => {
      for (const healthFirst of [true, false]) {
        marbles(({ cold, hot, link, health, command, expectStates }) => {
          const early$ = healthFirst ? health('---u-d--u') : null;
          const notice$ = hot('                  --------k', { ...words });
          const signal$ = early$ ?? health('   ---u-d--u');
          const a = link('a', { signal$, notice$ });
          const room = watchedRoom(joins(cold('-a       ', { a })), patient);
          command(room, '                      -j       ');
          expectStates(room).toBe('             dc-C-s--k');
        });
      }
    });

    it("D2 the server's word goes before a dip of the same frame", () => {
      marbles(({ cold, hot, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d'), notice$: hot('-----k', { ...words }) });
        const room = watchedRoom(joins(cold('  -a    ', { a })), patient);
        command(room, '                        -j    ');
        expectStates(room).toBe('               dc-C-k');
      });
    });
  });

  describe('every way back to connected clears it', () => {
    /** Long after the first deadline, 25, a second break has its full time. */
    const after: Record<string, (t: Marbles) => { transport: Parameters<typeof watchedRoom<unknown, TestLink>>[0]; options?: RoomOptions; states: string}> = {
      'healing in a wait': ({ cold, link, health }) => ({
        transport: joins(cold('-a', { a: link('a', { signal$: health('---u-d--u 30ms d') }) })),
        options: patient,
        states: 'dc-C-s--R 30ms s 19ms t',
      }),
      'healing in a repair': ({ cold, link, health }) => ({
        transport: { ...joins(cold('-a', { a: link('a', { media$: health('---u-d--u 30ms d') }) })), repair: () => NEVER },
        options: { ...brisk, attemptLimit: 30 },
        states: 'dc-C-m--R 30ms m 19ms t',
      }),
      'healing before it was announced': ({ cold, link, health }) => ({
        transport: joins(cold('-a', { a: link('a', { signal$: health('---u-d--u 30ms d') }) })),
        options: { ...patient, settle: { signal: 5 } },
        states: 'dc-C 40ms s 14ms t',
      }),
      'a rejoin': ({ cold, link, health }) => ({
        transport: joins(
          cold('-a', { a: link('a', { signal$: health('---u-d') }) }),
          cold('-b', { b: link('b', { signal$: health('---------u 29ms d') }) }),
          NEVER,
        ),
        states: 'dc-C-s---R 29ms s 19ms t',
      }),
      'a rejoin after failed rejoins': ({ cold, link, health }) => ({
        transport: joins(
          cold('-a', { a: link('a', { signal$: health('---u-d') }) }),
          cold('-#'),
          cold('-b', { b: link('b', { signal$: health('------------u 26ms d') }) }),
          NEVER,
        ),
        states: 'dc-C-s------R 26ms s 19ms t',
      }),
      'a newer link of the same join': ({ cold, link, health }) => ({
        transport: joins(
          cold('-a------b', {
            a: link('a', { signal$: health('---u-d') }),
            b: link('b', { signal$: health('----------u 28ms d') }),
          }),
        ),
        options: patient,
        states: 'dc-C-s----R 28ms s 19ms t',
      }),
      'a first join': ({ cold, link, health }) => ({
        transport: joins(cold('-a', { a: link('a', { signal$: health('---u 35ms d') }) })),
        options: patient,
        states: 'dc-C 35ms s 19ms t',
      }),
      'a first join after failed attempts': ({ cold, link, health }) => ({
        transport: joins(cold('-#'), cold('-a', { a: link('a', { signal$: health('------u 32ms d') }) }), NEVER),
        states: 'dc----C 32ms s 19ms t',
      }),
    };
    for (const [name, setting] of Object.entries(after)) {
      it(`D3 ${name}`, () => {
        marbles((t) => {
          const { transport, options, states } = setting(t);
          const room = watchedRoom(transport, options);
          t.command(room, '-j');
          t.expectStates(room).toBe(states);
        });
      });
    }

    it('D3 a leave clears it, too', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const room = watchedRoom(joins(cold('  -a       ', { a }), cold('-b', { b: link('b') })), patient);
        command(room, '                        -j----lj ');
        expectStates(room).toBe('               dc-C-slcC');
      });
    });
  });

  describe('the last chance', () => {
    const lastChance: RoomOptions = { ...patient, lastChanceFrom: 3, attemptLimit: 30 };
    const broken = ({ link, health }: Marbles): TestLink => link('a', { signal$: health('---u-d') });

    for (const [random, at] of [
      [0, 5],
      [0.25, 10],
      [0.5, 15],
      [0.75, 20],
    ] as const) {
      it(`D4 a wait that would end too late gives way to one that ends uniformly in what is left: ${random}`, () => {
        marbles((t) => {
          const second = t.cold('-b', { b: t.link('b') });
          const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), second), { ...lastChance, random: () => random });
          t.command(room, '-j');
          t.expectSubscriptions(second.subscriptions).toBe(`${at}ms ^`);
        });
      });
    }

    it('D4 happens once: then the room waits for the deadline', () => {
      marbles((t) => {
        const refused = t.cold<TestLink>('                  -#', {}, boom);
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), refused), { ...lastChance, random: () => 0.5 });
        t.command(room, '                        -j                       ');
        t.expectStates(room).toBe('              dc-C-s 19ms t            ');
        t.expectSubscriptions(refused.subscriptions).toBe('---------------^!');
        t.expectObservable(nextAt(room)).toBe('          -----a----------n', { a: 15, n: null });
      });
    });

    it('D4 after it the room waits for the deadline, short as the next wait may be', () => {
      marbles((t) => {
        const refused = t.cold<TestLink>('                  -#');
        const schedule: RoomOptions['schedule'] = ({ position }) => (position === 1 ? 100 : 1);
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), refused), { ...lastChance, schedule, random: () => 0.5 });
        t.command(room, '                        -j               ');
        t.expectStates(room).toBe('              dc-C-s 19ms t    ');
        t.expectSubscriptions(refused.subscriptions).toBe('---------------^!');
      });
    });

    it('D4 only if enough is left: exactly 3 are', () => {
      marbles((t) => {
        const hanging = t.cold<TestLink>('17ms #');
        const last = t.cold<TestLink>('-');
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), hanging, last), {
          ...lastChance,
          schedule: ({ position }) => (position === 1 ? 0 : 100),
          random: () => 2 / 3,
        });
        t.command(room, '                           -j');
        t.expectStates(room).toBe('                 dc-C-s 19ms t');
        t.expectSubscriptions(hanging.subscriptions).toBe('-----^ 16ms !');
        t.expectSubscriptions(last.subscriptions).toBe('   24ms ^!');
      });
    });

    it('D4 not if less than 3 are left', () => {
      marbles((t) => {
        const hanging = t.cold<TestLink>('18ms #');
        const last = t.cold<TestLink>('-');
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), hanging, last), {
          ...lastChance,
          schedule: ({ position }) => (position === 1 ? 0 : 100),
          random: () => 0.5,
        });
        t.command(room, '                           -j');
        t.expectStates(room).toBe('                 dc-C-s 19ms t');
        t.expectSubscriptions(last.subscriptions).toBe([]);
      });
    });

    it('D4 needs 3 s by default', () => {
      marbles((t) => {
        const last = t.cold<TestLink>('-');
        const long = { schedule: () => 1_000_000, random: () => 0.5, settle: { signal: 0 } };
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), last), { ...long, deadline: 3_000 });
        t.command(room, '                                 -j');
        t.expectSubscriptions(last.subscriptions).toBe('1505ms ^ 1499ms !');
        const none = t.cold<TestLink>('-');
        const other = watchedRoom(joins(t.cold('-a', { a: broken(t) }), none), { ...long, deadline: 2_999 });
        t.command(other, '                                -j');
        t.expectSubscriptions(none.subscriptions).toBe([]);
      });
    });

    it('D4 counts for a first join, too', () => {
      marbles((t) => {
        const refused = t.cold<TestLink>('                 -#', {}, boom);
        const room = watchedRoom(joins(refused), { ...lastChance, joinDeadline: 21, random: () => 0.5 });
        t.command(room, '                       -j                    ');
        t.expectStates(room).toBe('             dc--------------------f');
        t.expectSubscriptions(refused.subscriptions).toBe(['-^!', '------------^!']);
        t.expectObservable(nextAt(room)).toBe(' --a----------n', { a: 12, n: null });
      });
    });

    it('D4 a wait that ends in time is not touched', () => {
      marbles((t) => {
        const second = t.cold('-b', { b: t.link('b') });
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), second), { ...lastChance, schedule: () => 18, random: () => 0.5 });
        t.command(room, '                               -j                     ');
        t.expectStates(room).toBe('                     dc-C-s 18ms R          ');
        t.expectSubscriptions(second.subscriptions).toBe('23ms ^');
      });
    });

    it('D4 retryNow() still works after it', () => {
      marbles((t) => {
        const refused = t.cold<TestLink>('               -#        ', {}, boom);
        const last = t.cold('                                  -b   ', { b: t.link('b') });
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), refused, last), { ...lastChance, wakeFloor: 0, random: () => 0.25 });
        t.command(room, '                        -j----------------r');
        t.expectStates(room).toBe('              dc-C-s-------------R');
        t.expectSubscriptions(refused.subscriptions).toBe('----------^!');
        t.expectSubscriptions(last.subscriptions).toBe('   ------------------^');
      });
    });

    it('D4 retryNow() still works where there was none', () => {
      marbles((t) => {
        const second = t.cold('                            -b', { b: t.link('b') });
        const room = watchedRoom(joins(t.cold('-a', { a: broken(t) }), second), { ...patient, wakeFloor: 0 });
        t.command(room, '                       -j--------r  ');
        t.expectStates(room).toBe('             dc-C-s-----R ');
        t.expectSubscriptions(second.subscriptions).toBe('----------^');
      });
    });
  });

  describe('the terminal value', () => {
    it('D5 is one, with the last error and the number of attempts', () => {
      const terminals: ConnectionState[] = [];
      const errors = [new Error('first'), new Error('second'), new Error('third')];
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d') });
        const refusals = errors.map((error) => cold<TestLink>('-#', {}, error));
        const room = watchedRoom(joins(cold('-a', { a }), ...refusals), {
          ...brisk,
          schedule: ({ position }) => (position <= 3 ? 2 : 100),
        });
        room.connectionState$.subscribe((state) => {
          if (state.state === 'failed') terminals.push(state);
        });
        command(room, '-j');
        expectStates(room).toBe('dc-C-s 19ms t');
      });
      expect(terminals.length).toBe(1);
      const { error, ...rest } = terminals[0] as ConnectionState & { error: DeadlineExceededError };
      expect(rest).toEqual({ state: 'failed', reason: 'timeout', attempts: 3, cause: 'signal' } as never);
      expect(error).toBeInstanceOf(DeadlineExceededError);
      expect(error.cause).toBe(errors[2]);
      expect(error.attempts).toBe(3);
      expect(error.deadline).toBe(20);
      expect(error.message).toBe('not connected within 20 ms, after 3 attempts');
    });

    it('D5 carries the error of a join that ended, when no attempt was made since', () => {
      const terminals: ConnectionState[] = [];
      marbles(({ cold, link, command }) => {
        const room = watchedRoom(joins(cold('-a--#', { a: link('a') }, boom)), patient);
        room.connectionState$.subscribe((state) => {
          if (state.state === 'failed') terminals.push(state);
        });
        command(room, '-j');
      });
      expect(terminals.map((state) => [textOf(state), 'attempts' in state && state.attempts, state.state === 'failed' && state.error.cause])).toEqual([
        ['failed/timeout', 0, boom],
      ]);
    });

    it('D5 carries an error even where no attempt failed, and does not count what came before the break', () => {
      const terminals: ConnectionState[] = [];
      marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---------u-d') });
        const room = watchedRoom(joins(throwError(() => boom), throwError(() => boom), cold('-a', { a })), {
          ...brisk,
          schedule: ({ error }) => (error === boom ? 2 : 100),
        });
        room.connectionState$.subscribe((state) => {
          if (state.state === 'failed') terminals.push(state);
        });
        command(room, '-j');
      });
      expect(terminals.length).toBe(1);
      const [state] = terminals;
      expect(state?.state === 'failed' && state.attempts).toBe(0);
      expect(state?.state === 'failed' && state.error).toEqual(new DeadlineExceededError(20, 0));
    });

    it('D6 nothing moves it: online, health up, a late success, retryNow(), leave(), a word', () => {
      marbles(({ cold, hot, link, health, command, expectStates, expectObservable, expectSubscriptions, scheduler }) => {
        const wake$ = hot<Wake>('                        27ms w     ', { w: { suspendedFor: 0 } });
        const notice$ = hot<ServerNotice>('                  29ms k     ', { k: { kind: 'kicked' } });
        const signal$ = health('                         ---u-d 22ms u');
        const a = link('a', { signal$, notice$ });
        const late = cold('                                     23ms b', { b: link('b') });
        const room = watchedRoom(joins(cold('            -a         ', { a }), late), { ...brisk, attemptLimit: 30, wake$ });
        command(room, '                                  -j 30ms r--l');
        expectStates(room).toBe('                         dc-C-s 19ms t');
        expectSubscriptions(late.subscriptions).toBe('    -------^ 17ms !');
        expectSubscriptions(wake$.subscriptions).toBe('   -^ 23ms !');
        expectObservable(room.snapshot$.pipe(filter(() => scheduler.now() > 25))).toBe('');
        expectObservable(room.events$.pipe(filter(() => scheduler.now() > 25))).toBe('');
      });
    });

    it('D6 only join() moves it', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const room = watchedRoom(joins(cold('  -a       ', { a }), cold('-b', { b: link('b') })), patient);
        command(room, '                        -j 30ms j');
        expectStates(room).toBe('               dc-C-s 19ms t 6ms cC');
      });
    });

    it('D6 a late success of the link itself does not reach the next join', () => {
      marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d 22ms u') });
        const room = watchedRoom(joins(cold('  -a           ', { a }), NEVER), patient);
        command(room, '                        -j 24ms j    ');
        expectStates(room).toBe('               dc-C-s 19ms tc 19ms f');
      });
    });
  });
});
