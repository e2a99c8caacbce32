import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Subject, type Observable } from 'rxjs';
import { WebSocketServer } from 'ws';
import type { ClientFrame } from '../protocol.js';
import { admit, openAdmission } from './admission.js';
import { Connection } from './connection.js';
import { Lobby } from './lobby.js';
import type { RoomServerEvent } from './server-event.js';
import { defaultLimits, type RewriteSignal, type RoomServerOptions, type ServerLimits } from './server-options.js';
import { answerHttp } from './token-endpoint.js';
import { readToken } from './token.js';

export type { RewriteSignal, RoomServerOptions, ServerLimits } from './server-options.js';
export type { RoomServerEvent } from './server-event.js';

export interface RoomServer {
  readonly host: string;
  readonly port: number;
  readonly resumeWindow: { readonly from: number; readonly to: number };
  readonly silenceLimit: number;
  readonly events$: Observable<RoomServerEvent>;
  /** `false`: there is no such user, or no such room. */
  kick(room: string, user: string): boolean;
  closeRoom(room: string): boolean;
  redispatch(room: string, user: string, endpoint: string): boolean;
  /** Refuses every join until `false`. */
  setBusy(busy: { readonly retryAfter?: number } | false): void;
  /** A crash: every socket is destroyed, every session forgotten. Resolves when it listens again, or is closed. */
  restart(options: { readonly downFor: number }): Promise<void>;
  /** Ends everything; resolves when nothing is open any more. */
  close(): Promise<void>;
}

const untouched: RewriteSignal = (data) => data;

/** The rooms of the demo, over one WebSocket a user. The frames are in `demo/protocol.ts`. */
export async function createRoomServer(options: RoomServerOptions = {}): Promise<RoomServer> {
  const {
    host = '127.0.0.1',
    secret = randomBytes(32),
    tokenLifetime = 60_000,
    allowedOrigins = [],
    roomNames = null,
    resumeWindow = { from: 46_000, to: 50_000 },
    silenceLimit = 12_000,
    firstFrameLimit = 3000,
    rewriteSignal = untouched,
    random = Math.random,
  } = options;
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const isAllowedOrigin = (origin: string | undefined): boolean =>
    origin === undefined || allowedOrigins.includes(origin);

  const events$ = new Subject<RoomServerEvent>();
  const emit = (event: RoomServerEvent): void => events$.next(event);
  const drawResumeWindow = (): number =>
    Math.round(resumeWindow.from + random() * (resumeWindow.to - resumeWindow.from));
  const lobby = new Lobby({ limits, roomNames, drawResumeWindow, rewriteSignal, emit });
  let admission = openAdmission(limits.joins, performance.now());

  const sockets = new Set<Socket>();
  const http = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    void answerHttp(request, response, { secret, tokenLifetime, isAllowedOrigin });
  });
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (sockets.size > limits.sockets) socket.destroy();
  });
  const websockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    if (request.url !== '/' || !isAllowedOrigin(request.headers.origin)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      new Connection(websocket, { limits, silenceLimit, firstFrameLimit, emit, onFrame, onClose });
    });
  });

  function onFrame(frame: ClientFrame, connection: Connection): void {
    const { session } = connection;
    if (session === null) {
      if (frame.type === 'join') join(frame, connection);
      else if (frame.type !== 'resume') connection.refuseFrame();
      else if (!lobby.resume(connection, frame)) connection.refuse('sessionGone');
      return;
    }
    switch (frame.type) {
      case 'ping':
        connection.send({ type: 'pong', n: frame.n });
        break;
      case 'signal':
        lobby.signal(session, frame.to, frame.data);
        break;
      case 'leave':
        lobby.leave(session);
        break;
      case 'join':
      case 'resume':
        connection.refuseFrame();
    }
  }

  function join(frame: Extract<ClientFrame, { type: 'join' }>, connection: Connection): void {
    const { room, user, token } = frame;
    const claims = readToken(token, secret, Date.now());
    const refusal = claims?.room === room && claims.user === user ? lobby.refusal(room, user) : 'unauthorized';
    if (refusal !== null) {
      connection.refuse(refusal);
      return;
    }
    const nonce = randomBytes(9).toString('base64url');
    const { decision, admission: after } = admit(admission, frame, limits.joins, performance.now(), nonce);
    admission = after;
    if (decision.admitted) lobby.join(connection, frame);
    else connection.refuse('busy', decision);
  }

  function onClose({ session }: Connection): void {
    if (session !== null) lobby.away(session);
  }

  async function listen(port: number): Promise<void> {
    const listening = once(http, 'listening');
    http.listen(port, host);
    await listening;
    emit({ kind: 'up' });
  }

  async function goDown(): Promise<void> {
    const closed = http.listening ? once(http, 'close') : null;
    lobby.forget();
    admission = { ...openAdmission(limits.joins, performance.now()), busy: admission.busy };
    http.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    emit({ kind: 'down' });
  }

  await listen(options.port ?? 0);
  const { port } = http.address() as AddressInfo;
  const ending = new AbortController();
  const isClosed = (): boolean => ending.signal.aborted;
  let coming = Promise.resolve();

  return {
    host,
    port,
    resumeWindow,
    silenceLimit,
    events$: events$.asObservable(),
    kick: (room, user) => lobby.kick(room, user),
    closeRoom: (room) => lobby.close(room),
    redispatch: (room, user, endpoint) => lobby.redispatch(room, user, endpoint),
    setBusy: (busy) => {
      admission = { ...admission, busy: busy === false ? null : busy };
    },
    restart: ({ downFor }) => {
      coming = coming
        .catch(() => undefined)
        .then(async () => {
          if (isClosed()) return;
          await goDown();
          await setTimeout(downFor, undefined, { signal: ending.signal }).catch(() => undefined); // closed meanwhile
          if (!isClosed()) await listen(port);
        });
      return coming;
    },
    close: async () => {
      ending.abort();
      await coming.catch(() => undefined); // another process took the port meanwhile
      if (http.listening) await goDown();
      events$.complete();
    },
  };
}
