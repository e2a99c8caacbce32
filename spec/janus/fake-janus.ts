import { FakeSocket } from '../websocket/fake-socket.js';

export interface SentFrame {
  readonly janus: string;
  readonly transaction: string;
  readonly session_id?: number;
  readonly handle_id?: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

type Reply = (frame: SentFrame) => object | null;

/** What the fakes of one server have in common: ids, and what is answered instead of the usual. */
export class FakeServer {
  readonly sockets: FakeJanusSocket[] = [];
  /** By `janus`, or by the `request` of a message. `null` is no answer. */
  readonly replies: Record<string, Reply> = {};
  readonly sessions = new Set<number>();
  ids = 100;

  /** Makes a socket that opens when the spec says so, or at once. */
  open = (): FakeJanusSocket => {
    const socket = new FakeJanusSocket(this);
    this.sockets.push(socket);
    return socket;
  };

  get newest(): FakeJanusSocket {
    const newest = this.sockets.at(-1);
    if (newest === undefined) throw new Error('no socket was opened');
    return newest;
  }

  answer(frame: SentFrame): object | null {
    const name = typeof frame.body?.['request'] === 'string' ? frame.body['request'] : frame.janus;
    const reply = Object.hasOwn(this.replies, name) ? this.replies[name]!(frame) : this.#usual(name, frame);
    return reply === null ? null : { transaction: frame.transaction, session_id: frame.session_id, ...reply };
  }

  #usual(name: string, { session_id = 0, handle_id }: SentFrame): object | null {
    if (name !== 'create' && name !== 'ping' && !this.sessions.has(session_id)) {
      return { janus: 'error', error: { code: 458, reason: `No such session ${session_id}` } };
    }
    const event = (data: object): object => ({ janus: 'event', sender: handle_id, plugindata: { data } });
    switch (name) {
      case 'create': {
        const id = ++this.ids;
        this.sessions.add(id);
        return { janus: 'success', data: { id } };
      }
      case 'destroy':
        this.sessions.delete(session_id);
        return { janus: 'success' };
      case 'attach':
        return { janus: 'success', data: { id: ++this.ids } };
      case 'claim':
        return { janus: 'success' };
      case 'join':
        return event({ videoroom: 'joined', room: 1234, id: 1, private_id: 2, publishers: [], attendees: [] });
      case 'leave':
        return event({ videoroom: 'event', leaving: 'ok' });
      case 'listparticipants':
        return { janus: 'success', plugindata: { data: { videoroom: 'participants', participants: [] } } };
      case 'ping':
        return { janus: 'pong' };
      default:
        return { janus: 'ack' };
    }
  }
}

/** A socket to a Janus that answers in the very moment: no time passes but the spec's own. */
export class FakeJanusSocket extends FakeSocket {
  readonly frames: SentFrame[] = [];
  /** Whether what is sent is answered. */
  answers = true;
  readonly #server: FakeServer;

  constructor(server: FakeServer) {
    super();
    this.#server = server;
  }

  override send(data: string): void {
    super.send(data);
    const frame = JSON.parse(data) as SentFrame;
    this.frames.push(frame);
    const reply = this.answers ? this.#server.answer(frame) : null;
    if (reply !== null) this.says(reply);
  }

  says(frame: object): void {
    this.receives(JSON.stringify(frame));
  }

  /** What was asked so far, by name. */
  get asked(): string[] {
    return this.frames.map(({ janus, body }) => (typeof body?.['request'] === 'string' ? body['request'] : janus));
  }
}
