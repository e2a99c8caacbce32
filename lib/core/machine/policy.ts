import type { LossPolicy } from '../recovery/loss.js';
import type { RecoveryPolicy } from '../recovery/recovery.js';
import type { Verdict } from '../recovery/verdict.js';

/** What a state is derived by. All times in milliseconds. */
export interface DerivePolicy extends LossPolicy {
  /** Names the room in errors; empty for none. */
  readonly name: string;
  /** From a first join to `failed`. */
  readonly joinDeadline: number;
  /** How long a dip must last before it is announced. */
  readonly settle: { readonly signal: number; readonly media: number };
  /** How long a probe may stay unanswered. */
  readonly probeLimit: number;
  /** How long a media loss waits for the probe to tell its true cause. */
  readonly probeHold: number;
  /** Whether a link can be repaired in place. */
  readonly repairs: boolean;
  /** For the one attempt that is granted where timers came later than the deadline; 0 where nothing is attempted. */
  readonly lateGrace: number;
  /** What an error means, `undefined` for unreachable; `null` where nobody says. Never throws. */
  readonly classify: ((error: unknown) => Verdict | undefined) | null;
}

/** Everything that a room decides by. */
export interface Policy extends DerivePolicy, RecoveryPolicy {
  /** For opening a connection inside an attempt. */
  readonly openingLimit: number;
  /** From the beginning of the last attempt to one that a wake starts. */
  readonly wakeFloor: number;
}
