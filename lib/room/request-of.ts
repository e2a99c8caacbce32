import { defer, of, take, throwIfEmpty, type Observable } from 'rxjs';
import type { Attempt } from '../core/machine/attempt.js';
import { LinkEndedError } from '../core/machine/link-ended-error.js';
import { shownSecret, wrongType } from '../core/options/wrong.js';
import { inputOf } from '../operators/input-of.js';
import { mistake } from './mistake.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** What an attempt needs, asked for at every subscription. */
export const requestOf = <I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  attempt: Attempt<L>,
): Observable<I> =>
  defer(() => {
    const given = transport.request?.(attempt) ?? of(undefined as I);
    const input = inputOf(given);
    if (input !== null) return input;
    throw mistake(wrongType('request: the return value', 'a Promise or an Observable', given, shownSecret));
  }).pipe(
    take(1),
    throwIfEmpty(() => new LinkEndedError('request completed without a value')),
  );
