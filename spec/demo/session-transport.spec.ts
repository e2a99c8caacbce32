import { of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { NoticeError, RefusedError, classifyRefusal } from '../../demo/client/call/refusal.js';
import { sessionTransport } from '../../demo/client/call/session-transport.js';
import type { ClientFrame, ServerFrame } from '../../demo/protocol.js';
import { AttemptLimitError, createRoom } from '../../lib/index.js';
import { ChannelClosedError, OpeningLimitError, ProbeError } from '../../lib/websocket/index.js';
import { CutNetwork, fates } from '../websocket/cut-network.js';
import { FakeSocket } from '../websocket/fake-socket.js';

/** A socket to a server that knows one session and answers at once. */
class FakeServerSocket extends FakeSocket {
  answers = true;

  override send(data: string): void {
    super.send(data);
    const reply = this.answers ? replyTo(JSON.parse(data) as ClientFrame) : null;
    if (reply !== null) this.receives(JSON.stringify(reply));
  }

  get asked(): string[] {
    return this.sent.map((data) => (JSON.parse(data) as ClientFrame).type);
  }
}

function replyTo(frame: ClientFrame): ServerFrame | null {
  switch (frame.type) {
    case 'join':
      return { type: 'joined', session: 'S', key: 'K', resumeWindow: 47_000, users: [] };
    case 'resume':
      return { type: 'resumed', users: [] };
    case 'ping':
      return { type: 'pong', n: frame.n };
    default:
      return null;
  }
}

describe('sessionTransport', () => {
  for (const fate of fates) {
    it(`R1 is back in the same session after 30 s in which ${fate}`, () => {
      const scheduler = new TestScheduler(() => undefined);
      scheduler.run(() => {
        scheduler.maxFrames = 100_000;
        spyOn(Date, 'now').and.callFake(() => scheduler.now());
        const at = (ms: number, work: () => void): void => void scheduler.schedule(work, ms);
        const sockets: FakeServerSocket[] = [];
        const network = new CutNetwork({ fate, at });
        const transport = sessionTransport(
          {
            user: 'A',
            room: 'demo',
            signalUrl: 'ws://room.example/',
            tokenUrl: 'http://room.example/token',
            open: () => {
              const socket = new FakeServerSocket();
              sockets.push(socket);
              network.connect(socket);
              return socket;
            },
          },
          (session) => of(session),
        );
        const requested = jasmine.createSpy('request').and.returnValue(of({ token: 'T' }));
        const room = createRoom({ ...transport, request: requested }, { scheduler, random: () => 0.5 });
        const states: string[] = [];
        const attempts: string[] = [];
        room.connectionState$.subscribe(({ state, reason }) => states.push(`${state}/${String(reason)}`));
        room.events$.subscribe((event) => {
          if (event.type === 'attempt') attempts.push(event.kind);
        });
        room.join();
        // The server was last heard at 15.01 s.
        at(15_100, () => {
          network.isCut = true;
          sockets.at(-1)!.closesWith(1006);
        });
        at(45_100, () => (network.isCut = false));
        at(54_900, () => {
          expect(states.slice(2)).toEqual([
            'connected/joinSucceed',
            'reconnecting/signalDisconnected',
            'connected/rejoinSucceed',
          ]);
          expect(new Set(attempts.slice(1))).toEqual(new Set(['resume']));
          expect(sockets.flatMap(({ asked }) => asked).filter((type) => type === 'join').length).toBe(1);
          expect(requested).toHaveBeenCalledTimes(1);
          room.leave();
        });
      });
    });
  }
});

describe('classifyRefusal', () => {
  it('R1 takes an attempt that was cut at its limit, and every error of a channel, for unreachable', () => {
    const closed = new ChannelClosedError({ code: 1006, reason: '', wasClean: false }, true);
    for (const error of [new AttemptLimitError(10_000), new OpeningLimitError(3000), new ProbeError(2000, 'silent'), closed]) {
      expect(classifyRefusal(error)).withContext(error.name).toBeUndefined();
    }
  });

  it('takes a refusal and a notice for what they say', () => {
    expect(classifyRefusal(new RefusedError('sessionGone'))).toEqual({ kind: 'refused' });
    expect(classifyRefusal(new RefusedError('busy', 400))).toEqual({ kind: 'busy', retryAfter: 400 });
    expect(classifyRefusal(new RefusedError('unauthorized'))).toEqual({ kind: 'fatal' });
    expect(classifyRefusal(new NoticeError({ kind: 'kicked' }))).toEqual({ kind: 'kicked' });
  });
});
