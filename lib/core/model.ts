import type { Attempt, Cause } from './attempt.js';
import type { ConnectionState } from './connection-state.js';
import { START, type Failure, type RetryPosition } from './plan-retry.js';

/** What is known of one leg of a link. */
export interface Reading {
  readonly up: boolean;
  /** Since when it reads so (ms). */
  readonly since: number;
  /** The last proof of life of one that is down (ms). */
  readonly aliveAt: number;
  /** Its source has ended: it can never read up again. */
  readonly lost: boolean;
}

/** The one running join, with its link once it is joined. */
export interface Session<L> {
  readonly id: number;
  readonly attempt: Attempt<L>;
  readonly link: L | null;
  readonly canProbe: boolean;
  readonly hasMedia: boolean;
  readonly signal: Reading;
  readonly media: Reading;
}

/** What a join is at: fetching the room's information, or joining. */
export type Stage = 'request' | 'join';

/** An attempt under way. A join or rejoin has its session's id, a repair one of its own. */
export interface Work<L> {
  readonly id: number;
  readonly attempt: Attempt<L>;
}

/** A question to the server whether signalling is alive. */
export interface Probe {
  readonly id: number;
  readonly limitAt: number;
  /** The last proof of life before it was asked (ms). */
  readonly aliveAt: number;
}

/** From a join or a first sign of trouble until both healths are up, or the end. */
export interface Episode<L> {
  readonly cause: Cause | null;
  readonly aliveAt: number;
  readonly deadlineAt: number;
  /** Whether the link can still be repaired in place, or only be made anew. */
  readonly rung: 'repair' | 'link';
  /** Attempts begun. */
  readonly attempts: number;
  readonly work: Work<L> | null;
  /** When the next attempt begins (ms); `null` while one runs, or when the deadline is waited for. */
  readonly retryAt: number | null;
  /** When the server said to come back (ms). */
  readonly hintAt: number | null;
  readonly last: Failure | null;
  /** The stage of the running or last attempt. */
  readonly stage: Stage;
  /** No further attempt: the schedule gives up or cannot be asked, or none can succeed. */
  readonly givenUp: { readonly error: unknown } | null;
  /** The link that the next join replaces. */
  readonly previous: L | null;
}

/** All that a room knows. A plain value; times are fields of it, running work is named by ids. */
export interface Model<L> {
  readonly state: ConnectionState<L>;
  readonly session: Session<L> | null;
  readonly episode: Episode<L> | null;
  readonly probe: Probe | null;
  /** Where to join, the next one first; `null` is wherever the transport goes by itself. */
  readonly endpoints: readonly (string | null)[];
  readonly position: RetryPosition;
  /** When the last attempt began (ms). */
  readonly beganAt: number;
  /** When both healths last came up (ms). */
  readonly connectedAt: number;
  readonly lastId: number;
}

/** A room before any join. */
export const initialModel = (endpoints: readonly string[]): Model<never> => ({
  state: { state: 'disconnected', reason: null },
  session: null,
  episode: null,
  probe: null,
  endpoints: endpoints.length === 0 ? [null] : endpoints,
  position: START,
  beganAt: -Infinity,
  connectedAt: 0,
  lastId: 0,
});
