import { GaveUpError } from '../recovery/gave-up-error.js';

/** `failed` always carries an `Error`: whatever else a transport threw is its `cause`. */
export const asError = (error: unknown, attempts: number): Error =>
  isError(error) ? error : new GaveUpError(attempts, error === undefined ? undefined : { cause: error });

/** Also one of another realm (an iframe, a vm context), which is no instance of ours. */
const isError = (error: unknown): error is Error =>
  error instanceof Error || Object.prototype.toString.call(error) === '[object Error]';
