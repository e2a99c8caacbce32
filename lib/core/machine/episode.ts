import type { Loss } from '../recovery/loss.js';
import { beginRecovery, type Recovery } from '../recovery/recovery.js';
import type { Tally } from '../recovery/standing.js';
import type { Cause } from './attempt.js';
import type { Draft } from './draft.js';
import type { Episode, Work } from './model.js';
import type { Stage } from './room-input.js';

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
