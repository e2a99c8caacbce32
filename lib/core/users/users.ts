import { isList, memberOf } from '../options/outside.js';
import { wrongType } from '../options/wrong.js';

/** Someone in the room, as its server tells. A transport may know more than the id. */
export interface User {
  readonly id: string;
}

/** Why someone left, in the field's numbers. */
export const leaveReasons = { normal: 0, failover: 1, kicked: 3, timeout: 4 } as const;

export type LeaveReason = keyof typeof leaveReasons;
export type LeaveCode = (typeof leaveReasons)[LeaveReason];

/** What a link says about the others. */
export type UserReport<U extends User = User> =
  /** Who is here, whole: the first thing on every link. */
  | { readonly type: 'snapshot'; readonly users: readonly U[] }
  /** Someone came, or someone known has changed. */
  | { readonly type: 'joined'; readonly user: U }
  /** `reason` is `null` when the server does not tell it. */
  | { readonly type: 'left'; readonly id: string; readonly reason: LeaveReason | null };

/** Someone came or went. */
export type UserChange<U extends User = User> =
  | { readonly type: 'userJoined'; readonly user: U }
  | {
      readonly type: 'userLeave';
      readonly user: U;
      /** `null` when nobody told: they went while we were away. */
      readonly reason: LeaveReason | null;
      readonly code: LeaveCode | null;
    };

/** Who is here, in order of coming, and what made it so. */
export interface RoomUsers<U extends User = User> {
  readonly users: readonly U[];
  readonly changes: readonly UserChange<U>[];
}

/**
 * Folds one report into who is here. Who stays keeps the place and causes no change; a report that says nothing new gives
 * the same `users` back. An id that a snapshot lists twice counts once: the first one.
 *
 *     here      report                     users   changes
 *     [a, b]    snapshot [c, b]            [b, c]  a left (null), c joined
 *     [b, c]    joined d                   b c d   d joined
 *     [b, c]    joined c, with a new name  [b, c]  none
 *     [b, c]    left b, timeout            [c]     b left (timeout)
 *
 * @throws {TypeError} for users that are no array, or what is no report.
 */
export function foldUsers<U extends User>(users: readonly U[], report: UserReport<U>): RoomUsers<U> {
  if (!isList(users)) throw wrongType('foldUsers: users', 'an array of users', users);
  if (!TYPES.includes(memberOf(report, 'type'))) {
    throw wrongType('foldUsers: report', "a report such as { type: 'snapshot', users: [] }", report);
  }
  const told =
    report.type === 'snapshot'
      ? firstOfEach(report.users)
      : report.type === 'joined'
        ? [...users, report.user]
        : users.filter(({ id }) => id !== report.id);
  const reason = report.type === 'left' ? report.reason : null;
  const code = reason && leaveReasons[reason];

  const before = byId(users);
  const after = byId(told);
  // A map keeps the place of a key, and takes the later of its values.
  const next = [...byId([...users.filter(({ id }) => after.has(id)), ...told]).values()];
  return {
    users: next.length === users.length && next.every((user, i) => user === users[i]) ? users : next,
    changes: [
      ...users.filter(({ id }) => !after.has(id)).map((user) => ({ type: 'userLeave', user, reason, code }) as const),
      ...next.filter(({ id }) => !before.has(id)).map((user) => ({ type: 'userJoined', user }) as const),
    ],
  };
}

const firstOfEach = <U extends User>(users: readonly U[]): readonly U[] => {
  const seen = new Set<string>();
  return users.filter(({ id }) => !seen.has(id) && seen.add(id));
};

const TYPES: readonly unknown[] = ['snapshot', 'joined', 'left'] satisfies UserReport['type'][];

const byId = <U extends User>(users: readonly U[]): Map<string, U> => new Map(users.map((user) => [user.id, user]));
