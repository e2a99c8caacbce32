import { defer, filter, first, map, merge, share, type Observable } from 'rxjs';
import { webSocketChannel, type WebSocketLike } from '../../../lib/websocket/index.js';
import type { Attempt, Health } from '../../../lib/index.js';
import type { ClientFrame, ServerFrame } from '../../protocol.js';
import { serverFrame } from './frame-guards.js';

/** A WebSocket that speaks the demo's protocol. */
export interface SignalChannel {
  /** Frames that passed their guard. Hot. */
  readonly frames$: Observable<ServerFrame>;
  /** Frames that did not, and other trouble that changes nothing. Hot. */
  readonly errors$: Observable<unknown>;
  readonly health$: Observable<Health>;
  send(frame: ClientFrame): void;
  ask(): void;
  probe(): Observable<unknown>;
  /** Asks, and emits at the answer to this very question, however late: other frames prove nothing. */
  prove(): Observable<unknown>;
}

export interface SignalChannelOptions {
  readonly url: string;
  /** The attempt that opens it; without one the opening may take 3 s. */
  readonly attempt?: Pick<Attempt, 'openingLimit'>;
  /** Opens a WebSocket, where there is no global one. */
  readonly open?: (url: string) => WebSocketLike;
}

/** A frame that is none of the protocol's. What was in it is not repeated: it may be a secret, or huge. */
export class UnknownFrameError extends Error {
  override readonly name = 'UnknownFrameError';
}

/** Cold: subscribing opens the socket, unsubscribing closes it. */
export function signalChannel(options: SignalChannelOptions): Observable<SignalChannel> {
  let pings = 0;
  const ping = () => ({ type: 'ping', n: ++pings }) satisfies ClientFrame;
  return webSocketChannel({ ...options, heartbeat: { ping } }).pipe(
    map((channel) => {
      const read$ = channel.messages$.pipe(
        map((message) => serverFrame(message)),
        share(),
      );
      const unknown$ = read$.pipe(
        filter((frame) => frame === undefined),
        map(() => new UnknownFrameError('a frame was ignored: not of the protocol')),
      );
      return {
        frames$: read$.pipe(filter((frame) => frame !== undefined)),
        errors$: merge(channel.errors$, unknown$),
        health$: channel.health$,
        send: (frame) => channel.send(frame),
        ask: () => channel.ask(),
        probe: () => channel.probe(),
        prove: () =>
          defer(() => {
            const question = ping();
            channel.send(question);
            return read$.pipe(first((frame) => frame?.type === 'pong' && frame.n === question.n));
          }),
      };
    }),
  );
}
