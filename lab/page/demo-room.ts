import type { Observable } from 'rxjs';
import type { CallLink } from '../../demo/client/call/call-link.js';
import { callTransport } from '../../demo/client/call/transport.js';
import { createRoom, type Room } from '../../lib/index.js';
import { addresses } from '../cuts.js';
import { ports } from '../ports.js';

const { server } = addresses;

/** A room of the demo's server on the laboratory's, with the library's defaults. */
export const demoRoom = (user: string, room: string, stream$: Observable<MediaStream>): Room<CallLink> =>
  createRoom(
    callTransport({
      user,
      room,
      signalUrl: `ws://${server}:${ports.room}/`,
      tokenUrl: `http://${server}:${ports.room}/token`,
      stream$,
    }),
  );
