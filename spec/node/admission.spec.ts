import { of } from 'rxjs';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { classifyRefusal } from '../../demo/client/call/refusal.js';
import { sessionTransport } from '../../demo/client/call/session-transport.js';
import { createRoomServer, type RoomServer, type RoomServerOptions } from '../../demo/server/room-server.js';
import { TestClient, requestToken } from '../../demo/server/testing/client.js';
import { nothingOpen } from '../../demo/server/testing/nothing-open.js';
import { createRoom, whenConnected } from '../../lib/index.js';

describe('joins above the rate of a real server', () => {
  let server: RoomServer;
  /** When somebody was let in (ms). */
  const joinedAt: number[] = [];
  const clients: TestClient[] = [];
  const rooms: { leave(): void }[] = [];

  const start = async (options: RoomServerOptions = {}) => {
    server = await createRoomServer(options);
    void server.events$.forEach(({ kind }) => {
      if (kind === 'joined') joinedAt.push(performance.now());
    });
  };

  /** One try to join; what the server answers. */
  const ask = async (user: string, more: { ticket?: string; maxWait?: number } = {}) => {
    const client = await TestClient.open(server.port);
    clients.push(client);
    client.send({ type: 'join', room: 'demo', user, token: await requestToken(server.port, 'demo', user), ...more });
    while (client.waiting.length === 0) await pause(2);
    const [frame] = client.waiting;
    if (frame?.type !== 'joined' && frame?.type !== 'refused') throw new Error('neither in nor out');
    return frame;
  };

  const askBusy = async (...args: Parameters<typeof ask>) => {
    const frame = await ask(...args);
    if (frame.type !== 'refused' || frame.retryAfter === undefined) throw new Error('not refused with a time');
    return { code: frame.code, retryAfter: frame.retryAfter, ticket: frame.ticket };
  };

  afterEach(async () => {
    for (const room of rooms.splice(0)) room.leave();
    for (const client of clients.splice(0)) client.drop();
    await server.close();
    await nothingOpen();
    joinedAt.length = 0;
  });

  it('R11 are told their turn with a ticket for it, which lets in then, and ahead of newcomers', async () => {
    await start({ limits: { joins: { rate: 2, size: 1 } } });
    expect((await ask('A')).type).toBe('joined');
    const b = await askBusy('B', { maxWait: 40_000 });
    const c = await askBusy('C', { maxWait: 40_000 });
    expect(b.retryAfter).toBeLessThanOrEqual(500);
    expect(c.retryAfter).toBeGreaterThan(500);
    const early = await askBusy('C', { ticket: c.ticket!, maxWait: 40_000 });
    expect(early.ticket).toBe(c.ticket);
    expect(early.retryAfter).toBeLessThanOrEqual(c.retryAfter);
    await pause(b.retryAfter);
    expect((await askBusy('D', { maxWait: 40_000 })).ticket).not.toBe(b.ticket);
    expect((await ask('B', { ticket: b.ticket!, maxWait: 40_000 })).type).toBe('joined');
    const again = await askBusy('E', { ticket: b.ticket!, maxWait: 40_000 });
    expect(again.ticket).not.toBe(b.ticket);
  });

  it('R11 get no ticket when they would not wait so long, and their turn is nobody’s', async () => {
    await start({ limits: { joins: { rate: 1, size: 1 } } });
    await ask('A');
    expect(await askBusy('B', { maxWait: 500 })).toEqual({
      code: 'busy',
      retryAfter: jasmine.any(Number) as unknown as number,
      ticket: undefined,
    });
    expect((await askBusy('C')).ticket).toBeUndefined();
    expect((await askBusy('D', { maxWait: 40_000 })).retryAfter).toBeLessThanOrEqual(1_000);
  });

  it('are judged anew after a restart: a ticket of before is worth nothing, and the bucket is full', async () => {
    await start({ limits: { joins: { rate: 0.1, size: 1 } } });
    await ask('A');
    const { ticket } = await askBusy('B', { maxWait: 40_000 });
    await server.restart({ downFor: 20 });
    expect((await ask('C', { ticket: ticket!, maxWait: 40_000 })).type).toBe('joined');
    expect((await askBusy('B', { ticket: ticket!, maxWait: 40_000 })).ticket).not.toBe(ticket);
  });

  it('R11 come back in their turn with the default schedule: one refusal each, never before the hint, never above the rate', async () => {
    const limit = { rate: 20, size: 2 };
    await start({ limits: { joins: limit, usersPerRoom: 100 } });
    const address = `127.0.0.1:${server.port}`;
    const refusals = new Map<string, number>();
    const early: number[] = [];
    const users = Array.from({ length: 40 }, (_, n) => `user ${n}`);
    await Promise.all(
      users.map(async (user) => {
        const transport = sessionTransport(
          {
            user,
            room: 'demo',
            signalUrl: `ws://${address}/`,
            tokenUrl: `http://${address}/token`,
            open: (url) => new WebSocket(url),
          },
          (session) => of(session),
        );
        let notBefore = 0;
        const watched: typeof transport = {
          ...transport,
          request: (attempt) => {
            early.push(Math.max(0, notBefore - Date.now()));
            return transport.request!(attempt);
          },
          classify: (error) => {
            const verdict = classifyRefusal(error) ?? { kind: 'unreachable' };
            expect(verdict.kind).toBe('busy');
            refusals.set(user, (refusals.get(user) ?? 0) + 1);
            if (verdict.kind === 'busy') notBefore = Date.now() + (verdict.retryAfter ?? NaN);
            return verdict;
          },
        };
        const room = createRoom(watched);
        rooms.push(room);
        room.join();
        await whenConnected(room);
      }),
    );
    expect(refusals.size).toBe(users.length - limit.size);
    expect(Math.max(...refusals.values())).toBe(1);
    // Timers of this platform may fire a millisecond early.
    expect(Math.max(...early)).toBeLessThanOrEqual(1);
    const [first = NaN] = joinedAt;
    joinedAt.forEach((at, index) => {
      // 50 ms before its slot a ticket is good already.
      expect(index + 1).toBeLessThanOrEqual(limit.size + ((at - first + 50) * limit.rate) / 1_000 + 1);
    });
    expect(joinedAt.length).toBe(users.length);
    expect(Math.max(...joinedAt) - first).toBeLessThan(((users.length - limit.size) * 1_000) / limit.rate + 1_500);
  });
});
