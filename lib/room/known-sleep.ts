/** Time of the wall clock that the device's monotonic clock did not count: one sleep, or many naps and corrections. */
export interface Drift {
  /** When the two clocks were compared before (ms, wall clock). */
  readonly since: number;
  readonly ms: number;
}

/** Less than this is a correction of the wall clock (ms). */
const LEAST_SLEEP = 5_000;

/** Compares the clocks of a device whenever it is asked to; the last drift that it found is kept until it is taken. */
export class DriftMeter {
  #at = Date.now();
  #offset = clockOffset();
  #found: Drift | undefined;

  observe(): void {
    const offset = clockOffset();
    const ms = Math.floor(offset - this.#offset);
    if (ms >= LEAST_SLEEP) this.#found = { since: this.#at, ms };
    this.#offset = offset;
    this.#at = Date.now();
  }

  take(): Drift | undefined {
    const found = this.#found;
    this.#found = undefined;
    return found;
  }
}

/**
 * How long the device slept after a proof of life, at least (ms, 0 or less when that is not known): what the clocks drifted
 * apart by, less what they may have drifted before the proof.
 *
 *     compared:     |                           |     drift 60 s
 *     alive:              x                           10 s after the first comparison: slept 50 s at least
 *     alive:                                  x       hours after it: naps, perhaps, and nothing is known
 */
export const knownSleep = ({ since, ms }: Drift, aliveAt: number): number => ms - Math.max(0, aliveAt - since);

/** Grows while the device sleeps, where the monotonic clock stands still then. */
const clockOffset = (): number => Date.now() - performance.now();
