import type { Loss } from '../recovery/loss.js';
import { beginRecovery, type Recovery } from '../recovery/recovery.js';
import type { Tally } from '../recovery/standing.js';
import type { Attempt, Cause } from './attempt.js';
import type { Draft } from './model.js';
import type { Stage } from './room-input.js';

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
  /** What the running or last attempt was at. */
  readonly stage: Stage;
  /** Resumes in a row that failed with an answer, where nobody classifies errors. */
  readonly answers: number;
  readonly loss: Loss;
  readonly recovery: Recovery<Work<L>>;
}

/** A room that is joining, or whose connection broke. */
export type Broken<L, P> = Draft<L, P> & { readonly model: { episode: Episode<L> } };

export const isBroken = <L, P>(draft: Draft<L, P>): draft is Broken<L, P> => draft.model.episode !== null;

export function beginEpisode<L>(
  { model, now }: Draft<L, unknown>,
  { cause, rung, loss, tally }: Pick<Episode<L>, 'cause' | 'rung' | 'loss'> & { readonly tally: Tally },
): void {
  model.episode = { cause, rung, stage: 'join', answers: 0, loss, recovery: beginRecovery(tally, now) };
}

export function endEpisode<L>({ model }: Draft<L, unknown>): void {
  model.episode = null;
}

export function nameCause<L>({ model }: Broken<L, unknown>, cause: Cause | null): void {
  if (model.episode.cause !== cause) model.episode = { ...model.episode, cause };
}

/** The link cannot be repaired any more. */
export function climb<L>({ model }: Broken<L, unknown>): void {
  if (model.episode.rung !== 'rejoin') model.episode = { ...model.episode, rung: 'rejoin' };
}

export function enterStage<L>({ model }: Broken<L, unknown>, stage: Stage): void {
  if (model.episode.stage !== stage) model.episode = { ...model.episode, stage };
}

export function countAnswers<L>({ model }: Broken<L, unknown>, answers: number): void {
  model.episode = { ...model.episode, answers };
}

export function setLoss<L>({ model }: Broken<L, unknown>, loss: Loss): void {
  if (model.episode.loss !== loss) model.episode = { ...model.episode, loss };
}

export function setRecovery<L>({ model }: Broken<L, unknown>, recovery: Recovery<Work<L>>): void {
  model.episode = { ...model.episode, recovery };
}

/** The attempt that is under way, if one is. */
export const workOf = <L>(episode: Episode<L> | null): Work<L> | null =>
  episode?.recovery.phase.kind === 'attempting' ? episode.recovery.phase.work : null;
