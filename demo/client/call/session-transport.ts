import { EMPTY, Subject, catchError, defer, switchMap, takeUntil, tap, type Observable } from 'rxjs';
import type { Attempt, RoomTransport } from '../../../lib/index.js';
import type { WebSocketLike } from '../../../lib/websocket/index.js';
import { enter } from './enter.js';
import { RefusedError, classifyRefusal } from './refusal.js';
import { sessionLink, type SessionLink } from './session-link.js';
import { sessionSignalling, type SessionSignalling } from './session-signalling.js';
import { signalChannel } from './signal-channel.js';
import { fetchTicket, type Ticket } from './ticket.js';

export interface SessionTransportOptions {
  readonly user: string;
  readonly room: string;
  /** The signalling address, unless the server sends us to another. */
  readonly signalUrl: string;
  /** Where tokens are had. */
  readonly tokenUrl: string;
  /** Opens a WebSocket, where there is no global one. */
  readonly open?: (url: string) => WebSocketLike;
}

/**
 * A place in a room of the demo's server.
 *
 *     request   a token, anew for every attempt
 *     join      channel → join → joined → the session's link → the link that `linkOf` makes of it
 *     resume    a fresh channel under the same session: the media is not affected
 */
export function sessionTransport<L extends SessionLink>(
  options: SessionTransportOptions,
  linkOf: (session: SessionLink, signalling: SessionSignalling) => Observable<L>,
): RoomTransport<Ticket, L> & Required<Pick<RoomTransport<Ticket, L>, 'repair'>> {
  const { user, room, tokenUrl, open } = options;
  /** Our place in the queue of a busy server. */
  let queueTicket: string | undefined;

  const channelFor = (attempt: Attempt) =>
    signalChannel({ url: attempt.endpoint ?? options.signalUrl, attempt, ...(open && { open }) });
  /** For a fresh channel that belongs to no attempt: its opening may take 3 s. */
  const channelTo = (endpoint: string | null) =>
    signalChannel({ url: endpoint ?? options.signalUrl, ...(open && { open }) });

  return {
    request: () => fetchTicket(tokenUrl, { room, user }),

    join: (attempt, { token }) =>
      defer(() => {
        let linked = false;
        const closeChannel = new Subject<void>();
        const channel$ = channelFor(attempt).pipe(
          // Once there is a link, signal$ reports the loss: the session can be resumed, and the media flows on.
          catchError((error: unknown) => {
            if (linked) return EMPTY;
            throw error instanceof Error ? error : new Error('the channel failed');
          }),
          takeUntil(closeChannel),
        );
        return channel$.pipe(
          switchMap((channel) =>
            enter(
              channel,
              {
                type: 'join',
                room,
                user,
                token,
                ...(attempt.previous && { replaces: attempt.previous.session }),
                ...(queueTicket !== undefined && { ticket: queueTicket }),
                maxWait: Math.max(0, Math.round(attempt.deadlineAt - Date.now())),
              },
              'joined',
            ).pipe(
              tap({
                next: () => (queueTicket = undefined),
                error: (error: unknown) => (queueTicket = error instanceof RefusedError ? error.ticket : queueTicket),
              }),
              switchMap((joined) => {
                linked = true;
                const { session, key } = joined;
                return sessionSignalling({
                  channel,
                  closeChannel: () => closeChannel.next(),
                  fresh$: channelTo(attempt.endpoint),
                  session,
                  key,
                }).pipe(
                  switchMap((signalling) =>
                    sessionLink({ user, joined, signalling }).pipe(switchMap((link) => linkOf(link, signalling))),
                  ),
                );
              }),
            ),
          ),
        );
      }),

    repair: (link, attempt) => link.resume(channelFor(attempt), attempt.openingLimit),

    classify: classifyRefusal,
  };
}
