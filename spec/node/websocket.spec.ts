import { once } from 'node:events';
import { createServer } from 'node:net';
import { firstValueFrom, lastValueFrom, map, merge, mergeMap, switchMap, take, timeout, toArray } from 'rxjs';
import WebSocket, { WebSocketServer } from 'ws';
import { ChannelClosedError, FrameError, OpeningLimitError, ProbeError, webSocketChannel } from '../../lib/websocket/index.js';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Observable } from 'rxjs';
import type { WebSocketChannel, WebSocketChannelOptions } from '../../lib/websocket/index.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const first = (source: Observable<unknown>): Promise<unknown> => firstValueFrom(source, { defaultValue: 'nothing' });
const last = (source: Observable<unknown>): Promise<unknown> => lastValueFrom(source, { defaultValue: 'nothing' });

/** What a source ends with. */
const errorOf = (source: Observable<unknown>): Promise<unknown> =>
  last(source).then(
    () => 'completed',
    (error: unknown) => error,
  );

const tcpHandles = (): number => process.getActiveResourcesInfo().filter((resource) => resource.startsWith('TCPS')).length;

/** Waits for what must come soon. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 200) throw new Error('waited in vain');
    await sleep(10);
  }
}

describe('webSocketChannel over ws', () => {
  let server: WebSocketServer;
  let sockets: WebSocket[];
  let handlesBefore: number;

  beforeEach(async () => {
    sockets = [];
    handlesBefore = tcpHandles();
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
    await until(() => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED));
    // Our sockets carry no listener of ours any more, nor does the process hold their handles.
    const left = sockets.map((socket) => ['open', 'message', 'error', 'close'].map((type) => socket.listenerCount(type)));
    expect(left).toEqual(sockets.map(() => [0, 0, 0, 0]));
    await until(() => tcpHandles() <= handlesBefore);
  });

  const address = (of: Server | WebSocketServer = server): string =>
    `ws://127.0.0.1:${(of.address() as AddressInfo).port}/room?token=s3cret`;

  const channel = (options: Partial<WebSocketChannelOptions> = {}): Observable<WebSocketChannel> =>
    webSocketChannel({
      url: address(),
      open: (url) => {
        const socket = new WebSocket(url);
        sockets.push(socket);
        return socket;
      },
      ...options,
    });

  it('opens, and exchanges messages', async () => {
    server.on('connection', (peer) => peer.on('message', (data) => peer.send(data, { binary: false })));
    const echoed = channel().pipe(
      switchMap((channel) => {
        expect(channel.send({ n: 1 })).toBeTrue();
        expect(channel.send('two')).toBeTrue();
        return channel.messages$;
      }),
      take(2),
      toArray(),
    );
    expect(await first(echoed)).toEqual([{ n: 1 }, 'two']);
  });

  it('loses no frame of a server that speaks first', async () => {
    server.on('connection', (peer) => [1, 2, 3].forEach((n) => peer.send(String(n))));
    const greeted = channel().pipe(
      switchMap(({ messages$ }) => messages$),
      take(3),
      toArray(),
    );
    expect(await first(greeted)).toEqual([1, 2, 3]);
  });

  it('H3 goes down when the server stops answering, and up when it answers again', async () => {
    let answers = true;
    const peers: WebSocket[] = [];
    server.on('connection', (peer) => {
      peers.push(peer);
      peer.on('message', () => {
        if (answers) peer.send('"pong"');
      });
    });
    const seen: unknown[] = [];
    const heartbeat = { every: 40, timeout: 40 };
    const subscription = channel({ heartbeat })
      .pipe(mergeMap(({ health$ }) => health$))
      .subscribe((health) => seen.push(health === 'up' ? 'up' : Date.now() - health.aliveAt!));
    await sleep(300);
    expect(seen).toEqual(['up']);
    answers = false;
    await until(() => seen.length === 2);
    expect(seen[1]).toBeGreaterThanOrEqual(80);
    peers[0]!.send('"late"');
    await until(() => seen.length === 3);
    expect(seen[2]).toBe('up');
    subscription.unsubscribe();
  });

  for (const code of [1000, 1001, 1012, 4001]) {
    it(`H9 errors when the server closes with ${code}, and says down`, async () => {
      server.on('connection', (peer) => peer.close(code, 'why'));
      const seen: unknown[] = [];
      const watched = channel().pipe(
        mergeMap(({ health$ }) => health$.pipe(map((health) => seen.push(health === 'up' ? 'up' : 'down')))),
      );
      expect(await errorOf(watched)).toEqual(new ChannelClosedError({ code, reason: 'why', wasClean: true }, true));
      expect(seen).toEqual(['up', 'down']);
    });
  }

  it('H9 errors when the server is gone, and when nobody is there', async () => {
    server.on('connection', (peer) => peer.terminate());
    expect(await errorOf(channel())).toEqual(new ChannelClosedError({ code: 1006, reason: '', wasClean: false }, true));
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const url = address(nobody);
    await new Promise((resolve) => nobody.close(resolve));
    const refused = await errorOf(channel({ url }));
    expect(refused).toEqual(new ChannelClosedError({ code: 1006, reason: '', wasClean: false }, false));
    expect(String((refused as Error).stack)).not.toContain('s3cret');
  });

  it('closes with a code that the server gets', async () => {
    const closed = new Promise((resolve) => {
      server.on('connection', (peer) => peer.on('close', (code, reason) => resolve([code, reason.toString()])));
    });
    const ended = errorOf(channel().pipe(map((channel) => channel.close(4000, 'superseded'))));
    expect(await closed).toEqual([4000, 'superseded']);
    expect(await ended).toEqual(new ChannelClosedError({ code: 4000, reason: 'superseded', wasClean: true }, true));
  });

  it('T3 reports frames that cannot be used, and goes on', async () => {
    server.on('connection', (peer) => {
      peer.send('not json');
      peer.send(JSON.stringify('x'.repeat(300_000)));
      peer.send(Buffer.alloc(5));
      peer.send('"good"');
    });
    const seen = channel().pipe(
      mergeMap(({ errors$, messages$ }) => merge(errors$, messages$)),
      take(4),
      toArray(),
    );
    expect(await first(seen)).toEqual([
      new FrameError('not JSON', 8),
      new FrameError('too large', 300_002),
      new FrameError('binary', 5),
      'good',
    ]);
  });

  it('fails when the opening takes too long, and leaves no socket behind', async () => {
    const held: Socket[] = [];
    const mute = createServer((socket) => held.push(socket.on('error', () => {}).resume())).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const startedAt = Date.now();
    const error = await errorOf(channel({ url: address(mute), openingLimit: 100 }));
    expect(error).toEqual(new OpeningLimitError(100));
    expect(Date.now() - startedAt).toBeLessThan(1000);
    await until(() => held.length === 1 && held[0]!.destroyed);
    await new Promise((resolve) => mute.close(resolve));
  });

  it('closes the socket when unsubscribed while it connects, and survives what ws says to that', async () => {
    let opened = 0;
    server.on('connection', () => (opened += 1));
    const subscription = channel().subscribe(fail);
    subscription.unsubscribe();
    await until(() => sockets[0]!.readyState === WebSocket.CLOSED);
    await sleep(20);
    expect(opened).toBe(0);
  });

  it('survives a bad frame that comes in after it was unsubscribed', async () => {
    const peers: Socket[] = [];
    server.on('connection', (_, request) => peers.push(request.socket));
    const opened = channel().pipe(take(1));
    await first(opened); // unsubscribes, so the socket is closing
    await until(() => peers.length === 1);
    peers[0]!.write(Buffer.from([0xff, 0x7f, 0xff])); // reserved bits, unknown opcode
    await until(() => sockets[0]!.readyState === WebSocket.CLOSED);
    expect(sockets.length).toBe(1);
  });

  it('probes: alive when anything comes, dead when nothing does', async () => {
    server.on('connection', (peer) => peer.once('message', () => peer.send(Buffer.alloc(1))));
    const outcomes = channel({ probeLimit: 80 }).pipe(
      switchMap(async (channel) => {
        await last(channel.probe());
        return errorOf(channel.probe());
      }),
      take(1),
      timeout(2000),
    );
    expect(await first(outcomes)).toEqual(new ProbeError(80, 'silent'));
  });
});
