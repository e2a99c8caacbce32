import { asyncScheduler, BehaviorSubject, concat, config, map, NEVER, of, startWith, Subject, type Observable } from 'rxjs';
import { expectTypeOf } from 'expect-type';
import {
  createRoom,
  deriveConnectionState,
  roomConnection,
  usersOf,
  type ConnectionState,
  type Health,
  type Room,
  type RoomLink,
  type RoomUsers,
  type User,
  type UserReport,
  type UsersOfOptions,
} from '../../lib/index.js';
import { alwaysUp, brisk, joins, ledgerOf, linkOf, marbles, watchedRoom, type Marbles, type TestLink } from './room-harness.js';

const list = (ids: string): User[] => Array.from(ids, (id) => ({ id }));
const snapshot = (ids: string): UserReport => ({ type: 'snapshot', users: list(ids) });
const joined = (id: string): UserReport => ({ type: 'joined', user: { id } });
const left = (id: string): UserReport => ({ type: 'left', id, reason: 'timeout' });

/** 'ab +b -c/timeout/4': who is here, who came, who went and why. */
const textOf = ({ users, changes }: RoomUsers): string =>
  [
    users.map(({ id }) => id).join(''),
    ...changes.map((change) =>
      change.type === 'userJoined' ? `+${change.user.id}` : `-${change.user.id}/${String(change.reason)}/${String(change.code)}`,
    ),
  ].join(' ');

/** Up from the start, until told otherwise. */
const well = (health$: Observable<Health>): Observable<Health> => health$.pipe(startWith<Health>('up'));

const texts = (room: Parameters<typeof usersOf>[0], options: UsersOfOptions = {}): Observable<string> =>
  usersOf(room, options).pipe(map(textOf));

const messages = (): { readonly seen: string[]; readonly onError: (error: unknown) => void } => {
  const seen: string[] = [];
  return { seen, onError: (error) => seen.push((error as Error).message) };
};

/** A room whose one link tells what is put into it; connected at once. */
const roomWith = (users$: Observable<UserReport>): { readonly connectionState$: Observable<ConnectionState<RoomLink>> } => ({
  connectionState$: of({ state: 'connected', reason: 'joinSucceed', link: linkOf('a', alwaysUp, { users$ }) }),
});

/** The same, with reports of whatever kind in their place. */
const collect = (reports$: Observable<unknown>): { readonly seen: string[]; readonly errors: string[] } => {
  const { seen: errors, onError } = messages();
  const seen: string[] = [];
  texts(roomWith(reports$ as Observable<UserReport>), { onError }).subscribe((text) => seen.push(text));
  return { seen, errors };
};

describe('usersOf', () => {
  describe('in one session', () => {
    it('U1 folds the snapshot and the reports after it', () => {
      marbles(({ cold, link, command, expectObservable, expectSubscriptions }) => {
        const users$ = cold('                 s-j-l--', { s: snapshot('a'), j: joined('b'), l: left('a') });
        const room = watchedRoom(joins(cold('-a      ', { a: link('a', { users$ }) })));
        command(room, '                      -j      ');
        expectObservable(texts(room)).toBe(' 0-1-2-3', { 0: '', 1: 'a +a', 2: 'ab +b', 3: 'b -a/timeout/4' });
        expectSubscriptions(users$.subscriptions).toBe('--^');
      });
    });

    it('U1 says nothing of what is no news', () => {
      marbles(({ cold, link, command, expectObservable }) => {
        const a = { id: 'a' };
        const values: Record<string, UserReport> = { s: { type: 'snapshot', users: [a] }, j: { type: 'joined', user: a }, l: left('z') };
        const room = watchedRoom(joins(cold('-a', { a: link('a', { users$: cold('sjls', values) }) })));
        command(room, '                      -j ');
        expectObservable(texts(room)).toBe(' 0-1', { 0: '', 1: 'a +a' });
      });
    });

    it('U1 nobody is here on a link that cannot tell', () => {
      const { seen, onError } = messages();
      marbles(({ cold, link, command, expectObservable }) => {
        const room = watchedRoom(joins(cold('-a', { a: link('a') })));
        command(room, '                               -j-l');
        expectObservable(texts(room, { onError })).toBe('0---', { 0: '' });
      });
      expect(seen).toEqual([]);
    });

    it('U1 nobody is here at first on one that has not told yet', () => {
      const seen: RoomUsers[] = [];
      usersOf(roomWith(NEVER)).subscribe((users) => seen.push(users));
      expect(seen).toEqual([{ users: [], changes: [] }]);
    });

    it('U5 the end of the room leaves nobody here, and tells of nobody who left: we did', () => {
      marbles(({ cold, link, command, expectObservable, expectSubscriptions }) => {
        const users$ = cold('                 s    ', { s: snapshot('ab') });
        const room = watchedRoom(joins(cold('-a    ', { a: link('a', { users$ }) })));
        command(room, '                      -j--l-j');
        expectObservable(texts(room)).toBe(' 0-1-2--1', { 0: '', 1: 'ab +a +b', 2: '' });
        expectSubscriptions(users$.subscriptions).toBe(['--^-!', '-------^']);
      });
    });

    it('U5 the end of a room with nobody else in it is no news', () => {
      marbles(({ cold, link, command, expectObservable }) => {
        const users$ = cold('                                s', { s: snapshot('') });
        const room = watchedRoom(joins(cold('-a', { a: link('a', { users$ }) })));
        command(room, '                      -j--l');
        expectObservable(texts(room)).toBe(' 0----', { 0: '' });
      });
    });

    it('U5 so does its failure, and the word of its server', () => {
      marbles(({ cold, link, health, command, expectObservable, expectStates }) => {
        const users$ = cold('                           s', { s: snapshot('ab') });
        const signal$ = well(health('                   ---d'));
        const room = watchedRoom(joins(cold('           -a', { a: link('a', { signal$, users$ }) }), NEVER), { ...brisk, deadline: 5 });
        command(room, '                                 -j');
        expectStates(room).toBe('                       dcCs----t');
        expectObservable(texts(room)).toBe('            0-1-----2', { 0: '', 1: 'ab +a +b', 2: '' });

        const notice$ = cold('                            ---k', { k: { kind: 'kicked' } as const });
        const dismissed = watchedRoom(joins(cold('      -a', { a: link('a', { notice$, users$ }) })));
        command(dismissed, '                            -j');
        expectObservable(texts(dismissed)).toBe('       0-1--2', { 0: '', 1: 'ab +a +b', 2: '' });
      });
    });
  });

  describe('over a rejoin', () => {
    it('U3 who left while we were away is gone, who came is here, who stayed causes no change', () => {
      marbles(({ cold, link, health, command, expectObservable, expectStates, expectSubscriptions }) => {
        const first$ = cold('      s          ', { s: snapshot('abc') });
        const second$ = cold('           --s-j', { s: snapshot('db'), j: joined('e') });
        const a = link('a', { signal$: well(health('-----d')), users$: first$ });
        const room = watchedRoom(joins(cold('-a', { a }), cold('-b', { b: link('b', { users$: second$ }) })));
        command(room, '                      -j           ');
        expectStates(room).toBe('            dcC--s--R    ');
        // The list stays until the new link has told who is here.
        expectObservable(texts(room)).toBe(' 0-1-------2-3', {
          0: '',
          1: 'abc +a +b +c',
          2: 'bd -a/null/null -c/null/null +d',
          3: 'bde +e',
        });
        expectSubscriptions(first$.subscriptions).toBe(' --^-----!');
        expectSubscriptions(second$.subscriptions).toBe('--------^');
      });
    });

    it('U3 the same people: no change, and a value only when one of them is another', () => {
      for (const [again, expected] of [
        [list('ab'), '1-----2'],
        [null, '1'],
      ] as const) {
        marbles(({ cold, link, health, command, expectObservable }) => {
          const users = list('ab');
          const first$ = cold('s', { s: { type: 'snapshot', users } as const });
          const second$ = cold('s', { s: { type: 'snapshot', users: again ?? users } as const });
          const a = link('a', { signal$: well(health('-----d')), users$: first$ });
          const room = watchedRoom(joins(cold('-a', { a }), cold('-b', { b: link('b', { users$: second$ }) })));
          command(room, '-j');
          expectObservable(texts(room)).toBe(`0-${expected}`, { 0: '', 1: 'ab +a +b', 2: 'ab' });
        });
      }
    });

    it('U3 a link that heals in place goes on telling, also while the room is reconnecting', () => {
      marbles(({ cold, link, health, command, expectObservable, expectStates }) => {
        const users$ = cold('                s---j-l', { s: snapshot('a'), j: joined('b'), l: left('a') });
        const a = link('a', { signal$: well(health('-----d-u')), users$ });
        const room = watchedRoom(joins(cold('-a', { a }), NEVER), { ...brisk, schedule: () => 10 });
        command(room, '                      -j         ');
        expectStates(room).toBe('            dcC--s-R   ');
        expectObservable(texts(room)).toBe(' 0-1---2-3 ', { 0: '', 1: 'a +a', 2: 'ab +b', 3: 'b -a/timeout/4' });
      });
    });

    it('U3 the list stays when the link is gone at once', () => {
      marbles(({ cold, link, command, expectObservable, expectStates }) => {
        const a = link('a', { users$: cold('   s          ', { s: snapshot('a') }) });
        const b = link('b', { users$: cold('      s       ', { s: snapshot('ab') }) });
        const room = watchedRoom(joins(cold('  -a-#', { a }), cold('-b', { b })));
        command(room, '                        -j         ');
        expectStates(room).toBe('              dcC-s--R   ');
        expectObservable(texts(room)).toBe('   0-1----2   ', { 0: '', 1: 'a +a', 2: 'ab +b' });
        // It was really without one.
        expectObservable(room.link$.pipe(map((now) => (now === null ? 'n' : 'l')))).toBe('n-l-n--l');
      });
    });

    it('U3, H6 what the replaced link still has to say changes nothing', () => {
      marbles(({ cold, hot, link, health, command, expectObservable }) => {
        const old$ = hot('                    --s------l-s', { s: snapshot('a'), l: left('a') });
        const a = link('a', { signal$: well(health('-----d')), users$: old$ });
        const b = link('b', { users$: cold('s', { s: snapshot('ab') }) });
        const room = watchedRoom(joins(cold(' -a', { a }), cold('-b', { b })));
        command(room, '                       -j          ');
        expectObservable(texts(room)).toBe('  0-------1   ', { 0: '', 1: 'ab +a +b' });
      });
    });

    it('U4 a report before the snapshot of its link is an error, and changes nothing', () => {
      const { seen, onError } = messages();
      marbles(({ cold, link, health, command, expectObservable }) => {
        const a = link('a', { signal$: well(health('-----d')), users$: cold('s', { s: snapshot('a') }) });
        const second$ = cold('ljs-l', { l: left('a'), j: joined('z'), s: snapshot('ab') });
        const room = watchedRoom(joins(cold('-a', { a }), cold('-b', { b: link('b', { users$: second$ }) })));
        command(room, '                               -j');
        expectObservable(texts(room, { onError })).toBe('0-1-------2-3', { 0: '', 1: 'a +a', 2: 'ab +b', 3: 'b -a/timeout/4' });
      });
      expect(seen).toEqual(['users$: left before the snapshot', 'users$: joined before the snapshot']);
    });
  });

  describe('with a grace', () => {
    // The same objects each time: a user who is another object is news of its own.
    const [ann, bob, cid] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    const here = (...users: readonly User[]): UserReport => ({ type: 'snapshot', users });
    const reports: Readonly<Record<string, UserReport>> = {
      n: here(),
      A: here(ann),
      T: here(ann, bob),
      a: { type: 'joined', user: ann },
      b: { type: 'joined', user: bob },
      c: { type: 'joined', user: cid },
      l: left('a'),
    };
    const texted = {
      0: '',
      1: 'ab +a +b',
      2: 'a -b/null/null',
      3: 'b -a/timeout/4',
      4: ' -b/null/null',
      5: 'abc +c',
      6: 'c -a/null/null -b/null/null',
      7: ' -a/null/null -b/null/null',
      8: '',
    };

    /** Ann and Bob are here on the first link; it ends at 6, and the second is there at 9. */
    const roomOf = ({ cold, link }: Marbles, second: string): Room<TestLink> => {
      const a = link('a', { users$: cold('T', { ...reports }) });
      const b = link('b', { users$: cold(second.trim(), { ...reports }) });
      return watchedRoom(joins(cold('-a---#', { a }), cold('-b', { b })));
    };

    for (const [name, second, expected] of [
      ['who is back in time was never away', '              n--ab', '0-1                 '],
      ['who is not has left when it is over', '             n--a ', '0-1------------2    '],
      ['is over once for all who are missing', '            n    ', '0-1------------7    '],
      ['tells a leave that is reported at once', '          n-l  ', '0-1--------3---4    '],
      ['tells of who comes meanwhile at once', '            n-c  ', '0-1--------5---6    '],
      ['holds those that the first snapshot misses, no others', 'T-A', '0-1--------2  '],
      ['goes on for those that a later snapshot misses again', 'n-A', '0-1------------2'],
      ['begins when the new link tells who is here', '      --n  ', '0-1--------------7  '],
      ['is not for who is here', '                          T    ', '0-1                 '],
    ] as const) {
      it(`U6 ${name}`, () => {
        marbles((t) => {
          const room = roomOf(t, second);
          t.command(room, '-j');
          t.expectObservable(texts(room, { grace: 6 })).toBe(expected.trimEnd(), texted);
        });
      });
    }

    it('U6 tells a leave at once where there is none', () => {
      marbles((t) => {
        const room = roomOf(t, '                  n');
        t.command(room, '                -j         ');
        t.expectObservable(texts(room)).toBe('0-1------7 ', texted);
      });
    });

    it('U6 the end of our own room ends the waiting', () => {
      marbles((t) => {
        const room = roomOf(t, '                             n   ');
        t.command(room, '                           -j----------l');
        t.expectObservable(texts(room, { grace: 6 })).toBe('0-1---------8', texted);
      });
    });

    it('U6 holds for those who look later too, and keeps them in the list', () => {
      marbles((t) => {
        const room = roomOf(t, 'n');
        t.command(room, '-j');
        const here$ = texts(room, { grace: 6 });
        t.expectObservable(here$).toBe('             0-1------------7', texted);
        t.expectObservable(here$, '-----------^').toBe('-----------9---7', { ...texted, 9: 'ab' });
      });
    });

    it('U6 begins anew with the next link, and waits for nothing while the room is away', () => {
      marbles((t) => {
        const { cold, link, command, expectObservable, expectStates } = t;
        const a = link('a', { users$: cold('T', { ...reports }) });
        const b = link('b', { users$: cold('         n         ', { ...reports }) });
        const c = link('c', { users$: cold('                  -b', { ...reports, b: here(bob) }) });
        const third = cold('                        ------c   ', { c });
        const room = watchedRoom(joins(cold('-a---#', { a }), cold('-b---#', { b }), third));
        command(room, '                     -j                          ');
        expectStates(room).toBe('           dcC---s--R---s-------R      ');
        // The third link is there at 21 and tells at 22: Bob is back, and Ann is given her six from then on.
        expectObservable(texts(room, { grace: 6 })).toBe('0-1-------------------------7', { ...texted, 7: 'b -a/null/null' });
      });
    });

    it('U6 waits only while connected: a link that heals in place is given its time again', () => {
      marbles((t) => {
        const { cold, link, health, command, expectObservable, expectStates } = t;
        const a = link('a', { users$: cold('T', { ...reports }) });
        const signal$ = well(health('           ----------d---u'));
        const b = link('b', { signal$, users$: cold('n', { ...reports }) });
        const waits = [2, 15];
        const room = watchedRoom(joins(cold('   -a---#', { a }), cold('-b', { b })), { ...brisk, schedule: () => waits.shift() ?? 15 });
        command(room, '                         -j');
        expectStates(room).toBe('               dcC---s--Rs---R');
        expectObservable(texts(room, { grace: 6 })).toBe('0-1-----------------7', texted);
      });
    });

    it('U6, L4 has one timer, and only while somebody is held', () => {
      const { clocked, alive } = ledgerOf();
      marbles((t) => {
        const room = roomOf(t, 'n-c-ab');
        t.command(room, '-j');
        const timers: unknown[] = [];
        const subscription = usersOf(room, { grace: 6, scheduler: clocked(asyncScheduler) }).subscribe();
        t.call('      -----x----x-xx-x--x', { x: () => timers.push(alive()['timers'] ?? 0) });
        t.call('      -------------------------x', {
          x: () => {
            expect(timers).toEqual([0, 1, 1, 1, 0, 0]);
            subscription.unsubscribe();
            room.leave();
          },
        });
      });
      expect(alive()).toEqual({});
    });

    it('U6, L4 has no timer left when nobody looks any more', () => {
      const { clocked, alive } = ledgerOf();
      marbles((t) => {
        const room = roomOf(t, 'n');
        t.command(room, '-j');
        const here$ = usersOf(room, { grace: 6, scheduler: clocked(asyncScheduler) });
        t.expectObservable(here$.pipe(map(textOf)), '^----------!').toBe('0-1', texted);
        t.call('-----------x', { x: () => expect(alive()).toEqual({}) });
      });
    });

    it('U6 keeps the place of who is back, and takes what is new of them', () => {
      const seen: RoomUsers[] = [];
      const again = { id: 'a', name: 'Ann' };
      marbles(({ cold, link, command }) => {
        const a = link('a', { users$: cold('T', { ...reports }) });
        const b = link('b', { users$: cold('Ba', { B: here(bob), a: { type: 'joined', user: again } as UserReport }) });
        const room = watchedRoom(joins(cold('-a---#', { a }), cold('-b', { b })));
        command(room, '-j');
        usersOf(room, { grace: 6 }).subscribe((now) => seen.push(now));
      });
      expect(seen.map(textOf)).toEqual(['', 'ab +a +b', 'ab']);
      expect(seen.at(-1)?.users).toEqual([again, bob]);
    });
  });

  describe('with many subscribers', () => {
    it('U1, M1 gives a late one who is here now, at once and without changes; all see the same from then on', () => {
      marbles(({ cold, link, command, expectObservable, expectSubscriptions }) => {
        const users$ = cold('                s--j--l', { s: snapshot('a'), j: joined('b'), l: left('a') });
        const room = watchedRoom(joins(cold('-a', { a: link('a', { users$ }) })));
        command(room, '                      -j          ');
        const shared$ = texts(room);
        expectObservable(shared$).toBe('             0-1--2--3', { 0: '', 1: 'a +a', 2: 'ab +b', 3: 'b -a/timeout/4' });
        expectObservable(shared$, '----^').toBe('    ----12--3', { 1: 'a', 2: 'ab +b', 3: 'b -a/timeout/4' });
        expectObservable(shared$, '---------^').toBe('---------1', { 1: 'b' });
        expectSubscriptions(users$.subscriptions).toBe('--^');
      });
    });

    it('U1, M1 the first of them, late: one value, who is here now', () => {
      const values: string[] = [];
      texts(roomWith(of(snapshot('ab')))).subscribe((text) => values.push(text));
      expect(values).toEqual(['ab']);
    });

    it('U1, M2 one that leaves inside a value: every other sees the same order', () => {
      const reports = new Subject<UserReport>();
      const room = createRoom({ join: () => new BehaviorSubject(linkOf('a', alwaysUp, { users$: reports })) }, brisk);
      const here$ = usersOf(room);
      const [before, after, late]: [string[], string[], string[]] = [[], [], []];
      here$.subscribe((now) => before.push(textOf(now)));
      here$.subscribe(({ users }) => {
        if (users.length === 0) return;
        here$.subscribe((now) => late.push(textOf(now)));
        room.leave();
      });
      here$.subscribe((now) => after.push(textOf(now)));
      marbles(({ command, call }) => {
        command(room, '-j');
        call('         --s', { s: () => reports.next(snapshot('ab')) });
      });
      expect([before, after]).toEqual([
        ['', 'ab +a +b', ''],
        ['', 'ab +a +b', ''],
      ]);
      expect(late).toEqual(['ab', '']);
    });

    it('U1, L4 holds nothing without subscribers, and begins anew with who is here', () => {
      const { counted, alive } = ledgerOf();
      const here$ = texts(roomWith(counted('users$', concat(of(snapshot('a')), NEVER))));
      const seen: string[] = [];
      for (let turn = 1; turn <= 2; turn++) {
        const subscriptions = [1, 2].map(() => here$.subscribe((text) => seen.push(text)));
        expect(alive()).toEqual({ users$: 1 });
        for (const subscription of subscriptions) subscription.unsubscribe();
        expect(alive()).toEqual({});
      }
      expect(seen).toEqual(['a', 'a', 'a', 'a']);
    });

    it('U1 two rooms share nothing', () => {
      const [one, other] = [collect(of(snapshot('a'))), collect(of(snapshot('b')))];
      expect([one.seen, other.seen]).toEqual([['a'], ['b']]);
    });
  });

  describe('with a hostile server', () => {
    it('U4 a report that is none is told of, and changes nothing', () => {
      const reports = [
        snapshot('ab'),
        null,
        { type: 'joined', user: {} },
        { type: 'snapshot', users: [...list('c'), {}] },
        { type: 'left', id: 'a', reason: '__proto__' },
        { type: 'left', id: 'a', reason: { toString: 1 } },
        { type: 'snapshot', users: Array.from({ length: 1e6 }, () => ({ id: 'x' })) },
        joined('__proto__'),
        joined('c'),
      ];
      const { seen, errors } = collect(of(...reports));
      expect(seen).toEqual(['ab', 'ab__proto__ +__proto__', 'ab__proto__c +c']);
      expect(errors).toEqual([
        'users$: not a report',
        'users$: joined without an id',
        'users$: snapshot without an id',
        'users$: left without a known reason',
        'users$: left without a known reason',
        'users$: snapshot of more than 10000 users',
      ]);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
      expect(({} as { id?: unknown }).id).toBeUndefined();
    });

    it('U4 a bad snapshot is none: the link has still to tell who is here', () => {
      const { seen, errors } = collect(of({ type: 'snapshot', users: [{}] }, joined('a'), snapshot('b')));
      expect(seen).toEqual(['b']);
      expect(errors).toEqual(['users$: snapshot without an id', 'users$: joined before the snapshot']);
    });

    it('U4 an id that is listed twice counts once, the first one, and is told of', () => {
      const bob = [{ id: 'b', device: 1 }, { id: 'b', device: 2 }];
      const reports$ = of({ type: 'snapshot', users: [...list('a'), ...bob] }, joined('c')) as Observable<UserReport>;
      const { seen: errors, onError } = messages();
      const seen: RoomUsers[] = [];
      usersOf(roomWith(reports$), { onError }).subscribe((now) => seen.push(now));
      expect(seen.map(textOf)).toEqual(['ab', 'abc +c']);
      expect<unknown>(seen[0]?.users[1]).toEqual({ id: 'b', device: 1 });
      expect(errors).toEqual(['users$: a snapshot lists an id twice; the first entry counts']);
    });

    it('U3, U4 a link whose reports end, by completion, an error, or by being no stream: the list stays, and the next link tells on', () => {
      const noStream = 7 as unknown as Observable<UserReport>;
      for (const [end, expected, errors] of [
        ['s-|', '0-1-----2', []],
        ['s-#', '0-1-----2', [new Error('its end')]],
        [null, '0-------3', [jasmine.any(TypeError)]],
      ] as const) {
        const seen: unknown[] = [];
        marbles(({ cold, link, health, command, expectObservable }) => {
          const first$ = end === null ? noStream : cold(end, { s: snapshot('a') }, new Error('its end'));
          const a = link('a', { signal$: well(health('-----d')), users$: first$ });
          const b = link('b', { users$: cold('s', { s: snapshot('b') }) });
          const room = watchedRoom(joins(cold('-a', { a }), cold('-b', { b })));
          command(room, '-j');
          const values = { 0: '', 1: 'a +a', 2: 'b -a/null/null +b', 3: 'b +b' };
          expectObservable(texts(room, { onError: (error) => seen.push(error) })).toBe(expected, values);
        });
        expect<unknown>(seen).toEqual([...errors]);
      }
    });

    it('U4 an onError that throws harms nobody', () => {
      const thrown: unknown[] = [];
      const before = config.onUnhandledError;
      config.onUnhandledError = (error) => thrown.push(error);
      jasmine.clock().install();
      const seen: string[] = [];
      const mine = new Error('mine');
      const onError = (): never => {
        throw mine;
      };
      texts(roomWith(of(snapshot('a'), null, joined('b')) as Observable<UserReport>), { onError }).subscribe((text) => seen.push(text));
      jasmine.clock().tick(1);
      jasmine.clock().uninstall();
      config.onUnhandledError = before;
      expect(seen).toEqual(['a', 'ab +b']);
      expect(thrown).toEqual([mine]);
    });

    it('U4 without onError it is simply ignored', () => {
      const seen: string[] = [];
      texts(roomWith(of(null, snapshot('a')) as Observable<UserReport>)).subscribe((text) => seen.push(text));
      expect(seen).toEqual(['a']);
    });
  });

  it('U1, P5 works on any states of a link, and completes with them', () => {
    marbles(({ cold, health, command, call, expectObservable }) => {
      const users$ = cold('s', { s: snapshot('a') });
      const signal$ = well(health('                ---d'));
      const states$ = roomConnection(joins(cold('  -a', { a: linkOf('a', signal$, { users$ }) }), NEVER), { ...brisk, deadline: 5 });
      expectObservable(texts({ connectionState$: states$ })).toBe('01------(2|)', { 0: '', 1: 'a +a', 2: '' });

      const derived$ = deriveConnectionState({ signal$, media$: null, users$ });
      expectObservable(texts({ connectionState$: derived$ }), '^--!').toBe('(01)', { 0: '', 1: 'a +a' });

      const room = createRoom(joins(cold('         -a', { a: linkOf('a', alwaysUp, { users$ }) })), brisk);
      command(room, '                              -j');
      call('                                       ----x', { x: () => room[Symbol.dispose]() });
      const here$ = texts(room);
      expectObservable(here$).toBe('               0-1-(2|)', { 0: '', 1: 'a +a', 2: '' });
      expectObservable(here$, '      -----^').toBe('-----(0|)', { 0: '' });
    });
  });

  it('U1, O1 refuses an option that does not exist, or is no function, by name', () => {
    const room = roomWith(NEVER);
    expect(() => usersOf(room, { onEror: () => undefined } as UsersOfOptions)).toThrowError(TypeError, 'usersOf: unknown option "onEror"');
    expect(() => usersOf(room, { grace: -1 })).toThrowError(RangeError, 'usersOf: grace must be at least 0 and at most 2147483647 ms, got -1');
    expect(() => usersOf(room, { scheduler: 7 as never })).toThrowError(TypeError, 'usersOf: scheduler must be a SchedulerLike such as asyncScheduler, got 7');
    expect(() => usersOf(room, { onError: 7 as never })).toThrowError(TypeError, 'usersOf: onError must be a function, got 7');
  });

  it('U1, O1 says so when it is not given a room', () => {
    for (const [odd, shown] of [[{}, 'an object'], [undefined, 'undefined'], [null, 'null'], [7, '7'], [{ connectionState$: 1 }, 'an object']] as const) {
      const message = `usersOf: room must be a room (with a connectionState$), got ${shown}`;
      expect(() => usersOf(odd as never)).toThrowError(TypeError, message);
    }
  });

  it('U1 has types: the users of the link are the users of the room', () => {
    interface Named extends User {
      readonly name: string;
    }
    const health$: Observable<Health> = NEVER;
    const users$: Observable<UserReport<Named>> = NEVER;
    const room = createRoom({ join: () => of({ signal$: health$, media$: null, users$ }) });
    expectTypeOf(usersOf(room)).toEqualTypeOf<Observable<RoomUsers<Named>>>();
    const plain = createRoom({ join: () => of<RoomLink>({ signal$: health$, media$: null }) });
    expectTypeOf(usersOf(plain)).toEqualTypeOf<Observable<RoomUsers>>();
    // @ts-expect-error -- a user has an id
    const wrong: RoomLink = { signal$: health$, media$: null, users$: of({ type: 'joined', user: { name: 'a' } }) };
    expect(wrong.media$).toBeNull();
  });
});
