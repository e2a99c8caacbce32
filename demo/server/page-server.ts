import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createServer as createVite } from 'vite';
import type { Control } from './control.js';
import { send } from './http.js';

export interface PageServerOptions {
  readonly host: string;
  readonly port: number;
  readonly control: Control;
  /** Whether an open page loads anew when a source changes. */
  readonly reload: boolean;
}

/**
 * The page, through vite, and its controls on one origin.
 *
 * The HTTP server is ours: vite's own would also take the process's signals, and end it before we have closed.
 */
export async function openPageServer({
  host,
  port,
  control,
  reload,
}: PageServerOptions): Promise<{ close(): Promise<void> }> {
  const http = createServer((request, response) => {
    control(request, response)
      .then((answered) => {
        if (!answered) vite.middlewares(request, response);
      })
      .catch(() => send(response, { status: 500 }));
  });
  // A WebSocket that is not vite's is nobody's here.
  http.on('upgrade', (request, socket) => {
    if (!/^vite-/.test(request.headers['sec-websocket-protocol'] ?? '')) socket.destroy();
  });
  const vite = await createVite({
    configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
    server: { middlewareMode: true, ws: { server: http }, cors: false, hmr: reload },
  });
  const close = async (): Promise<void> => {
    await vite.close();
    if (!http.listening) return;
    const closed = once(http, 'close');
    http.close();
    http.closeAllConnections();
    await closed;
  };
  try {
    const listening = once(http, 'listening');
    http.listen(port, host);
    await listening;
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
