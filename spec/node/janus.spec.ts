import { setTimeout as pause } from 'node:timers/promises';
import { filter, firstValueFrom, of } from 'rxjs';
import WebSocket from 'ws';
import { createRoom, usersOf, type Room, type RoomOptions, type UserChange } from '../../lib/index.js';
import { JanusError, janusTransport, type JanusLink, type JanusTransportOptions } from '../../lib/janus/index.js';
import { useJanus } from '../janus/use-janus.js';
import type { JanusServer } from '../janus/janus-server.js';

/** Waits for what must come soon. */
async function until(condition: () => boolean, what: () => unknown = () => '', limit = 15_000): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${JSON.stringify(what())}`);
    await pause(10);
  }
}

/** Someone with a room, and what they saw. */
interface Member {
  readonly room: Room<JanusLink>;
  readonly states: string[];
  readonly changes: UserChange[];
  readonly errors: unknown[];
  /** Every socket that was opened, the newest last. */
  readonly sockets: WebSocket[];
  readonly users: string[];
  link(): JanusLink;
  shows(state: string): Promise<void>;
}

describe('janusTransport with a real Janus', () => {
  const janus = useJanus();
  const members: Member[] = [];

  const member = (
    server: JanusServer,
    options: Partial<JanusTransportOptions> = {},
    roomOptions: RoomOptions = {},
  ): Member => {
    const sockets: WebSocket[] = [];
    const states: string[] = [];
    const changes: UserChange[] = [];
    const errors: unknown[] = [];
    const users: string[] = [];
    const room = createRoom(
      janusTransport({
        url: server.url,
        room: 1234,
        open: (url) => {
          const socket = new WebSocket(url, 'janus-protocol');
          sockets.push(socket);
          return socket;
        },
        ...options,
      }),
      roomOptions,
    );
    room.connectionState$.subscribe(({ state, reason }) => states.push(`${state}/${String(reason)}`));
    room.errors$.subscribe((error) => errors.push(error));
    usersOf(room).subscribe((here) => {
      users.splice(0, users.length, ...here.users.map(({ id }) => id));
      changes.push(...here.changes);
    });
    const made: Member = {
      room,
      states,
      changes,
      errors,
      sockets,
      users,
      link: () => {
        const { connectionState } = room;
        if (!('link' in connectionState) || connectionState.link === null) throw new Error('no link');
        return connectionState.link;
      },
      shows: (wanted) =>
        until(
          () => states.at(-1) === wanted,
          () => [wanted, states, errors.map(String)],
        ),
    };
    members.push(made);
    return made;
  };

  const joins = async (one: Member): Promise<Member> => {
    one.room.join();
    await one.shows('connected/joinSucceed');
    return one;
  };

  afterEach(async () => {
    const gone = members.splice(0);
    for (const { room } of gone) room[Symbol.dispose]();
    await until(() => gone.every(({ sockets }) => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)));
  });

  it('S2 joins, and two users see each other', async () => {
    const server = await janus({ rooms: { 1234: ['notify_joining = true'] } });
    const ann = await joins(member(server, { display: 'Ann' }));
    const bob = await joins(member(server, { display: 'Bob' }));
    await until(() => ann.users.length === 1 && bob.users.length === 1);
    expect(ann.states).toEqual(['disconnected/null', 'connecting/joinChannel', 'connected/joinSucceed']);
    expect(ann.users).toEqual([bob.link().user]);
    expect(bob.users).toEqual([ann.link().user]);
    expect(await firstValueFrom(bob.link().users$, { defaultValue: null })).toEqual({
      type: 'snapshot',
      users: [{ id: ann.link().user, display: 'Ann' }],
    });
    expect(ann.errors).toEqual([]);
    expect(bob.errors).toEqual([]);
  });

  it('U1 finds those of whom the server does not tell by itself', async () => {
    const server = await janus(); // no notify_joining
    const ann = await joins(member(server));
    const bob = await joins(member(server));
    await until(() => bob.users.length === 1);
    expect(bob.users).toEqual([ann.link().user]);
  });

  for (const rooms of [{ 1234: ['notify_joining = true'] }, { 1234: [] }]) {
    const way = rooms[1234].length > 0 ? 'told by the server' : 'listed';
    it(`U1 one who leaves has left for the normal reason, those who are here being ${way}`, async () => {
      const server = await janus({ rooms });
      const ann = await joins(member(server));
      const bob = await joins(member(server));
      const id = ann.link().user;
      await until(() => bob.users.length === 1);
      ann.room.leave();
      await until(() => bob.users.length === 0);
      expect(bob.changes.at(-1)).toEqual({ type: 'userLeave', user: { id }, reason: 'normal', code: 0 });
    });
  }

  it('U2 one who is gone without a word has left for a reason that nobody knows, when the server has given up', async () => {
    const server = await janus({ reclaimTimeout: 1 });
    const ann = await joins(member(server, {}, { schedule: () => 60_000, lastChanceFrom: 60_000 }));
    const bob = await joins(member(server));
    const id = ann.link().user;
    await until(() => bob.users.length === 1);
    ann.sockets.at(-1)!.terminate();
    await until(() => bob.users.length === 0);
    expect(bob.changes.at(-1)).toEqual({ type: 'userLeave', user: { id }, reason: null, code: null });
  });

  it('T1 one who is kicked is out at once, and the others see why', async () => {
    const server = await janus();
    const ann = await joins(member(server));
    const bob = await joins(member(server));
    const id = ann.link().user;
    await until(() => bob.users.length === 1);
    expect(await server.administer({ request: 'kick', room: 1234, id: Number(id) })).toEqual({ videoroom: 'success' });
    await ann.shows('disconnected/serverKicked');
    await until(() => bob.users.length === 0);
    expect(bob.changes.at(-1)).toEqual({ type: 'userLeave', user: { id }, reason: 'kicked', code: 3 });
    await pause(1_500);
    expect(ann.sockets.length).toBe(1);
    expect(ann.states.at(-1)).toBe('disconnected/serverKicked');
  });

  it('T1 everybody is out when the room is destroyed', async () => {
    const server = await janus();
    const both = [await joins(member(server)), await joins(member(server))];
    await server.administer({ request: 'destroy', room: 1234 });
    for (const one of both) await one.shows('disconnected/channelClosed');
  });

  it('R1 a server that was killed and started again is joined again', async () => {
    const server = await janus();
    const ann = await joins(member(server));
    const session = ann.link().session;
    const killedAt = performance.now();
    await server.kill();
    await ann.shows('reconnecting/signalDisconnected');
    await server.startAgain();
    await ann.shows('connected/rejoinSucceed');
    console.log(`janus: killed and back in ${((performance.now() - killedAt) / 1000).toFixed(1)} s`);
    expect(ann.link().session).not.toBe(session);
  });

  it('U2 a socket that is lost is claimed back: the same session, and nobody saw a leave', async () => {
    const server = await janus();
    const ann = await joins(member(server));
    const bob = await joins(member(server));
    await until(() => bob.users.length === 1);
    bob.changes.length = 0;
    const link = ann.link();
    const { session } = link;
    const lostAt = performance.now();
    ann.sockets.at(-1)!.terminate();
    await firstValueFrom(ann.room.events$.pipe(filter(({ type }) => type === 'healed')), { defaultValue: null });
    console.log(`janus: claimed in ${((performance.now() - lostAt) / 1000).toFixed(2)} s`);
    await pause(6_500); // longer than the server keeps a session that nobody claims
    expect(ann.link()).toBe(link);
    expect(ann.link().session).toBe(session);
    expect(bob.changes).toEqual([]);
    // And the claimed session is a whole one: it hears of others.
    ann.changes.length = 0;
    bob.room.leave();
    await until(() => ann.changes.length === 1);
    expect(ann.changes[0]!.type).toBe('userLeave');
  });

  it('R1 a claim that comes too late is refused, and the room is joined again', async () => {
    const server = await janus({ reclaimTimeout: 1 });
    const waits = [8_000];
    const ann = await joins(member(server, {}, { schedule: () => waits.shift() ?? 50 }));
    const session = ann.link().session;
    ann.sockets.at(-1)!.terminate();
    await ann.shows('reconnecting/signalDisconnected');
    await ann.shows('connected/rejoinSucceed');
    expect(ann.link().session).not.toBe(session);
    expect(ann.sockets.length).toBe(3);
  });

  it('J7 a rejoin with an id of our own finds it free: the session that it replaces is ended first', async () => {
    const server = await janus({ reclaimTimeout: 60, rooms: { 1234: ['notify_joining = true'] } });
    const ann = member(server, { id: 7 });
    await joins(ann);
    const bob = await joins(member(server));
    await until(() => bob.users.length === 1);
    bob.changes.length = 0;
    // A second join of the same user, as after a repair that was refused: the old session is alive and nobody has left it.
    const transport = janusTransport({
      url: server.url,
      room: 1234,
      id: 7,
      open: (url) => new WebSocket(url, 'janus-protocol'),
    });
    const attempt = {
      number: 2,
      kind: 'rejoin',
      cause: 'both',
      endpoint: null,
      previous: ann.link(),
      openingLimit: 3000,
      limitAt: 0,
      deadlineAt: 0,
    } as const;
    let again: JanusLink | null = null;
    const subscription = transport.join(attempt, {}).subscribe((link) => (again = link));
    await until(() => again !== null);
    await until(() => bob.changes.length >= 2);
    expect(bob.changes.map(({ type }) => type)).toEqual(['userLeave', 'userJoined']);
    subscription.unsubscribe();
  });

  it('J2 a wrong pin fails at once', async () => {
    const server = await janus({ rooms: { 1234: ['pin = "p1n"'] } });
    const ann = member(server, { credentials: () => of({ pin: 'wr0ng' }) });
    ann.room.join();
    await ann.shows('failed/joinChannelFailed');
    expect(ann.room.connectionState).toEqual(jasmine.objectContaining({ error: new JanusError(433, 'join'), attempts: 1 }));
    expect(ann.sockets.length).toBe(1);
    await joins(member(server, { credentials: () => of({ pin: 'p1n' }) }));
  });

  it('J2 a room that does not exist, and a wrong secret of the server, fail at once', async () => {
    const server = await janus({ general: ['api_secret = "s3cret"'] });
    const without = member(server);
    without.room.join();
    await without.shows('failed/joinChannelFailed');
    expect(without.room.connectionState).toEqual(jasmine.objectContaining({ error: new JanusError(403, 'create') }));
    const nowhere = member(server, { room: 77, credentials: () => of({ apiSecret: 's3cret' }) });
    nowhere.room.join();
    await nowhere.shows('failed/joinChannelFailed');
    expect(nowhere.room.connectionState).toEqual(jasmine.objectContaining({ error: new JanusError(426, 'join') }));
    await joins(member(server, { credentials: () => of({ apiSecret: 's3cret' }) }));
  });

  it('T1 a room that is not there any more when we come back was closed', async () => {
    const server = await janus();
    await server.administer({ request: 'create', room: 99 });
    const ann = await joins(member(server, { room: 99 }));
    await server.kill();
    await ann.shows('reconnecting/signalDisconnected');
    await server.startAgain(); // it has forgotten the room
    await ann.shows('disconnected/channelClosed');
  });

  it('R13 the second of several servers is joined when the first is dead', async () => {
    const [dead, alive] = [await janus(), await janus()];
    await dead.kill();
    const ann = member(dead, {}, { endpoints: [dead.url, alive.url] });
    await joins(ann);
    expect(ann.link().server).toBe(alive.url);
  });

  it('R13 a server that dies under us is given up for another one', async () => {
    const [first, second] = [await janus(), await janus()];
    const ann = await joins(member(first, {}, { endpoints: [first.url, second.url], attemptLimit: 3_500 }));
    const killedAt = performance.now();
    await first.kill();
    await ann.shows('connected/rejoinSucceed');
    console.log(`janus: at the other server after ${((performance.now() - killedAt) / 1000).toFixed(1)} s`);
    expect(ann.link().server).toBe(second.url);
  });

  it('a session is kept by its keepalives, and ends with the server’s own word when there are none', async () => {
    const server = await janus({ sessionTimeout: 2, reclaimTimeout: 0 });
    const ann = await joins(member(server, { keepalive: 700 }));
    const bob = await joins(member(server, { keepalive: 60_000, heartbeat: { every: 60_000 } }));
    const { session } = ann.link();
    await bob.shows('reconnecting/signalDisconnected');
    await bob.shows('connected/rejoinSucceed');
    expect(ann.link().session).toBe(session);
    expect(ann.states.at(-1)).toBe('connected/joinSucceed');
  });

  it('L1 leaves nothing behind at the server', async () => {
    const server = await janus();
    const watcher = await joins(member(server));
    for (let round = 0; round < 5; round++) {
      const ann = await joins(member(server));
      ann.room.leave();
    }
    await pause(300);
    const list = await server.administer({ request: 'listparticipants', room: 1234 });
    expect(list).toEqual(
      jasmine.objectContaining({ participants: [{ id: Number(watcher.link().user), publisher: false }] }),
    );
  });
});
