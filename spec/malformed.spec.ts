/**
 * Malformed frames for every parser. `FRAMES=100000` gives each of them so many; a few thousand by default.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { concat, NEVER, of, Subject } from 'rxjs';
import { userReportFault } from '../lib/core/users/user-report-fault.js';
import { createRoom, usersOf, type UserReport } from '../lib/index.js';
import { readJanusFrame } from '../lib/janus/janus-frame.js';
import { JanusFrameError, janusTransport } from '../lib/janus/index.js';
import { readRoomMessage } from '../lib/janus/room-message.js';
import { readFrame } from '../lib/websocket/read-frame.js';
import { webSocketChannel } from '../lib/websocket/index.js';
import { FakeServer } from './janus/fake-janus.js';
import { broken, junk, mutated, randomOf, SECRET } from './malformed-frames.js';
import { alwaysUp, brisk, marbles, textOf } from './room/room-harness.js';
import { FakeSocket } from './websocket/fake-socket.js';

const FRAMES = Number(process.env['FRAMES'] ?? 3_000);

/** Bytes that may be kept after all frames were read: none of them, but the engine keeps books of its own. */
const MARGIN = 3 * 2 ** 20;

/** The longest error that a frame may cause, in characters. */
const LONGEST = 200;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are in use longer after `work` than before it. */
function keptBy(work: () => unknown): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const held = work();
  collect();
  const kept = process.memoryUsage().heapUsed - before;
  expect(held).withContext('what must live on').toBeDefined();
  return kept;
}

const event = (data: object, more: object = {}): unknown => ({
  janus: 'event', session_id: 1, sender: 2, transaction: '3', plugindata: { plugin: 'janus.plugin.videoroom', data }, ...more,
});
const streams = [{ mid: '0', type: 'audio', disabled: false, active: true, feed_id: 5, feed_mid: 'a' }];
const people = [{ id: 5, display: SECRET, publisher: true, streams }];

const roomMessages: readonly object[] = [
  { videoroom: 'joined', room: 1234, id: 1, private_id: 2, publishers: people, attendees: people },
  { videoroom: 'event', room: 1234, publishers: people },
  { videoroom: 'event', room: 1234, joining: people[0], leaving: 5, unpublished: 'ok', kicked: 7, reason: SECRET },
  { videoroom: 'attached', room: 1234, streams },
  { videoroom: 'event', error_code: 426, error: SECRET },
  { videoroom: 'participants', participants: people },
];

const janusFrames: readonly unknown[] = [
  ...roomMessages.map((data) => event(data)),
  event({ videoroom: 'attached', streams }, { jsep: { type: 'offer', sdp: SECRET } }),
  { janus: 'success', session_id: 1, transaction: '3', data: { id: 8 } },
  { janus: 'error', session_id: 1, transaction: '3', error: { code: 403, reason: SECRET } },
  { janus: 'trickle', session_id: 1, sender: 2, candidate: { candidate: SECRET, sdpMid: '0', sdpMLineIndex: 0 } },
];

const reports: readonly unknown[] = [
  { type: 'snapshot', users: [{ id: 'ann', name: SECRET }, { id: 'bob' }] },
  { type: 'joined', user: { id: 'cid', name: SECRET } },
  { type: 'left', id: 'bob', reason: 'timeout' },
];

/** Calls `use` with so many frames, each one of these with some damage. */
function each(frames: readonly unknown[], use: (frame: unknown, random: () => number) => void): void {
  const random = randomOf(20_260_101);
  for (let at = 0; at < FRAMES; at++) use(mutated(random, frames[at % frames.length]), random);
}

const expectHarmless = (error: unknown): void => {
  const text = `${String(error)} ${JSON.stringify(error)}`;
  if (text.includes(SECRET) || text.length > LONGEST) fail(`the error tells too much: ${text.slice(0, LONGEST)}`);
};

describe(`${FRAMES} malformed frames`, () => {
  it('T3 readFrame reads or refuses each of them, and keeps and repeats nothing', () => {
    let refused = 0;
    const kept = keptBy(() => {
      each(janusFrames, (frame, random) => {
        const read = readFrame(random() < 0.9 ? broken(random, frame) : junk(random), 4_000);
        if (!('error' in read)) return;
        refused += 1;
        expectHarmless(read.error);
      });
      return refused;
    });
    expect(refused).toBeGreaterThan(FRAMES / 2);
    expect(kept).toBeLessThan(MARGIN);
  });

  it('T3 readJanusFrame reads or refuses each of them, and keeps and repeats nothing', () => {
    let refused = 0;
    const kept = keptBy(() => {
      each(janusFrames, (frame) => {
        const read = readJanusFrame(frame);
        if (read.janus !== 'malformed') return;
        refused += 1;
        expectHarmless(read.error);
      });
      return refused;
    });
    expect(refused).toBeGreaterThan(FRAMES / 4);
    expect(kept).toBeLessThan(MARGIN);
  });

  it('T3 readRoomMessage reads or refuses each of them, and keeps and repeats nothing', () => {
    let refused = 0;
    const kept = keptBy(() => {
      each(roomMessages, (message) => {
        const read = readRoomMessage(message);
        if (!(read instanceof JanusFrameError)) return;
        refused += 1;
        expectHarmless(read);
      });
      return refused;
    });
    expect(refused).toBeGreaterThan(FRAMES / 4);
    expect(kept).toBeLessThan(MARGIN);
  });

  it('U4 userReportFault takes or refuses each of them, and keeps and repeats nothing', () => {
    let refused = 0;
    const kept = keptBy(() => {
      each(reports, (report, random) => {
        const fault = userReportFault(report, [{ id: 'bob' }], random() < 0.5);
        if (fault === null) return;
        refused += 1;
        expectHarmless(fault);
      });
      return refused;
    });
    expect(refused).toBeGreaterThan(FRAMES / 4);
    expect(kept).toBeLessThan(MARGIN);
  });

  it('T3 a channel gives each of them as a message or an error, stays up and keeps none', () => {
    let told = 0;
    marbles(({ scheduler }) => {
      const socket = new FakeSocket();
      const healths: unknown[] = [];
      const running = webSocketChannel({ url: 'wss://host/', open: () => socket }).subscribe((channel) => {
        channel.messages$.subscribe(() => (told += 1));
        channel.errors$.subscribe((error) => {
          told += 1;
          expectHarmless(error);
        });
        channel.health$.subscribe((health) => healths.push(health));
      });
      socket.opens();
      scheduler.schedule(() => {
        const kept = keptBy(() => {
          each(janusFrames, (frame, random) => socket.receives(random() < 0.5 ? broken(random, frame) : JSON.stringify(frame)));
          return socket;
        });
        expect(kept).toBeLessThan(MARGIN);
        expect(healths).toEqual(['up']);
        running.unsubscribe();
      }, 100);
    });
    expect(told).toBe(FRAMES);
  });

  it('T3 a room at a Janus stays connected, tells of each on errors$ and keeps none', () => {
    const states: string[] = [];
    let sent = 0;
    let told = 0;
    marbles(({ scheduler }) => {
      const server = new FakeServer();
      const transport = janusTransport({ url: 'wss://host/', room: 1234, subscribe: false, open: server.open, scheduler });
      const room = createRoom(transport, { scheduler });
      room.connectionState$.subscribe((state) => states.push(textOf(state)));
      room.errors$.subscribe(({ error }) => {
        told += 1;
        expectHarmless(error);
      });
      room.join();
      scheduler.schedule(() => server.newest.opens(), 10);
      scheduler.schedule(() => {
        const kept = keptBy(() => {
          // One that is well by chance would be obeyed.
          each(janusFrames, (frame) => {
            if (readJanusFrame(frame).janus !== 'malformed') return;
            sent += 1;
            server.newest.says(frame as object);
          });
          return room;
        });
        expect(kept).toBeLessThan(MARGIN);
      }, 100);
      scheduler.schedule(() => room.leave(), 200);
    });
    expect(states).toEqual([
      'disconnected/null',
      'connecting/joinChannel',
      'connected/joinSucceed',
      'disconnected/leaveChannel',
    ]);
    expect(sent).toBeGreaterThan(FRAMES / 4);
    expect(told).toBe(sent);
  });

  it('U4 usersOf never errors, tells of each that it could not use, and keeps none', () => {
    let complaints = 0;
    let most = 0;
    marbles(({ scheduler }) => {
      const users$ = new Subject<UserReport>();
      const link = { signal$: alwaysUp, media$: null, users$ };
      const room = createRoom({ join: () => concat(of(link), NEVER) }, { ...brisk, scheduler });
      const onError = (error: unknown): void => {
        complaints += 1;
        expectHarmless(error);
      };
      usersOf(room, { onError }).subscribe(({ users }) => (most = Math.max(most, users.length)));
      room.join();
      scheduler.schedule(() => {
        const kept = keptBy(() => {
          each(reports, (report) => users$.next(report as UserReport));
          return room;
        });
        expect(kept).toBeLessThan(MARGIN);
        expect(users$.observed).toBeTrue();
        room.leave();
      }, 5);
    });
    expect(complaints).toBeGreaterThan(FRAMES / 4);
    expect(most).toBeLessThan(100);
  });
});
