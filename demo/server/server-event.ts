import type { LeaveCode, RefusalCode } from '../protocol.js';

/** What happened on the server, for printing. Never carries a token or a key. */
export type RoomServerEvent =
  | { readonly kind: 'joined' | 'replaced' | 'resumed'; readonly room: string; readonly user: string }
  /** The socket is gone; the session stays for the resume window. */
  | { readonly kind: 'away'; readonly room: string; readonly user: string }
  | { readonly kind: 'left'; readonly room: string; readonly user: string; readonly code: LeaveCode }
  | { readonly kind: 'closed'; readonly room: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly retryAfter?: number }
  | { readonly kind: 'badFrame' }
  /** A socket that was silent, too fast, too much nonsense, not reading, or late with its first frame. */
  | { readonly kind: 'dropped'; readonly why: DropReason }
  | { readonly kind: 'down' | 'up' };

export type DropReason = 'silent' | 'tooFast' | 'badFrames' | 'notReading' | 'noFirstFrame';
