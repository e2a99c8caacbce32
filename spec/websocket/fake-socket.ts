import { readyStates } from '../../lib/websocket/web-socket-like.js';
import type { WebSocketLike, WebSocketLikeEvent, WebSocketLikeEventType } from '../../lib/websocket/web-socket-like.js';

/** A socket that does what the spec says, at once, and writes down what is done to it. */
export class FakeSocket implements WebSocketLike {
  readyState: number = readyStates.connecting;
  readonly sent: string[] = [];
  readonly closes: (number | undefined)[] = [];
  readonly #listeners = new Map<WebSocketLikeEventType, Set<(event: WebSocketLikeEvent) => void>>();

  send(data: string): void {
    if (this.readyState === readyStates.connecting) throw new Error('InvalidStateError');
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closes.push(code);
    if (this.readyState < readyStates.closing) this.readyState = readyStates.closing;
  }

  addEventListener(type: WebSocketLikeEventType, listener: (event: WebSocketLikeEvent) => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: WebSocketLikeEventType, listener: (event: WebSocketLikeEvent) => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  /** Types of the listeners that are on the socket. */
  get heard(): string[] {
    return [...this.#listeners].flatMap(([type, listeners]) => [...listeners].map(() => type)).sort();
  }

  opens(): void {
    this.readyState = readyStates.open;
    this.#emit({ type: 'open' });
  }

  receives(data: unknown): void {
    this.#emit({ type: 'message', data });
  }

  closesWith(code = 1006, reason = ''): void {
    this.readyState = readyStates.closed;
    if (code === 1006) this.#emit({ type: 'error' });
    this.#emit({ type: 'close', code, reason, wasClean: code !== 1006 });
  }

  #emit(event: WebSocketLikeEvent): void {
    for (const listener of [...(this.#listeners.get(event.type as WebSocketLikeEventType) ?? [])]) listener(event);
  }
}
