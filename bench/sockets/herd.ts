import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { of } from 'rxjs';
import { WebSocket } from 'ws';
import { classifyRefusal } from '../../demo/client/call/refusal.js';
import { sessionTransport } from '../../demo/client/call/session-transport.js';
import type { RoomServerOptions } from '../../demo/server/room-server.js';
import { signToken } from '../../demo/server/token.js';
import { createRoom, type ConnectionState, type Room } from '../../lib/index.js';
import type { Told } from './server.js';

export interface SocketHerdOptions {
  readonly clients: number;
  /** Joins a second, and at once, of the server that comes back. */
  readonly limit: { readonly rate: number; readonly size: number };
  /** Milliseconds between the crash and the new server. */
  readonly downFor: number;
  /** Whether the clients first try to resume a session that the crash has ended. */
  readonly resume: boolean;
}

export interface SocketHerd {
  /** Milliseconds from the new server's start until each client that came back was `connected`, in order. */
  readonly back: readonly number[];
  /** The same by the new server's own clock: who was let in when. */
  readonly letIn: readonly number[];
  /** "Busy" answers of each client. */
  readonly refusals: readonly number[];
  readonly attempts: number;
  readonly gaveUp: number;
}

/** A herd of real rooms over real WebSockets on loopback, whose server crashes and comes back with a bounded rate of joins. */
export async function socketHerd(
  { clients, limit, downFor, resume }: SocketHerdOptions,
  serverProgram: string,
): Promise<SocketHerd> {
  const perRoom = 2;
  const limits = { usersPerRoom: perRoom, rooms: Math.ceil(clients / perRoom), sockets: 20 * clients };
  const first = await startServer(serverProgram, { limits: { ...limits, joins: { rate: 100_000, size: 100_000 } } });
  const herd = Array.from({ length: clients }, (_, n) => member(n, perRoom, first.port, resume));
  // Not all at once: this process has to answer for itself as well.
  for (let from = 0; from < clients; from += 100) {
    for (const { room } of herd.slice(from, from + 100)) room.join();
    await until(() => herd.slice(0, from + 100).every(({ state }) => state() === 'connected'));
  }
  for (const each of herd) each.refusals = each.attempts = 0;

  first.child.kill('SIGKILL');
  await pause(downFor);
  const second = await startServer(serverProgram, { port: first.port, limits: { ...limits, joins: limit } });
  for (const each of herd) each.since = second.at;
  // Who is here and was never told of the crash would count as back: all have noticed by now.
  const stillThere = herd.filter(({ state }) => state() === 'connected').length;
  if (stillThere > 0) throw new Error(`${stillThere} clients have not noticed the crash`);
  await until(() => herd.every(({ state }) => state() !== 'reconnecting'));
  await pause(200); // the last word of the server
  for (const { room } of herd) room.leave();
  second.child.kill('SIGKILL');

  const back = herd.flatMap(({ backAt }) => backAt ?? []);
  return {
    back: back.sort((a, b) => a - b),
    letIn: second.joinedAt.map((at) => at - second.at),
    refusals: herd.map(({ refusals }) => refusals),
    attempts: herd.reduce((sum, { attempts }) => sum + attempts, 0),
    gaveUp: clients - back.length,
  };
}

/** Known to both servers and to the clients, so that tokens outlive the crash. */
const secret = 'a secret of the bench';

interface Member {
  readonly room: Room<never>;
  readonly state: () => ConnectionState['state'];
  attempts: number;
  refusals: number;
  /** When the new server began to listen (ms). */
  since: number;
  /** Milliseconds from then on. */
  backAt: number | null;
}

function member(n: number, perRoom: number, port: number, resume: boolean): Member {
  const address = `127.0.0.1:${port}`;
  const user = `user ${n}`;
  const room = `room ${Math.floor(n / perRoom)}`;
  const transport = sessionTransport(
    {
      user,
      room,
      signalUrl: `ws://${address}/`,
      tokenUrl: `http://${address}/token`,
      open: (url) => new WebSocket(url, { perMessageDeflate: false }),
    },
    (session) => of(session),
  );
  const watched: typeof transport = {
    ...transport,
    // Made here: 2,000 pages have 2,000 processors to fetch theirs with.
    request: () => of({ token: signToken({ room, user, exp: Date.now() + 60_000 }, Buffer.from(secret)) }),
    classify: (error) => {
      const verdict = classifyRefusal(error);
      if (verdict?.kind === 'busy') made.refusals++;
      return verdict;
    },
  };
  if (!resume) Reflect.deleteProperty(watched, 'repair');
  const joined = createRoom(watched);
  const made: Member = {
    room: joined as unknown as Room<never>,
    state: () => joined.connectionState.state,
    attempts: 0,
    refusals: 0,
    since: Infinity,
    backAt: null,
  };
  joined.events$.subscribe({
    next: ({ type }) => {
      if (type === 'attempt') made.attempts++;
    },
    error: neverComes,
  });
  joined.connectionState$.subscribe({
    next: ({ state }) => {
      if (state === 'connected' && made.since < Infinity) made.backAt ??= Date.now() - made.since;
    },
    error: neverComes,
  });
  return made;
}

function neverComes(error: unknown): never {
  throw error;
}

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly at: number;
  readonly joinedAt: readonly number[];
}

async function startServer(program: string, options: RoomServerOptions): Promise<Started> {
  const child = fork(program, [secret, JSON.stringify(options)]);
  const joinedAt: number[] = [];
  child.on('message', (told: Told) => {
    if ('joinedAt' in told) joinedAt.push(told.joinedAt);
  });
  const [told] = (await once(child, 'message')) as [Told];
  if (!('port' in told)) throw new Error('the server told no port');
  return { child, port: told.port, at: told.at, joinedAt };
}

async function until(holds: () => boolean, limit = 90_000): Promise<void> {
  const end = Date.now() + limit;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${limit / 1_000} s`);
    await pause(20);
  }
}
