import { GaveUpError } from '../recovery/gave-up-error.js';

/** `failed` always carries an `Error`: whatever else a transport threw is its `cause`. */
export const asError = (error: unknown, attempts: number): Error =>
  error instanceof Error ? error : new GaveUpError(attempts, error === undefined ? undefined : { cause: error });
