/** What may go at once instead of by the schedule, each once until a connection is stable. */
export type Shortcut = 'restart' | 'resume' | 'rejoin' | 'redispatch';

/** What is counted across breaks, until a connection is stable (lasts `stableAfter`). */
export interface Tally {
  /** Attempts that the schedule began. */
  readonly position: number;
  /** "Busy" answers. */
  readonly busyCount: number;
  /** When a busy server said to come back (ms); kept until an attempt was made at it. */
  readonly hintAt: number | null;
  /** The last failure that was not "busy", else when the break was found or the join began (ms). */
  readonly unreachableAt: number | null;
  /** When the last attempt began (ms). */
  readonly beganAt: number;
  /** Attempts that were cut at their limit. */
  readonly limitsReached: number;
  /** Openings in a row that hung to their limit. */
  readonly openingsHung: number;
  readonly used: readonly Shortcut[];
  /** Whether the one attempt in what was left before a deadline has been planned. */
  readonly lastChanceTaken: boolean;
}

/** What earlier breaks left over; it lives while connected. */
export interface Standing {
  /** Lost time that is not earned back yet (ms). */
  readonly spent: number;
  /** Since when connected (ms). */
  readonly since: number;
  readonly tally: Tally;
}

const NOTHING_COUNTED: Tally = {
  position: 0,
  busyCount: 0,
  hintAt: null,
  unreachableAt: null,
  beganAt: -Infinity,
  limitsReached: 0,
  openingsHung: 0,
  used: [],
  lastChanceTaken: false,
};

/** Before anything was tried. */
export const newStanding = (now: number): Standing => ({ spent: 0, since: now, tally: NOTHING_COUNTED });

/** What still counts when a connection breaks whose last proof of life was at `aliveAt`. */
export function tallyAfter({ since, tally }: Standing, aliveAt: number, stableAfter: number): Tally {
  // The last attempt's time stays: no two attempts may begin in one millisecond, even with `stableAfter: 0`.
  return aliveAt - since >= stableAfter ? { ...NOTHING_COUNTED, beganAt: tally.beganAt } : tally;
}
