import type { AttemptKind, Cause } from './attempt.js';
import { nextKind, shownCause } from './ladder.js';
import type { Model } from './model.js';

/** How far joining or rejoining has come. Times in ms, wall clock. */
export interface Progress {
  readonly phase: 'waiting' | 'attempting';
  /** The number of the running attempt, or of the next. */
  readonly attempt: number;
  readonly kind: AttemptKind;
  /** What is broken now; `null` during a first join. */
  readonly cause: Cause | null;
  /** When the next attempt begins; `null` while one runs, and when only the deadline is left to wait for. */
  readonly nextRetryAt: number | null;
  /** When a busy server said to come back; it may lie past the deadline. */
  readonly hintAt: number | null;
  /** When the room gives up. */
  readonly deadlineAt: number;
}

/** `null` unless connecting or reconnecting. */
export function progressOf<L>(model: Model<L>): Progress | null {
  const { state, episode } = model;
  if (episode === null || state.state === 'connected') return null;
  const { work, attempts, retryAt, hintAt, deadlineAt } = episode;
  const at = { cause: shownCause(model), nextRetryAt: retryAt, hintAt, deadlineAt };
  return work === null
    ? { phase: 'waiting', attempt: attempts + 1, kind: nextKind(model), ...at }
    : { phase: 'attempting', attempt: attempts, kind: work.attempt.kind, ...at };
}

export const sameProgress = (a: Progress | null, b: Progress | null): boolean =>
  a === b || (a !== null && b !== null && (Object.keys(a) as (keyof Progress)[]).every((key) => a[key] === b[key]));
