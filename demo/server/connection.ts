import { WebSocket, type RawData } from 'ws';
import { closeCodes, type ClientFrame, type RefusalCode, type ServerFrame } from '../protocol.js';
import { fullBucket, take, type Bucket } from './bucket.js';
import { readFrame } from './read-frame.js';
import type { DropReason, RoomServerEvent } from './server-event.js';
import type { ServerLimits } from './server-options.js';
import type { Session } from './session.js';

export interface ConnectionOptions {
  readonly limits: ServerLimits;
  readonly silenceLimit: number;
  readonly firstFrameLimit: number;
  readonly emit: (event: RoomServerEvent) => void;
  readonly onFrame: (frame: ClientFrame, connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** When to come back (ms), and the place in the queue that is kept until then. */
export interface RefusalHint {
  readonly retryAfter?: number;
  readonly ticket?: string;
}

/** A close that the page does not confirm holds nothing up. */
const closeLimit = 1000;

/** One socket: reads frames, keeps its limits, and ends. What the frames mean is the server's business. */
export class Connection {
  /** Set from the join or resume on. */
  session: Session | null = null;
  /** How long it had said nothing when it was given up as gone (ms). */
  silentFor = 0;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  /** Half of the limit has passed: asks. A page that only listens has no reason to say anything by itself. */
  readonly #question: NodeJS.Timeout;
  readonly #silence: NodeJS.Timeout;
  readonly #firstFrame: NodeJS.Timeout;
  #messages: Bucket;
  #badFrames = 0;
  #heardAt = performance.now();
  #over = false;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#messages = fullBucket(options.limits.messages, performance.now());
    this.#question = setTimeout(() => socket.ping(), options.silenceLimit / 2);
    this.#silence = setTimeout(() => this.#drop('silent'), options.silenceLimit);
    this.#firstFrame = setTimeout(() => this.#drop('noFirstFrame'), options.firstFrameLimit);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', () => this.#mayReceive());
    socket.on('pong', () => this.#mayReceive());
    socket.on('error', () => undefined); // an oversized or broken frame: ws closes the socket itself
    socket.on('close', () => {
      this.#stop();
      options.onClose(this);
    });
  }

  send(frame: ServerFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  /** `false`: this socket takes nothing any more. */
  sendText(text: string): boolean {
    if (this.#over || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text, () => undefined);
    if (this.#socket.bufferedAmount > this.#options.limits.unsentBytes) this.#drop('notReading');
    return true;
  }

  refuse(code: RefusalCode, { retryAfter, ticket }: RefusalHint = {}): void {
    if (this.#over) return;
    const hint = retryAfter === undefined ? {} : { retryAfter };
    this.#options.emit({ kind: 'refused', code, ...hint });
    this.end({ type: 'refused', code, ...hint, ...(ticket !== undefined && { ticket }) }, closeCodes.refused);
  }

  /** The last word, then the close. Nothing that comes afterwards is read. */
  end(word: ServerFrame | null, code: number): void {
    if (this.#over) return;
    if (word !== null) this.send(word);
    this.#stop();
    this.#socket.close(code);
    const giveUp = setTimeout(() => this.#socket.terminate(), closeLimit);
    this.#socket.once('close', () => clearTimeout(giveUp));
  }

  /** Gone at once, without a close frame. */
  destroy(): void {
    this.#stop();
    this.#socket.terminate();
  }

  /** Counts a frame that cannot be used; before the join it is also the last one. */
  refuseFrame(): void {
    this.#badFrames++;
    this.#options.emit({ kind: 'badFrame' });
    if (this.session === null) this.refuse('badFrame');
    else if (this.#badFrames > this.#options.limits.badFrames) this.#drop('badFrames');
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!this.#mayReceive()) return;
    clearTimeout(this.#firstFrame);
    // Text comes as one Buffer: binaryType is left at its default.
    const frame = isBinary ? null : readFrame((data as Buffer).toString());
    if (frame === null) this.refuseFrame();
    else this.#options.onFrame(frame, this);
  }

  #mayReceive(): boolean {
    if (this.#over) return false;
    this.#heardAt = performance.now();
    this.#question.refresh();
    this.#silence.refresh();
    const { bucket, waitFor } = take(this.#messages, this.#options.limits.messages, performance.now());
    this.#messages = bucket;
    if (waitFor > 0) this.#drop('tooFast');
    return waitFor === 0;
  }

  #drop(why: DropReason): void {
    if (this.#over) return;
    this.#options.emit({ kind: 'dropped', why });
    switch (why) {
      case 'tooFast':
      case 'badFrames':
        this.end(null, closeCodes.badFrames);
        break;
      // Nothing is known against it: on a network that loses much, its first frame may be on the way still.
      case 'noFirstFrame':
        this.destroy();
        break;
      case 'silent':
      case 'notReading':
        this.silentFor = performance.now() - this.#heardAt;
        this.destroy();
    }
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#question);
    clearTimeout(this.#silence);
    clearTimeout(this.#firstFrame);
  }
}
