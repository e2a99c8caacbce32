/** An event of a socket: the parts of the browser's `Event`, `MessageEvent` and `CloseEvent` that are read. */
export interface WebSocketLikeEvent {
  readonly type: string;
  /** Of `message`: a string, or something binary. */
  readonly data?: unknown;
  /** Of `close`. */
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

export type WebSocketLikeListener = (event: WebSocketLikeEvent) => void;

/** The events of a socket that are listened to. */
export type WebSocketLikeEventType = 'open' | 'message' | 'error' | 'close';

/** What the channel needs of a socket: the browser's `WebSocket`, the one of Node's `ws`, or a fake of eight lines. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: WebSocketLikeEventType, listener: WebSocketLikeListener): void;
  removeEventListener(type: WebSocketLikeEventType, listener: WebSocketLikeListener): void;
}

/** `readyState` by name. Constants of our own: a fake has none, and the global may be missing. */
export const readyStates = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
