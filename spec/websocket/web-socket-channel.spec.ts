import { expectTypeOf } from 'expect-type';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  of,
  retry,
  skip,
  switchMap,
  take,
  tap,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { ChannelClosedError } from '../../lib/websocket/channel-closed-error.js';
import { ChannelOpenError } from '../../lib/websocket/channel-open-error.js';
import { FrameError } from '../../lib/websocket/frame-error.js';
import { OpeningLimitError } from '../../lib/websocket/opening-limit-error.js';
import { ProbeError } from '../../lib/websocket/probe-error.js';
import { webSocketChannel } from '../../lib/websocket/web-socket-channel.js';
import { FakeSocket } from './fake-socket.js';
import type { Observable, SchedulerLike, Subscription } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type WebSocketOfWs from 'ws';
import type { Attempt } from '../../lib/core/machine/attempt.js';
import type { Health } from '../../lib/core/machine/health.js';
import type { WebSocketChannel } from '../../lib/websocket/live-channel.js';
import type { WebSocketChannelOptions } from '../../lib/websocket/web-socket-channel.js';
import type { WebSocketLike } from '../../lib/websocket/web-socket-like.js';

const url = 'wss://user:pa55@room.example/join?token=s3cret#fragment';
const u: Health = 'up';
const down = (aliveAt: number): Health => ({ down: true, aliveAt });
const closed = (code: number, opened = true, reason = ''): ChannelClosedError =>
  new ChannelClosedError({ code, reason, wasClean: code !== 1006 }, opened);

interface Bench extends RunHelpers {
  readonly sockets: FakeSocket[];
  /** A channel over fakes, with short limits: asks after 5 ms, lost after 5 more. */
  channel(options?: Partial<WebSocketChannelOptions>): Observable<WebSocketChannel>;
  /** The same, with the opening limit of an attempt. */
  limitedBy(limit: Required<Pick<WebSocketChannelOptions, 'attempt'>>): Observable<WebSocketChannel>;
  /** Does what the letters say to the newest socket, when the diagram says so. */
  script(marbles: string, deeds: Readonly<Record<string, (socket: FakeSocket) => void>>): void;
  at(ms: number, look: () => void): void;
}

function run(spec: (bench: Bench) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => {
    scheduler.maxFrames = 1000; // an open channel asks for ever
    const sockets: FakeSocket[] = [];
    spec({
      ...helpers,
      sockets,
      channel: (options) => webSocketChannel({ ...optionsFor(scheduler, sockets), ...options }),
      limitedBy: (limit) => webSocketChannel({ ...unlimited(scheduler, sockets), ...limit }),
      script: (marbles, deeds) =>
        void helpers.hot(marbles, deeds).subscribe((deed) => sockets.slice(-1).forEach((socket) => deed(socket))),
      at: (ms, look) => void scheduler.schedule(look, ms),
    });
  });
}

const optionsFor = (scheduler: SchedulerLike, sockets: FakeSocket[]): WebSocketChannelOptions => ({
  ...unlimited(scheduler, sockets),
  openingLimit: 10,
});

const unlimited = (scheduler: SchedulerLike, sockets: FakeSocket[]): WebSocketChannelOptions => ({
  url,
  open: () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  },
  heartbeat: { every: 5, timeout: 5, grace: 0 },
  probeLimit: 4,
  scheduler,
});

const o = (socket: FakeSocket): void => socket.opens();
const m = (socket: FakeSocket): void => socket.receives('"m"');
const x = (socket: FakeSocket): void => socket.closesWith(1006);

describe('webSocketChannel', () => {
  describe('opening', () => {
    it('emits the channel when the socket is open', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                      ---o--', { o });
        expectObservable(channel().pipe(switchMap(() => of('c')))).toBe('---c--');
      });
    });

    it('opens a socket for every subscription, and none before', () => {
      run(({ channel, sockets, at }) => {
        const channel$ = channel();
        expect(sockets.length).toBe(0);
        const both = [channel$.subscribe(), channel$.subscribe()];
        expect(sockets.length).toBe(2);
        at(5, () => both.forEach((one) => one.unsubscribe()));
      });
    });

    it('fails when the socket does not open in time, closes it, and never adopts it', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        script('                              ------------o--', { o });
        expectObservable(channel()).toBe('    ----------#    ', undefined, new OpeningLimitError(10));
        at(11, () => expect(sockets[0]!.closes).toEqual([1000]));
        at(13, () => expect(sockets[0]!.closes).toEqual([1000, 1000]));
      });
    });

    it('R15 takes its opening limit from the attempt', () => {
      run(({ limitedBy, expectObservable }) => {
        const attempt: Attempt = {
          number: 2,
          kind: 'resume',
          cause: 'signal',
          endpoint: null,
          previous: null,
          openingLimit: 6,
          limitAt: 10_000,
          deadlineAt: 40_000,
        };
        const limited = limitedBy({ attempt });
        expectObservable(limited).toBe('      ------#', undefined, new OpeningLimitError(6));
        expectObservable(limited).toBe('      ------#', undefined, new OpeningLimitError(6)); // each subscription anew
        const longer = limitedBy({ attempt: { openingLimit: 20 } });
        expectObservable(longer).toBe('       20ms #', undefined, new OpeningLimitError(20));
      });
    });

    it('R15 gives an opening 3 s without an attempt', () => {
      const scheduler = new VirtualTimeScheduler();
      const failed: unknown[] = [];
      webSocketChannel(unlimited(scheduler, [])).subscribe({ error: (error: unknown) => failed.push(scheduler.now(), error) });
      scheduler.flush();
      expect(failed).toEqual([3000, new OpeningLimitError(3000)]);
    });

    it('takes a socket that is already open, and refuses one that is already closed', () => {
      run(({ channel, expectObservable }) => {
        const made = (readyState: number) => ({ open: () => Object.assign(new FakeSocket(), { readyState }) });
        expectObservable(channel(made(1)).pipe(switchMap(() => of('c')), take(1))).toBe('(c|)');
        expectObservable(channel(made(3))).toBe('#', undefined, closed(1006, false));
      });
    });

    it('H9 tells a socket that was never open from one that was', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                    ---x', { x });
        expectObservable(channel()).toBe('          ---#', undefined, closed(1006, false));
      });
    });

    it('closes a socket that is unsubscribed while it connects, and again when it opens', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        script('                                    -----o-x', { o, x });
        expectObservable(channel(), '               --!     ').toBe('--------');
        at(4, () => expect([sockets[0]!.closes, sockets[0]!.heard]).toEqual([[1000], ['close', 'error', 'open']]));
        at(6, () => expect(sockets[0]!.closes).toEqual([1000, 1000]));
        at(8, () => expect(sockets[0]!.heard).toEqual([]));
      });
    });

    it('says so when there is no WebSocket', () => {
      const { WebSocket: platform } = globalThis;
      Reflect.deleteProperty(globalThis, 'WebSocket');
      const seen = jasmine.createSpy('error');
      webSocketChannel({ url }).subscribe({ error: seen });
      Object.assign(globalThis, { WebSocket: platform });
      const text = 'no global WebSocket here: pass the `open` option';
      expect(seen).toHaveBeenCalledOnceWith(new TypeError(text));
    });

    it('uses the global WebSocket', () => {
      const { WebSocket: platform } = globalThis;
      const made: string[] = [];
      Object.assign(globalThis, {
        WebSocket: class extends FakeSocket {
          constructor(url: string) {
            super();
            made.push(url);
          }
        },
      });
      webSocketChannel({ url: new URL('ws://room.example') }).subscribe().unsubscribe();
      Object.assign(globalThis, { WebSocket: platform });
      expect(made).toEqual(['ws://room.example/']);
    });
  });

  describe('closing', () => {
    for (const code of [1000, 1001, 1012, 4001]) {
      it(`H9 errors on a clean close with ${code}, and says with which`, () => {
        run(({ channel, script, expectObservable }) => {
          script('                           -o-x', { o, x: (socket) => socket.closesWith(code, 'why') });
          const once = channel().pipe(switchMap(() => of('c')));
          expectObservable(once).toBe('      -c-#', undefined, closed(code, true, 'why'));
        });
      });
    }

    it('H9 is opened anew by retry after a clean close', () => {
      run(({ channel, script, sockets, at, expectObservable, expectSubscriptions, cold }) => {
        script('                             -o-x--o---', { o, x: (socket) => socket.closesWith(1000) });
        const watched = cold('               a'); // one subscription for every try
        const tries = defer(() => merge(watched.pipe(switchMap(() => EMPTY)), channel()));
        const result = tries.pipe(switchMap(() => of('c')), retry({ count: 1, delay: () => timer(1) }));
        expectObservable(result, '           ^--------!').toBe('-c----c---');
        expectSubscriptions(watched.subscriptions).toBe(['^--!', '----^----!']);
        at(8, () => expect(sockets.length).toBe(2));
      });
    });

    it('ends everything that came from the channel, health first', () => {
      run(({ channel, script, at, expectObservable }) => {
        script('                                        -o-m-x', { o, m, x });
        const seen: string[] = [];
        const watch = ({ health$, messages$, errors$ }: WebSocketChannel): Observable<never> => {
          health$.subscribe({ next: (health) => seen.push(health === 'up' ? 'up' : 'down'), complete: () => seen.push('health') });
          messages$.subscribe({ complete: () => seen.push('messages') });
          errors$.subscribe({ complete: () => seen.push('errors') });
          return EMPTY;
        };
        const ended = channel().pipe(tap({ error: () => seen.push('error') }), mergeMap(watch));
        expectObservable(ended).toBe('                  -----#', undefined, closed(1006));
        at(6, () => expect(seen).toEqual(['up', 'down', 'health', 'messages', 'errors', 'error']));
      });
    });

    it('is down for whoever asks after the end', () => {
      run(({ channel, script, at, expectObservable }) => {
        script('-o-m-x', { o, m, x });
        let kept: WebSocketChannel | undefined;
        channel().subscribe({ next: (channel) => (kept = channel), error: () => {} });
        at(9, () => {
          const seen: unknown[] = [];
          kept!.health$.subscribe({ next: (health) => seen.push(health), complete: () => seen.push('|') });
          expect(seen).toEqual([down(3), '|']);
        });
        expectObservable(defer(() => kept!.messages$), '---------^').toBe('---------|');
        expectObservable(defer(() => kept!.probe()), '   ---------^').toBe('---------#', undefined, new ProbeError(4, 'closed'));
      });
    });

    it('closes the socket and takes its listeners away when unsubscribed', () => {
      run(({ channel, script, sockets, at }) => {
        script('-o---x', { o, x: (socket) => socket.closesWith(1000) });
        const subscription = channel().subscribe();
        at(2, () => expect(sockets[0]!.heard).toEqual(['close', 'error', 'message', 'open']));
        at(3, () => subscription.unsubscribe());
        at(4, () => {
          expect(sockets[0]!.closes).toEqual([1000]);
          expect(sockets[0]!.heard).not.toContain('message');
        });
        at(6, () => expect(sockets[0]!.heard).toEqual([]));
      });
    });

    it('leaves no timer behind, whatever ends it', () => {
      const endings: readonly ((socket: FakeSocket, subscription: Subscription) => void)[] = [
        (_, subscription) => subscription.unsubscribe(),
        (socket) => socket.closesWith(1006),
        (socket, subscription) => {
          socket.opens();
          subscription.unsubscribe();
        },
        (socket) => {
          socket.opens();
          socket.closesWith(1000);
        },
      ];
      for (const end of endings) {
        const scheduler = new VirtualTimeScheduler();
        const sockets: FakeSocket[] = [];
        const subscription = webSocketChannel(optionsFor(scheduler, sockets)).subscribe({ error: () => {} });
        end(sockets[0]!, subscription);
        scheduler.flush();
        expect([scheduler.now(), sockets[0]!.sent]).toEqual([0, []]);
      }
    });

    it('asks the socket to close with a code that browsers allow', () => {
      run(({ channel, script, sockets, at }) => {
        script('-o------', { o });
        const subscription = channel().subscribe((channel) => {
          for (const code of [1001, 999, 2999, 5000, 3000.5, NaN]) {
            expect(() => channel.close(code)).toThrowError(RangeError, `close: code must be 1000 or 3000 to 4999, got ${code}`);
          }
          expect(() => channel.close('soon' as unknown as number)).toThrowError(RangeError, 'close: code must be 1000 or 3000 to 4999, got a string');
          expect(() => channel.close(4000, 'ä'.repeat(62))).toThrowError(RangeError, 'close: reason must be at most 123 bytes long, got 124');
          expect(() => channel.close(4000, Symbol('s') as unknown as string)).toThrowError(TypeError, 'close: reason must be a string, got a symbol');
          channel.close(4000, 'superseded');
          channel.close();
          expect(channel.send(1)).toBeFalse();
        });
        at(2, () => expect(sockets[0]!.closes).toEqual([4000]));
        at(3, () => subscription.unsubscribe());
      });
    });
  });

  describe('messages', () => {
    it('hands out what is JSON, in order', () => {
      run(({ channel, script, expectObservable }) => {
        script('                      -o-a-(bc)-x', {
          o,
          a: (socket) => socket.receives('{"n":1}'),
          b: (socket) => socket.receives('null'),
          c: (socket) => socket.receives('[2]'),
          x,
        });
        const messages = channel().pipe(mergeMap(({ messages$ }) => messages$));
        expectObservable(messages).toBe('---a-(bc)-#', { a: { n: 1 }, b: null, c: [2] }, closed(1006));
      });
    });

    it('loses no frame before the emission of the channel has returned, for none of its subscribers', () => {
      run(({ channel, script, expectObservable }) => {
        const early = (socket: FakeSocket): void => {
          socket.receives('0'); // even before it is open
          socket.send = () => socket.receives('1');
          socket.opens();
        };
        script('                      -o-----m', { o: early, m });
        const seen = channel({ heartbeat: { every: 99 } }).pipe(
          mergeMap((channel) => {
            channel.send('asks'); // answered within the call
            return merge(channel.messages$, channel.messages$);
          }),
        );
        expectObservable(seen, '      ^-------!').toBe('-(0011)(mm)', { 0: 0, 1: 1, m: 'm' });
      });
    });

    it('T3 reports frames that cannot be used, and goes on', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                  -o-abc-m', {
          o,
          a: (socket) => socket.receives('no'),
          b: (socket) => socket.receives(new ArrayBuffer(3)),
          c: (socket) => socket.receives('"long enough"'),
          m,
        });
        const channel$ = channel({ maxFrame: 12 });
        const all = channel$.pipe(mergeMap(({ messages$, errors$, health$ }) => merge(messages$, errors$, health$)));
        expectObservable(all, '                   ^--------!').toBe('-u-abc-m', {
          u,
          a: new FrameError('not JSON', 2),
          b: new FrameError('binary', 3),
          c: new FrameError('too large', 13),
          m: 'm',
        });
      });
    });

    it('sends JSON while it is open, and says whether it did', () => {
      run(({ channel, script, sockets, at }) => {
        script('-o-x', { o, x });
        let kept: WebSocketChannel | undefined;
        channel().subscribe({ next: (channel) => (kept = channel), error: () => {} });
        at(2, () => {
          expect(kept!.send({ a: [1, 'b'] })).toBeTrue();
          expect(() => kept!.send(undefined)).toThrowError(TypeError, 'send: message must be something that JSON can hold, got undefined');
          expect(() => kept!.send(1n)).toThrowError(TypeError, 'send: message must be something that JSON can hold, got 1n');
          sockets[0]!.send = () => {
            throw new Error('closed in this very moment');
          };
          expect(kept!.send(1)).toBeFalse();
        });
        at(4, () => {
          expect(kept!.send(undefined)).toBeFalse();
          expect(kept!.send(2)).toBeFalse();
          expect(sockets[0]!.sent).toEqual(['{"a":[1,"b"]}']);
        });
      });
    });
  });

  describe('health', () => {
    const health = (channel$: Observable<WebSocketChannel>): Observable<Health> =>
      channel$.pipe(mergeMap(({ health$ }) => health$));

    it('H3 is up from the opening, down when neither traffic nor an answer comes, up again with the next frame', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        script('                                             -o---m---------------b-', {
          o,
          m,
          b: (socket) => socket.receives(new ArrayBuffer(1)),
        });
        expectObservable(health(channel()), '                ^---------------------!').toBe(
          '                                                  -u-------------d-----u',
          { u, d: down(5) },
        );
        at(12, () => expect(sockets[0]!.sent).toEqual(['{"type":"ping"}']));
      });
    });

    it('H3 does not take its own sends for a sign of life', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                      -o---------------', { o });
        const busy = channel().pipe(
          mergeMap((channel) =>
            merge(
              channel.health$,
              timer(1).pipe(
                mergeMap(() => concat(...Array.from({ length: 9 }, () => timer(1)))),
                tap(() => channel.send('busy')),
                mergeMap(() => EMPTY),
              ),
            ),
          ),
        );
        expectObservable(busy, '                      ^---------------!').toBe('-u---------d-----', { u, d: down(1) });
      });
    });

    it('H3 asks with a message of your own, at your own times', () => {
      run(({ channel, script, sockets, at }) => {
        script('-o----------', { o });
        let n = 0;
        const subscription = channel({ heartbeat: { every: 2, timeout: 2, ping: () => ({ n: ++n }) } }).subscribe();
        at(10, () => expect(sockets[0]!.sent).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']));
        at(10, () => subscription.unsubscribe());
      });
    });

    it('H9 is down when the server closes cleanly, and says down once only', () => {
      run(({ channel, script, expectObservable }) => {
        const clean = (socket: FakeSocket): void => socket.closesWith(1001);
        script('                                      -o--m--x-------', { o, m, x: clean });
        expectObservable(health(channel())).toBe('    -u-----(d#)', { u, d: down(4) }, closed(1001));
      });
      run(({ channel, script, expectObservable }) => {
        script('                                      -o-------------x', { o, x });
        expectObservable(health(channel())).toBe('    -u---------d---#', { u, d: down(1) }, closed(1006));
      });
    });

    it('ends the channel when its ping cannot be made', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        const ping = (): never => {
          throw 'error';
        };
        script('                                          -o--------', { o });
        const failing = channel({ heartbeat: { every: 5, ping } });
        expectObservable(health(failing)).toBe('          -u----(d#)', { u, d: down(1) });
        at(7, () => expect(sockets[0]!.closes).toEqual([1000]));
      });
    });

    it('starts with the current one', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                       -o-------------', { o });
        const late = channel().pipe(switchMap(({ health$ }) => timer(12).pipe(switchMap(() => health$))));
        expectObservable(late, '                       ^--------------!').toBe('-------------d-', { d: down(1) });
      });
    });
  });

  describe('probe', () => {
    const probed = (channel$: Observable<WebSocketChannel>): Observable<string> =>
      channel$.pipe(mergeMap((channel) => timer(1).pipe(switchMap(() => concat(channel.probe().pipe(switchMap(() => of('a'))), of('done'))))));

    it('asks at once, and is answered by the next frame of any kind', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        script('                                  -o--b--', { o, b: (socket) => socket.receives(new ArrayBuffer(1)) });
        expectObservable(probed(channel()), '     ^-----!').toBe('----(ad)', { a: 'a', d: 'done' });
        at(3, () => expect(sockets[0]!.sent).toEqual(['{"type":"ping"}']));
      });
    });

    it('fails when nothing comes in time', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                  -o------', { o });
        expectObservable(probed(channel())).toBe('------#', undefined, new ProbeError(4, 'silent'));
      });
    });

    it('H11 is down for health$ too when nothing comes in time, until the next frame', () => {
      run(({ channel, script, expectObservable }) => {
        const health$ = channel({ heartbeat: { every: 100, timeout: 100 } }).pipe(
          mergeMap((open) => merge(open.health$, timer(1).pipe(mergeMap(() => open.probe().pipe(catchError(() => EMPTY)))))),
          filter((value): value is Health => value === 'up' || (typeof value === 'object' && value !== null && 'down' in value)),
        );
        script('                          -o-------m-', { o, m: (socket) => socket.receives('1') });
        expectObservable(health$, '       ^---------!').toBe(
          '                               -u----d--u', { u, d: down(1) });
      });
    });

    it('fails when the channel closes meanwhile', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                  -o-x----', { o, x });
        expectObservable(probed(channel())).toBe('---#', undefined, new ProbeError(4, 'closed'));
      });
    });

    it('fails at once while the socket is closing', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                  -oc-----', { o, c: (socket) => socket.close() });
        expectObservable(probed(channel())).toBe('--#', undefined, new ProbeError(4, 'closed'));
      });
    });

    it('can be answered within the call of send, and given up', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        const answering = (socket: FakeSocket): void => {
          socket.send = () => socket.receives('"pong"');
          socket.opens();
        };
        script('                                  -o------', { o: answering });
        expectObservable(probed(channel()), '     ^-----!').toBe('--(ad)', { a: 'a', d: 'done' });
        at(5, () => expect(sockets.length).toBe(1));
      });
      run(({ channel, script, expectObservable }) => {
        script('                                  -o------', { o });
        expectObservable(probed(channel()), '     ^---!').toBe('--------');
      });
    });
  });

  describe('ask', () => {
    /** Asks at 2, probes at `probeAt`; what becomes of the probe, and of the health. */
    const doubted = (channel$: Observable<WebSocketChannel>, probeAt: number): Observable<unknown> =>
      channel$.pipe(
        mergeMap((open) => {
          const asked$ = timer(1).pipe(tap(() => open.ask()), switchMap(() => EMPTY));
          const probed$ = timer(probeAt - 1).pipe(switchMap(() => concat(open.probe(), of('alive'))));
          return merge(open.health$, asked$, probed$);
        }),
        filter((value) => value === 'alive' || value === 'up' || (typeof value === 'object' && value !== null && 'down' in value)),
      );
    const patient = { heartbeat: { every: 100, timeout: 100 }, probeLimit: 6, doubtLimit: 3 };

    it('pings once while its question is open, and judges nothing', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        script('                                                 -o------------------', { o });
        const asking = channel(patient).pipe(
          mergeMap((open) => merge(open.health$, timer(1, 1).pipe(take(4), tap(() => open.ask()), switchMap(() => EMPTY)))),
        );
        expectObservable(asking, '                               ^-------------------!').toBe('-u', { u });
        at(19, () => expect(sockets[0]!.sent).toEqual(['{"type":"ping"}']));
      });
    });

    it('H11 lets a probe judge at once when its question has been open for doubtLimit', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                         -o-----------', { o });
        expectObservable(doubted(channel(patient), 6)).toBe('-u----(d#)', { u, d: down(1) }, new ProbeError(3, 'silent'));
      });
    });

    it('H11 leaves a probe that comes sooner what is left of doubtLimit', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                         -o-----------', { o });
        expectObservable(doubted(channel(patient), 3)).toBe('-u---(d#)', { u, d: down(1) }, new ProbeError(3, 'silent'));
      });
    });

    it('is answered by any frame: a probe after that has its whole limit', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                         -o--m--------', { o, m: (socket) => socket.receives('1') });
        expectObservable(doubted(channel(patient), 6)).toBe('-u----------(d#)', { u, d: down(4) }, new ProbeError(6, 'silent'));
      });
    });

    it('Z2 proves nothing when it was asked long ago, before a sleep perhaps', () => {
      run(({ channel, script, expectObservable }) => {
        script('                                         -o--------------', { o });
        expectObservable(doubted(channel(patient), 9)).toBe('-u-------------(d#)', { u, d: down(1) }, new ProbeError(6, 'silent'));
      });
    });

    it('is nothing on a channel that has ended', () => {
      run(({ channel, script, sockets, at, expectObservable }) => {
        let kept: WebSocketChannel | null = null;
        script('                                  -o-x----', { o, x });
        expectObservable(channel().pipe(tap((open) => (kept = open)), switchMap(() => EMPTY))).toBe('---#', undefined, closed(1006));
        at(5, () => {
          kept!.ask();
          expect(sockets[0]!.sent).toEqual([]);
        });
      });
    });
  });

  it('H6 does not take the frame that caused a probe for its answer', () => {
    run(({ channel, script, sockets, at, expectObservable }) => {
      // Down at 11, up again by a late frame at 15; whoever then asks is answered by the next frame only.
      const proven = channel({ heartbeat: { every: 5, timeout: 5 } }).pipe(
        mergeMap((open) => open.health$.pipe(skip(2), filter((health) => health === 'up'), switchMap(() => open.probe()), map(() => 'proven'))),
      );
      script('                           -o-------------m--m-----', { o, m: (socket) => socket.receives('1') });
      expectObservable(proven, '         ^----------------------!').toBe('------------------p', { p: 'proven' });
      at(16, () => expect(sockets[0]!.sent.length).toBe(2)); // the heartbeat's and the probe's
    });
  });

  it('X1 keeps the address, and the token in it, out of every error', () => {
    const errors: Error[] = [];
    const collect = (options: Partial<WebSocketChannelOptions>, deed: (socket: FakeSocket) => void): void => {
      const scheduler = new VirtualTimeScheduler();
      const sockets: FakeSocket[] = [];
      webSocketChannel({ ...optionsFor(scheduler, sockets), ...options }).subscribe({ error: (error: unknown) => errors.push(error as Error) });
      sockets.forEach(deed);
      scheduler.flush();
    };
    const refuse = (): never => {
      throw Object.assign(new SyntaxError(`Invalid URL: ${url}`), { input: url });
    };
    collect({ open: refuse }, () => {});
    collect({}, () => {}); // opening limit
    collect({}, x);
    collect({}, (socket) => {
      socket.opens();
      socket.closesWith(4001, 'kicked');
    });
    expect(errors.map(({ message }) => message)).toEqual([
      'the socket could not be made: SyntaxError',
      'the channel did not open within 10 ms',
      'the channel could not be opened, code 1006',
      'the channel was closed with code 4001',
    ]);
    expect(errors[0]).toEqual(new ChannelOpenError(new SyntaxError()));
    for (const error of errors) expect(JSON.stringify([error, error.message, error.cause, String(error)])).not.toMatch(/s3cret|pa55/);
  });

  it('refuses options that make no sense, by name', () => {
    const make = (options: object) => () => webSocketChannel({ url, ...options });
    expect(make({ uri: '' })).toThrowError(TypeError, 'webSocketChannel: unknown option "uri"');
    expect(make({ url: '' })).toThrowError(TypeError, 'webSocketChannel: url must be a URL, or a string that is not empty, got an empty string');
    expect(make({ open: 1 })).toThrowError(TypeError, 'webSocketChannel: open must be a function, got 1');
    expect(make({ openingLimit: 2 ** 31 })).toThrowError(RangeError, 'webSocketChannel: openingLimit must be greater than 0 and at most 2147483647 ms, got 2147483648');
    const both = make({ openingLimit: 3000, attempt: { openingLimit: 3000 } });
    expect(both).toThrowError(TypeError, 'webSocketChannel: pass attempt or openingLimit, not both');
    for (const attempt of [null, 3000, 'attempt', () => 3000, {}, { openingLimit: '3000' }, { openingLimit: null }]) {
      expect(make({ attempt })).toThrowError(TypeError, /^webSocketChannel: attempt.openingLimit must be a number of milliseconds, got (undefined|a string|null)$/);
    }
    for (const openingLimit of [0, -1, NaN, Infinity, 2 ** 31]) {
      expect(make({ attempt: { openingLimit } })).toThrowError(RangeError, /^webSocketChannel: attempt.openingLimit /);
    }
    expect(make({ probeLimit: 0 })).toThrowError(RangeError, /^webSocketChannel: probeLimit/);
    expect(make({ doubtLimit: -1 })).toThrowError(RangeError, /^webSocketChannel: doubtLimit/);
    expect(make({ doubtLimit: 3000 })).toThrowError(RangeError, 'webSocketChannel: doubtLimit must be at most probeLimit (2000 ms), got 3000');
    expect(make({ maxFrame: 'big' })).toThrowError(TypeError, 'webSocketChannel: maxFrame must be a number, got a string');
    expect(make({ heartbeat: { ping: {} } })).toThrowError(TypeError, 'webSocketChannel: heartbeat.ping must be a function, got an object');
    for (const name of ['every', 'timeout', 'grace']) {
      expect(make({ heartbeat: { [name]: -1 } })).toThrowError(RangeError, new RegExp(`^webSocketChannel: heartbeat.${name} `));
    }
  });

  it('fits the browser, Node and the smallest fake', () => {
    expectTypeOf<WebSocket>().toExtend<WebSocketLike>();
    expectTypeOf<WebSocketOfWs>().toExtend<WebSocketLike>();
    expectTypeOf(webSocketChannel({ url })).toEqualTypeOf<Observable<WebSocketChannel>>();
    // @ts-expect-error: an address is needed
    expect(() => webSocketChannel({})).toThrowError(TypeError);
  });
});
