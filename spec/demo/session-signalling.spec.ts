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

/** The same, excused throughout, with a question at `at` ms. */
const probed = (channel: SignalChannel, at: number, fresh$: Observable<SignalChannel> = NEVER): Observable<string> =>
  sessionSignalling({ channel, closeChannel: () => undefined, fresh$, session: 'S', key: 'K' }).pipe(
    switchMap((signalling) => {
      excused(signalling);
      const probed$ = timer(at).pipe(switchMap(() => signalling.probe()), ignoreElements(), catchError(() => EMPTY));
      return merge(signalling.health$, probed$);
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
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 60s !').toBe('u 999ms u');
      flush();
      expect(fresh.sent).toEqual([{ type: 'resume', session: 'S', key: 'K', received: 0 }]);
    });
  });

  it('H13 goes on with fresh channels while one is closed before it answered, but not after a no', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('                      100ms c 199ms #', { c: fakeChannel({ send: () => undefined }) });
      const channel = fakeChannel({ health$: hot('u 99ms d', healths) });
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 3s !').toBe('u');
      expectSubscriptions(fresh$.subscriptions).toBe([
        '100ms ^ 299ms !',
        '1400ms ^ 299ms !',
        '2700ms ^ 299ms !',
      ]);
    });
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const frames$ = cold('                         200ms n', { n: { type: 'refused', code: 'sessionGone' } as const });
      const fresh$ = cold('                      100ms c', { c: fakeChannel({ frames$ }) });
      const channel = fakeChannel({ health$: hot('u 99ms d', healths) });
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 60s !').toBe('u 20099ms d');
      expectSubscriptions(fresh$.subscriptions).toBe('100ms ^ 299ms !');
    });
  });

  it('H13, H14 the end of an excused channel is excused as well: the server closes it when it has taken the fresh one', () => {
    run(({ cold, hot, expectObservable }) => {
      const fresh$ = cold('                      900ms c', { c: fakeChannel({}) });
      const channel = fakeChannel({ health$: hot('u 99ms d 499ms (d|)', healths) });
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 60s !').toBe('u 999ms u');
      const closed = fakeChannel({ health$: hot(' u 99ms d 499ms (d|)', healths) });
      expectObservable(healthOf(closed, { prepare: excused }), '        ^ 60s !').toBe('u 20099ms d');
    });
  });

  it('D1 tells at once of a question without an answer, though it is excused: who asked knows it; and then of every up', () => {
    run(({ cold, hot, expectObservable }) => {
      const frames = hot('                               -------f---', { f: { type: 'pong', n: 1 } as const });
      const probe = () => cold('                         --#');
      const channel = fakeChannel({ probe, prove: () => of('p'), frames$: frames, health$: hot('u', healths) });
      expectObservable(probed(channel, 3), '             ^--------!').toBe('u----d-u');
    });
    // Who asked need not wait for the answer: what it takes for a loss, it hears to be over.
    run(({ cold, hot, expectObservable }) => {
      const probe = () => cold('                         -');
      const channel = fakeChannel({ probe, prove: () => of('p'), health$: hot('u---d-u--', healths) });
      expectObservable(probed(channel, 3), '             ^--------!').toBe('u-----u');
    });
  });

  it('D1 a question without an answer, while excused, is over with the fresh channel', () => {
    run(({ cold, hot, expectObservable }) => {
      const fresh$ = cold('                              ------c', { c: fakeChannel({}) });
      const channel = fakeChannel({ probe: () => cold('  --#'), health$: hot('u-----d', healths) });
      expectObservable(probed(channel, 2, fresh$), '     ^-----------------!').toBe('u---d-------u');
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
      const channel = fakeChannel({ health$: hot('                   u 99ms d 3s d', healths) });
      expectObservable(healthOf(channel, { prepare }), '^ 60s !').toBe('u 99ms - 3s d');
    });
  });
});
