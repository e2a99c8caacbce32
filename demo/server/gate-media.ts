import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { MediaAddress } from './candidates.js';
import { readStun } from './stun.js';

export interface MediaPathOptions {
  /** The one address that both sockets are bound to; never all of them. */
  readonly host: string;
  /** Asked for every packet between the two. */
  readonly passes: () => boolean;
}

/** The only way for media between two pages. */
export interface MediaPath {
  /** Where the first page, or the second, sends what it means for the other. */
  readonly facing: readonly [MediaAddress, MediaAddress];
  close(): Promise<void>;
}

/** Answers whose request is older than so many others go to the latest address. */
const remembered = 256;

/**
 * Two UDP sockets, one facing each page; what comes in at one goes out from the other, so that each page sees the
 * gate's port as the other's address.
 *
 *     page 1 ⇄ [facing 1 = stands for page 2]  relay  [facing 2 = stands for page 1] ⇄ page 2
 *
 * A page's address is the source of its latest STUN packet, learned anew all the time, for an ICE restart or a changed
 * network moves it. A page with several addresses checks from each: an answer goes back to where its request came from.
 */
export async function openMediaPath({ host, passes }: MediaPathOptions): Promise<MediaPath> {
  const sides = [await openSide(host), await openSide(host)] as const;
  connect(sides[0], sides[1], passes);
  connect(sides[1], sides[0], passes);
  return {
    facing: [
      { address: host, port: sides[0].socket.address().port },
      { address: host, port: sides[1].socket.address().port },
    ],
    close: async () => {
      await Promise.all(sides.map(({ socket }) => once(socket.close(), 'close')));
    },
  };
}

interface Side {
  readonly socket: Socket;
  /** Where this side's page is; `null` until it has shown itself. */
  page: Source | null;
  /** Who asked, by STUN transaction. */
  readonly askers: Map<string, Source>;
}

type Source = Pick<RemoteInfo, 'address' | 'port'>;

async function openSide(host: string): Promise<Side> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  socket.on('error', () => undefined); // a page that closed its port: nothing to do
  return { socket, page: null, askers: new Map() };
}

function connect(from: Side, to: Side, passes: () => boolean): void {
  from.socket.on('message', (packet, { address, port }) => {
    if (!passes() || !isOwnAddress(address, from.page)) return;
    const source = { address, port };
    const stun = readStun(packet);
    if (stun !== null) from.page = source;
    if (stun?.kind === 'request') remember(from.askers, stun.transaction, source);
    const target = (stun?.kind === 'response' ? to.askers.get(stun.transaction) : undefined) ?? to.page;
    if (target !== null) to.socket.send(packet, target.port, target.address, () => undefined);
  });
}

function remember(askers: Map<string, Source>, transaction: string, source: Source): void {
  askers.delete(transaction);
  askers.set(transaction, source);
  if (askers.size > remembered) {
    for (const oldest of askers.keys()) {
      askers.delete(oldest);
      return;
    }
  }
}

/** Whether a packet comes from this very machine: the gate may stand on an address that others reach. */
function isOwnAddress(address: string, known: Source | null): boolean {
  if (address === known?.address || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((own) => own.address === address) === true);
}
