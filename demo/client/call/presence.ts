import type { ServerFrame, UserInfo } from '../../protocol.js';

/**
 * Who is in the room after a frame. `resumed` changes nothing: its list is that of now, and the frames that were missed
 * come behind it one by one; to believe both would see the same user come twice.
 */
export function presence(users: readonly UserInfo[], frame: ServerFrame): readonly UserInfo[] {
  switch (frame.type) {
    case 'joined':
      return frame.users;
    case 'userJoined':
    case 'userReplaced':
      return [...without(users, frame.user), { user: frame.user, session: frame.session }];
    case 'userLeft':
      return without(users, frame.user);
    default:
      return users;
  }
}

const without = (users: readonly UserInfo[], user: string): readonly UserInfo[] =>
  users.filter((one) => one.user !== user);
