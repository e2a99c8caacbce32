import { concat, defer, EMPTY, map, NEVER, Observable, of, throwError } from 'rxjs';
import {
  AttemptLimitError,
  DeadlineExceededError,
  immediate,
  LinkEndedError,
  type AttemptContext,
  type Failed,
  type Health,
  type Progress,
  type Room,
  type RoomTransport,
} from '../../lib/index.js';
import { alphabet, alwaysUp, brisk, joins, linkOf, marbles, watchedRoom, type TestLink } from './room-harness.js';

/** The state of a room that must have failed. */
const failureOf = ({ connectionState }: Room<unknown>): Failed => {
  if (connectionState.state !== 'failed') throw new Error(`not failed but ${connectionState.state}`);
  return connectionState;
};

const causeOf = (room: Room<unknown>): unknown => (failureOf(room).error).cause;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The `unhandledRejection` events while `body` runs. */
const unhandledIn = async (body: () => Promise<void>): Promise<unknown[]> => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  await body();
  await pause(10);
  process.off('unhandledRejection', listener);
  return unhandled;
};

const boom = new Error('boom');

describe('joining a room', () => {
  describe('a first join that fails', () => {
    it('J1 is tried again by the schedule until the join deadline, and is failed then', () => {
      const room = marbles(({ cold, command, expectStates, expectSubscriptions }) => {
        const source = cold<TestLink>('-#', {}, boom);
        const subs = [
          '                            -^!                   ',
          '                            ----^!                ', // waited 2
          '                            -------^!             ',
          '                            ----------^!          ',
          '                            -------------^!       ',
          '                            ----------------^!    ',
          '                            -------------------^! ', // the next would come after the deadline
        ];
        const room = watchedRoom(joins(source));
        command(room, '                 -j                    ');
        expectStates(room).toBe('        dc-------------------f');
        expectSubscriptions(source.subscriptions).toBe(subs);
        return room;
      });
      expect(failureOf(room).error).toBeInstanceOf(DeadlineExceededError);
      expect(causeOf(room)).toBe(boom);
      expect(failureOf(room).attempts).toBe(7);
    });

    it('J1 fails after 20 s of the default schedule', () => {
      marbles(({ cold, command, expectStates }) => {
        const room = watchedRoom(joins(cold('-#')), {});
        command(room, '         -j           ');
        expectStates(room).toBe('dc 19999ms f ');
      });
    });

    it('J1 asks the schedule as after a break: position, error, time since the join and until the deadline', () => {
      const asked: Partial<AttemptContext>[] = [];
      marbles(({ cold, link, command, expectStates }) => {
        const refused = cold<TestLink>('-#', {}, boom);
        const room = watchedRoom(joins(refused, refused, refused, cold('-a', { a: link('a') })), {
          ...brisk,
          schedule: ({ position, error, verdict, elapsed, remaining }) => {
            asked.push({ position, error, verdict, elapsed, remaining });
            return position;
          },
        });
        command(room, '         -j         ');
        expectStates(room).toBe('dc---------C');
      });
      const rest = { error: boom, verdict: { kind: 'unreachable' } } as const;
      expect(asked).toEqual([
        { position: 1, elapsed: 1, remaining: 19, ...rest },
        { position: 2, elapsed: 3, remaining: 17, ...rest },
        { position: 3, elapsed: 6, remaining: 14, ...rest },
      ]);
    });

    it('J1 shows the countdown in progress$ while connecting', () => {
      marbles(({ cold, link, command, expectObservable }) => {
        const room = watchedRoom(joins(cold('-#'), cold('--#'), cold('-a', { a: link('a') })));
        command(room, '                        -j         ');
        const rest = { kind: 'join', cause: null, hintAt: null, deadlineAt: 21 } as const;
        expectObservable(room.progress$).toBe(' n1u-2-v-3n', {
          n: null,
          1: { phase: 'attempting', attempt: 1, nextRetryAt: null, ...rest },
          u: { phase: 'waiting', attempt: 2, nextRetryAt: 4, ...rest },
          2: { phase: 'attempting', attempt: 2, nextRetryAt: null, ...rest },
          v: { phase: 'waiting', attempt: 3, nextRetryAt: 8, ...rest },
          3: { phase: 'attempting', attempt: 3, nextRetryAt: null, ...rest },
        } satisfies Record<string, Progress | null>);
      });
    });

    describe('names the stage', () => {
      const refuse = (at: number): (({ number }: { number: number }) => Observable<never>) => ({ number }) =>
        number === at ? throwError(() => boom) : NEVER;
      const ok = (): Observable<string> => of('token');
      const cases: Record<string, { stage: 'q' | 'f'; transport: RoomTransport<unknown, TestLink>; attempts: number; wait?: number }> = {
        'the request of the running attempt': { stage: 'q', attempts: 1, transport: { request: () => NEVER, join: () => NEVER } },
        'the join of the running attempt': { stage: 'f', attempts: 1, transport: { request: ok, join: () => NEVER } },
        'the join of the running attempt, without a request': { stage: 'f', attempts: 1, transport: { join: () => NEVER } },
        'the join of the running attempt, its link not up yet': {
          stage: 'f',
          attempts: 1,
          transport: { request: ok, join: () => concat(of(linkOf('a', NEVER)), NEVER) },
        },
        'the request of the last attempt': {
          stage: 'q',
          attempts: 1,
          wait: 30,
          transport: { request: () => throwError(() => boom), join: () => NEVER },
        },
        'the join of the last attempt': {
          stage: 'f',
          attempts: 1,
          wait: 30,
          transport: { request: ok, join: () => throwError(() => boom) },
        },
        'the request that runs, not the join that failed before': {
          stage: 'q',
          attempts: 2,
          transport: { request: ({ number }) => (number === 1 ? ok() : NEVER), join: refuse(1) },
        },
        'the join that runs, not the request that failed before': {
          stage: 'f',
          attempts: 2,
          transport: { request: (attempt) => (attempt.number === 1 ? refuse(1)(attempt) : ok()), join: () => NEVER },
        },
      };
      for (const [name, { stage, transport, attempts, wait = 2 }] of Object.entries(cases)) {
        it(`J1 ${name}: ${alphabet[stage]}`, () => {
          const room = marbles(({ command, expectStates }) => {
            const room = watchedRoom(transport, { ...brisk, attemptLimit: 30, schedule: () => wait });
            command(room, '         -j               ');
            expectStates(room).toBe(`dc 19ms ${stage}`);
            return room;
          });
          expect(failureOf(room).attempts).toBe(attempts);
        });
      }

      it('J1 an attempt cut in its request is a request that failed', () => {
        const room = marbles(({ command, expectStates }) => {
          const room = watchedRoom({ request: () => NEVER, join: () => NEVER }, { ...brisk, schedule: () => 30 });
          command(room, '         -j      ');
          expectStates(room).toBe('dc 19ms q');
          return room;
        });
        expect(causeOf(room)).toEqual(new AttemptLimitError(10));
        expect((causeOf(room) as AttemptLimitError).limit).toBe(10);
      });
    });

    it('J1 the deadline in mid-attempt carries the error of the attempt before', () => {
      const room = marbles(({ cold, command, expectStates, expectSubscriptions }) => {
        const hanging = cold<TestLink>('          -    ');
        const room = watchedRoom(joins(cold<TestLink>('-#', {}, boom), hanging), { ...brisk, attemptLimit: 30 });
        command(room, '                          -j                    ');
        expectStates(room).toBe('                 dc-------------------f');
        expectSubscriptions(hanging.subscriptions).toBe('----^----------------!');
        return room;
      });
      expect(causeOf(room)).toBe(boom);
      expect(failureOf(room).attempts).toBe(2);
    });

    it('J1 without waits, and refused in a microtask each time: the page still has its turn, and may leave', async () => {
      const room = watchedRoom<unknown, TestLink>(
        { join: () => defer(() => Promise.reject(boom)) },
        { schedule: immediate, joinDeadline: 3_000 },
      );
      room.join();
      await pause(20);
      expect(room.connectionState.state).toBe('connecting');
      room.leave();
    });

    it('J1 a schedule that gives up fails with the error itself', () => {
      const room = marbles(({ cold, command, expectStates }) => {
        const source = cold<TestLink>('--#', {}, boom);
        const room = watchedRoom(joins(source), { ...brisk, schedule: ({ position }) => (position < 2 ? 2 : Infinity) });
        command(room, '         -j      ');
        expectStates(room).toBe('dc-----f');
        return room;
      });
      expect(failureOf(room).error).toBe(boom);
      expect(failureOf(room).attempts).toBe(2);
    });
  });

  describe('a fatal error', () => {
    const fatal = new Error('no such room');
    const classify: RoomTransport['classify'] = (error) => (error === fatal ? { kind: 'fatal' } : undefined);

    it('J2 of a join fails at once, without a retry', () => {
      const room = marbles(({ cold, command, expectStates, expectSubscriptions }) => {
        const source = cold<TestLink>('--#', {}, fatal);
        const room = watchedRoom({ ...joins(source), classify });
        command(room, '                                   -j  ');
        expectStates(room).toBe('                          dc-f');
        expectSubscriptions(source.subscriptions).toBe(['  -^-!']);
        return room;
      });
      expect(failureOf(room).error).toBe(fatal);
      expect(failureOf(room).attempts).toBe(1);
    });

    it('J2 of a request fails at once, without a retry', () => {
      const room = marbles(({ cold, command, expectStates, expectSubscriptions }) => {
        const token = cold('--#', {}, fatal);
        const room = watchedRoom({ request: () => token, join: () => NEVER, classify });
        command(room, '                                  -j  ');
        expectStates(room).toBe('                         dc-q');
        expectSubscriptions(token.subscriptions).toBe(['  -^-!']);
        return room;
      });
      expect(failureOf(room).error).toBe(fatal);
    });

    it('J2 of a later attempt counts the attempts before it', () => {
      const room = marbles(({ cold, command, expectStates }) => {
        const room = watchedRoom({ ...joins(cold('-#'), cold<TestLink>('-#', {}, fatal)), classify });
        command(room, '         -j   ');
        expectStates(room).toBe('dc---f');
        return room;
      });
      expect(failureOf(room).error).toBe(fatal);
      expect(failureOf(room).attempts).toBe(2);
    });

    it('J2 of a rejoin fails at once too', () => {
      const room = marbles(({ cold, link, health, command, expectStates }) => {
        const a = link('a', { signal$: health('---u-d   ') });
        const room = watchedRoom({ ...joins(cold('-a', { a }), cold<TestLink>('-#', {}, fatal)), classify });
        command(room, '                       -j       ');
        expectStates(room).toBe('              dc-C-s--f');
        return room;
      });
      expect(failureOf(room).error).toBe(fatal);
    });

    it('J2 leaves nothing that another join would not bring back', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const room = watchedRoom({ ...joins(cold<TestLink>('-#', {}, fatal), cold('-a', { a: link('a') })), classify });
        command(room, '         -j--j ');
        expectStates(room).toBe('dcf-cC');
      });
    });
  });

  describe('credentials', () => {
    it('J3 are asked for again for every attempt of a join and of a rejoin', () => {
      const infos: string[] = [];
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('------------u-d       ') });
        const token = cold('        -(t|)                   ', { t: 'token' });
        const requestSubs = [
          '                          -^!                     ',
          '                          -----^!                 ', // failed at 3
          '                          ----------------^!      ', // broke at 14
        ];
        let asked = 0;
        const { join } = joins(cold('-#'), cold('-a', { a }), cold('-b', { b: link('b') }));
        const room = watchedRoom<string, TestLink>(
          {
            request: () => token.pipe(map((name) => `${name} ${++asked}`)),
            join: (attempt, info) => {
              infos.push(info);
              return join(attempt);
            },
          },
          brisk,
        );
        command(room, '              -j                      ');
        expectStates(room).toBe('     dc----------C-s---R     ');
        expectSubscriptions(token.subscriptions).toBe(requestSubs);
      });
      expect(infos).toEqual(['token 1', 'token 2', 'token 3']);
    });

    it('J3 that are refused are one failed attempt', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const refused = cold('        -#         ');
        const granted = cold('                   -t  ', { t: 'token' });
        const join = cold('                       -a ', { a: link('a') });
        const room = watchedRoom({ request: ({ number }) => (number < 3 ? refused : granted), join: () => join });
        command(room, '              -j         ');
        expectStates(room).toBe('     dc-------C ');
        expectSubscriptions(refused.subscriptions).toBe(['-^!', '----^!']);
        expectSubscriptions(granted.subscriptions).toBe(['-------^!']);
        expectSubscriptions(join.subscriptions).toBe(['--------^']);
      });
    });

    it('J3 that throw or come to nothing are one failed attempt', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const request = ({ number }: { number: number }): Observable<string> => {
          if (number === 1) throw boom;
          return number === 2 ? EMPTY : of('token');
        };
        const room = watchedRoom({ request, join: () => cold('-a', { a: link('a') }) });
        command(room, '         -j    ');
        expectStates(room).toBe('dc----C');
      });
    });

    it('J3 that reject are one failed attempt, never an unhandled rejection', async () => {
      let asked = 0;
      let room!: Room<TestLink>;
      const unhandled = await unhandledIn(async () => {
        room = watchedRoom(
          {
            request: () => (++asked < 3 ? Promise.reject(new Error('expired')) : Promise.resolve('token')),
            join: (_, info) => concat(of(linkOf(info, alwaysUp)), NEVER),
          },
          { schedule: () => 1 },
        );
        room.join();
        await pause(30);
      });
      expect(asked).toBe(3);
      expect(room.connectionState.state).toBe('connected');
      expect(unhandled).toEqual([]);
      room.leave();
    });

    it('J3 that reject after the attempt was cut are never an unhandled rejection', async () => {
      let room!: Room<TestLink>;
      const unhandled = await unhandledIn(async () => {
        room = watchedRoom(
          { request: () => pause(8).then(() => Promise.reject(new Error('late'))), join: () => NEVER },
          { schedule: () => 1, attemptLimit: 3, joinDeadline: 6 },
        );
        room.join();
        await pause(30);
      });
      expect(room.connectionState.reason).toBe('requestChannelFailed');
      expect(unhandled).toEqual([]);
    });
  });

  describe('joining once more', () => {
    it('J4 during an attempt joins that attempt', () => {
      marbles(({ cold, link, command, expectStates, expectObservable, expectSubscriptions }) => {
        const source = cold('  ----a', { a: link('a') });
        const subs = '         -^   ';
        const room = watchedRoom(joins(source));
        command(room, '        -j-j ');
        expectStates(room).toBe('dc---C');
        expectObservable(room.progress$.pipe(map((progress) => progress?.deadlineAt ?? 0))).toBe('nd---n', { n: 0, d: 21 });
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('J4 during a wait does not hasten the next attempt', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const refused = cold<TestLink>('        -#         ');
        const source = cold('                        -a  ', { a: link('a') });
        const room = watchedRoom(joins(refused, source), { ...brisk, schedule: () => 6 });
        command(room, '                 -j--j       ');
        expectStates(room).toBe('        dc-------C  ');
        expectSubscriptions(refused.subscriptions).toBe('-^!');
        expectSubscriptions(source.subscriptions).toBe(' --------^ ');
      });
    });

    it('J4 while connected changes nothing, not the link either', () => {
      const room = marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const source = cold('                  -a', { a: link('a') });
        const room = watchedRoom(joins(source, NEVER));
        command(room, '                -j--(jj)-j');
        expectStates(room).toBe('       dcC       ');
        expectSubscriptions(source.subscriptions).toBe('-^');
        return room;
      });
      const { connectionState } = room;
      expect(connectionState.state === 'connected' && connectionState.link.closes).toEqual([]);
    });

    it('J4 while reconnecting, in a wait and in an attempt, joins what is going on', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d          ') });
        const first = cold('                    -a              ', { a });
        const refused = cold<TestLink>('                -#       ');
        const last = cold('                                 ---b', { b: link('b') });
        const room = watchedRoom(joins(first, refused, last), { ...brisk, schedule: () => 4 });
        command(room, '                         -j----j-j--j---j ');
        expectStates(room).toBe('                dc-C-s-----------R');
        expectSubscriptions(first.subscriptions).toBe('  -^-------!');
        expectSubscriptions(refused.subscriptions).toBe('---------^!');
        expectSubscriptions(last.subscriptions).toBe('   --------------^');
      });
    });
  });

  describe('joining and leaving in one tick', () => {
    /** Joins that say when they begin and end. */
    const logged = (log: string[], links: (n: number) => Observable<TestLink>): RoomTransport<void, TestLink> => {
      let n = 0;
      return {
        join: () =>
          defer(() => {
            const me = ++n;
            log.push(`+${me}`);
            return new Observable<TestLink>((subscriber) => {
              subscriber.add(() => log.push(`-${me}`));
              subscriber.add(links(me).subscribe(subscriber));
            });
          }),
      };
    };

    /** The greatest number of sessions that lived at once, and who lives at the end. */
    const livesOf = (log: readonly string[]): { most: number; last: string[] } => {
      const alive = new Set<string>();
      let most = 0;
      for (const entry of log) {
        if (entry.startsWith('+')) alive.add(entry.slice(1));
        else alive.delete(entry.slice(1));
        most = Math.max(most, alive.size);
      }
      return { most, last: [...alive] };
    };

    for (const [name, links] of [
      ['links that come at once', (n: number) => concat(of(linkOf(`link ${n}`, alwaysUp)), NEVER)],
      ['links that take time', null],
    ] as const) {
      it(`J5 lets the last session live, and no other: ${name}`, () => {
        const log: string[] = [];
        const room = marbles(({ cold, call, expectStates }) => {
          const transport = logged(log, links ?? ((n) => cold('-----a', { a: linkOf(`link ${n}`, alwaysUp) })));
          const room = watchedRoom(transport);
          call('-x', {
            x: () => {
              room.join();
              room.leave();
              room.join();
            },
          });
          expectStates(room).toBe(links === null ? 'd(clc)C' : 'd(clcC)');
          return room;
        });
        const { connectionState } = room;
        const lives = livesOf(log);
        expect(lives.most).toBe(1);
        expect(lives.last).toEqual([log.at(-1)?.slice(1) ?? 'nobody']);
        expect(connectionState.state === 'connected' && connectionState.link.name).toBe(`link ${lives.last[0]}`);
      });
    }

    it('J5 works from connected, too: leave and join in one tick', () => {
      const log: string[] = [];
      marbles(({ cold, call, expectStates }) => {
        const room = watchedRoom(logged(log, (n) => cold('------a', { a: linkOf(`link ${n}`, alwaysUp) })));
        call('                  -j-------x', {
          j: () => room.join(),
          x: () => {
            room.leave();
            room.join();
            room.leave();
            room.join();
          },
        });
        expectStates(room).toBe('dc-----C-(lclc)C');
      });
      expect(livesOf(log)).toEqual({ most: 1, last: [log.at(-1)?.slice(1) ?? 'nobody'] });
    });
  });

  describe('an attempt that hangs', () => {
    it('J6 is cut at the attempt limit', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const hanging = cold<TestLink>('             -              ');
        const second = cold('                                     -b ', { b: link('b') });
        const room = watchedRoom(joins(hanging, second));
        command(room, '                           -j             ');
        expectStates(room).toBe('                  dc------------C');
        expectSubscriptions(hanging.subscriptions).toBe('-^---------!   ');
        expectSubscriptions(second.subscriptions).toBe(' -------------^ ');
      });
    });

    it('J6 is cut in its request', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const hanging = cold('               -              ');
        const join = cold('                                      -b ', { b: link('b') });
        const room = watchedRoom({ request: ({ number }) => (number === 1 ? hanging : of('')), join: () => join });
        command(room, '                           -j             ');
        expectStates(room).toBe('                  dc------------C');
        expectSubscriptions(hanging.subscriptions).toBe('-^---------!   ');
      });
    });

    it('J6 is cut when request and join together take too long', () => {
      marbles(({ cold, command, expectSubscriptions }) => {
        const request = cold('                     -----(t|)       ', { t: '' });
        const join = cold<TestLink>('                   -          ');
        const room = watchedRoom({ request: () => request, join: () => join }, { ...brisk, schedule: () => 30 });
        command(room, '                           -j              ');
        expectSubscriptions(request.subscriptions).toBe('-^----!     ');
        expectSubscriptions(join.subscriptions).toBe('   ------^----!');
      });
    });

    for (const [name, parts] of [
      ['signal', { signal$: NEVER, media$: alwaysUp }],
      ['media', { media$: NEVER }],
    ] as const) {
      it(`J6 is cut when it is joined but its ${name} does not come up`, () => {
        const closes = marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
          const a = link('a', parts);
          const first = cold('                            -a           ', { a });
          const second = cold('                                       -b', { b: link('b') });
          const room = watchedRoom(joins(first, second));
          command(room, '                                -j           ');
          expectStates(room).toBe('                       dc------------C');
          expectSubscriptions(first.subscriptions).toBe(' -^---------! ');
          return a.closes;
        });
        expect(closes).toEqual(['abandoned']);
      });
    }

    it('J6 is left alone once both healths are up, a millisecond before the limit', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u      '), media$: health('----------u') });
        const source = cold('                  -a        ', { a });
        const room = watchedRoom(joins(source));
        command(room, '                       -j        ');
        expectStates(room).toBe('              dc--------C');
        expectSubscriptions(source.subscriptions).toBe('-^');
      });
    });

    it('J6 is cut a millisecond before both healths would have been up', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u      '), media$: health('------------u') });
        const source = cold('                  -a        ', { a });
        const room = watchedRoom(joins(source, NEVER));
        command(room, '                       -j        ');
        expectStates(room).toBe('              dc 19ms f ');
        expectSubscriptions(source.subscriptions).toBe('-^---------!');
      });
    });

    it('J6 needs both healths up at the same time, not one after the other', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u--d   '), media$: health('-------u') });
        const source = cold('                  -a        ', { a });
        const room = watchedRoom(joins(source, NEVER));
        command(room, '                       -j        ');
        expectStates(room).toBe('              dc 19ms f ');
        expectSubscriptions(source.subscriptions).toBe('-^---------!');
      });
    });

    it('J6 is cut in a rejoin, too', () => {
      marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
        const a = link('a', { signal$: health('---u-d             ') });
        const hanging = cold<TestLink>('              -           ');
        const room = watchedRoom(joins(cold(' -a', { a }), hanging, cold('-b', { b: link('b') })));
        command(room, '                       -j                 ');
        expectStates(room).toBe('              dc-C-s--------------R');
        expectSubscriptions(hanging.subscriptions).toBe('-------^---------!');
      });
    });

    it('J6 takes 10 s by default', () => {
      marbles(({ cold, command, expectSubscriptions }) => {
        const hanging = cold<TestLink>('                 -          ');
        const room = watchedRoom(joins(hanging, NEVER), {});
        command(room, '                                 -j         ');
        expectSubscriptions(hanging.subscriptions).toBe('-^ 9999ms !');
      });
    });

    it('J6 is told its limit, which is never past the deadline', () => {
      const transport = joins(NEVER);
      marbles(({ command }) => command(watchedRoom(transport), '-j'));
      expect(transport.attempts.map(({ number, limitAt, deadlineAt }) => ({ number, limitAt, deadlineAt }))).toEqual([
        { number: 1, limitAt: 11, deadlineAt: 21 },
        { number: 2, limitAt: 21, deadlineAt: 21 },
      ]);
    });
  });

  describe('one session at a time', () => {
    const namesOf = ({ attempts }: ReturnType<typeof joins>): string[] =>
      attempts.map(({ kind, previous }) => `${kind} ${previous?.name ?? '-'}`);

    it('J7 an attempt that was cut or failed is unsubscribed before the next is subscribed', () => {
      const log: string[] = [];
      let n = 0;
      marbles(({ command }) => {
        const join = (): Observable<TestLink> =>
          new Observable<TestLink>((subscriber) => {
            const me = ++n;
            log.push(`+${me}`);
            if (me === 3) subscriber.error(boom);
            return () => log.push(`-${me}`);
          });
        const room = watchedRoom({ join }, { ...brisk, attemptLimit: 4, schedule: () => 0 });
        // Limits of 4 and 8; the fourth would be cut after 16.
        command(room, '-j---------------l');
      });
      expect(log).toEqual(['+1', '-1', '+2', '-2', '+3', '-3', '+4', '-4']);
    });

    it('J7 the old link is told, then unsubscribed, before the rejoin is subscribed', () => {
      const log: string[] = [];
      marbles(({ link, health, command, cold }) => {
        const links = [
          link('a', { signal$: health('---u-d'), close: (why) => log.push(`a ${why}`) }),
          link('b', { close: (why) => log.push(`b ${why}`) }),
        ];
        let n = 0;
        const join = (): Observable<TestLink> =>
          new Observable((subscriber) => {
            const me = links[n++]!;
            log.push(`+${me.name}`);
            subscriber.add(() => log.push(`-${me.name}`));
            subscriber.add(cold('-a', { a: me }).subscribe(subscriber));
          });
        const room = watchedRoom({ join });
        command(room, '-j---------l');
      });
      expect(log).toEqual(['+a', 'a superseded', '-a', '+b', 'b left', '-b']);
    });

    it('J7 a join that opens after it was cut is never adopted', () => {
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const signal = cold<Health>('u', { u: 'up' });
        const late = link('late', { signal$: signal });
        const stubborn = new Observable<TestLink>((subscriber) => {
          cold('----l').subscribe(() => subscriber.next(late));
        });
        const hanging = cold<TestLink>('          -           ');
        const last = cold('                                 -b', { b: link('b') });
        const room = watchedRoom(joins(stubborn, hanging, last), { ...brisk, attemptLimit: 3 });
        command(room, '                        -j          ');
        // Cut after 3, and after 6: each limit that was reached doubles the next.
        expectStates(room).toBe('               dc-------------C');
        expectSubscriptions(hanging.subscriptions).toBe('------^-----!');
        expectSubscriptions(signal.subscriptions).toBe([]);
      });
    });

    it('J7 a request that is answered after the attempt was cut starts no join', () => {
      marbles(({ cold, command, expectSubscriptions }) => {
        const stubborn = new Observable<string>((subscriber) => {
          cold('----t').subscribe((token) => subscriber.next(token));
        });
        const join = cold<TestLink>('-');
        const room = watchedRoom({ request: () => stubborn, join: () => join }, { ...brisk, attemptLimit: 3 });
        // Cut at 4, answered at 5.
        command(room, '-j----l');
        expectSubscriptions(join.subscriptions).toBe([]);
      });
    });

    it('J7 a link that opens in the very frame in which we leave is closed, never adopted', () => {
      const a = linkOf('a', alwaysUp);
      marbles(({ hot, command, expectStates, expectSubscriptions }) => {
        const source = hot('            ----a', { a });
        const room = watchedRoom(joins(source));
        command(room, '                 -j--l');
        expectStates(room).toBe('        dc--l');
        expectSubscriptions(source.subscriptions).toBe('-^--!');
      });
      expect(a.closes).toEqual(['left']);
    });

    it('J7 a link that opens in the very frame of the deadline is closed, never adopted', () => {
      const a = linkOf('a', alwaysUp);
      marbles(({ cold, command, expectStates, expectSubscriptions, scheduler }) => {
        const source = cold('           --------------------a', { a });
        const room = watchedRoom(joins(source), { ...brisk, attemptLimit: 30, scheduler });
        command(room, '                 -j                    ');
        expectStates(room).toBe('        dc-------------------f');
        expectSubscriptions(source.subscriptions).toBe('-^-------------------!');
      });
      expect(a.closes).toEqual(['abandoned']);
    });

    it('J7 a first join that never got a link replaces nothing', () => {
      const transport = joins(throwError(() => boom), NEVER);
      marbles(({ command }) => command(watchedRoom(transport), '-j'));
      expect(namesOf(transport)).toEqual(['join -', 'join -', 'join -']);
    });

    it('J7 a rejoin names the link that it replaces, after failed rejoins too', () => {
      const transport = marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d') });
        const transport = joins(cold('-a', { a }), cold('-#'), cold('-#'), cold('-b', { b: link('b') }));
        command(watchedRoom(transport), '-j');
        return transport;
      });
      expect(namesOf(transport)).toEqual(['join -', 'rejoin a', 'rejoin a', 'rejoin a']);
    });

    it('J7 a rejoin names the session before it, which was joined but never came up', () => {
      const transport = marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d') });
        const b = link('b', { media$: NEVER });
        const transport = joins(cold('-a', { a }), cold('-b', { b }), cold('-c', { c: link('c') }));
        command(watchedRoom(transport, { ...brisk, attemptLimit: 4 }), '-j');
        return transport;
      });
      expect(namesOf(transport)).toEqual(['join -', 'rejoin a', 'rejoin b']);
    });

    it('J7 a first join names the session before it, which was joined but never came up', () => {
      const transport = marbles(({ cold, link, command }) => {
        const a = link('a', { media$: NEVER });
        const transport = joins(cold('-a', { a }), cold('-b', { b: link('b') }));
        command(watchedRoom(transport, { ...brisk, attemptLimit: 4 }), '-j');
        return transport;
      });
      expect(namesOf(transport)).toEqual(['join -', 'join a']);
    });

    it('J7 a second break names the link of the first rejoin', () => {
      const transport = marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d      ') });
        const b = link('b', { signal$: health('---------u-d') });
        const transport = joins(cold('-a', { a }), cold('-b', { b }), cold('-c', { c: link('c') }));
        command(watchedRoom(transport), '-j');
        return transport;
      });
      expect(namesOf(transport)).toEqual(['join -', 'rejoin a', 'rejoin b']);
    });

    it('J7 a rejoin names the newest link of the join before it, though that never came up', () => {
      const transport = marbles(({ cold, link, health, command }) => {
        const a = link('a', { signal$: health('---u-d') });
        const b = link('b', { media$: NEVER });
        const transport = joins(cold('-a----b', { a, b }), cold('-c', { c: link('c') }));
        command(watchedRoom(transport, { ...brisk, schedule: () => 6 }), '-j');
        return transport;
      });
      expect(namesOf(transport)).toEqual(['join -', 'rejoin b']);
    });

    it('J7 a join after a leave replaces nothing', () => {
      const transport = marbles(({ cold, link, command }) => {
        const transport = joins(cold('-a', { a: link('a') }), cold('-b', { b: link('b') }));
        command(watchedRoom(transport), '-j--l-j');
        return transport;
      });
      expect(namesOf(transport)).toEqual(['join -', 'join -']);
    });
  });

  describe('an attempt that goes wrong', () => {
    it('J8 a join that throws is a failed attempt', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const { join } = joins(cold('-b', { b: link('b') }));
        const room = watchedRoom<unknown, TestLink>({
          join: (attempt) => {
            if (attempt.number < 3) throw boom;
            return join(attempt);
          },
        });
        command(room, '         -j    ');
        expectStates(room).toBe('dc----C');
      });
    });

    it('J8 a join that throws until the deadline is told as the last error', () => {
      const room = marbles(({ command, expectStates }) => {
        const room = watchedRoom<unknown, TestLink>({
          join: () => {
            throw boom;
          },
        });
        command(room, '         -j      ');
        expectStates(room).toBe('dc 19ms f');
        return room;
      });
      expect(causeOf(room)).toBe(boom);
      expect(failureOf(room).attempts).toBe(10); // at 1, 3, … 19
    });

    it('J9 a link that is none fails the room, with the error that says so', () => {
      const room = marbles(({ cold, command, expectStates, expectSubscriptions }) => {
        const none = cold('-n', { n: { media$: null } as unknown as TestLink });
        const room = watchedRoom(joins(none));
        command(room, '                                -j');
        expectStates(room).toBe('                       dcf');
        expectSubscriptions(none.subscriptions).toBe(['-^!']);
        return room;
      });
      expect(failureOf(room).error).toEqual(new TypeError('link.signal$ must be an Observable of health, got undefined'));
    });

    it('J8 a join that completes without a link is a failed attempt, with an error of its own', () => {
      const room = marbles(({ cold, command, expectStates, expectSubscriptions }) => {
        const empty = cold<TestLink>('                            -|     ');
        const room = watchedRoom(joins(EMPTY, empty), {
          ...brisk,
          schedule: ({ position }) => (position < 3 ? 2 : Infinity),
        });
        command(room, '                               -j     ');
        expectStates(room).toBe('                      dc-----f');
        expectSubscriptions(empty.subscriptions).toBe(['---^!', '------^!']);
        return room;
      });
      expect(failureOf(room).error).toEqual(new LinkEndedError('join completed without giving a link'));
      expect(failureOf(room).attempts).toBe(3);
    });

    it('J8 the newest of two links wins, while connecting', () => {
      const closes = marbles(({ cold, link, health, command, expectStates, expectObservable, expectSubscriptions }) => {
        const a = link('a', { signal$: health('------u  ') });
        const b = link('b', { signal$: health('--------u') });
        const source = cold('                  -a-b     ', { a, b });
        const room = watchedRoom(joins(source));
        command(room, '                       -j       ');
        expectStates(room).toBe('              dc------C');
        expectObservable(room.link$.pipe(map((link) => link?.name ?? 'n'))).toBe('n-------b');
        expectSubscriptions(source.subscriptions).toBe('-^');
        return [a.closes, b.closes];
      });
      expect(closes).toEqual([['superseded'], []]);
    });

    it('J8 the newest of two links wins, while connected; the old one is heard no more', () => {
      const closes = marbles(({ cold, hot, link, command, expectStates, expectObservable, expectSubscriptions }) => {
        const old = hot<Health>('--------d', { d: { down: true } });
        const a = link('a', { signal$: concat(of<Health>('up'), old) });
        const b = link('b');
        const source = cold('    -a--b    ', { a, b });
        const room = watchedRoom(joins(source));
        command(room, '         -j       ');
        expectStates(room).toBe('dcC--R   ');
        expectObservable(room.link$.pipe(map((link) => link?.name ?? 'n'))).toBe('n-a--b');
        expectSubscriptions(old.subscriptions).toBe('   --^--!');
        expectSubscriptions(source.subscriptions).toBe('-^    ');
        return [a.closes, b.closes];
      });
      expect(closes).toEqual([['superseded'], []]);
    });

    for (const [name, end] of [
      ['errors', '#'],
      ['completes', '|'],
    ] as const) {
      it(`J8 a join that ${name} after its link: lost at once, no settle, no repair`, () => {
        marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
          const first = cold(`        -a---${end}   `, { a: link('a', { media$: alwaysUp }) });
          const second = cold('               -b', { b: link('b', { media$: alwaysUp }) });
          const repair = cold('              -  ');
          const room = watchedRoom(
            { ...joins(first, second), repair: () => repair },
            { ...brisk, settle: { signal: 5, media: 5 } },
          );
          command(room, '             -j       ');
          expectStates(room).toBe('    dcC---s--R');
          expectSubscriptions(repair.subscriptions).toBe([]);
          expectSubscriptions(first.subscriptions).toBe('  -^----!   ');
          expectSubscriptions(second.subscriptions).toBe(' --------^ ');
        });
      });

      it(`J8 a join that ${name} while a dip settles: lost at once, the repair is cut, a rejoin follows`, () => {
        marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
          const a = link('a', { signal$: health('---u-d') });
          const first = cold(`            -a------${end}    `, { a });
          const second = cold('                    -b', { b: link('b') });
          const repair = cold('                 -       ');
          const room = watchedRoom(
            { ...joins(first, second), repair: () => repair },
            { ...brisk, settle: { signal: 9 } },
          );
          command(room, '                 -j          ');
          expectStates(room).toBe('        dc-C-----s--R');
          expectSubscriptions(repair.subscriptions).toBe('-------^-!');
          expectSubscriptions(first.subscriptions).toBe(' -^-------!');
          expectSubscriptions(second.subscriptions).toBe('-----------^');
        });
      });

      it(`J8 a join that ${name} before its link came up: one failed attempt`, () => {
        marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
          const first = cold(`        -a-${end}   `, { a: link('a', { media$: NEVER }) });
          const second = cold('            -b', { b: link('b') });
          const room = watchedRoom(joins(first, second));
          command(room, '             -j     ');
          expectStates(room).toBe('    dc-----C');
          expectSubscriptions(first.subscriptions).toBe(' -^--!   ');
          expectSubscriptions(second.subscriptions).toBe('------^ ');
        });
      });

    }

    it('J8 a join that errors in the frame of its link: one failed attempt', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const room = watchedRoom(joins(cold('-(a#)', { a: link('a') }), cold('-b', { b: link('b') })));
        command(room, '         -j   ');
        expectStates(room).toBe('dc---C');
      });
    });

    it('J9 a join that completes in the frame of its link fails the room at once, and says what to do', () => {
      const room = marbles(({ cold, link, command, expectStates }) => {
        const room = watchedRoom(joins(cold('-(a|)', { a: link('a') })));
        command(room, '         -j');
        expectStates(room).toBe('dcf');
        return room;
      });
      expect(failureOf(room).error).toEqual(
        new LinkEndedError('join completed; it must stay open while the link lives, e.g. concat(of(link), NEVER)'),
      );
      expect(failureOf(room).attempts).toBe(1);
    });

    it('J8 the state has no link after a join that errored, for it was gone at once', () => {
      const seen = marbles(({ cold, link, command }) => {
        const room = watchedRoom(joins(cold('-a--#', { a: link('a') }), NEVER));
        const seen: unknown[] = [];
        room.connectionState$.subscribe((state) => {
          if (state.state === 'reconnecting') seen.push(state.link);
        });
        command(room, '-j');
        return seen;
      });
      expect(seen).toEqual([null]);
    });
  });
});
