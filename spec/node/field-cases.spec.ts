import { once } from 'node:events';
import { map, NEVER } from 'rxjs';
import WebSocket, { WebSocketServer } from 'ws';
import { createRoom } from '../../lib/index.js';
import { webSocketChannel } from '../../lib/websocket/index.js';
import type { AddressInfo } from 'node:net';

describe('field cases over real sockets', () => {
  it('D9 D1 fails a deadline after the last frame, not after the connection was reset', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket, request) => {
      socket.send('{}');
      // The process of the other side dies: no close frame, a reset.
      setTimeout(() => request.socket.resetAndDestroy(), 700);
    });
    const { port } = server.address() as AddressInfo;
    let lastFrameAt = 0;
    let joins = 0;
    const room = createRoom(
      {
        join: () => {
          if (joins++ > 0) return NEVER;
          const open = (url: string): WebSocket => {
            const socket = new WebSocket(url);
            socket.on('message', () => {
              lastFrameAt = Date.now();
            });
            return socket;
          };
          return webSocketChannel({ url: `ws://127.0.0.1:${String(port)}`, open }).pipe(
            map((channel) => ({ signal$: channel.health$, media$: null })),
          );
        },
      },
      { deadline: 1_500, settle: { signal: 100 } },
    );
    const failed = new Promise((resolve) => {
      room.connectionState$.subscribe(({ state, reason }) => {
        if (state === 'failed') resolve(reason);
      });
    });
    room.join();
    const reason = await failed;
    const after = Date.now() - lastFrameAt;
    await new Promise((resolve) => server.close(resolve));
    expect(reason).toBe('timeout');
    // From the reset it would be 2200 ms. Both clocks are whole milliseconds, and a timer may be late.
    expect(after).toBeGreaterThanOrEqual(1_498);
    expect(after).toBeLessThan(2_000);
  });
});
