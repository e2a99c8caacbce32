import { catchError, EMPTY, ignoreElements, map, merge, NEVER, of, Subject, switchMap, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { sessionSignalling, type SessionSignalling } from '../../demo/client/call/session-signalling.js';
import type { SignalChannel } from '../../demo/client/call/signal-channel.js';
import type { ClientFrame, ServerFrame } from '../../demo/protocol.js';
import type { Health } from '../../lib/index.js';

const run = (spec: Parameters<TestScheduler['run']>[0]): void => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(spec);
};

const healths: Readonly<Record<string, Health>> = { u: 'up', d: { down: true, aliveAt: 1 } };

/** A channel whose server answers a resume at once. */
function fakeChannel(more: Partial<SignalChannel>): SignalChannel & { readonly sent: ClientFrame[] } {
  const frames = new Subject<ServerFrame>();
  const sent: ClientFrame[] = [];
  return {
    sent,
    frames$: frames.asObservable(),
    errors$: NEVER,
    health$: of('up' as const),
    send: (frame) => {
      sent.push(frame);
      if (frame.type === 'resume') frames.next({ type: 'resumed', users: [] });
    },
    ask: () => undefined,
    probe: () => NEVER,
    prove: () => NEVER,
    ...more,
  };
}

/** The health of a session on `channel`, as u and d. */
const healthOf = (
  channel: SignalChannel,
  { fresh$ = NEVER, prepare = () => undefined }: { fresh$?: Observable<SignalChannel>; prepare?: (of: SessionSignalling) => void },
): Observable<string> =>
  sessionSignalling({ channel, closeChannel: () => undefined, fresh$, session: 'S', key: 'K' }).pipe(
    switchMap((signalling) => {
      prepare(signalling);
      return signalling.health$;
    }),
    map((health) => (health === 'up' ? 'u' : 'd')),
  );

const excused = (signalling: SessionSignalling): void => signalling.excuse(() => true);

describe('sessionSignalling', () => {
  it('tells a loss at once', () => {
    run(({ hot, expectObservable }) => {
      const channel = fakeChannel({ health$: hot('u-----d---', healths) });
      expectObservable(healthOf(channel, {})).toBe('u-----d---');
    });
  });

  it('H6 believes a silent channel that speaks again when it has answered a question of now', () => {
    run(({ cold, hot, expectObservable }) => {
      const prove = () => cold('                         ---p');
      const channel = fakeChannel({ prove, health$: hot('u--d--u-------', healths) });
      expectObservable(healthOf(channel, {})).toBe('     u--d-----u----');
    });
    run(({ hot, expectObservable }) => {
      const prove = () => throwError(() => new Error('closed'));
      const channel = fakeChannel({ prove, health$: hot('u--d--u-------', healths) });
      expectObservable(healthOf(channel, {})).toBe('     u--d----------');
    });
  });

  it('H13 tries a fresh channel before an excused one counts as lost', () => {
    run(({ cold, hot, expectObservable, flush }) => {
      const fresh = fakeChannel({});
      const fresh$ = cold('                      900ms c', { c: fresh });
      const channel = fakeChannel({ health$: hot('u 99ms d', healths) });
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 60s !').toBe('u');
      flush();
      expect(fresh.sent).toEqual([{ type: 'resume', session: 'S', key: 'K', received: 0 }]);
    });
  });

  it('H13 forbears for 20 s and no longer, and not when nothing excuses any more', () => {
    run(({ hot, expectObservable }) => {
      const channel = fakeChannel({ health$: hot('                       u 99ms d', healths) });
      expectObservable(healthOf(channel, { prepare: excused }), '^ 60s !').toBe('u 20099ms d');
    });
    run(({ hot, expectObservable }) => {
      let silent = 0;
      const prepare = (signalling: SessionSignalling): void => signalling.excuse(() => silent++ === 0);
      const probe = () => throwError(() => new Error('silent'));
      const channel = fakeChannel({ probe, health$: hot('u 99ms d', healths) });
      const asked = sessionSignalling({ channel, closeChannel: () => undefined, fresh$: NEVER, session: 'S', key: 'K' }).pipe(
        switchMap((signalling) => {
          prepare(signalling);
          const probed$ = timer(4_000).pipe(switchMap(() => signalling.probe()), ignoreElements(), catchError(() => EMPTY));
          return merge(signalling.health$, probed$);
        }),
        map((health) => (health === 'up' ? 'u' : 'd')),
      );
      expectObservable(asked, '^ 60s !').toBe('u 3999ms d');
    });
  });
});
