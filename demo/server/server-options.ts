import type { SignalData } from '../protocol.js';
import type { BucketOptions } from './bucket.js';

/** Changes what is relayed between two users; `null` drops it. */
export type RewriteSignal = (
  data: SignalData,
  between: { readonly from: string; readonly to: string },
) => SignalData | null;

export interface RoomServerOptions {
  /** @defaultValue '127.0.0.1' */
  readonly host?: string;
  /** 0 for any free one. @defaultValue 0 */
  readonly port?: number;
  /** Signs the tokens. @defaultValue drawn anew for every server */
  readonly secret?: Buffer;
  /** Milliseconds that a token is good for. @defaultValue 60 000 */
  readonly tokenLifetime?: number;
  /** Origins of pages that may come in. A client without an Origin, which is no page, always may. @defaultValue [] */
  readonly allowedOrigins?: readonly string[];
  /** The only rooms there are. @defaultValue every room that is joined */
  readonly roomNames?: readonly string[];
  /**
   * A session outlives its user's last sign of life by a time drawn from here (ms): a close, or else a frame, which came at
   * most half a `silenceLimit` before a network died.
   *
   * @defaultValue 46 000 to 50 000: others are told 40 to 50 s after the network died, and never before the user gives up
   */
  readonly resumeWindow?: { readonly from: number; readonly to: number };
  /** Milliseconds without a frame after which a socket is dropped; at half of them it is pinged. @defaultValue 12 000 */
  readonly silenceLimit?: number;
  /** Milliseconds that a socket has for its first frame. @defaultValue 3000 */
  readonly firstFrameLimit?: number;
  readonly limits?: Partial<ServerLimits>;
  /** The gate's. @defaultValue everything is relayed untouched */
  readonly rewriteSignal?: RewriteSignal;
  /** @defaultValue Math.random */
  readonly random?: () => number;
}

export interface ServerLimits {
  /** Bytes of one frame. @defaultValue 65 536 */
  readonly frameBytes: number;
  /** Frames of one socket. @defaultValue 50 a second, 200 at once */
  readonly messages: BucketOptions;
  /**
   * Joins of everybody together; above it they are refused `busy` with the time of their turn, and a ticket for it where
   * the turn comes within the client's `maxWait`. @defaultValue 500 a second, 500 at once
   */
  readonly joins: BucketOptions;
  /** Frames that are none, from one socket, after which it is closed. @defaultValue 20 */
  readonly badFrames: number;
  /** @defaultValue 8 */
  readonly usersPerRoom: number;
  /** @defaultValue 50 */
  readonly rooms: number;
  /** Sockets, joined or not. @defaultValue 1000 */
  readonly sockets: number;
  /** Bytes of room frames kept for a resume, a session. @defaultValue 131 072 */
  readonly keptBytes: number;
  /** Bytes that may wait in a socket whose page does not read, before it is dropped. @defaultValue 1 048 576 */
  readonly unsentBytes: number;
}

export const defaultLimits: ServerLimits = {
  frameBytes: 65_536,
  messages: { rate: 50, size: 200 },
  joins: { rate: 500, size: 500 },
  badFrames: 20,
  usersPerRoom: 8,
  rooms: 50,
  sockets: 1000,
  keptBytes: 131_072,
  unsentBytes: 1_048_576,
};
