/**
 * One rung of the ladder. `restart` repairs media through live signalling, `resume` repairs signalling in place,
 * `join` and `rejoin` make a new link.
 */
export type AttemptKind = 'join' | 'rejoin' | 'restart' | 'resume';

/** What is broken. */
export type Cause = 'signal' | 'media' | 'both' | 'redispatch';

/** One try to get into the room, or back. */
export interface Attempt<L = unknown> {
  /** 1 for the first of a join or of a break. */
  readonly number: number;
  readonly kind: AttemptKind;
  /** What is broken; `null` for a first join. */
  readonly cause: Cause | null;
  /** Where to join, from the `endpoints` option or from the server; `null` when there is none to choose from. */
  readonly endpoint: string | null;
  /** The link that this join replaces. Name it to the server, so that nobody sees two of the same user. */
  readonly previous: L | null;
  /** Milliseconds that opening a connection may take inside this attempt. */
  readonly openingLimit: number;
  /** When the attempt is cut, at the latest (ms, wall clock). */
  readonly limitAt: number;
  /** When the room gives up (ms, wall clock). */
  readonly deadlineAt: number;
}
