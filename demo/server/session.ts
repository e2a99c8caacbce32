import { randomBytes } from 'node:crypto';
import type { RoomFrame } from '../protocol.js';
import type { Connection } from './connection.js';
import { Outbox } from './outbox.js';

export interface SessionOptions {
  readonly id: string;
  readonly room: string;
  readonly user: string;
  /** Milliseconds that it outlives the last that was heard of its user. */
  readonly resumeWindow: number;
  readonly keptBytes: number;
}

/** One user in one room, with or without a socket. */
export class Session {
  readonly id: string;
  readonly room: string;
  readonly user: string;
  readonly key = randomBytes(24).toString('base64url');
  readonly resumeWindow: number;
  readonly #outbox: Outbox;
  #connection: Connection | null = null;
  #expiry: NodeJS.Timeout | undefined;
  /** Room frames handed to a socket so far. */
  #handedOver = 0;

  constructor({ id, room, user, resumeWindow, keptBytes }: SessionOptions) {
    this.id = id;
    this.room = room;
    this.user = user;
    this.resumeWindow = resumeWindow;
    this.#outbox = new Outbox({ bytes: keptBytes });
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  /** Numbered and kept; sent now when there is a socket. */
  tell(frame: RoomFrame): void {
    const text = JSON.stringify(frame);
    this.#outbox.put(text);
    if (this.#connection?.sendText(text) === true) this.#handedOver = this.#outbox.total;
  }

  /** The frames that a resume has to bring; `null` when they are not there any more. */
  missed(received = this.#handedOver): readonly string[] | null {
    return this.#outbox.after(received);
  }

  attach(connection: Connection): void {
    clearTimeout(this.#expiry);
    this.#connection = connection;
    connection.session = this;
    this.#handedOver = this.#outbox.total;
  }

  /** The socket is gone: `expired` is called unless another one is attached within the window. */
  detach(expired: () => void): void {
    const silentFor = this.#connection?.silentFor ?? 0;
    this.#connection = null;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(expired, this.resumeWindow - silentFor);
  }

  /** Its end; gives back the socket it had, which knows no session any more. */
  end(): Connection | null {
    clearTimeout(this.#expiry);
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) connection.session = null;
    return connection;
  }
}
