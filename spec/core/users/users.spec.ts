import fc from 'fast-check';
import { expectTypeOf } from 'expect-type';
import { listsTwice, userReportFault } from '../../../lib/core/users/user-report-fault.js';
import {
  foldUsers,
  leaveReasons,
  type LeaveReason,
  type RoomUsers,
  type User,
  type UserChange,
  type UserReport,
} from '../../../lib/core/users/users.js';

interface Named extends User {
  readonly name: string;
}

const user = (id: string, name = id): Named => ({ id, name });
const [a, b, c] = [user('a'), user('b'), user('c')];
const snapshot = (...users: readonly Named[]): UserReport<Named> => ({ type: 'snapshot', users });
const joined = (one: Named): UserReport<Named> => ({ type: 'joined', user: one });
const left = (id: string, reason: LeaveReason | null = 'normal'): UserReport<Named> => ({ type: 'left', id, reason });

/** Names that a record would trip over are names like any other. */
const id = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor', 'toString');
const someone = fc.record({ id, name: fc.constantFrom('', 'x', 'y') });
const someList = fc.uniqueArray(someone, { selector: (one) => one.id });
const someReason = fc.constantFrom<LeaveReason | null>('normal', 'failover', 'kicked', 'timeout', null);
const someReport: fc.Arbitrary<UserReport<Named>> = fc.oneof(
  someList.map((users) => snapshot(...users)),
  someone.map(joined),
  fc.tuple(id, someReason).map(([who, reason]) => left(who, reason)),
);

const ids = (users: readonly User[]): string[] => users.map((one) => one.id);

/** What the changes alone make of who was here. */
const replay = (before: readonly string[], changes: readonly UserChange[]): Set<string> =>
  changes.reduce((here, change) => {
    // A change that is none would be a lie: it comes who was not here, and goes who was.
    expect(here.has(change.user.id)).toBe(change.type === 'userLeave');
    if (change.type === 'userLeave') here.delete(change.user.id);
    else here.add(change.user.id);
    return here;
  }, new Set(before));

describe('foldUsers', () => {
  it('U1 begins with the snapshot: all have joined, in its order', () => {
    expect(foldUsers([], snapshot(b, a))).toEqual({
      users: [b, a],
      changes: [
        { type: 'userJoined', user: b },
        { type: 'userJoined', user: a },
      ],
    });
  });

  it('U1 a user who comes is the last of the list', () => {
    expect(foldUsers([a, b], joined(c))).toEqual({ users: [a, b, c], changes: [{ type: 'userJoined', user: c }] });
  });

  it('U1 a user who changes keeps the place, and has not joined again', () => {
    expect(foldUsers([a, b], joined(user('a', 'Ann')))).toEqual({ users: [user('a', 'Ann'), b], changes: [] });
  });

  it('U4 an id that a snapshot lists twice counts once: the first one, in its place', () => {
    const twice = snapshot(a, b, user('a', 'Ann'), c, user('b', 'Bob'));
    expect(foldUsers([], twice)).toEqual(foldUsers([], snapshot(a, b, c)));
    const here = [a, b, c];
    expect(foldUsers(here, twice).users).toBe(here);
  });

  for (const [reason, code] of [
    ['normal', 0],
    ['failover', 1],
    ['kicked', 3],
    ['timeout', 4],
    [null, null],
  ] as const) {
    it(`U1 a user who leaves: ${String(reason)} is ${String(code)}`, () => {
      expect(foldUsers([a, b], left('a', reason))).toEqual({
        users: [b],
        changes: [{ type: 'userLeave', user: a, reason, code }],
      });
    });
  }

  it('U3 a later snapshot: who is missing has left for a reason that nobody told, who stayed keeps the place', () => {
    const renamed = user('b', 'Bob');
    expect(foldUsers([a, b], snapshot(c, renamed))).toEqual({
      users: [renamed, c],
      changes: [
        { type: 'userLeave', user: a, reason: null, code: null },
        { type: 'userJoined', user: c },
      ],
    });
  });

  it('U1 gives the same list back when nothing is new, and leaves the old one as it was', () => {
    const here = Object.freeze([a, b]);
    for (const report of [left('z'), joined(a), snapshot(b, a)]) {
      expect(foldUsers(here, report).users).toBe(here);
      expect(foldUsers(here, report).changes).toEqual([]);
    }
    foldUsers(here, left('a'));
    expect(ids(here)).toEqual(['a', 'b']);
  });

  it('U1, U3 after any reports the list is the set that they make, without anybody twice', () => {
    fc.assert(
      fc.property(fc.array(someReport), (reports) => {
        // The model: a plain object without a prototype, told the same.
        let model: Record<string, Named> = Object.create(null) as Record<string, Named>;
        let now: RoomUsers<Named> = { users: [], changes: [] };
        for (const report of reports) {
          now = foldUsers(now.users, report);
          if (report.type === 'snapshot') model = Object.create(null) as Record<string, Named>;
          const come = report.type === 'snapshot' ? report.users : report.type === 'joined' ? [report.user] : [];
          for (const one of come) Object.defineProperty(model, one.id, { value: one, configurable: true, enumerable: true });
          if (report.type === 'left') Reflect.deleteProperty(model, report.id);
        }
        expect(new Set(now.users)).toEqual(new Set(Object.values(model)));
        expect(now.users.length).toBe(Object.keys(model).length);
      }),
    );
  });

  it('U1, U3 the changes tell exactly who came and who went', () => {
    fc.assert(
      fc.property(someList, someReport, (here, report) => {
        const { users, changes } = foldUsers(here, report);
        expect(replay(ids(here), changes)).toEqual(new Set(ids(users)));
        const touched = new Set(changes.map((change) => change.user.id));
        expect(touched.size).toBe(changes.length);
      }),
    );
  });

  it('U3 who stays keeps the order, and who comes is behind', () => {
    fc.assert(
      fc.property(someList, someReport, (here, report) => {
        const { users } = foldUsers(here, report);
        const stayed = ids(here).filter((one) => ids(users).includes(one));
        expect(ids(users).slice(0, stayed.length)).toEqual(stayed);
      }),
    );
  });

  it('U1 has types: a transport may know more of a user, and a code goes with a leave only', () => {
    expectTypeOf(foldUsers([a], joined(b)).users).toEqualTypeOf<readonly Named[]>();
    expectTypeOf(leaveReasons.timeout).toEqualTypeOf<4>();
    // @ts-expect-error -- 2 has no name here
    const reason: LeaveReason = 'update';
    expect(userReportFault(left('a', reason), [], true)).toBe('left without a known reason');
  });
});

describe('userReportFault', () => {
  it('U4 has nothing against a report', () => {
    fc.assert(fc.property(someList, someReport, (here, report) => expect(userReportFault(report, here, true)).toBeNull()));
  });

  const faults: readonly (readonly [unknown, string])[] = [
    ...[null, undefined, 'joined', 7, [], {}, { type: 'gone' }, { type: 'constructor' }, { type: ['left'] }].map(
      (value) => [value, 'not a report'] as const,
    ),
    ...[undefined, null, 'ab', { length: 1 }, 1e6].map((users) => [{ type: 'snapshot', users }, 'snapshot without users'] as const),
    ...[null, 'a', {}, { id: '' }, { id: 7 }, { id: ['a'] }].map((one) => [{ type: 'snapshot', users: [a, one] }, 'snapshot without an id'] as const),
    [{ type: 'snapshot', users: new Array<User>(1) }, 'snapshot without an id'],
    [{ type: 'snapshot', users: Array.from({ length: 1e6 }, (_, i) => user(String(i))) }, 'snapshot of more than 10000 users'],
    ...[undefined, null, 'a', {}, { id: '' }, { id: 7 }].map((one) => [{ type: 'joined', user: one }, 'joined without an id'] as const),
    ...[undefined, '', 7, {}].map((who) => [{ type: 'left', id: who, reason: 'normal' }, 'left without an id'] as const),
    ...[undefined, 0, 'update', '__proto__', 'toString', ['normal'], { toString: 1 }].map(
      (reason) => [{ type: 'left', id: 'a', reason }, 'left without a known reason'] as const,
    ),
  ];
  for (const [i, [value, fault]] of faults.entries()) {
    it(`U4 refuses what is no report: ${fault} (${i})`, () => expect(userReportFault(value, [a], true)).toBe(fault));
  }

  it('U4 has nothing against an id twice, and sees it', () => {
    expect(userReportFault(snapshot(a, b, user('a', 'Ann')), [], false)).toBeNull();
    expect(listsTwice(snapshot(a, b, user('a', 'Ann')))).toBeTrue();
    expect(listsTwice(snapshot(a, b))).toBeFalse();
    expect(listsTwice(joined(a))).toBeFalse();
    expect(listsTwice(left('a'))).toBeFalse();
  });

  it('U4 begins with a snapshot, and only with that', () => {
    expect(userReportFault(snapshot(a), [a], false)).toBeNull();
    expect(userReportFault(joined(a), [a], false)).toBe('joined before the snapshot');
    expect(userReportFault(left('a'), [a], false)).toBe('left before the snapshot');
  });

  it('U4 takes 10,000 users and not one more, and lets those who are here change', () => {
    const full = Array.from({ length: 10_000 }, (_, i) => user(String(i)));
    expect(userReportFault(snapshot(...full), [], false)).toBeNull();
    expect(userReportFault(joined(user('9999', 'Ann')), full, true)).toBeNull();
    expect(userReportFault(joined(a), full, true)).toBe('joined of more than 10000 users');
    expect(userReportFault(joined(a), full.slice(1), true)).toBeNull();
    expect(userReportFault(left('a'), full, true)).toBeNull();
  });

  it('U4 any JSON at all is judged without a throw, and what passes can be folded', () => {
    const nearly = fc.record(
      { type: fc.constantFrom('snapshot', 'joined', 'left'), users: fc.jsonValue(), user: fc.jsonValue(), id: fc.jsonValue(), reason: fc.jsonValue() },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly), (value) => {
        if (userReportFault(value, [a], true) === null) foldUsers([a], value as unknown as UserReport<Named>);
      }),
    );
  });
});
