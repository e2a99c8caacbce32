import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createControl } from '../../demo/server/control.js';
import type { DemoConfig, StateReport } from '../../demo/server/control-api.js';
import { freePort } from '../../demo/server/free-port.js';
import { openGate, type Gate } from '../../demo/server/gate.js';
import { createRoomServer, type RoomServer } from '../../demo/server/room-server.js';
import { TestClient } from '../../demo/server/testing/client.js';

describe('gate control', () => {
  let server: RoomServer;
  let gate: Gate;
  let http: Server;
  let port: number;
  let states: StateReport[];

  beforeEach(async () => {
    server = await createRoomServer();
    gate = await openGate({ serverPort: server.port, users: ['A', 'B'] });
    states = [];
    const control = createControl({ server, gate, room: 'demo', users: ['A', 'B'], onState: (report) => states.push(report) });
    http = createServer((asked, response) => {
      void control(asked, response).then((answered) => {
        if (!answered) response.writeHead(418).end();
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    port = (http.address() as AddressInfo).port;
  });

  afterEach(async () => {
    http.close();
    http.closeAllConnections();
    await gate.close();
    await server.close();
  });

  async function ask(path: string, body?: unknown, headers: Record<string, string> = {}, method = body === undefined ? 'GET' : 'POST') {
    const asked = request({ port, host: '127.0.0.1', path, method, headers });
    asked.end(typeof body === 'string' ? body : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const text = (await response.toArray()).join('');
    return { status: response.statusCode, body: text === '' ? null : (JSON.parse(text) as unknown) };
  }

  const command = (body: unknown) => ask('/control', body);
  const open = { signal: 'open', media: 'open', loss: 0 } as const;

  it('tells where everybody connects: through the own gate, the token too', async () => {
    const { status, body } = await ask('/config');
    expect(status).toBe(200);
    const endpoints = (user: string) => {
      const address = `127.0.0.1:${gate.signalPort(user)}`;
      return { signal: `ws://${address}/`, token: `http://${address}/token` };
    };
    expect(body).toEqual({
      room: 'demo',
      users: { A: endpoints('A'), B: endpoints('B') },
      gate: { A: open, B: open },
      resumeWindow: { from: 46_000, to: 50_000 },
      silenceLimit: 12_000,
    } satisfies DemoConfig);
  });

  it('cuts and heals', async () => {
    expect((await command({ command: 'cut', user: 'A', media: true })).body).toEqual({
      done: true,
      gate: { A: { ...open, media: 'cut' }, B: open },
    });
    expect(gate.state['A']).toEqual({ ...open, media: 'cut' });
    await command({ command: 'cut', user: 'B' });
    expect(gate.state['B']).toEqual({ ...open, signal: 'cut', media: 'cut' });
    await command({ command: 'heal', user: 'B' });
    expect(gate.state['B']).toEqual(open);
    await command({ command: 'lose', user: 'A', share: 0.2 });
    expect(gate.state['A']).toEqual({ ...open, media: 'cut', loss: 0.2 });
    await command({ command: 'heal', user: 'A' });
    expect(gate.state['A']).toEqual(open);
    for (const nobody of [
      { command: 'cut', user: 'Z' },
      { command: 'lose', user: 'Z', share: 0.2 },
    ]) {
      expect((await command(nobody)).body).toEqual(jasmine.objectContaining({ done: false }));
    }
  });

  it('kicks, closes, redispatches, is busy and restarts', async () => {
    const join = (user: string) => TestClient.join(server.port, 'demo', user);
    const a = await join('A');
    await command({ command: 'redispatch', user: 'A' });
    expect((await a.next('redispatch')).endpoint).toBe(`ws://127.0.0.1:${gate.signalPort('A')}/`);
    await command({ command: 'redispatch', user: 'A', endpoint: 'wss://elsewhere.example/' });
    expect((await a.next('redispatch')).endpoint).toBe('wss://elsewhere.example/');
    await command({ command: 'kick', user: 'A' });
    expect(await a.closed).toBe(4001);
    expect((await command({ command: 'kick', user: 'A' })).body).toEqual(jasmine.objectContaining({ done: false }));
    const b = await join('B');
    await command({ command: 'closeRoom' });
    expect(await b.closed).toBe(4002);
    await command({ command: 'busy', on: true, retryAfter: 900 });
    await expectAsync(join('A')).toBeRejectedWithError(/"busy","retryAfter":900/);
    await command({ command: 'busy', on: false });
    const c = await join('A');
    await command({ command: 'restart', downFor: 10 });
    expect(await c.closed).toBe(1006);
  });

  it('takes states of its users, and prints nothing else', async () => {
    const report = { user: 'A', state: 'reconnecting', reason: 'signalDisconnected' } as const;
    expect((await ask('/state', { ...report, more: '\u001b[2J' })).status).toBe(204);
    expect((await ask('/state', { user: 'B', state: 'disconnected', reason: null })).status).toBe(204);
    for (const wrong of [
      { ...report, user: 'Z' },
      { ...report, state: 'dead' },
      { ...report, state: 'toString' },
      { ...report, reason: 'bored' },
      { user: 'A', state: 'connected' },
      [report],
      '?',
      JSON.stringify({ ...report, padding: 'x'.repeat(3000) }),
    ]) {
      expect((await ask('/state', wrong)).status).toBe(400);
    }
    expect(states).toEqual([report, { user: 'B', state: 'disconnected', reason: null }]);
  });

  it('refuses what is no command', async () => {
    for (const wrong of [
      {},
      { command: 'explode' },
      { command: 'cut' },
      { command: 'cut', user: 'A', signal: 'yes' },
      { command: 'heal', user: 7 },
      { command: 'lose', user: 'A' },
      { command: 'lose', user: 'A', share: 1.1 },
      { command: 'lose', user: 'A', share: -0.1 },
      { command: 'lose', user: 'A', share: '0.2' },
      { command: 'kick' },
      { command: 'closeRoom', room: '' },
      { command: 'restart', downFor: -1 },
      { command: 'restart', downFor: 1e9 },
      { command: 'busy' },
      { command: 'busy', on: true, retryAfter: '1' },
      { command: 'redispatch', user: 'A', endpoint: 'javascript:alert(1)' },
    ]) {
      expect((await command(wrong)).status).withContext(JSON.stringify(wrong)).toBe(400);
    }
  });

  it('answers nobody but its own page and this machine', async () => {
    const heal = { command: 'heal', user: 'A' };
    const status = async (headers: Record<string, string>) => (await ask('/control', heal, headers)).status;
    expect(await status({ origin: `http://127.0.0.1:${port}` })).toBe(200);
    expect(await status({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ origin: `http://127.0.0.1:${port + 1}` })).toBe(403);
    expect(await status({ host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
    expect((await ask('/config', undefined, { host: 'evil.example' })).status).toBe(403);
  });

  it('knows its methods, and leaves other paths to others', async () => {
    expect((await ask('/control')).status).toBe(405);
    expect((await ask('/config', {})).status).toBe(405);
    expect((await ask('/')).status).toBe(418);
    expect((await ask('/toString')).status).toBe(418);
    expect((await ask('/config?x=1')).status).toBe(200);
  });

  it('finds a free port when the preferred one is taken', async () => {
    expect(await freePort(port, '127.0.0.1')).not.toBe(port);
    const free = await freePort(0, '127.0.0.1');
    expect(await freePort(free, '127.0.0.1')).toBe(free);
  });
});
