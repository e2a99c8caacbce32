/** What a talk over a network suffers from, in one direction. */
export interface Impairments {
  /** Milliseconds from mouth to ear. */
  readonly delay: number;
  /** Packets that never came, 0 to 1. */
  readonly loss: number;
}

/** R of a talk over a perfect network, with all other parameters at their defaults (ITU-T G.107, table 3). */
const BEST = 93.2;
/** How well the codec hides loss: G.711 with concealment (ITU-T G.113, appendix I). None is given for Opus, which hides more. */
const ROBUSTNESS = 25.1;

/**
 * How good a talk is, by the E-model (ITU-T G.107, 06/2015): R, from 93.2 down to 0. Pure.
 *
 * Delay by equations 7-27 and 7-28, loss (random, BurstR 1, Ie 0) by equation 7-29. Echo is taken for cancelled.
 */
export const ratingOf = ({ delay, loss }: Impairments): number =>
  Math.max(0, BEST - delayImpairment(delay) - lossImpairment(100 * loss));

function delayImpairment(ms: number): number {
  if (ms <= 100) return 0;
  const x = Math.log2(ms / 100);
  const root = (y: number): number => (1 + y ** 6) ** (1 / 6);
  return 25 * (root(x) - 3 * root(x / 3) + 2);
}

const lossImpairment = (percent: number): number => (95 * percent) / (percent + ROBUSTNESS);
