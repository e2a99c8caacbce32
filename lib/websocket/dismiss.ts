import { readyStates } from './web-socket-like.js';
import type { WebSocketLike } from './web-socket-like.js';

/**
 * Closes a socket that is no longer needed, in any state. If it opens all the same, it is closed again.
 *
 * Until the socket says that it is closed, an error listener stays on it: Node's `ws` emits `error` when it is closed
 * while connecting, or when a bad frame still comes in, and an unhandled `error` event crashes Node.
 */
export function dismiss(socket: WebSocketLike): void {
  if (socket.readyState === readyStates.closed) return;
  const forget = (): void => {
    socket.removeEventListener('open', close);
    socket.removeEventListener('error', ignore);
    socket.removeEventListener('close', forget);
  };
  socket.addEventListener('open', close);
  socket.addEventListener('error', ignore);
  socket.addEventListener('close', forget);
  close();

  function close(): void {
    try {
      socket.close(1000);
    } catch {
      // A socket that refuses to be closed is no longer ours to repair.
    }
  }
}

const ignore = (): void => undefined;
