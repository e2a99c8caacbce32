import { connect } from 'node:net';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createRoomServer, type RoomServer, type RoomServerEvent, type RoomServerOptions } from '../../demo/server/room-server.js';
import { TestClient, requestToken, type SocketManners } from '../../demo/server/testing/client.js';
import type { SignalData } from '../../demo/protocol.js';

const offer: SignalData = { kind: 'description', description: { type: 'offer', sdp: 'v=0\r\n' } };
const page = 'http://127.0.0.1:7300';

const nonsense: readonly (string | Buffer)[] = [
  '',
  'not JSON',
  'null',
  '7',
  '[]',
  '{}',
  '{"type":7}',
  '{"type":"toString"}',
  '{"type":"__proto__"}',
  '{"type":"joined","session":"x","key":"y"}',
  '{"type":"ping"}',
  '{"type":"ping","n":"1"}',
  '{"type":"ping","n":-1}',
  '{"type":"ping","n":1e400}',
  '{"type":"signal","to":"B"}',
  '{"type":"signal","to":7,"data":{"kind":"candidate","candidate":null}}',
  '{"type":"signal","to":"B","data":{"kind":"description","description":{"type":"rollback","sdp":""}}}',
  '{"type":"signal","to":"B","data":{"kind":"description","description":{"type":"offer","sdp":7}}}',
  '{"type":"signal","to":"B","data":{"kind":"candidate","candidate":{"candidate":7}}}',
  '{"type":"signal","to":"B","data":{"kind":"candidate","candidate":[]}}',
  '{"type":"signal","to":"B","data":{"kind":"candidate","candidate":{}}}',
  '{"type":"signal","to":"B","data":{"kind":"shout"}}',
  '{"type":"join","room":"demo","user":"A"}',
  '{"type":"join","room":"demo","user":"","token":"x"}',
  '{"type":"join","room":["demo"],"user":"A","token":"x"}',
  '{"type":"join","room":"demo","user":"A\\u0000","token":"x"}',
  '{"type":"join","room":"demo","user":"A","token":"x","replaces":7}',
  '{"type":"join","room":"demo","user":"A","token":"x","maxWait":"soon"}',
  `{"type":"join","room":"${'r'.repeat(65)}","user":"A","token":"x"}`,
  '{"type":"resume","session":"x"}',
  '{"type":"resume","session":"x","key":{"length":1}}',
  '{"type":"resume","session":"x","key":"y","received":-1}',
  '['.repeat(5000),
  Buffer.from([0, 1, 2, 255]),
  Buffer.from('{"type":"leave"}'), // binary, though it reads like a frame
];

describe('room server limits', () => {
  let server: RoomServer;
  let events: RoomServerEvent[];
  const clients: TestClient[] = [];

  async function start(options: RoomServerOptions = {}): Promise<void> {
    server = await createRoomServer(options);
    events = [];
    void server.events$.forEach((event) => events.push(event));
  }

  const join = async (user: string, room = 'demo', manners: Pick<SocketManners, 'autoPong'> = {}) => {
    const client = await TestClient.join(server.port, room, user, manners);
    clients.push(client);
    return client;
  };

  const open = async (headers?: Record<string, string>) => {
    const client = await TestClient.open(server.port, { ...(headers && { headers }) });
    clients.push(client);
    return client;
  };

  const refusal = async (user: string, room = 'demo') => {
    const client = await open();
    client.send({ type: 'join', room, user, token: await requestToken(server.port, room, user) });
    return client.next('refused');
  };

  const dropped = (): unknown[] => events.flatMap((event) => (event.kind === 'dropped' ? [event.why] : []));

  afterEach(async () => {
    for (const client of clients.splice(0)) client.drop();
    await server.close();
  });

  describe('frames that are none', () => {
    it('are refused before the join', async () => {
      await start();
      for (const frame of [...nonsense, '{"type":"ping","n":1}', '{"type":"leave"}']) {
        const client = await open();
        client.sendRaw(frame);
        expect((await client.next('refused')).code).toBe('badFrame');
        expect(await client.closed).toBe(4004);
      }
      expect(events.filter(({ kind }) => kind === 'badFrame').length).toBe(nonsense.length + 2);
    });

    it('are counted after it, answered by nothing, and change no room', async () => {
      await start({ limits: { badFrames: 100 } });
      const b = await join('B');
      const a = await join('A');
      await b.next('userJoined');
      for (const frame of nonsense) a.sendRaw(frame);
      a.sendRaw(JSON.stringify({ type: 'join', room: 'demo', user: 'A', token: await requestToken(server.port, 'demo', 'A') }));
      a.sendRaw(JSON.stringify({ type: 'resume', session: a.session.session, key: a.session.key }));
      await a.ping();
      await b.ping();
      expect(events.filter(({ kind }) => kind === 'badFrame').length).toBe(nonsense.length + 2);
    });

    it('close the socket when there are too many; the session stays', async () => {
      await start({ limits: { badFrames: 3 } });
      const a = await join('A');
      for (let n = 0; n < 4; n++) a.sendRaw('?');
      expect(await a.closed).toBe(4005);
      expect(dropped()).toEqual(['badFrames']);
      await (await TestClient.resume(server.port, a.session)).next('resumed');
    });

    it('are taken without the fields that nobody knows', async () => {
      await start();
      const b = await join('B');
      const a = await join('A');
      await b.next('userJoined');
      a.sendRaw(JSON.stringify({ type: 'signal', to: 'B', from: 'Z', data: { ...offer, secret: 1, __proto__: { x: 1 } } }));
      expect(await b.next('signal')).toEqual({ type: 'signal', from: 'A', session: a.session.session, data: offer });
    });
  });

  it('closes a socket with a frame of more than 64 KiB; the server goes on', async () => {
    await start();
    const a = await join('A');
    a.sendRaw(JSON.stringify({ type: 'ping', n: 1, padding: 'x'.repeat(65_536) }));
    expect(await a.closed).toBe(1009);
    const stranger = await open();
    stranger.sendRaw('x'.repeat(65_537));
    expect(await stranger.closed).toBe(1009);
    await join('A');
  });

  it('survives bytes that are no WebSocket frames', async () => {
    await start();
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
    await once(socket, 'data');
    socket.write(Buffer.alloc(2000, 0xff));
    await once(socket.resume(), 'close');
    await join('A');
  });

  it('closes a socket that sends too fast with 4005', async () => {
    await start({ limits: { messages: { rate: 0.1, size: 20 } } });
    const a = await join('A');
    for (let n = 0; n < 25; n++) a.send({ type: 'ping', n });
    expect(await a.closed).toBe(4005);
    expect(a.waiting.length).toBe(19); // the join was the first
    expect(dropped()).toEqual(['tooFast']);
  });

  it('drops a socket that is silent and answers no ping, and keeps one that pings', async () => {
    await start({ silenceLimit: 300 });
    const silent = await join('A', 'demo', { autoPong: false });
    const lively = await join('B');
    await silent.next('userJoined');
    const pings = setInterval(() => lively.send({ type: 'ping', n: 1 }), 30);
    expect(await silent.closed).toBe(1006);
    clearInterval(pings);
    expect(lively.waiting.every(({ type }) => type === 'pong')).toBeTrue(); // the session stays for its window
    const back = await TestClient.resume(server.port, silent.session);
    clients.push(back);
    await back.next('resumed');
    expect(events.map(({ kind }) => kind)).toEqual(['joined', 'joined', 'dropped', 'away', 'resumed']);
  });

  it('keeps a socket that only listens: it is asked, and answers', async () => {
    await start({ silenceLimit: 300 });
    const listener = await join('A');
    const talker = await join('B');
    await listener.next('userJoined');
    const saying = setInterval(() => talker.send({ type: 'signal', to: 'A', data: offer }), 30);
    const lost = await Promise.race([listener.closed, pause(1_500, 'never')]);
    clearInterval(saying);
    expect(lost).toBe('never');
    expect(listener.waiting.length).toBeGreaterThan(10);
    expect(events.map(({ kind }) => kind)).toEqual(['joined', 'joined']);
  });

  it('counts the answers to its pings like frames: who sends too many is closed', async () => {
    await start({ limits: { messages: { rate: 0.1, size: 20 } } });
    const a = await join('A');
    for (let n = 0; n < 25; n++) a.pong();
    expect(await a.closed).toBe(4005);
    expect(dropped()).toEqual(['tooFast']);
  });

  it('gives a dead listener up at its limit, and tells the others when its window since then has passed', async () => {
    await start({ silenceLimit: 400, resumeWindow: { from: 700, to: 700 } });
    const at = new Map<string, number>();
    void server.events$.forEach(({ kind }) => at.set(kind, performance.now()));
    const dead = await join('A', 'demo', { autoPong: false });
    const b = await join('B');
    await dead.next('userJoined');
    const joinedAt = performance.now();
    const saying = setInterval(() => b.send({ type: 'signal', to: 'A', data: offer }), 30);
    const { user, code } = await b.next('userLeft');
    clearInterval(saying);
    expect([user, code]).toEqual(['A', 4]);
    expect((at.get('away') ?? 0) - joinedAt).toBeGreaterThan(300); // its limit counts from its own last frame
    // What it was silent before counts.
    expect((at.get('left') ?? 0) - (at.get('away') ?? 0)).toBeGreaterThan(295);
    expect((at.get('left') ?? 0) - (at.get('away') ?? 0)).toBeLessThan(650);
    expect(events.map(({ kind }) => kind)).toEqual(['joined', 'joined', 'dropped', 'away', 'left']);
  });

  it('closes a socket without a first frame, and says no to nobody: the frame may be on the way still', async () => {
    await start({ firstFrameLimit: 150 });
    const client = await open();
    expect(await client.closed).toBe(1006);
    expect(client.waiting).toEqual([]);
    expect(events).toEqual([{ kind: 'dropped', why: 'noFirstFrame' }]);
    const a = await join('A');
    await new Promise((resolve) => setTimeout(resolve, 170));
    await a.ping();
  });

  it('drops a socket that does not read', async () => {
    await start({ resumeWindow: { from: 700, to: 700 }, limits: { unsentBytes: 20_000, messages: { rate: 1e6, size: 1e6 } } });
    const at = new Map<string, number>();
    void server.events$.forEach(({ kind }) => at.set(kind, performance.now()));
    const b = await join('B');
    const a = await join('A');
    await b.next('userJoined');
    b.pause();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const sdp = 'x'.repeat(50_000);
    for (let n = 0; n < 400 && dropped().length === 0; n++) {
      a.send({ type: 'signal', to: 'B', data: { kind: 'description', description: { type: 'offer', sdp } } });
      await a.ping();
    }
    expect(dropped()).toEqual(['notReading']);
    // What it was silent before counts.
    await a.next('userLeft');
    expect((at.get('left') ?? 0) - (at.get('away') ?? 0)).toBeLessThan(400);
  });

  it('has a most of users in a room, one that replaces itself apart, and a most of rooms', async () => {
    await start({ limits: { usersPerRoom: 2, rooms: 1 } });
    await join('A');
    await join('B');
    expect((await refusal('C')).code).toBe('roomFull');
    expect((await refusal('A', 'other')).code).toBe('busy');
    await join('B');
  });

  it('refuses joins above its rate, and says when there will be room', async () => {
    await start({ limits: { joins: { rate: 0.5, size: 2 } } });
    await join('A');
    await join('B');
    const { code, retryAfter = NaN } = await refusal('C');
    expect(code).toBe('busy');
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(2000); // that it then lets in: see admit
  });

  it('has a most of sockets', async () => {
    await start({ limits: { sockets: 2 } });
    await open();
    await open();
    await expectAsync(open()).toBeRejected();
  });

  describe('origins', () => {
    it('lets in the pages it knows and clients that are no pages', async () => {
      await start({ allowedOrigins: [page] });
      await open({ origin: page });
      await open();
      for (const origin of ['http://evil.example', 'http://127.0.0.1:7301', 'null']) await expectAsync(open({ origin })).toBeRejected();
    });

    it('gives tokens by the same rule', async () => {
      await start({ allowedOrigins: [page] });
      const ask = async (headers: Record<string, string>, body: string, method = 'POST', path = '/token') => {
        const asked = request({ port: server.port, host: '127.0.0.1', path, method, headers });
        asked.end(body);
        const [response] = (await once(asked, 'response')) as [IncomingMessage];
        response.resume();
        return [response.statusCode, response.headers['access-control-allow-origin']];
      };
      const who = JSON.stringify({ room: 'demo', user: 'A' });
      expect(await ask({ origin: page }, who)).toEqual([200, page]);
      expect(await ask({}, who)).toEqual([200, undefined]);
      expect(await ask({ origin: page }, '', 'OPTIONS')).toEqual([204, page]);
      expect(await ask({ origin: 'http://evil.example' }, who)).toEqual([403, undefined]);
      expect(await ask({ origin: 'http://evil.example' }, '', 'OPTIONS')).toEqual([403, undefined]);
      expect(await ask({}, '{"room":"demo"}')).toEqual([400, undefined]);
      expect(await ask({}, '{"room":"demo","user":" "}')).toEqual([400, undefined]);
      expect(await ask({}, '?')).toEqual([400, undefined]);
      expect(await ask({}, JSON.stringify({ room: 'demo', user: 'A', padding: 'x'.repeat(2000) }))).toEqual([400, undefined]);
      expect(await ask({}, who, 'PUT')).toEqual([405, undefined]);
      expect(await ask({}, who, 'POST', '/')).toEqual([404, undefined]);
    });
  });
});
