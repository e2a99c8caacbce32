import { beginLoss, type Loss } from '../recovery/loss.js';
import type { Draft } from './model.js';
import type { DerivePolicy } from './policy.js';

/**
 * The lost time of the connection if it broke at `aliveAt`. `answered`: whether the server itself ended it. `settle`: how long
 * the break may go unannounced.
 */
export const lossFrom = <L>(
  { model, now, policy }: Draft<L, DerivePolicy>,
  aliveAt: number,
  { answered = false, settle = longestSettle(policy) } = {},
): Loss => beginLoss(model.standing, { now, aliveAt, answered, settle }, policy);

/** The longest time before a dip is announced (ms). */
export const longestSettle = ({ settle }: DerivePolicy): number => Math.max(settle.signal, settle.media);
