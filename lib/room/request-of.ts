import { defer, of, take, throwIfEmpty, type Observable } from 'rxjs';
import type { Attempt } from '../core/machine/attempt.js';
import { LinkEndedError } from '../core/machine/link-ended-error.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** What an attempt needs, asked for at every subscription. */
export const requestOf = <I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  attempt: Attempt<L>,
): Observable<I> =>
  defer(() => transport.request?.(attempt) ?? of(undefined as I)).pipe(
    take(1),
    throwIfEmpty(() => new LinkEndedError()),
  );
