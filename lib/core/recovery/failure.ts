import { UNREACHABLE, type Verdict } from './verdict.js';

/** Why an attempt, or a link, ended. */
export interface Failure {
  readonly error: unknown;
  readonly verdict: Verdict;
}

/** Nothing was tried yet: a link was found down. */
export const FOUND_DOWN: Failure = { error: undefined, verdict: UNREACHABLE };
