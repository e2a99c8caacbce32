import type { LeaveCode, RoomFrame, UserInfo } from '../protocol.js';

/** Who is in a room, by user. A user whose socket is gone is in it until the resume window has passed. */
export type Members = ReadonlyMap<string, UserInfo>;

export type MembershipEvent =
  | { readonly kind: 'joins'; readonly user: string; readonly session: string }
  | { readonly kind: 'goes'; readonly user: string; readonly session: string; readonly code: LeaveCode }
  | { readonly kind: 'closes' };

/** A session that ended, and the word that its own socket gets; `null` for silence. */
export interface EndedSession {
  readonly session: string;
  readonly word: 'kicked' | 'closed' | 'replaced' | null;
}

export interface MembershipChange {
  readonly members: Members;
  /** For everybody else in the room. */
  readonly tell: RoomFrame | null;
  readonly ended: readonly EndedSession[];
}

/**
 * Folds one event into a room.
 *
 *     joins    nobody of this name here        others: userJoined
 *     joins    its own line of sessions here   others: userReplaced; the old one is closed without a word
 *     joins    another line here (2nd device)  others: userReplaced; the old one is told so
 *     goes     code 0, 3 or 4                  others: userLeft; the kicked one is told so
 *     closes                                   everybody is told so
 */
export function changeMembers(members: Members, event: MembershipEvent): MembershipChange {
  switch (event.kind) {
    case 'joins': {
      const { user, session } = event;
      const old = members.get(user);
      const next = new Map(members).set(user, { user, session });
      if (old === undefined) return { members: next, tell: { type: 'userJoined', user, session }, ended: [] };
      const word = lineOf(old.session) === lineOf(session) ? null : 'replaced';
      return { members: next, tell: { type: 'userReplaced', user, session }, ended: [{ session: old.session, word }] };
    }
    case 'goes': {
      const { user, session, code } = event;
      if (members.get(user)?.session !== session) return { members, tell: null, ended: [] };
      const next = new Map(members);
      next.delete(user);
      return {
        members: next,
        tell: { type: 'userLeft', user, code },
        ended: [{ session, word: code === 3 ? 'kicked' : null }],
      };
    }
    case 'closes':
      return {
        members: new Map(),
        tell: null,
        ended: [...members.values()].map(({ session }) => ({ session, word: 'closed' })),
      };
  }
}

/**
 * The name of a new session: `<line>.<own>`. A join that replaces a session stays in its line, also when that session is
 * long gone: the answer to an earlier join of the same page may have been lost, and then the page names the one before.
 */
export function nextSession(replaces: string | undefined, fresh: () => string): string {
  const line = replaces === undefined ? null : /^([\w-]{1,32})\.[\w-]{1,32}$/.exec(replaces)?.[1];
  return `${line ?? fresh()}.${fresh()}`;
}

const lineOf = (session: string): string => session.split('.', 1)[0] ?? session;
