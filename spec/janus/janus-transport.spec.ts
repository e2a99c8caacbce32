import { inspect } from 'node:util';
import { defer, EMPTY, EmptyError, merge, mergeMap, NEVER, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  createRoom,
  type Attempt,
  type ConnectionState,
  type Health,
  type Room,
  type RoomOptions,
  type ServerNotice,
} from '../../lib/index.js';
import {
  classifyJanus,
  JanusEndedError,
  JanusError,
  JanusFrameError,
  janusTransport,
  type JanusCredentials,
  type JanusLink,
  type JanusTransportOptions,
} from '../../lib/janus/index.js';
import { ChannelClosedError } from '../../lib/websocket/index.js';
import { CutNetwork, fates } from '../websocket/cut-network.js';
import { fakePeer } from './fake-peer.js';
import { FakeServer, type FakeJanusSocket } from './fake-janus.js';

const first: Attempt<JanusLink> = {
  number: 1,
  kind: 'join',
  cause: null,
  endpoint: null,
  previous: null,
  openingLimit: 3_000,
  limitAt: 10_000,
  deadlineAt: 20_000,
};

/** A link, and what was seen of it. */
interface Seen {
  link: JanusLink | null;
  readonly signal: string[];
  readonly words: ServerNotice[];
  readonly errors: unknown[];
  readonly users: unknown[];
  ended: unknown;
  leave(): void;
}

interface Bench {
  readonly server: FakeServer;
  readonly transport: ReturnType<typeof janusTransport>;
  at(ms: number, work: () => void): void;
  /** Joins; its socket opens 10 ms later unless told otherwise. */
  join(attempt?: Partial<Attempt<JanusLink>>, credentials?: JanusCredentials, opens?: boolean): Seen;
  /** Joins, and leaves 20 ms later, which the server does not hear. */
  leaveUnheard(): void;
  /** Repairs; its socket opens 10 ms later. */
  repair(link: JanusLink, attempt?: Partial<Attempt<JanusLink>>): { error: unknown; done: boolean; cut(): void };
  room(options?: RoomOptions): Room<JanusLink>;
  opensSoon(): void;
}

function run(spec: (bench: Bench) => void, options: Partial<JanusTransportOptions> = {}): void {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    scheduler.maxFrames = 200_000;
    const server = new FakeServer();
    const transport = janusTransport({
      url: 'ws://room.example/?token=0ld',
      room: 1234,
      open: server.open,
      scheduler,
      ...options,
    });
    const at = (ms: number, work: () => void): void => void scheduler.schedule(work, ms);
    const opensSoon = (): void => {
      const socket = server.newest;
      at(10, () => socket.opens());
    };
    const join: Bench['join'] = (attempt = {}, credentials = {}, opens = true) => {
      const signal: string[] = [];
      const words: ServerNotice[] = [];
      const errors: unknown[] = [];
      const users: unknown[] = [];
      const seen: Seen = { link: null, signal, words, errors, users, ended: null, leave: () => undefined };
      const subscription = transport.join({ ...first, ...attempt }, credentials).subscribe({
        next: (link) => {
          seen.link = link;
          const show = (health: Health): string => (health === 'up' ? 'up' : `down ${health.aliveAt ?? ''}`.trim());
          subscription.add(link.signal$.subscribe((health) => signal.push(`${scheduler.now()} ${show(health)}`)));
          subscription.add(link.notice$!.subscribe((word) => words.push(word)));
          subscription.add(link.errors$!.subscribe((error) => errors.push(error)));
          subscription.add(link.users$.subscribe((report) => users.push(report)));
        },
        error: (error: unknown) => (seen.ended = error),
      });
      seen.leave = () => {
        seen.link?.close?.('left');
        subscription.unsubscribe();
      };
      at(150_000, () => subscription.unsubscribe()); // keepalives go on for ever
      if (opens) opensSoon();
      return seen;
    };
    spec({
      server,
      transport,
      at,
      opensSoon,
      join,
      leaveUnheard() {
        const seen = join();
        at(20, () => {
          server.newest.answers = false;
          seen.leave();
        });
      },
      repair(link, attempt = {}) {
        const outcome = { error: null as unknown, done: false, cut: () => subscription.unsubscribe() };
        const sockets = server.sockets.length;
        const subscription = transport.repair!(link, { ...first, kind: 'resume', cause: 'signal', ...attempt }, NEVER).subscribe({
          error: (error: unknown) => (outcome.error = error),
          complete: () => (outcome.done = true),
        });
        if (server.sockets.length > sockets) opensSoon();
        return outcome;
      },
      room: (roomOptions) => createRoom(transport, { scheduler, ...roomOptions }),
    });
  });
}

const crashes = (socket: FakeJanusSocket): void => socket.closesWith(1006);
const news = (handle: number, data: object): object => ({
  janus: 'event',
  sender: handle,
  plugindata: { data: { videoroom: 'event', ...data } },
});
/** Ids of the fake: session 101, handle 102. */
const [session, handle] = [101, 102];

describe('janusTransport', () => {
  describe('joining', () => {
    it('asks one thing after the other, with the secrets where they belong', () => {
      run(
        ({ server, join, at }) => {
          const seen = join({}, { pin: 'p1n', token: 't0ken', apiSecret: 's3cret', apiToken: 'ap1' });
          at(20, () => {
            expect(server.newest.asked).toEqual(['create', 'attach', 'join']);
            const frames: readonly object[] = server.newest.frames.map((frame) => ({ ...frame, transaction: 't' }));
            expect(frames).toEqual([
              { janus: 'create', transaction: 't', apisecret: 's3cret', token: 'ap1' },
              {
                janus: 'attach',
                transaction: 't',
                session_id: session,
                plugin: 'janus.plugin.videoroom',
                apisecret: 's3cret',
                token: 'ap1',
              },
              {
                janus: 'message',
                transaction: 't',
                session_id: session,
                handle_id: handle,
                body: { request: 'join', ptype: 'publisher', room: 1234, pin: 'p1n', token: 't0ken', id: 7, display: 'Ann' },
                apisecret: 's3cret',
                token: 'ap1',
              },
            ]);
            expect(seen.link).toEqual(jasmine.objectContaining({ session, user: '1', server: 'ws://room.example/?token=0ld' }));
            expect(seen.signal).toEqual(['10 up']);
          });
        },
        { id: 7, display: 'Ann' },
      );
    });

    it('J7 ends the session that it replaces first, and goes on when that is gone already', () => {
      run(({ server, join, at }) => {
        const old = join();
        at(20, () => {
          const again = join({ kind: 'rejoin', previous: old.link });
          at(20, () => {
            expect(server.sockets[1]!.asked).toEqual(['claim', 'destroy', 'create', 'attach', 'join']);
            expect(again.link).not.toBeNull();
          });
          at(30, () => {
            const third = join({ kind: 'rejoin', previous: old.link });
            at(20, () => {
              expect(server.sockets[2]!.asked).toEqual(['claim', 'create', 'attach', 'join']);
              expect(third.link).not.toBeNull();
            });
          });
        });
      });
    });

    it('J7 a session whose end the server did not hear is ended by the next join, and then forgotten', () => {
      run(({ server, join, leaveUnheard, at }) => {
        leaveUnheard();
        at(30, () => {
          const again = join(); // before the leave is given up
          at(20, () => {
            expect(server.sockets[1]!.asked).toEqual(['claim', 'destroy', 'create', 'attach', 'join']);
            expect(server.sockets[1]!.frames[0]!.session_id).toBe(session);
            again.leave(); // this one is heard
            join();
            at(20, () => expect(server.sockets[2]!.asked).toEqual(['create', 'attach', 'join']));
          });
        });
      });
    });

    it('J7 it stays to be ended when that join does not come so far', () => {
      run(({ server, join, leaveUnheard, at }) => {
        leaveUnheard();
        at(30, () => {
          server.replies['claim'] = () => null;
          const cut = join();
          at(20, () => {
            expect(server.sockets[1]!.asked).toEqual(['claim']);
            cut.leave();
            delete server.replies['claim'];
            join();
            at(20, () => expect(server.sockets[2]!.asked).toEqual(['claim', 'destroy', 'create', 'attach', 'join']));
          });
        });
      });
    });

    it('J7 one that the server ended itself needs no end', () => {
      run(({ server, join, at }) => {
        const seen = join();
        at(20, () => {
          server.newest.says({ janus: 'timeout', session_id: session });
          expect(seen.ended).toEqual(new JanusEndedError('timeout'));
          join();
          at(20, () => expect(server.sockets[1]!.asked).toEqual(['create', 'attach', 'join']));
        });
      });
    });

    it('does not look for it at another server', () => {
      run(({ server, join, at }) => {
        const old = join();
        at(20, () => {
          join({ kind: 'rejoin', previous: old.link, endpoint: 'ws://other.example' });
          at(20, () => expect(server.sockets[1]!.asked).toEqual(['create', 'attach', 'join']));
        });
      });
    });

    it('J2, T1 a refusal is an error with its code; of a room that we were in, that it was closed', () => {
      run(({ server, join, at, transport }) => {
        const old = join();
        at(20, () => {
          server.replies['join'] = ({ handle_id }) => news(handle_id!, { error_code: 426, error: 'No such room (1234)' });
          const fresh = join();
          const again = join({ kind: 'rejoin', previous: old.link }, {});
          at(20, () => {
            expect(fresh.ended).toEqual(new JanusError(426, 'join'));
            expect(transport.classify!(fresh.ended)).toEqual({ kind: 'fatal' });
            expect(transport.classify!(again.ended)).toEqual({ kind: 'closed' });
          });
        });
      });
    });

    it('T3 an answer that cannot be read fails the attempt, by the name of the frame', () => {
      run(({ server, join, at }) => {
        server.replies['join'] = ({ handle_id }) => news(handle_id!, { videoroom: 'joined', id: 1, publishers: 'none' });
        const seen = join();
        at(20, () => expect(seen.ended).toEqual(new JanusFrameError('event: publishers')));
      });
    });

    it('a join without an id, and a session without one, are no answers', () => {
      run(({ server, join, at }) => {
        server.replies['join'] = ({ handle_id }) => news(handle_id!, { videoroom: 'joined' });
        const nobody = join();
        at(20, () => {
          expect(nobody.ended).toEqual(new JanusFrameError('event: joined'));
          server.replies['create'] = () => ({ janus: 'success' });
          const nothing = join();
          at(20, () => expect(nothing.ended).toEqual(new JanusFrameError('success: id')));
        });
      });
    });

    it('a socket that is lost before anything was up fails the attempt', () => {
      run(({ server, join, at }) => {
        server.replies['join'] = () => null;
        const seen = join();
        at(20, () => crashes(server.newest));
        at(30, () => {
          const closed = { code: 1006, reason: '', wasClean: false };
          expect(seen.ended).toEqual(new ChannelClosedError(closed, true));
          expect(server.newest.heard).toEqual([]);
        });
      });
    });

    it('J7 an attempt that is cut ends the session that it had made, and its socket', () => {
      run(({ server, join, at }) => {
        server.replies['join'] = () => null;
        const seen = join();
        at(20, () => seen.leave());
        at(21, () => {
          expect(server.newest.asked).toEqual(['create', 'attach', 'join', 'destroy']);
          expect(server.newest.closes).toEqual([1000]);
        });
      });
    });
  });

  describe('the session', () => {
    it('H3 asks a silent server with a keepalive, and is down when that stays unanswered', () => {
      run(({ server, join, at }) => {
        const seen = join();
        at(4_000, () => (server.newest.answers = false));
        at(5_012, () => expect(server.newest.frames.at(-1)).toEqual({ janus: 'keepalive', session_id: session, transaction: 'keepalive' }));
        at(10_200, () => expect(seen.signal.slice(0, 2)).toEqual(['10 up', '10010 down 10']));
      });
    });

    it('keeps the session although the server never falls silent', () => {
      run(({ server, join, at }) => {
        join();
        for (let ms = 100; ms < 60_000; ms += 1_000) at(ms, () => server.newest.says({ janus: 'media', sender: handle }));
        at(59_000, () => expect(server.newest.asked.filter((name) => name === 'keepalive').length).toBe(2));
      });
    });

    it('H6, H7 a socket that is lost is a dip; a claim on a fresh one heals it, and the old one is closed', () => {
      run(({ server, join, repair, at }) => {
        const seen = join();
        at(100, () => crashes(server.newest));
        at(200, () => {
          const repaired = repair(seen.link!);
          at(20, () => {
            expect(repaired.done).toBeTrue();
            expect(server.sockets[1]!.asked).toEqual(['claim', 'listparticipants']);
            expect(seen.signal).toEqual(['10 up', '100 down 10', '210 down', '210 up']);
            expect(seen.link!.session).toBe(session);
            server.sockets[1]!.says(news(handle, { joining: { id: 5 } }));
            expect(seen.users.at(-1)).toEqual({ type: 'joined', user: { id: '5' } });
          });
        });
      });
    });

    it('H11 a silent socket is replaced while it is still open', () => {
      run(({ server, join, repair, at }) => {
        const seen = join();
        at(200, () => repair(seen.link!));
        at(220, () => {
          expect(server.sockets[0]!.closes).toEqual([1000]);
          expect(server.sockets[1]!.closes).toEqual([]);
          server.sockets[0]!.says(news(handle, { leaving: 'ok', reason: 'kicked' })); // nobody listens there any more
          expect(seen.words).toEqual([]);
        });
      });
    });

    it('a claim that is cut before it was asked closes its socket; one that was asked goes on', () => {
      run(({ server, join, repair, at }) => {
        const seen = join();
        at(200, () => {
          const early = repair(seen.link!);
          at(5, () => early.cut());
          at(6, () => expect(server.sockets[1]!.closes).toEqual([1000]));
        });
        at(300, () => {
          server.replies['claim'] = () => null;
          const asked = repair(seen.link!);
          at(15, () => asked.cut());
          at(16, () => {
            expect(server.sockets[2]!.closes).toEqual([]);
            // The server may have moved the session: that the old socket is well is worth nothing.
            expect(seen.signal.at(-1)).toBe('310 down');
            const { transaction } = server.sockets[2]!.frames[0]!;
            server.sockets[2]!.says({ janus: 'success', transaction, session_id: session });
            expect(seen.signal.at(-1)).toBe('316 up');
            expect(server.sockets[0]!.closes).toEqual([1000]);
          });
        });
      });
    });

    it('what was asked on the old socket is lost with it', () => {
      run(({ server, join, repair, at }) => {
        server.replies['join'] = ({ handle_id }) => news(handle_id!, { videoroom: 'joined', id: 1, publishers: [] });
        server.replies['listparticipants'] = () => null;
        const seen = join();
        at(200, () => repair(seen.link!));
        at(220, () => {
          expect(seen.errors).toEqual([new JanusEndedError('lost')]);
          expect(seen.users).toEqual([{ type: 'snapshot', users: [] }]);
        });
      });
    });

    it('R1 a claim that is refused because the session is gone ends the link, which is a rejoin', () => {
      run(({ server, join, repair, at, transport }) => {
        const seen = join();
        at(100, () => crashes(server.newest));
        at(200, () => {
          server.sessions.clear();
          repair(seen.link!);
        });
        at(220, () => {
          expect(seen.ended).toEqual(new JanusError(458, 'session'));
          expect(transport.classify!(seen.ended)).toEqual({ kind: 'refused' });
          expect(server.sockets[1]!.closes).toEqual([1000]);
        });
      });
    });

    it('a keepalive that finds no session ends the link', () => {
      run(({ server, join, at }) => {
        const seen = join();
        at(100, () => server.sessions.clear());
        at(5_100, () => expect(seen.ended).toEqual(new JanusError(458, 'session')));
      });
    });

    it('J3 asks for the credentials anew for a claim, and says those on the fresh socket', () => {
      let asked = 0;
      run(
        ({ server, join, repair, at }) => {
          const seen = join({}, { apiToken: 'of the join' });
          at(200, () => repair(seen.link!));
          at(220, () => {
            expect(server.sockets[1]!.frames.map(({ token }) => token)).toEqual(['token 1', 'token 1']);
          });
        },
        { credentials: () => of({ apiToken: `token ${++asked}` }) },
      );
    });
  });

  describe('words', () => {
    it('T1 kicked, and room destroyed', () => {
      run(({ server, join, at }) => {
        const seen = join();
        at(20, () => {
          server.newest.says(news(handle, { leaving: 'ok' }));
          server.newest.says(news(999, { leaving: 'ok', reason: 'kicked' })); // a handle that is none of ours
          expect(seen.words).toEqual([]);
          server.newest.says(news(handle, { leaving: 'ok', reason: 'kicked' }));
          server.newest.says(news(handle, { videoroom: 'destroyed' }));
          expect(seen.words).toEqual([{ kind: 'kicked' }, { kind: 'closed' }]);
        });
      });
    });

    for (const [frame, ending] of [
      [{ janus: 'timeout', session_id: session }, 'timeout'],
      [{ janus: 'detached', sender: handle }, 'detached'],
    ] as const) {
      it(`${ending} is the end of the link`, () => {
        run(({ server, join, at }) => {
          const seen = join();
          at(20, () => {
            server.newest.says({ ...frame, ...(ending === 'timeout' ? { session_id: 999 } : { sender: 999 }) });
            expect(seen.ended).toBeNull();
            server.newest.says(frame);
            expect(seen.ended).toEqual(new JanusEndedError(ending));
          });
        });
      });
    }

    it('T3 frames that cannot be used are told by name, and change nothing', () => {
      run(({ server, join, at }) => {
        const seen = join();
        at(20, () => {
          server.newest.says({ janus: 'surprise' });
          server.newest.says(news(handle, { leaving: {} }));
          server.newest.receives('not json');
          server.newest.says(news(handle, { joining: { display: 'nobody' } }));
          expect(seen.errors.map((error) => (error as Error).message)).toEqual([
            'a frame of the server could not be used: of no known kind',
            'a frame of the server could not be used: event: leaving',
            'a frame was ignored: not JSON, size 8',
            'a frame of the server could not be used: event: joining',
          ]);
          expect(seen.users).toEqual([{ type: 'snapshot', users: [] }]);
          expect(seen.ended).toBeNull();
        });
      });
    });

    it('T3 frames from before the link are told with it', () => {
      run(({ server, join, at }) => {
        const reply = server.replies;
        reply['attach'] = () => {
          server.newest.says({ janus: 'early' });
          return { janus: 'success', data: { id: handle } };
        };
        const seen = join();
        at(20, () => expect(seen.errors).toEqual([new JanusFrameError('of no known kind')]));
      });
    });
  });

  describe('leaving', () => {
    it('L5 says leave, and then ends the session and the socket', () => {
      run(({ server, join, at }) => {
        const seen = join();
        at(20, () => seen.leave());
        at(21, () => {
          expect(server.newest.asked.slice(3)).toEqual(['leave', 'destroy']);
          expect(server.newest.closes).toEqual([1000]);
        });
      });
    });

    it('L5 does not wait for a server that does not confirm it, longer than half a second', () => {
      run(({ server, leaveUnheard, at }) => {
        leaveUnheard();
        at(519, () => expect(server.newest.closes).toEqual([]));
        at(521, () => {
          expect(server.newest.asked.slice(3)).toEqual(['leave', 'destroy']);
          expect(server.newest.closes).toEqual([1000]);
          server.newest.closesWith(1000);
          expect(server.newest.heard).toEqual([]);
        });
      });
    });
  });

  describe('users', () => {
    it('U1 a list is asked for where the room does not tell of those who only watch', () => {
      run(({ server, join, at }) => {
        server.replies['join'] = ({ handle_id }) => news(handle_id!, { videoroom: 'joined', id: 1, publishers: [] });
        const listed = [{ id: 1 }, { id: 4, display: 'Bob' }];
        server.replies['listparticipants'] = () => ({
          janus: 'success',
          plugindata: { data: { videoroom: 'participants', participants: listed } },
        });
        const seen = join();
        at(20, () => expect(seen.users).toEqual([{ type: 'snapshot', users: [{ id: '4', display: 'Bob' }] }]));
      });
    });

    it('U3 after a claim the list tells who came and went meanwhile, and one who stayed is no news', () => {
      run(({ server, join, repair, at }) => {
        const seen = join();
        at(20, () => [5, 6].forEach((id) => server.newest.says(news(handle, { joining: { id } }))));
        at(30, () => {
          server.replies['listparticipants'] = () => ({
            janus: 'success',
            plugindata: { data: { videoroom: 'participants', participants: [{ id: 6 }, { id: 8 }, { id: 1 }] } },
          });
          repair(seen.link!);
        });
        at(50, () => {
          expect(seen.users.slice(3)).toEqual([
            { type: 'left', id: '5', reason: null },
            { type: 'joined', user: { id: '8' } },
          ]);
        });
      });
    });
  });

  describe('a room of it', () => {
    for (const endpoints of [undefined, ['ws://one.example']]) {
      for (const fate of fates) {
        const where = endpoints === undefined ? 'its only server' : 'the only endpoint';
        it(`R1 is back in the same session of ${where} after 30 s in which ${fate}`, () => {
          const server = new FakeServer();
          let opened: (socket: FakeJanusSocket) => void = () => undefined;
          const open = (): FakeJanusSocket => {
            const socket = server.open();
            opened(socket);
            return socket;
          };
          run(
            ({ room, at }) => {
              const network = new CutNetwork({ fate, at });
              opened = (socket) => network.connect(socket);
              const made = room({ random: () => 0.5, ...(endpoints && { endpoints }) });
              const states: string[] = [];
              const sessions = new Set<unknown>();
              const attempts: string[] = [];
              made.connectionState$.subscribe(({ state, reason }) => states.push(`${state}/${String(reason)}`));
              made.link$.subscribe((link) => {
                if (link) sessions.add(link.session);
              });
              made.events$.subscribe((event) => {
                if (event.type === 'attempt') attempts.push(event.kind);
              });
              made.join();
              // The server was last heard at 15.01 s.
              at(15_100, () => {
                network.isCut = true;
                crashes(server.newest);
              });
              at(45_100, () => (network.isCut = false));
              at(54_900, () => {
                expect(states.slice(2)).toEqual([
                  'connected/joinSucceed',
                  'reconnecting/signalDisconnected',
                  'connected/rejoinSucceed',
                ]);
                expect(new Set(attempts.slice(1))).toEqual(new Set(['resume']));
                expect([...sessions]).toEqual([session]);
                made.leave();
              });
            },
            { open },
          );
        });
      }
    }

    it('R13 a server that dies is given up for another one once the break is older than an attempt may take', () => {
      const server = new FakeServer();
      const [one, two] = ['ws://one.example', 'ws://two.example'];
      let opened: (socket: FakeJanusSocket, url: string) => void = () => undefined;
      const open = (url: string): FakeJanusSocket => {
        const socket = server.open();
        opened(socket, url);
        return socket;
      };
      run(
        ({ room, at }) => {
          let isDead = false;
          opened = (socket, url) => at(10, () => (isDead && url === one ? crashes(socket) : socket.opens()));
          const made = room({ random: () => 0.5, endpoints: [one, two] });
          const rejoins: number[] = [];
          made.events$.subscribe((event) => {
            if (event.type === 'attempt' && event.kind === 'rejoin') rejoins.push(event.at);
          });
          made.join();
          at(20_000, () => {
            isDead = true;
            crashes(server.newest);
          });
          at(40_000, () => {
            expect(Math.min(...rejoins)).toBeGreaterThan(15_010 + 10_000); // last heard at 15.01 s
            const { connectionState } = made;
            expect(connectionState.state === 'connected' && connectionState.link.server).toBe(two);
            made.leave();
          });
        },
        { open },
      );
    });

    it('X1 tells no secret: not in states, errors, events, and not in its link', () => {
      const told: unknown[] = [];
      run(
        ({ server, room, at }) => {
          const made = room({ schedule: () => 1_000 });
          merge(made.connectionState$, made.progress$, made.events$, made.errors$, made.snapshot$).subscribe((value) => told.push(value));
          made.join();
          const opens = (): void => server.newest.opens();
          at(10, opens);
          at(1_000, () => crashes(server.newest));
          at(2_100, opens); // the claim
          at(3_000, () => {
            server.sessions.clear();
            crashes(server.newest);
          });
          at(4_100, opens); // a claim that is refused
          server.replies['destroy'] = () => ({ janus: 'error', error: { code: 403, reason: 's3cret and p1n' } });
          at(20_000, () => {
            expect(told.length).toBeGreaterThan(10);
            made.leave();
          });
        },
        { credentials: () => of({ pin: 'p1n', token: 't0ken', apiSecret: 's3cret', apiToken: 'ap1' }), url: 'ws://room.example' },
      );
      const text = inspect(told, { depth: 8, showHidden: true });
      for (const secret of ['p1n', 't0ken', 's3cret', 'ap1']) expect(text).not.toContain(secret);
    });

    it('J1 credentials that cannot be had are the request stage', () => {
      let state: unknown;
      run(
        ({ room }) => {
          const made = room({ schedule: () => Infinity });
          made.connectionState$.subscribe((value) => (state = value));
          made.join();
        },
        { credentials: () => throwError(() => new Error('no token today')) },
      );
      expect(state).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'requestChannelFailed' }));
    });

    describe('a camera', () => {
      const refused = new DOMException('Permission denied', 'NotAllowedError');
      const stream = { getTracks: () => [] } as unknown as MediaStream;
      /** Takes what is published; nothing comes of it. */
      const peer = fakePeer({ connectionState: 'connecting', createOffer: () => NEVER.forEach(() => undefined) as never });
      const failed = (cause: unknown): unknown =>
        jasmine.objectContaining({
          state: 'failed',
          reason: 'joinChannelFailed',
          attempts: 1,
          error: jasmine.objectContaining({ name: 'PublishError', cause, again: false }),
        });

      const cases: Readonly<Record<string, readonly [options: Partial<JanusTransportOptions>, cause: unknown]>> = {
        'is refused at once': [{ stream$: throwError(() => refused) }, refused],
        'is refused later': [{ stream$: timer(5).pipe(mergeMap(() => throwError(() => refused))) }, refused],
        'is none': [{ stream$: EMPTY }, jasmine.any(EmptyError)],
        'is no Observable, but can be subscribed to': [
          { stream$: { subscribe: (camera: Subject<MediaStream>) => camera.error(refused) } as unknown as Observable<MediaStream> },
          refused,
        ],
        'is no stream': [{ stream$: of(null as unknown as MediaStream) }, jasmine.any(TypeError)],
        'has no peer connection': [
          {
            stream$: of(stream),
            peerConnection: () => {
              throw refused;
            },
          },
          refused,
        ],
      };
      for (const [what, [options, cause]] of Object.entries(cases)) {
        it(`J2 that ${what} ends the first join`, () => {
          run(
            ({ server, room, opensSoon, at }) => {
              const made = room();
              made.join();
              opensSoon();
              at(20, () => {
                expect(made.connectionState).toEqual(failed(cause) as ConnectionState<JanusLink>);
                expect(server.newest.asked.at(-1)).toBe('destroy');
              });
              at(30_000, () => expect(server.sockets.length).toBe(1));
            },
            { peerConnection: () => peer, ...options },
          );
        });
      }

      it('J2 that fails in a rejoin is tried again: it was there before', () => {
        const answers = [throwError(() => refused), of(stream)];
        let asked = 0;
        run(
          ({ join, at }) => {
            const seen = join({ kind: 'rejoin', previous: { server: 'ws://room.example/?token=0ld' } as JanusLink });
            at(20, () => {
              expect(seen.ended).toEqual(jasmine.objectContaining({ name: 'PublishError', again: true }));
              expect(classifyJanus(seen.ended)).toBeUndefined();
              join();
              at(20, () => expect(asked).toBe(2));
            });
          },
          { stream$: defer(() => answers[asked++]!), peerConnection: () => peer },
        );
      });

      it('T3 that says more when it is published changes nothing', () => {
        const given$ = new Subject<MediaStream>();
        run(
          ({ join, at, server }) => {
            const seen = join();
            at(20, () => {
              given$.next(stream);
              given$.next(stream);
              given$.error(refused);
              expect(seen.ended).toBeNull();
              expect(seen.errors).toEqual([refused]);
            });
            at(1_000, () => expect(server.newest.closes).toEqual([]));
          },
          { stream$: given$, peerConnection: () => peer },
        );
      });
    });

    it('credentials of a wrong shape are named and not repeated', () => {
      let ended: unknown;
      run(({ join, at }) => {
        const seen = join({}, { pin: 1234 as unknown as string }, false);
        at(1, () => (ended = seen.ended));
      });
      expect(ended).toEqual(new TypeError('janusTransport: credentials: pin must be a string, got a number'));
    });
  });

  describe('options', () => {
    const made = (options: object): (() => unknown) => {
      const all = { url: 'ws://a', room: 1, ...options };
      return () => janusTransport(all);
    };

    it('O1 refuses what cannot be, by name, when it is made', () => {
      expect(made({ rooom: 1 })).toThrow(new TypeError('janusTransport: unknown option "rooom"'));
      expect(made({ url: '' })).toThrow(new TypeError('janusTransport: url must be a string that is not empty, got an empty string'));
      expect(made({ room: null })).toThrow(new TypeError('janusTransport: room must be an integer from 0, or a string that is not empty, got null'));
      expect(made({ id: 1.5 })).toThrow(new TypeError('janusTransport: id must be an integer from 0, or a string that is not empty, got 1.5'));
      expect(made({ display: 5 })).toThrow(new TypeError('janusTransport: display must be a string, got 5'));
      expect(made({ stream$: {} })).toThrow(new TypeError('janusTransport: stream$ must be an Observable, got an object'));
      expect(made({ subscribe: 'no' })).toThrow(new TypeError('janusTransport: subscribe must be true or false, got a string'));
      for (const name of ['configuration', 'heartbeat', 'watch']) {
        expect(made({ [name]: null })).toThrow(new TypeError(`janusTransport: ${name} must be an object, got null`));
      }
      expect(made({ credentials: { pin: 'x' } })).toThrow(new TypeError('janusTransport: credentials must be a function, got an object'));
      expect(made({ keepalive: 0 })).toThrowError(RangeError, /keepalive/);
      expect(made({ heartbeat: { evry: 5 } })).toThrowError(TypeError, /heartbeat.*evry/);
      expect(made({ probeLimit: -1 })).toThrowError(RangeError, /probeLimit/);
      expect(made({ watch: { poll: 5 } })).toThrowError(RangeError, /poll/);
      expect(made({ open: 5 })).toThrowError(TypeError, /open/);
      expect(made({ peerConnection: 5 })).toThrowError(TypeError, /peerConnection/);
      expect(made({ stream$: new Subject<MediaStream>() })).not.toThrow();
    });
  });
});
