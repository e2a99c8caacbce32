import type { Loss } from '../recovery/loss.js';
import type { Recovery } from '../recovery/recovery.js';
import type { Standing } from '../recovery/standing.js';
import type { Attempt, Cause } from './attempt.js';
import type { ConnectionState } from './connection-state.js';
import type { Stage } from './room-input.js';

/** All that a room knows. A plain value; times are fields of it, running work is named by ids. Each field has one owner. */
export interface Model<L> {
  /** derivation.ts */
  readonly state: ConnectionState<L>;
  /** What earlier breaks left over: derivation.ts. */
  readonly standing: Standing;
  /** The join that runs, or the link that it gave: session.ts. */
  readonly session: Session<L> | null;
  /** The link that the next join replaces, once its session is gone: session.ts. */
  readonly previous: L | null;
  /** From a join or a first sign of trouble until both healths are up, or the end: episode.ts. */
  readonly episode: Episode<L> | null;
  /** Where to join: places.ts. */
  readonly places: Places;
  /** The last id that was given to a piece of work: this file. */
  readonly lastId: number;
}

/** What is known of one leg of a link. */
export interface Reading {
  readonly up: boolean;
  /** Since when it reads so (ms). */
  readonly since: number;
  /** The last proof of life of one that is down (ms). */
  readonly aliveAt: number;
  /** Its source has ended: it can never read up again. */
  readonly ended: boolean;
}

/** A question to the server whether signalling is alive. */
export interface Probe {
  readonly id: number;
  readonly limitAt: number;
  /** The last proof of life before it was asked (ms). */
  readonly aliveAt: number;
}

/** The one running join, or the link that it gave. */
export interface Session<L> {
  readonly id: number;
  readonly attempt: Attempt<L>;
  /** Whether it is a join under way: both healths are still waited for. */
  readonly joining: boolean;
  /** `null` until the join gives one; then both legs count as down. */
  readonly link: L | null;
  readonly canProbe: boolean;
  readonly hasMedia: boolean;
  readonly signal: Reading;
  readonly media: Reading;
  readonly probe: Probe | null;
}

/** An attempt under way. A join or rejoin has its session's id, a repair one of its own. */
export interface Work<L> {
  readonly id: number;
  readonly attempt: Attempt<L>;
  /** Whether the transport has been called; a restart first waits for the answer of a probe. */
  readonly called: boolean;
}

/** From a join or a first sign of trouble until both healths are up, or the end. */
export interface Episode<L> {
  /** What is broken; during a join which legs of its last link were not up. */
  readonly cause: Cause | null;
  /** Whether the link can still be repaired in place, or must be made anew. */
  readonly rung: 'repair' | 'rejoin';
  /** What broke first; `null` when only a health said so. */
  readonly error: unknown;
  /** What the running or last attempt was at. */
  readonly stage: Stage;
  /** Resumes in a row that failed with an answer, where nobody classifies errors. */
  readonly answers: number;
  readonly loss: Loss;
  readonly recovery: Recovery<Work<L>>;
}

/**
 * Where to join: a list that failures never reorder, and where in it the next attempt goes.
 *
 * Every join or rejoin of a break begins at the cursor, which is the first place until a server refuses there. So an outage of
 * our own network ends near again. In a few slots the other places are tried at once after the first: so a near server that
 * is dead costs seconds.
 */
export interface Places {
  /** `null` is wherever the transport goes by itself. */
  readonly list: readonly (string | null)[];
  /** What the option said: the list goes back to it at every end. */
  readonly own: readonly (string | null)[];
  readonly cursor: number;
  /** Joins and rejoins begun in this break (or join), without those of a sweep. */
  readonly slot: number;
  /** How far past the cursor the next attempt goes: above 0 within a sweep. */
  readonly offset: number;
}
