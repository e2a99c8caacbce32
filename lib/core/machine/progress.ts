import { dueAt } from '../recovery/recovery.js';
import type { AttemptKind, Cause } from './attempt.js';
import { shownCause } from './derivation.js';
import { workOf } from './episode.js';
import type { Model } from './model.js';
import { nextKind } from './next-kind.js';

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
  const { loss, recovery } = episode;
  const work = workOf(episode);
  const due = dueAt(recovery);
  return {
    phase: work === null ? 'waiting' : 'attempting',
    attempt: recovery.attempts + (work === null ? 1 : 0),
    kind: work === null ? nextKind(model) : work.attempt.kind,
    cause: shownCause(model),
    nextRetryAt: due === Infinity ? null : due,
    hintAt: recovery.tally.hintAt,
    deadlineAt: loss.deadlineAt,
  };
}

export const sameProgress = (a: Progress | null, b: Progress | null): boolean =>
  a === b || (a !== null && b !== null && (Object.keys(a) as (keyof Progress)[]).every((key) => a[key] === b[key]));
