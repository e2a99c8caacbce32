import { EMPTY, Subject, catchError, defer, switchMap, takeUntil, tap, type Observable } from 'rxjs';
import type { Attempt, RoomTransport } from '../../../lib/index.js';
import { callLink, type CallLink } from './call-link.js';
import { enter } from './enter.js';
import { RefusedError, classifyRefusal } from './refusal.js';
import { sessionSignalling } from './session-signalling.js';
import { signalChannel } from './signal-channel.js';
import { fetchTicket, type Ticket } from './ticket.js';

export interface CallTransportOptions {
  readonly user: string;
  readonly room: string;
  /** The signalling address, unless the server sends us to another. */
  readonly signalUrl: string;
  /** Where tokens are had. */
  readonly tokenUrl: string;
  /** Our picture and sound; replays, and is ended by whoever made it. */
  readonly stream$: Observable<MediaStream>;
  readonly configuration?: RTCConfiguration;
}

/**
 * A call between two, peer to peer, over the demo's room server.
 *
 *     request   a token, anew for every attempt
 *     join      channel → join → joined → the link; the peer connection follows and shows as media$
 *     resume    a fresh channel under the same session: the peer connection never hears of it
 *     restart   new ICE credentials over living signalling
 */
export function callTransport(options: CallTransportOptions): RoomTransport<Ticket, CallLink> {
  const { user, room, tokenUrl, stream$, configuration } = options;
  /** Our place in the queue of a busy server. */
  let queueTicket: string | undefined;

  const channelFor = ({ endpoint, openingLimit }: Attempt<CallLink>) =>
    signalChannel({ url: endpoint ?? options.signalUrl, openingLimit });

  return {
    request: () => fetchTicket(tokenUrl, { room, user }),

    join: (attempt, { token }) =>
      defer(() => {
        let linked = false;
        const closeChannel = new Subject<void>();
        const channel$ = channelFor(attempt).pipe(
          // Once there is a link, signal$ tells of the loss: the session can be resumed, and the media flows on.
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
                return sessionSignalling({ channel, closeChannel: () => closeChannel.next(), session, key }).pipe(
                  switchMap((signalling) =>
                    callLink({ user, joined, signalling, stream$, ...(configuration && { configuration }) }),
                  ),
                );
              }),
            ),
          ),
        );
      }),

    repair: (link, attempt) => (attempt.kind === 'restart' ? link.restart() : link.resume(channelFor(attempt))),

    classify: classifyRefusal,
  };
}
