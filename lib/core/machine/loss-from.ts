import { beginLoss, type Loss } from '../recovery/loss.js';
import type { Draft } from './draft.js';
import type { DerivePolicy } from './policy.js';

/** The lost time of the connection if it broke at `aliveAt`. `answered`: whether the server itself ended it. */
export const lossFrom = <L>({ model, now, policy }: Draft<L, DerivePolicy>, aliveAt: number, answered: boolean): Loss =>
  beginLoss(model.standing, { now, aliveAt, answered, settle: longestSettle(policy) }, policy);

/** The longest time before a dip is announced (ms). */
export const longestSettle = ({ settle }: DerivePolicy): number => Math.max(settle.signal, settle.media);
