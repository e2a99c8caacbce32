import { asyncScheduler, Observable } from 'rxjs';
import {
  aFunction,
  aNumber,
  aScheduler,
  aTime,
  aTimeFromZero,
  readOptions,
  type Read,
} from '../core/options/options.js';
import { hasMethod, memberOf } from '../core/options/outside.js';
import { wrongType, wrongValue } from '../core/options/wrong.js';
import { ChannelClosedError } from './channel-closed-error.js';
import { ChannelOpenError } from './channel-open-error.js';
import { dismiss } from './dismiss.js';
import { liveChannel } from './live-channel.js';
import { OpeningLimitError } from './opening-limit-error.js';
import { readyStates } from './web-socket-like.js';
import type { SchedulerLike } from 'rxjs';
import type { ChannelHeartbeat, WebSocketChannel } from './live-channel.js';
import type { WebSocketLike, WebSocketLikeEventType, WebSocketLikeListener } from './web-socket-like.js';

export interface WebSocketChannelOptions {
  /** Where to connect. Its query may hold a token: no error of ours repeats any of it. */
  readonly url: string | URL;
  /** Makes the socket. @defaultValue (url) => new WebSocket(url) */
  readonly open?: (url: string) => WebSocketLike;
  /** The attempt of a room that opens this channel: its `openingLimit` applies, which grows for a slow network. */
  readonly attempt?: { readonly openingLimit: number };
  /** Milliseconds that the opening may take; only without `attempt`. @defaultValue 3000 */
  readonly openingLimit?: number;
  /** How silence is asked about. @defaultValue a ping after 5000 ms, down after 5000 ms more */
  readonly heartbeat?: ChannelHeartbeat;
  /** Milliseconds that a probe waits for a sign of life. @defaultValue 2000 */
  readonly probeLimit?: number;
  /** Milliseconds that a question of `ask` may be open before a probe takes it for unanswered. @defaultValue 700 */
  readonly doubtLimit?: number;
  /** Characters of the longest text frame that is read. @defaultValue 262144 */
  readonly maxFrame?: number;
  /** Runs the timers and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * Opens a WebSocket for signalling on subscription, and emits it as a channel once it is open.
 *
 *     socket:    ---o--m--m---x        o: open, m: message, x: close, clean or not
 *     result:    ---c---------#        c: the channel, #: ChannelClosedError
 *     messages$:    ---m--m---|
 *     health$:      u---------(d|)     u: up, d: { down: true, aliveAt }
 *
 * Cold: every subscription has its own socket. It never completes: a clean close is a lost channel too, so that a retry
 * sees it. Any inbound frame is a sign of life; after `heartbeat.every` ms of silence the channel sends
 * `heartbeat.ping()`, after `heartbeat.timeout` ms more `health$` says `down`, and the socket is left for you to replace.
 *
 * Unsubscribing closes the socket (code 1000), also while it connects, and removes the listeners; on one that is not
 * closed yet a handler for `error` stays until it is. A socket that opens after that is closed, never adopted.
 *
 * In a room's transport pass the attempt, so that the room decides how long an opening may take:
 * `join: (attempt) => webSocketChannel({ url, attempt }).pipe(…)`.
 *
 * @throws {TypeError} | {RangeError} when called, for an option that is unknown or impossible, or for both `attempt` and
 * `openingLimit`.
 * @throws {TypeError} as a notification, where there is neither `open` nor a global `WebSocket`, or `open` gives no WebSocket.
 * @throws {ChannelOpenError} as a notification, when the socket could not be made.
 * @throws {OpeningLimitError} as a notification, when it did not open within the opening limit.
 * @throws {ChannelClosedError} as a notification, when it was closed, by either side and for any reason.
 * @throws whatever `heartbeat.ping` threw, as a notification.
 *
 * @example
 * ```ts
 * import { switchMap, take } from 'rxjs';
 * import { webSocketChannel } from 'rejoin/websocket';
 * import WebSocket, { WebSocketServer } from 'ws';
 * import type { AddressInfo } from 'node:net';
 *
 * const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
 * server.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data)))); // echoes
 * await new Promise((resolve) => server.once('listening', resolve));
 *
 * const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
 * const channel$ = webSocketChannel({ url, open: (url) => new WebSocket(url) }); // in a browser `url` alone
 * channel$
 *   .pipe(
 *     switchMap((channel) => {
 *       channel.send({ hello: 'room' });
 *       return channel.messages$;
 *     }),
 *     take(1),
 *   )
 *   .subscribe((message) => {
 *     console.log(JSON.stringify(message)); // => {"hello":"room"}
 *     server.close();
 *   });
 * ```
 */
export function webSocketChannel(options: WebSocketChannelOptions): Observable<WebSocketChannel> {
  const { url, open, heartbeat, attempt, probeLimit, maxFrame, scheduler, ...read } = readOptions<
    Read<WebSocketChannelOptions, 'open' | 'attempt' | 'openingLimit' | 'doubtLimit'>
  >(OWNER, options, {
    url: [anAddress],
    open: [aFunction, undefined],
    attempt: [anAttempt, undefined],
    openingLimit: [aTime, undefined],
    heartbeat: [aHeartbeat, {}],
    probeLimit: [aTime, 2000],
    doubtLimit: [aTime, undefined],
    maxFrame: [aNumber(1, Number.MAX_SAFE_INTEGER), 262_144],
    scheduler: [aScheduler, asyncScheduler],
  });
  const { doubtLimit = Math.min(700, probeLimit) } = read;
  if (attempt && read.openingLimit) throw new TypeError(`${OWNER}: pass attempt or openingLimit, not both`);
  const openingLimit = attempt?.openingLimit ?? read.openingLimit ?? 3000;
  if (doubtLimit > probeLimit)
    throw wrongValue(`${OWNER}: doubtLimit`, `at most probeLimit (${String(probeLimit)} ms)`, doubtLimit);

  return new Observable<WebSocketChannel>((subscriber) => {
    const make = open ?? platformOpen();
    let socket: WebSocketLike;
    try {
      socket = make(String(url));
    } catch (error) {
      subscriber.error(new ChannelOpenError(error));
      return;
    }
    if (!hasMethod(socket, 'addEventListener'))
      throw wrongType(`${OWNER}: the return value of open`, 'a WebSocket', socket);

    let opened = false;
    let finished = false;
    const live = liveChannel(socket, { heartbeat, probeLimit, doubtLimit, maxFrame, scheduler, fail });
    const listeners: readonly (readonly [WebSocketLikeEventType, WebSocketLikeListener])[] = [
      ['open', begin],
      ['message', ({ data }) => live.receive(data)],
      ['error', () => undefined], // `close` follows and says more
      [
        'close',
        ({ code = 1006, reason = '', wasClean = false }) => {
          release();
          subscriber.error(new ChannelClosedError({ code, reason, wasClean }, opened));
        },
      ],
    ];
    const limit = scheduler.schedule(() => fail(new OpeningLimitError(openingLimit)), openingLimit);
    for (const [type, listener] of listeners) socket.addEventListener(type, listener);
    subscriber.add(drop);
    if (socket.readyState === readyStates.open) begin();
    if (socket.readyState === readyStates.closed) fail(new ChannelClosedError(NO_CLOSE_FRAME, opened));

    function begin(): void {
      if (opened || finished) return;
      opened = true;
      limit.unsubscribe();
      live.start();
      subscriber.next(live.channel);
      live.release();
    }

    /** Lets go of the socket before anything is emitted. */
    function release(): void {
      finished = true;
      limit.unsubscribe();
      for (const [type, listener] of listeners) socket.removeEventListener(type, listener);
      live.end();
    }

    function drop(): void {
      if (finished) return;
      release();
      dismiss(socket);
    }

    function fail(error: unknown): void {
      drop();
      subscriber.error(error);
    }
  });
}

const OWNER = 'webSocketChannel';

function anAddress(name: string, value: unknown): string | URL {
  if (value instanceof URL || (typeof value === 'string' && value !== '')) return value;
  throw wrongType(name, 'a URL, or a string that is not empty', value);
}

/** Whatever else an attempt has is not read. */
function anAttempt(name: string, value: unknown): { readonly openingLimit: number } {
  return { openingLimit: aTime(`${name}.openingLimit`, memberOf(value, 'openingLimit')) };
}

/** Its defaults are the operator's. */
function aHeartbeat(name: string, value: unknown): ChannelHeartbeat {
  const kinds = {
    ping: [aFunction, undefined],
    every: [aTime, 0],
    timeout: [aTime, 0],
    grace: [aTimeFromZero, 0],
  } as const;
  readOptions(name, value as object, kinds, '.');
  return value as ChannelHeartbeat;
}

const NO_CLOSE_FRAME = { code: 1006, reason: '', wasClean: false };

function platformOpen(): (url: string) => WebSocketLike {
  // Looked up on subscription: a server that only renders may build the stream.
  const { WebSocket } = globalThis as { readonly WebSocket?: new (url: string) => WebSocketLike };
  if (WebSocket === undefined) throw new TypeError('no global WebSocket here: pass the `open` option');
  return (url) => new WebSocket(url);
}
