import { filter, firstValueFrom, of, timeout, type Observable } from 'rxjs';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createRoomServer, type RoomServer, type RoomServerOptions } from '../../demo/server/room-server.js';
import { nothingOpen } from '../../demo/server/testing/nothing-open.js';
import type { SessionLink } from '../../demo/client/call/session-link.js';
import { sessionTransport } from '../../demo/client/call/session-transport.js';
import type { CallUser } from '../../demo/client/call/user-report.js';
import { createRoom, spaced, usersOf, whenConnected, type Room, type RoomUsers } from '../../lib/index.js';

/** A port that nobody listens on. */
const nowhere = 'ws://127.0.0.1:9/';

/** Somebody in the room, by the library and the demo's own client, over a real WebSocket. */
interface Person {
  readonly room: Room<SessionLink>;
  readonly here$: Observable<RoomUsers<CallUser>>;
  /** Who came and who went, in order: '+A', '-A timeout 4'. */
  readonly changes: string[];
  /** Every list that was seen. */
  readonly lists: string[];
  readonly errors: unknown[];
  readonly network: { cut(): void; heal(): void };
}

describe('users of a room on the real server', () => {
  let server: RoomServer;
  const people: Person[] = [];

  const start = async (options: RoomServerOptions = {}) => {
    server = await createRoomServer(options);
  };

  const person = (user: string): Person => {
    let isCut = false;
    const sockets = new Set<WebSocket>();
    const open = (url: string): WebSocket => {
      const socket = new WebSocket(isCut ? nowhere : url);
      sockets.add(socket);
      return socket;
    };
    const address = `127.0.0.1:${server.port}`;
    const transport = sessionTransport(
      { user, room: 'demo', signalUrl: `ws://${address}/`, tokenUrl: `http://${address}/token`, open },
      (session) => of(session),
    );
    const room = createRoom(transport, { schedule: spaced(50), settle: { signal: 0 } });
    const errors: unknown[] = [];
    const here$ = usersOf(room, { onError: (error) => errors.push(error) });
    const changes: string[] = [];
    const lists: string[] = [];
    here$.subscribe((now) => {
      lists.push(now.users.map(({ id }) => id).join(''));
      for (const change of now.changes) {
        const { id } = change.user;
        changes.push(change.type === 'userJoined' ? `+${id}` : `-${id} ${String(change.reason)} ${String(change.code)}`);
      }
    });
    room.errors$.subscribe(({ error }) => errors.push(error));
    const network = {
      cut: () => {
        isCut = true;
        for (const socket of sockets) socket.terminate();
      },
      heal: () => (isCut = false),
    };
    const made = { room, here$, changes, lists, errors, network };
    people.push(made);
    return made;
  };

  const join = async (user: string): Promise<Person> => {
    const made = person(user);
    made.room.join();
    await whenConnected(made.room);
    return made;
  };

  const first = <T>(source$: Observable<T>): Promise<T> =>
    // Nothing within 5 s is an error.
    // eslint-disable-next-line rxjs-x/no-ignored-default-value
    firstValueFrom(source$.pipe(timeout(5_000)));
  const sees = (who: Person, wanted: string) =>
    first(who.here$.pipe(filter(({ users }) => users.map(({ id }) => id).join('') === wanted)));
  const back = ({ room }: Person) => first(room.connectionState$.pipe(filter(({ reason }) => reason === 'rejoinSucceed')));
  const away = ({ room }: Person) => first(room.connectionState$.pipe(filter(({ state }) => state === 'reconnecting')));

  afterEach(async () => {
    expect(people.flatMap(({ errors }) => errors)).toEqual([]);
    for (const { room } of people.splice(0)) room.leave();
    await server.close();
    await nothingOpen();
  });

  it('U1 tells who is here, who comes, and who goes by leaving or by a kick', async () => {
    await start();
    const a = await join('A');
    const b = await join('B');
    await sees(a, 'B');
    await sees(b, 'A');
    const c = await join('C');
    await sees(b, 'AC');
    c.room.leave();
    await sees(b, 'A');
    server.kick('demo', 'A');
    await sees(b, '');
    expect(b.changes).toEqual(['+A', '+C', '-C normal 0', '-A kicked 3']);
    expect(a.room.connectionState.reason).toBe('serverKicked');
    expect(a.lists.at(-1)).toBe('');
    // Nobody left A: A was sent away.
    expect(a.changes).toEqual(['+B', '+C', '-C normal 0']);
  });

  it('U2 A drops and is back before the server has given A up: B notices nothing', async () => {
    await start({ resumeWindow: { from: 1_000, to: 1_000 } });
    const b = await join('B');
    const a = await join('A');
    await sees(b, 'A');
    const before = [...b.lists];
    a.network.cut();
    await away(a);
    a.network.heal();
    await back(a);
    // The window of the drop has passed as well.
    await pause(1_200);
    expect(b.changes).toEqual(['+A']);
    expect(b.lists).toEqual(before);
    expect(a.changes).toEqual(['+B']);
    expect(a.lists).toEqual(['', 'B']);
  });

  it('U2 the server has given A up: B sees userLeave(timeout), and userJoined when A is back', async () => {
    await start({ resumeWindow: { from: 200, to: 200 } });
    const b = await join('B');
    const a = await join('A');
    await sees(b, 'A');
    a.network.cut();
    await sees(b, '');
    expect(b.changes).toEqual(['+A', '-A timeout 4']);
    expect(a.room.connectionState.state).toBe('reconnecting');
    a.network.heal();
    await back(a);
    await sees(b, 'A');
    expect(b.changes).toEqual(['+A', '-A timeout 4', '+A']);
    // For A, B was there all the time.
    expect(a.changes).toEqual(['+B']);
  });

  it('U2, U3 A comes back in time, but by a full rejoin: for B another session, and no leave', async () => {
    // Nothing that A misses is kept, so there is no session to resume.
    await start({ resumeWindow: { from: 3_000, to: 3_000 }, limits: { keptBytes: 1 } });
    const b = await join('B');
    const a = await join('A');
    const before = await sees(b, 'A');
    const old = a.room.connectionState;
    a.network.cut();
    await away(a);
    await join('C');
    await sees(b, 'AC');
    a.network.heal();
    const now = await back(a);
    await sees(a, 'BC');
    const replaced = b.here$.pipe(filter(({ users }) => users[0]?.session !== before.users[0]?.session));
    expect((await first(replaced)).users.map(({ id }) => id)).toEqual(['A', 'C']);
    expect('link' in old && 'link' in now && old.link !== now.link).toBeTrue();
    expect(b.changes).toEqual(['+A', '+C']);
    expect(a.changes).toEqual(['+B', '+C']);
  });

  it('U2 another page of A takes the place of A: for B another session, and no leave', async () => {
    await start();
    const b = await join('B');
    const a = await join('A');
    const before = await sees(b, 'A');
    const elsewhere = await join('A');
    const replaced = b.here$.pipe(filter(({ users }) => users[0]?.session !== before.users[0]?.session));
    expect((await first(replaced)).users[0]?.session).toBe((await whenConnected(elsewhere.room)).session);
    expect(b.changes).toEqual(['+A']);
    await first(a.room.connectionState$.pipe(filter(({ reason }) => reason === 'duplicateUser')));
  });

  it('U3 who left while we were away is gone after our rejoin, who came is here, who stayed causes no change', async () => {
    await start({ resumeWindow: { from: 200, to: 200 } });
    const a = await join('A');
    const b = await join('B');
    const c = await join('C');
    await sees(a, 'BC');
    a.network.cut();
    await sees(b, 'C');
    c.room.leave();
    await sees(b, '');
    await join('D');
    await sees(b, 'D');
    // The old list stays while A is away.
    expect(a.lists.at(-1)).toBe('BC');
    const heard = a.changes.length;
    a.network.heal();
    await back(a);
    await sees(a, 'BD');
    expect(a.changes.slice(heard)).toEqual(['-C null null', '+D']);
    expect(a.lists).not.toContain('D');
    expect(a.lists.slice(1)).not.toContain('');
  });

  it('U3 what was missed in a short absence comes with its reasons', async () => {
    await start({ resumeWindow: { from: 3_000, to: 3_000 } });
    const a = await join('A');
    const b = await join('B');
    const c = await join('C');
    await sees(a, 'BC');
    a.network.cut();
    await away(a);
    c.room.leave();
    await sees(b, 'A');
    await join('D');
    a.network.heal();
    await back(a);
    await sees(a, 'BD');
    expect(a.changes).toEqual(['+B', '+C', '-C normal 0', '+D']);
  });
});
