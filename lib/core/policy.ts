import type { RetryPolicy } from './plan-retry.js';

/** Everything that a room decides by. All times in milliseconds. */
export interface Policy extends RetryPolicy {
  /** From the last proof of life to `failed`. */
  readonly deadline: number;
  /** From a first join to `failed`. */
  readonly joinDeadline: number;
  /** From the beginning of an attempt until both healths are up. */
  readonly attemptLimit: number;
  /** For opening a connection inside an attempt. */
  readonly openingLimit: number;
  /** How long a dip must last before it is announced. */
  readonly settle: { readonly signal: number; readonly media: number };
  /** How long a probe may stay unanswered. */
  readonly probeLimit: number;
  /** How long a media loss waits for the probe to tell its true cause. */
  readonly probeHold: number;
  /** From the beginning of the last attempt to one that a wake starts. */
  readonly wakeFloor: number;
  /** Whether the transport can repair a link in place. */
  readonly repairs: boolean;
  /** Whether attempts are made here at all, or by an application that owns its joining. */
  readonly attempts: boolean;
}
