import type { Observable } from 'rxjs';
import type { RoomTransport } from '../../../lib/index.js';
import { callLink, type CallLink } from './call-link.js';
import { sessionTransport, type SessionTransportOptions } from './session-transport.js';
import type { Ticket } from './ticket.js';

export interface CallTransportOptions extends SessionTransportOptions {
  /** Our picture and sound; replays, and is ended by whoever made it. */
  readonly stream$: Observable<MediaStream>;
  readonly configuration?: RTCConfiguration;
}

/**
 * A call between two, peer to peer, over the demo's room server.
 *
 *     join      the session's link, and the peer connection, which follows and shows as media$
 *     restart   new ICE credentials over living signalling
 */
export function callTransport({
  stream$,
  configuration,
  ...options
}: CallTransportOptions): RoomTransport<Ticket, CallLink> {
  const transport = sessionTransport(options, (session, signalling) =>
    callLink({ session, signalling, stream$, ...(configuration && { configuration }) }),
  );
  return {
    ...transport,
    repair: (link, attempt, info$) =>
      attempt.kind === 'restart' ? link.restart() : transport.repair(link, attempt, info$),
  };
}
