import type { Loss } from './loss.js';
import type { Standing, Tally } from './standing.js';

/** Connected again. Only a break that was announced spends the lost time; a join spends nothing. */
export const healed = (loss: Loss, tally: Tally, now: number, how: 'joined' | 'loud' | 'quiet'): Standing => ({
  spent: how === 'joined' ? 0 : how === 'quiet' ? loss.spent : Math.min(loss.deadline, now - loss.aliveAt + loss.spent),
  since: now,
  tally,
});
