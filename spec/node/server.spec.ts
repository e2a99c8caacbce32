import { setTimeout as pause } from 'node:timers/promises';
import { createRoomServer, type RoomServer, type RoomServerEvent, type RoomServerOptions } from '../../demo/server/room-server.js';
import { TestClient, requestToken } from '../../demo/server/testing/client.js';
import { nothingOpen } from '../../demo/server/testing/nothing-open.js';
import { signToken } from '../../demo/server/token.js';
import type { SignalData } from '../../demo/protocol.js';

const offer: SignalData = { kind: 'description', description: { type: 'offer', sdp: 'v=0\r\n' } };

describe('room server', () => {
  let server: RoomServer;
  let events: RoomServerEvent[];
  const clients: TestClient[] = [];

  async function start(options: RoomServerOptions = {}): Promise<void> {
    server = await createRoomServer(options);
    events = [];
    void server.events$.forEach((event) => events.push(event));
  }

  const join = async (user: string, more: { replaces?: string; token?: string; room?: string } = {}) => {
    const { room = 'demo', ...rest } = more;
    const client = await TestClient.join(server.port, room, user, rest);
    clients.push(client);
    return client;
  };

  const resume = async (...args: Parameters<typeof TestClient.resume> extends [number, ...infer R] ? R : never) => {
    const client = await TestClient.resume(server.port, ...args);
    clients.push(client);
    return client;
  };

  const open = async () => {
    const client = await TestClient.open(server.port);
    clients.push(client);
    return client;
  };

  /** The server has noticed that a socket is gone. */
  const away = async () => {
    while (events.at(-1)?.kind !== 'away') await pause(5);
  };

  /** A and B in one room, with B knowing. */
  const pair = async () => {
    const b = await join('B');
    const a = await join('A');
    await b.next('userJoined');
    return { a, b };
  };

  afterEach(async () => {
    for (const client of clients.splice(0)) client.drop();
    await server.close();
  });

  describe('joining', () => {
    it('answers a join with the session, its key, its window and who is here', async () => {
      await start({ random: () => 0.5 });
      const a = await join('A');
      expect(a.session).toEqual({
        type: 'joined',
        session: jasmine.stringMatching(/^[\w-]+\.[\w-]+$/) as unknown as string,
        key: jasmine.stringMatching(/^.{32}$/) as unknown as string,
        resumeWindow: 48_000,
        users: [],
      });
      const b = await join('B');
      expect(b.session.users).toEqual([{ user: 'A', session: a.session.session }]);
      expect(await a.next('userJoined')).toEqual({ type: 'userJoined', user: 'B', session: b.session.session });
    });

    it('draws a resume window of 46 to 50 s for every session', async () => {
      await start();
      for (const user of ['A', 'B', 'C']) {
        const { resumeWindow } = (await join(user)).session;
        expect(resumeWindow).toBeGreaterThanOrEqual(46_000);
        expect(resumeWindow).toBeLessThanOrEqual(50_000);
      }
    });

    it('refuses a token that is forged, expired, or for another room or user', async () => {
      const secret = Buffer.from('a secret of the spec');
      await start({ secret });
      const exp = Date.now() + 10_000;
      const good = signToken({ room: 'demo', user: 'A', exp }, secret);
      const bad = [
        signToken({ room: 'demo', user: 'A', exp }, Buffer.from('another secret')),
        signToken({ room: 'demo', user: 'A', exp: Date.now() - 1 }, secret),
        signToken({ room: 'other', user: 'A', exp }, secret),
        signToken({ room: 'demo', user: 'B', exp }, secret),
        good.slice(0, -2),
        `${good}.x`,
        'nonsense',
        '',
      ];
      for (const token of bad) {
        const client = await open();
        client.send({ type: 'join', room: 'demo', user: 'A', token });
        expect(await client.next('refused')).toEqual({ type: 'refused', code: 'unauthorized' });
        expect(await client.closed).toBe(4004);
      }
      await join('A', { token: good });
    });

    it('keeps rooms apart', async () => {
      await start();
      const a = await join('A');
      const other = await join('B', { room: 'other' });
      expect(other.session.users).toEqual([]);
      other.send({ type: 'signal', to: 'A', data: offer });
      await other.ping();
      await a.ping();
    });

    it('refuses a room that is not among the named ones', async () => {
      await start({ roomNames: ['demo'] });
      const client = await open();
      client.send({ type: 'join', room: 'other', user: 'A', token: await requestToken(server.port, 'other', 'A') });
      expect((await client.next('refused')).code).toBe('noSuchRoom');
      await join('A');
    });
  });

  describe('replacing', () => {
    it('a join that names the session it replaces closes it silently; the others see it replaced, never gone', async () => {
      await start();
      const { a, b } = await pair();
      const again = await join('A', { replaces: a.session.session });
      expect(await a.closed).toBe(1000);
      expect(a.waiting).toEqual([]);
      expect(again.session.users).toEqual([{ user: 'B', session: b.session.session }]);
      expect(await b.next('userReplaced')).toEqual({ type: 'userReplaced', user: 'A', session: again.session.session });
      await b.ping();
    });

    it('the answer to a join was lost: the next one names the session before it and still replaces its own', async () => {
      await start();
      const { a, b } = await pair();
      const lost = await join('A', { replaces: a.session.session });
      const last = await join('A', { replaces: a.session.session });
      expect(await lost.closed).toBe(1000);
      expect(lost.waiting).toEqual([]);
      await b.next('userReplaced');
      expect((await b.next('userReplaced')).session).toBe(last.session.session);
      await last.ping();
    });

    it('the same user from elsewhere: the old one is told, the others see it replaced', async () => {
      await start();
      const { a, b } = await pair();
      const elsewhere = await join('A');
      await a.next('replaced');
      expect(await a.closed).toBe(4003);
      expect((await b.next('userReplaced')).session).toBe(elsewhere.session.session);
      await b.ping();
    });
  });

  describe('leaving', () => {
    it('a leave tells the others at once, code 0, and is echoed by nothing but the close', async () => {
      await start();
      const { a, b } = await pair();
      a.send({ type: 'leave' });
      expect(await b.next('userLeft')).toEqual({ type: 'userLeft', user: 'A', code: 0 });
      expect(await a.closed).toBe(1000);
      expect(a.waiting).toEqual([]);
    });

    it('a kick: the kicked one is told and closed with 4001, the others see code 3', async () => {
      await start();
      const { a, b } = await pair();
      expect(server.kick('demo', 'A')).toBeTrue();
      await a.next('kicked');
      expect(await a.closed).toBe(4001);
      expect(await b.next('userLeft')).toEqual({ type: 'userLeft', user: 'A', code: 3 });
      const back = await resume(a.session);
      expect((await back.next('refused')).code).toBe('sessionGone');
      expect(server.kick('demo', 'A')).toBeFalse();
    });

    it('a closed room: everybody is told and closed with 4002, nobody sees another leave', async () => {
      await start();
      const { a, b } = await pair();
      expect(server.closeRoom('demo')).toBeTrue();
      for (const client of [a, b]) {
        await client.next('closed');
        expect(await client.closed).toBe(4002);
        expect(client.waiting).toEqual([]);
      }
      expect(server.closeRoom('demo')).toBeFalse();
      expect((await join('A')).session.users).toEqual([]);
    });
  });

  describe('resuming', () => {
    it('U2 A drops and returns within the window: B sees no leave', async () => {
      await start({ resumeWindow: { from: 2000, to: 2000 } });
      const { a, b } = await pair();
      a.drop();
      await b.ping();
      const back = await resume(a.session);
      expect(await back.next('resumed')).toEqual({ type: 'resumed', users: [{ user: 'B', session: b.session.session }] });
      b.send({ type: 'signal', to: 'A', data: offer });
      expect((await back.next('signal')).data).toEqual(offer);
      await b.ping(); // nothing came before the pong
    });

    it('U2 past the window B sees A leave with code 4, and later join again', async () => {
      await start({ resumeWindow: { from: 60, to: 60 } });
      const { a, b } = await pair();
      a.drop();
      expect(await b.next('userLeft')).toEqual({ type: 'userLeft', user: 'A', code: 4 });
      const late = await resume(a.session);
      expect((await late.next('refused')).code).toBe('sessionGone');
      expect(await late.closed).toBe(4004);
      const again = await join('A', { replaces: a.session.session });
      expect(await b.next('userJoined')).toEqual({ type: 'userJoined', user: 'A', session: again.session.session });
    });

    it('U2 a rejoin within the window replaces, and the window of the old session does nothing any more', async () => {
      await start({ resumeWindow: { from: 300, to: 300 } });
      const { a, b } = await pair();
      a.drop();
      await join('A', { replaces: a.session.session });
      await b.next('userReplaced');
      await pause(330);
      await b.ping();
    });

    it('brings what was missed after resumed, in order, and who is here now', async () => {
      await start();
      const { a, b } = await pair();
      a.drop();
      await away();
      const c = await join('C');
      b.send({ type: 'signal', to: 'A', data: offer });
      await b.next('userJoined');
      await b.ping();
      const back = await resume(a.session);
      expect((await back.next('resumed')).users.map(({ user }) => user)).toEqual(['B', 'C']);
      expect((await back.next('userJoined')).session).toBe(c.session.session);
      expect((await back.next('signal')).session).toBe(b.session.session);
      await back.ping();
    });

    it('goes on from what the page has, also when the server had not noticed that the socket was dead', async () => {
      await start();
      const { a, b } = await pair();
      const sdp = (n: number): SignalData => ({ kind: 'description', description: { type: 'offer', sdp: String(n) } });
      for (const n of [1, 2, 3]) b.send({ type: 'signal', to: 'A', data: sdp(n) });
      await b.ping();
      const back = await resume(a.session, 1); // the page had the first only, on a socket that is open for the server
      await back.next('resumed');
      expect((await back.next('signal')).data).toEqual(sdp(2));
      expect((await back.next('signal')).data).toEqual(sdp(3));
      await back.ping();
      await a.closed;
      await b.ping();
      const never = await resume(a.session, 4);
      expect((await never.next('refused')).code).toBe('sessionGone');
    });

    it('refuses an unknown session and a wrong key', async () => {
      await start();
      const a = await join('A');
      for (const wrong of [{ ...a.session, key: 'x'.repeat(32) }, { ...a.session, session: 'no.such' }]) {
        const client = await resume(wrong);
        expect((await client.next('refused')).code).toBe('sessionGone');
      }
      await a.ping();
    });

    it('has no session to resume when more was missed than is kept', async () => {
      await start({ limits: { keptBytes: 300 } });
      const { a, b } = await pair();
      a.drop();
      await away();
      for (let n = 0; n < 4; n++) b.send({ type: 'signal', to: 'A', data: offer });
      await b.ping();
      const back = await resume(a.session);
      expect((await back.next('refused')).code).toBe('sessionGone');
    });
  });

  describe('relaying', () => {
    it('gives a signal to the named user, with its sender', async () => {
      await start();
      const { a, b } = await pair();
      a.send({ type: 'signal', to: 'B', data: offer });
      expect(await b.next('signal')).toEqual({ type: 'signal', from: 'A', session: a.session.session, data: offer });
      a.send({ type: 'signal', to: 'B', data: { kind: 'candidate', candidate: null } });
      expect((await b.next('signal')).data).toEqual({ kind: 'candidate', candidate: null });
    });

    it('ignores a signal to nobody and to oneself', async () => {
      await start();
      const { a } = await pair();
      a.send({ type: 'signal', to: 'Z', data: offer });
      a.send({ type: 'signal', to: 'A', data: offer });
      await a.ping();
    });

    it('sends a redispatch to the one it is for', async () => {
      await start();
      const { a, b } = await pair();
      expect(server.redispatch('demo', 'A', 'ws://127.0.0.1:1/')).toBeTrue();
      expect((await a.next('redispatch')).endpoint).toBe('ws://127.0.0.1:1/');
      await b.ping();
      expect(server.redispatch('demo', 'Z', 'ws://127.0.0.1:1/')).toBeFalse();
    });
  });

  describe('busy', () => {
    it('refuses joins by command, with and without a hint, and lets sessions resume', async () => {
      await start();
      const { a } = await pair();
      for (const hint of [{ retryAfter: 1500 }, {}]) {
        server.setBusy(hint);
        const client = await open();
        client.send({ type: 'join', room: 'demo', user: 'C', token: await requestToken(server.port, 'demo', 'C') });
        expect(await client.next('refused')).toEqual({ type: 'refused', code: 'busy', ...hint });
        expect(await client.closed).toBe(4004);
      }
      a.drop();
      await (await resume(a.session)).next('resumed');
      server.setBusy(false);
      await join('C');
    });
  });

  describe('restart and close', () => {
    it('a restart destroys every socket without a close frame, forgets every session and listens again on its port', async () => {
      await start();
      const { a, b } = await pair();
      const { port } = server;
      const restarted = server.restart({ downFor: 50 });
      expect(await Promise.all([a.closed, b.closed])).toEqual([1006, 1006]);
      await expectAsync(TestClient.open(port)).toBeRejected();
      await restarted;
      expect(server.port).toBe(port);
      const back = await resume(a.session);
      expect((await back.next('refused')).code).toBe('sessionGone');
      expect((await join('A', { replaces: a.session.session })).session.users).toEqual([]);
      expect(events.map(({ kind }) => kind)).toEqual(['joined', 'joined', 'down', 'up', 'refused', 'joined']);
    });

    it('two restarts come one after the other, and close cuts a restart short', async () => {
      await start();
      await Promise.all([server.restart({ downFor: 5 }), server.restart({ downFor: 5 })]);
      await join('A');
      const never = server.restart({ downFor: 60_000 });
      await pause(5);
      await server.close();
      await never;
      await expectAsync(TestClient.open(server.port)).toBeRejected();
    });

    it('close ends every socket and every window', async () => {
      await start();
      const { a, b } = await pair();
      a.drop();
      await away();
      await server.close();
      expect(await b.closed).toBe(1006);
      await nothingOpen();
    });
  });

  it('tells what happens, and never a token or a key', async () => {
    const windows = [5000, 50]; // the second session only is given up
    await start({ resumeWindow: { from: 0, to: 1 }, random: () => windows.shift() ?? 0 });
    const token = await requestToken(server.port, 'demo', 'A');
    const a = await join('A', { token });
    a.drop();
    await away();
    const back = await resume(a.session);
    await back.next('resumed');
    await join('A');
    await back.next('replaced');
    clients.at(-1)?.drop();
    while (events.at(-1)?.kind !== 'left') await pause(5);
    expect(events.map((event) => ('user' in event ? `${event.kind} ${event.user}` : event.kind))).toEqual([
      'joined A',
      'away A',
      'resumed A',
      'replaced A',
      'away A',
      'left A',
    ]);
    const text = JSON.stringify(events);
    for (const secret of [token, a.session.key]) expect(text).not.toContain(secret);
  });
});
