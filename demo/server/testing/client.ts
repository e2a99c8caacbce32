import { WebSocket } from 'ws';
import type { ClientFrame, ServerFrame } from '../../protocol.js';

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: T }>;

const patience = 3000;

export interface SocketManners {
  /** Headers of the opening. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers the server's pings by itself, as browsers do. @defaultValue true */
  readonly autoPong?: boolean;
}

/** A page as the server sees it, for specs: takes the frames one by one and remembers how its socket ended. */
export class TestClient {
  /** The close code. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #frames: ServerFrame[] = [];
  #arrived: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      this.#frames.push(JSON.parse((data as Buffer).toString()) as ServerFrame);
      this.#arrived();
    });
  }

  /** Rejects when the server does not let it in. */
  static open(port: number, { headers = {}, autoPong = true }: SocketManners = {}): Promise<TestClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { ...headers }, autoPong });
    const client = new TestClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  /** A new client in a room, with its own token unless one is given. */
  static async join(
    port: number,
    room: string,
    user: string,
    more: { readonly replaces?: string; readonly token?: string; readonly autoPong?: boolean } = {},
  ): Promise<TestClient & { readonly session: FrameOf<'joined'> }> {
    const { token = await requestToken(port, room, user), autoPong = true, ...rest } = more;
    const client = await TestClient.open(port, { autoPong });
    client.send({ type: 'join', room, user, token, ...rest });
    return Object.assign(client, { session: await client.next('joined') });
  }

  /** A client that comes back to a session on a socket of its own. */
  static async resume(port: number, { session, key }: FrameOf<'joined'>, received?: number): Promise<TestClient> {
    const client = await TestClient.open(port);
    client.send({ type: 'resume', session, key, ...(received === undefined ? {} : { received }) });
    return client;
  }

  /** Frames that came and were not taken yet. */
  get waiting(): readonly ServerFrame[] {
    return this.#frames;
  }

  /** The next frame, which has to be of this type. */
  async next<T extends ServerFrame['type']>(type: T): Promise<FrameOf<T>> {
    const deadline = AbortSignal.timeout(patience);
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve, reject) => {
        this.#arrived = resolve;
        deadline.onabort = () => reject(new Error(`no frame within ${patience} ms, waiting for ${type}`));
      });
    }
    const frame = this.#frames.shift();
    if (frame?.type !== type) throw new Error(`waiting for ${type}, got ${JSON.stringify(frame)}`);
    return frame as FrameOf<T>;
  }

  send(frame: ClientFrame): void {
    this.sendRaw(JSON.stringify(frame));
  }

  sendRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  /** A pong that nobody asked for. */
  pong(): void {
    this.#socket.pong();
  }

  /** Everything sent so far was read, and everything told so far has come: resolves with the answer to a ping. */
  async ping(): Promise<void> {
    const n = Math.floor(Math.random() * 1e9);
    this.send({ type: 'ping', n });
    const pong = await this.next('pong');
    if (pong.n !== n) throw new Error('another pong');
  }

  /** The network breaks: no close frame. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#socket.pause();
  }
}

export async function requestToken(port: number, room: string, user: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/token`, {
    method: 'POST',
    body: JSON.stringify({ room, user }),
  });
  return ((await response.json()) as { token: string }).token;
}
