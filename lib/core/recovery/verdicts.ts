import { aNumber } from '../options/options.js';
import { dismissal, redispatch } from './notices.js';
import type { Verdict } from './verdict.js';

/**
 * What an error means, frozen, for `classify` of a transport or of `reconnect`. Each is of the type `Verdict`, so that a mistake
 * shows as a short type error. Plain objects such as `{ kind: 'fatal' }` do as well.
 *
 *     verdicts.unreachable              nobody answered: try the same again
 *     verdicts.refused                  somebody answered no: try a fuller attempt, or another endpoint
 *     verdicts.busy(ms?)                too busy: come back then, or by the schedule
 *     verdicts.fatal                    retrying cannot fix it: `failed` at once
 *     verdicts.closed(message?), .kicked(message?), .duplicateUser(message?), .redispatch(endpoint)
 *                                       as the `notices` of the same name
 *
 * @throws {TypeError} | {RangeError} when called with a time, a message or an endpoint that is not one.
 *
 * @example
 * ```ts
 * import { verdicts, type Verdict } from 'rejoin';
 *
 * const verdictOf = (status: number): Verdict =>
 *   status === 403 ? verdicts.fatal : status === 503 ? verdicts.busy(3_000) : verdicts.unreachable;
 *
 * console.log(verdictOf(403), verdictOf(503)); // => { kind: 'fatal' } { kind: 'busy', retryAfter: 3000 }
 * ```
 */
export const verdicts = /* @__PURE__ */ Object.freeze({
  unreachable: /* @__PURE__ */ verdict({ kind: 'unreachable' }),
  refused: /* @__PURE__ */ verdict({ kind: 'refused' }),
  fatal: /* @__PURE__ */ verdict({ kind: 'fatal' }),
  /** `retryAfter`: milliseconds from now, 0 or more. */
  busy: (retryAfter?: number): Verdict =>
    verdict(
      retryAfter === undefined
        ? { kind: 'busy' }
        : { kind: 'busy', retryAfter: aNumber(0, Infinity)('verdicts.busy: retryAfter (ms)', retryAfter) },
    ),
  closed: (message?: string): Verdict => dismissal('verdicts', 'closed', message),
  kicked: (message?: string): Verdict => dismissal('verdicts', 'kicked', message),
  duplicateUser: (message?: string): Verdict => dismissal('verdicts', 'duplicateUser', message),
  redispatch: (endpoint: string): Verdict => redispatch('verdicts', endpoint),
});

function verdict(said: Verdict): Verdict {
  return Object.freeze(said);
}
