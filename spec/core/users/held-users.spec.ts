import fc from 'fast-check';
import { foldHeld, NOBODY, releaseHeld, type HeldUsers } from '../../../lib/core/users/held-users.js';
import { foldUsers, type User, type UserReport } from '../../../lib/core/users/users.js';

const user = (id: string): User => ({ id });
const snapshot = (...ids: readonly string[]): UserReport => ({ type: 'snapshot', users: ids.map(user) });

const id = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'toString');
const report: fc.Arbitrary<UserReport> = fc.oneof(
  fc.uniqueArray(id).map((ids) => snapshot(...ids)),
  id.map((one): UserReport => ({ type: 'joined', user: user(one) })),
  id.map((one): UserReport => ({ type: 'left', id: one, reason: 'normal' })),
);
const story = fc.array(fc.record({ report, rejoined: fc.boolean() }));

const ids = (users: readonly User[]): string[] => users.map((one) => one.id);

describe('foldHeld', () => {
  it('U6 is foldUsers where nothing is held', () => {
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        let here: HeldUsers = NOBODY;
        for (const next of reports) {
          const { users, changes } = foldUsers(here.users, next);
          here = foldHeld(here, next, false);
          expect(here).toEqual({ users, changes, held: new Set() });
        }
      }),
    );
  });

  it('U6 tells no leave for a first snapshot, lists whom it holds, and releases them as leaves for a reason that nobody told', () => {
    fc.assert(
      fc.property(story, (steps) => {
        let here: HeldUsers = NOBODY;
        for (const { report: next, rejoined } of steps) {
          here = foldHeld(here, next, rejoined);
          const left = here.changes.filter(({ type }) => type === 'userLeave');
          if (next.type === 'snapshot' && rejoined) expect(left).toEqual([]);
          for (const one of here.held) expect(ids(here.users)).toContain(one);
        }
        const after = releaseHeld(here);
        expect(ids(after.users)).toEqual(ids(here.users).filter((one) => !here.held.has(one)));
        expect(after.changes.map((change) => [change.type, change.user.id, 'reason' in change ? change.reason : ''])).toEqual(
          ids(here.users).filter((one) => here.held.has(one)).map((one) => ['userLeave', one, null]),
        );
        expect(after.held.size).toBe(0);
      }),
    );
  });

  it('U6 ends with who the server lists, whatever was held on the way', () => {
    fc.assert(
      fc.property(story, fc.uniqueArray(id), (steps, last) => {
        let here: HeldUsers = NOBODY;
        for (const { report: next, rejoined } of steps) here = foldHeld(here, next, rejoined);
        const after = releaseHeld(foldHeld(here, snapshot(...last), true));
        expect(new Set(ids(after.users))).toEqual(new Set(last));
      }),
    );
  });

  it('U6 U4 holds only as many as the room may have', () => {
    const many = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => String(from + i));
    const full = foldHeld(NOBODY, snapshot(...many(0, 10_000)), false);
    const next = foldHeld(full, snapshot(...many(5_000, 14_000)), true);
    expect(next.users.length).toBe(10_000);
    expect(next.held.size).toBe(1_000);
    expect(next.changes.filter(({ type }) => type === 'userLeave').length).toBe(4_000);
  });
});
