import { readyStates } from '../../lib/websocket/web-socket-like.js';
import type { FakeSocket } from './fake-socket.js';

/** What becomes of a socket that is opened while the network is cut. */
export const fates = ['no socket opens', 'every socket fails at once', 'sockets open and nothing is answered'] as const;

export interface CutNetworkOptions {
  readonly fate: (typeof fates)[number];
  /** Runs work so many ms from now. */
  readonly at: (ms: number, work: () => void) => void;
}

/** Milliseconds after which the system sends a lost SYN again. */
const RETRANSMISSIONS = [1_000, 3_000, 7_000, 15_000, 31_000];

/** A network that can be cut; a socket takes 10 ms to open on it. */
export class CutNetwork {
  readonly #options: CutNetworkOptions;
  isCut = false;

  constructor(options: CutNetworkOptions) {
    this.#options = options;
  }

  connect(socket: FakeSocket & { answers: boolean }): void {
    const { fate, at } = this.#options;
    at(10, () => {
      if (!this.isCut) socket.opens();
      else if (fate === 'every socket fails at once') socket.closesWith(1006);
      else if (fate === 'no socket opens') this.#retransmit(socket);
      else {
        socket.answers = false;
        socket.opens();
      }
    });
  }

  #retransmit(socket: FakeSocket): void {
    for (const ms of RETRANSMISSIONS) {
      this.#options.at(ms, () => {
        if (!this.isCut && socket.readyState === readyStates.connecting) socket.opens();
      });
    }
  }
}
