import { foldUsers, type RoomUsers, type User, type UserReport } from './users.js';
import { MOST_USERS } from './user-report-fault.js';

/** Who is here. Those who are held were missing after a rejoin; they stay in the list, for they may be on their way back. */
export interface HeldUsers<U extends User = User> extends RoomUsers<U> {
  /** Their ids. */
  readonly held: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** The end of our own room: nobody is here, and nobody left. */
export const NOBODY: HeldUsers<never> = { users: [], changes: [], held: NONE };

/**
 * Folds one report into who is here, and holds back the leaves that a rejoin finds. A leave that is reported is told.
 *
 *     here      report                        users   held  changes
 *     [a, b]    first snapshot [b], rejoined  [a, b]  a     none
 *     [a, b]    joined a                      [a, b]        none
 *     [a, b]    left a, timeout               [b]           a left (timeout)
 *
 * @param rejoined - whether this is the first snapshot of a link, and leaves are to be held.
 */
export function foldHeld<U extends User>(
  { users, held }: HeldUsers<U>,
  report: UserReport<U>,
  rejoined: boolean,
): HeldUsers<U> {
  if (report.type !== 'snapshot') {
    const { id } = report.type === 'joined' ? report.user : report;
    return { ...foldUsers(users, report), held: held.has(id) ? new Set([...held].filter((one) => one !== id)) : held };
  }
  const present = new Set(report.users.map(({ id }) => id));
  const missing = users.filter(({ id }) => !present.has(id) && (rejoined || held.has(id)));
  // A server must not fill our memory with users whom it takes away again.
  const kept = missing.slice(0, Math.max(0, MOST_USERS - present.size));
  const folded = foldUsers(users, { type: 'snapshot', users: [...report.users, ...kept] });
  return { ...folded, held: new Set(kept.map(({ id }) => id)) };
}

/** They did not come back: they left, for a reason that nobody told. */
export const releaseHeld = <U extends User>({ users, held }: HeldUsers<U>): HeldUsers<U> => ({
  ...foldUsers(users, { type: 'snapshot', users: users.filter(({ id }) => !held.has(id)) }),
  held: NONE,
});
