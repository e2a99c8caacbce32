import type { Observable } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { RefusedError } from './refusal.js';

/** What a join needs. */
export interface Ticket {
  /** A secret: never in an error, a log or an address. */
  readonly token: string;
}

/** The token server answered with something that is no token. */
export class TicketError extends Error {
  override readonly name = 'TicketError';
}

/** Cold: every subscription fetches a new token; unsubscribing aborts. */
export function fetchTicket(url: string, body: { readonly room: string; readonly user: string }): Observable<Ticket> {
  return fromFetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    cache: 'no-store',
    selector: async (response) => {
      if (response.status === 401 || response.status === 403) throw new RefusedError('unauthorized');
      if (response.status === 404) throw new RefusedError('noSuchRoom');
      if (!response.ok) throw new TicketError(`the token server answered ${response.status}`);
      const answer: unknown = await response.json();
      const token = typeof answer === 'object' && answer !== null && 'token' in answer ? answer.token : undefined;
      if (typeof token !== 'string' || token === '') throw new TicketError('the answer held no token');
      return { token };
    },
  });
}
