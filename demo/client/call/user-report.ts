import { leaveReasons, type LeaveReason, type User, type UserReport } from '../../../lib/index.js';
import type { LeaveCode, ServerFrame, UserInfo } from '../../protocol.js';

/** Somebody else in the room. */
export interface CallUser extends User {
  readonly session: string;
}

export const callUser = ({ user, session }: UserInfo): CallUser => ({ id: user, session });

/**
 * What a frame says of who is here, if it says anything of it. `resumed` does not: its list is that of now, and the
 * frames that were missed come behind it one by one, with their reasons.
 */
export function userReport(frame: ServerFrame): UserReport<CallUser> | undefined {
  switch (frame.type) {
    case 'userJoined':
    case 'userReplaced':
      return { type: 'joined', user: callUser(frame) };
    case 'userLeft':
      return { type: 'left', id: frame.user, reason: reasonOf(frame.code) };
    default:
      return undefined;
  }
}

const reasonOf = (code: LeaveCode): LeaveReason | null =>
  (Object.keys(leaveReasons) as LeaveReason[]).find((name) => leaveReasons[name] === code) ?? null;
