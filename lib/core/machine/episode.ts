import type { Loss } from '../recovery/loss.js';
import { beginRecovery, type Recovery } from '../recovery/recovery.js';
import type { Tally } from '../recovery/standing.js';
import type { Cause } from './attempt.js';
import type { Draft, Writable } from './draft.js';
import type { Episode, Work } from './model.js';
import type { Stage } from './room-input.js';

/** A join begins, or a connection broke. */
export function beginEpisode<L>(
  { model, now }: Draft<L, unknown>,
  cause: Cause | null,
  rung: Episode<L>['rung'],
  loss: Loss,
  tally: Tally,
): void {
  model.episode = { cause, rung, error: null, stage: 'join', answers: 0, loss, recovery: beginRecovery(tally, now) };
}

export function endEpisode<L>({ model }: Draft<L, unknown>): void {
  model.episode = null;
}

// Below: an episode of a draft, which is its own.

const own = <L>(episode: Episode<L>): Writable<Episode<L>> => episode;

export function nameCause<L>(episode: Episode<L>, cause: Cause | null): void {
  own(episode).cause = cause;
}

/** The first error that comes with a break is what broke it. */
export function nameError<L>(episode: Episode<L>, error: unknown): void {
  own(episode).error ??= error;
}

/** The link cannot be repaired any more. */
export function climb<L>(episode: Episode<L>): void {
  own(episode).rung = 'rejoin';
}

export function enterStage<L>(episode: Episode<L>, stage: Stage): void {
  own(episode).stage = stage;
}

export function countAnswers<L>(episode: Episode<L>, answers: number): void {
  own(episode).answers = answers;
}

export function setLoss<L>(episode: Episode<L>, loss: Loss): void {
  own(episode).loss = loss;
}

export function setRecovery<L>(episode: Episode<L>, recovery: Recovery<Work<L>>): void {
  own(episode).recovery = recovery;
}

/** The attempt that is under way, if one is. */
export const workOf = <L>(episode: Episode<L> | null): Work<L> | null =>
  episode?.recovery.phase.kind === 'attempting' ? episode.recovery.phase.work : null;
