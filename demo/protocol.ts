/**
 * The demo's signalling protocol: JSON frames over one WebSocket, types shared by the server and the page.
 *
 * The first frame on a socket is `join` or `resume`. A socket that dies without `leave` keeps its session for the
 * resume window, counted from the last that was heard of it; the others are told `userLeft` (timeout) when it has passed,
 * 40 to 50 s after the network died.
 *
 * Both sides ask a silent one: the page by `ping`, the server by a WebSocket ping, which browsers answer by themselves. So
 * whoever only listens is known to be alive too; whoever answers neither for 12 s is dropped.
 */

export interface UserInfo {
  readonly user: string;
  /** The user's session; changes on a full rejoin, stays on a resume. */
  readonly session: string;
}

/** Why a user left: 0 normal, 1 failover, 3 kicked, 4 timeout. */
export type LeaveCode = 0 | 1 | 3 | 4;

/** WebRTC signalling, relayed untouched between two users. */
export type SignalData =
  | { readonly kind: 'description'; readonly description: { readonly type: 'offer' | 'answer'; readonly sdp: string } }
  | { readonly kind: 'candidate'; readonly candidate: RTCIceCandidateInit | null };

export type ClientFrame =
  | {
      readonly type: 'join';
      readonly room: string;
      readonly user: string;
      readonly token: string;
      /** The session that this join replaces: nobody sees it leave, everybody sees it replaced. */
      readonly replaces?: string;
      /** The ticket of an earlier `busy`, and how long (ms) the client would wait for its turn. */
      readonly ticket?: string;
      readonly maxWait?: number;
    }
  | {
      readonly type: 'resume';
      readonly session: string;
      readonly key: string;
      /**
       * How many room frames (`roomFrames` below) came since `joined`, those after `resumed` included. The server then
       * goes on from there. Without it, frames that were sent into a dead socket before the server knew are lost.
       */
      readonly received?: number;
    }
  | { readonly type: 'ping'; readonly n: number }
  | { readonly type: 'signal'; readonly to: string; readonly data: SignalData }
  | { readonly type: 'leave' };

export type RefusalCode = 'unauthorized' | 'noSuchRoom' | 'roomFull' | 'busy' | 'sessionGone' | 'badFrame';

export type ServerFrame =
  | {
      readonly type: 'joined';
      readonly session: string;
      /** Proves on `resume` that the session is ours. A secret, like the token. */
      readonly key: string;
      /** Milliseconds that the session outlives its user's last sign of life. */
      readonly resumeWindow: number;
      readonly users: readonly UserInfo[];
    }
  /** After it come the frames that were missed, in order. */
  | { readonly type: 'resumed'; readonly users: readonly UserInfo[] }
  /** `retryAfter` in ms; the socket is closed next. */
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly retryAfter?: number; readonly ticket?: string }
  | { readonly type: 'pong'; readonly n: number }
  | { readonly type: 'userJoined'; readonly user: string; readonly session: string }
  | { readonly type: 'userReplaced'; readonly user: string; readonly session: string }
  | { readonly type: 'userLeft'; readonly user: string; readonly code: LeaveCode }
  | { readonly type: 'signal'; readonly from: string; readonly session: string; readonly data: SignalData }
  /** The server's word; the socket is closed next, with 4001, 4002 or 4003. */
  | { readonly type: 'kicked' }
  | { readonly type: 'closed' }
  | { readonly type: 'replaced' }
  /** The server asks us to rejoin elsewhere. */
  | { readonly type: 'redispatch'; readonly endpoint: string }
  | { readonly type: 'endpoints'; readonly list: readonly string[] };

/** Close codes of the server; the reason of a close is never needed to understand it. */
export const closeCodes = { kicked: 4001, closed: 4002, replaced: 4003, refused: 4004, badFrames: 4005 } as const;

/** The frames that tell what happened in the room. A session numbers them, so that a resume misses none. */
export const roomFrames = ['userJoined', 'userReplaced', 'userLeft', 'signal', 'redispatch', 'endpoints'] as const;

export type RoomFrame = Extract<ServerFrame, { readonly type: (typeof roomFrames)[number] }>;
