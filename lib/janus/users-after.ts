import type { LeaveReason, User, UserReport } from '../core/users/users.js';
import type { JanusId } from './janus-request.js';
import type { Person, RoomMessage } from './room-message.js';

/** Someone in a VideoRoom. */
export interface JanusUser extends User {
  readonly display?: string;
}

/** Who is here, ourselves left out. */
export interface Here {
  readonly users: ReadonlyMap<string, JanusUser>;
  /** Who has just been said to publish nothing any more. */
  readonly unpublished: ReadonlySet<string>;
}

export const nobody: Here = { users: new Map(), unpublished: new Set() };

/**
 * Who is here after a message, and what of it is news. Pure.
 *
 * Janus says `leaving` of everybody, but `unpublished` before it only when a session or a handle has ended: then nobody
 * knows whether on purpose or by a timeout, and the reason is `null`. A list of participants is the whole truth: who is not
 * on it has left, for an unknown reason.
 */
export function usersAfter(
  before: Here,
  message: RoomMessage,
  self: JanusId,
): { readonly here: Here; readonly reports: readonly UserReport<JanusUser>[] } {
  const { publishers = [], attendees = [], participants, joining = [], leaving, kicked } = message;
  const users = new Map(before.users);
  const unpublished = new Set(before.unpublished);
  const reports: UserReport<JanusUser>[] = [];

  const come = ({ id: janusId, display }: Person): void => {
    const id = String(janusId);
    const known = users.get(id);
    unpublished.delete(id);
    if (janusId === self || (known && known.display === display)) return;
    const user = { id, ...(display !== undefined && { display }) };
    users.set(id, user);
    reports.push({ type: 'joined', user });
  };
  const go = (id: string, reason: LeaveReason | null): void => {
    unpublished.delete(id);
    if (users.delete(id)) reports.push({ type: 'left', id, reason });
  };

  if (participants) {
    const listed = new Set(participants.map(({ id }) => String(id)));
    for (const id of before.users.keys()) if (!listed.has(id)) go(id, null);
  }
  [...publishers, ...attendees, ...(participants ?? []), ...[joining].flat()].forEach(come);
  if (message.unpublished !== undefined) unpublished.add(String(message.unpublished));
  if (leaving !== undefined) {
    const id = String(leaving);
    go(id, message.reason === 'kicked' ? 'kicked' : unpublished.has(id) ? null : 'normal');
  }
  if (kicked !== undefined) go(String(kicked), 'kicked');
  return { here: { users, unpublished }, reports };
}
