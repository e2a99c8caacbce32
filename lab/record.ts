/** What a page of the laboratory wrote down. All times are ms of the wall clock, which all machines share. */

export interface StateEntry {
  readonly at: number;
  readonly state: string;
  readonly reason: string | null;
}

/** What the platform itself said of a peer connection. */
export interface RawEntry {
  readonly at: number;
  /** Peer connections are numbered as they are made. */
  readonly connection: number;
  readonly source: 'connectionState' | 'iceConnectionState';
  readonly value: string;
}

/** An event of the room, as text. */
export interface EventEntry {
  readonly at: number;
  readonly type: string;
  readonly text: string;
}

/** Bytes that a peer connection had received by then. */
export interface FlowEntry {
  readonly at: number;
  readonly bytes: number;
}

/** A timer came so late (ms) that the page did nothing meanwhile. */
export interface StallEntry {
  readonly at: number;
  readonly late: number;
}

/** Milliseconds of a page's standing still after which what it says is about its processor, not its network. */
export const standstill = 1_000;

export interface CallRecord {
  readonly states: readonly StateEntry[];
  readonly raw: readonly RawEntry[];
  readonly events: readonly EventEntry[];
  readonly flow: readonly FlowEntry[];
  /** Times (ms) for which the page stood still: more than `standstill`. */
  readonly stalls: readonly StallEntry[];
  /** Longest time (ms) by which a timer of 50 ms came late: a busy processor looks like a bad network. */
  readonly late: number;
}

/** What one of the peers saw of its echo server. */
export interface PeerRecord {
  readonly name: string;
  /** When it said that the connection was lost. */
  readonly lost: readonly number[];
  /** When it said that there was one. */
  readonly opened: readonly number[];
  /** When an echo came. */
  readonly echoes: readonly number[];
}

/** Who came and who went, as `usersOf` told it. */
export interface UserEntry {
  readonly at: number;
  readonly type: 'userJoined' | 'userLeave';
  readonly id: string;
  readonly reason: string | null;
  readonly code: number | null;
}

/** What a member of a room wrote down of itself and of the others. */
export interface MemberRecord {
  readonly states: readonly StateEntry[];
  readonly events: readonly EventEntry[];
  readonly users: readonly UserEntry[];
  /** Pictures of the others that were decoded by then. */
  readonly pictures: readonly { readonly at: number; readonly count: number }[];
  /** What the platform said of every peer connection. */
  readonly raw: readonly RawEntry[];
  /** Links so far: a claim keeps one, a rejoin makes another. */
  readonly links: number;
  /** The last moment at which the room would have given up; `null`: it never was away. */
  readonly deadlineAt: number | null;
  readonly stalls: readonly StallEntry[];
  readonly late: number;
}

/** How a member is right now. */
export interface MemberLook {
  readonly state: string;
  readonly reason: string | null;
  /** Our own id. */
  readonly self: string | null;
  /** The others by `usersOf`. */
  readonly users: readonly string[];
  /** The others whose tracks there are. */
  readonly tracks: readonly string[];
  /** Bytes of media that have come. */
  readonly bytes: number;
}

/** What a page has that somebody has to end. */
export interface OpenThings {
  readonly peerConnections: number;
  readonly webSockets: number;
  readonly timers: number;
}
