import {
  BehaviorSubject,
  catchError,
  defer,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  merge,
  NEVER,
  of,
  Subject,
  Subscription,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
  TimeoutError,
  type Observable,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { sessionSignalling, type SessionSignalling } from '../../demo/client/call/session-signalling.js';
import type { SignalChannel } from '../../demo/client/call/signal-channel.js';
import type { ClientFrame, ServerFrame } from '../../demo/protocol.js';
import type { Health } from '../../lib/index.js';
import { ProbeError } from '../../lib/websocket/index.js';

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

/** What a resume begun at each of these times (ms) says; the first is cut at `cutAt`. */
const resumed = (at: readonly number[], fresh$: Observable<SignalChannel>, cutAt = Infinity): Observable<string> =>
  sessionSignalling({ channel: fakeChannel({}), closeChannel: () => undefined, fresh$, session: 'S', key: 'K' }).pipe(
    switchMap((signalling) =>
      merge(
        ...at.map((ms, index) => {
          const said$ = timer(ms).pipe(switchMap(() => signalling.resume(fresh$)));
          return index === 0 && cutAt < Infinity ? said$.pipe(takeUntil(timer(cutAt))) : said$;
        }),
      ),
    ),
    map((frame) => (frame as ServerFrame).type),
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

  it('H13 goes on with fresh channels while one is closed before it answered; a no is told at once', () => {
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
      // Told by the no, and once more when the patience is over.
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 60s !').toBe('u 399ms d 19699ms d');
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

  it('H13 takes a late word for life only when a question of now is answered: until then it goes on with the fresh channel', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const prove = () => cold('                 2s p');
      const fresh$ = cold('                      900ms c', { c: fakeChannel({}) });
      const channel = fakeChannel({ prove, health$: hot('u 99ms d 399ms u 399ms d', healths) });
      expectObservable(healthOf(channel, { fresh$, prepare: excused }), '^ 5s !').toBe('u 999ms u');
      expectSubscriptions(fresh$.subscriptions).toBe('100ms ^ 4900ms !');
    });
  });

  it('R15 gives a fresh channel that was asked 4 s for its answer', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('         100ms c', { c: fakeChannel({ send: () => undefined }) });
      expectObservable(resumed([0], fresh$), '^ 5s !').toBe('4100ms #', undefined, jasmine.any(TimeoutError));
      expectSubscriptions(fresh$.subscriptions).toBe('^ 4099ms !');
    });
  });

  it('R15, R16 gives the third opening as long as the attempt allows: on a slow network none is in sooner', () => {
    const resumedWith = (longest: number | undefined, fresh$: Observable<SignalChannel>): Observable<string> =>
      sessionSignalling({ channel: fakeChannel({}), closeChannel: () => undefined, fresh$: NEVER, session: 'S', key: 'K' }).pipe(
        switchMap((signalling) => signalling.resume(fresh$, longest)),
        map((frame) => (frame as ServerFrame).type),
      );
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('4400ms c', { c: fakeChannel({}) });
      expectObservable(resumedWith(6_000, fresh$), '^ 9s !').toBe('6400ms a', { a: 'resumed' });
      expectSubscriptions(fresh$.subscriptions).toBe(['^ 999ms !', '1s ^ 999ms !', '2s ^ 7s !']);
    });
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('4400ms c', { c: fakeChannel({}) });
      expectObservable(resumedWith(undefined, fresh$), '^ 5500ms !').toBe('');
      expectSubscriptions(fresh$.subscriptions).toBe(['^ 999ms !', '1s ^ 999ms !', '2s ^ 2999ms !', '5s ^ 500ms !']);
    });
  });

  it('H14 a resume that was asked is waited for by whoever resumes next, also when its own repair was cut', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const frames$ = cold('                 300ms y', { y: { type: 'resumed', users: [] } as const });
      const fresh$ = cold('            100ms c', { c: fakeChannel({ frames$ }) });
      expectObservable(resumed([0, 150, 250], fresh$, 200), '^ 1s !').toBe('400ms (aa)', { a: 'resumed' });
      expectSubscriptions(fresh$.subscriptions).toBe('^ 1s !');
    });
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const frames$ = cold('                 300ms y', { y: { type: 'resumed', users: [] } as const });
      const fresh$ = cold('            100ms c', { c: fakeChannel({ frames$ }) });
      expectObservable(resumed([0, 300], fresh$, 200), '^ 1s !').toBe('400ms a', { a: 'resumed' });
      expectSubscriptions(fresh$.subscriptions).toBe('^ 1s !');
    });
    // Who waits for another's question puts its own when that one is not answered.
    run(({ cold, expectObservable }) => {
      const dies$ = cold('             100ms c 199ms #', { c: fakeChannel({ frames$: NEVER }) });
      const works$ = cold('                            100ms c', { c: fakeChannel({}) });
      let openings = 0;
      const fresh$ = defer(() => (openings++ === 0 ? dies$ : works$));
      expectObservable(resumed([0, 200], fresh$, 150), '^ 1s !').toBe('400ms a', { a: 'resumed' });
    });
    // One that was not asked yet ends with the last repair that waits for it.
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('            500ms c', { c: fakeChannel({}) });
      expectObservable(resumed([0], fresh$, 200), '^ 1s !').toBe('');
      expectSubscriptions(fresh$.subscriptions).toBe('^ 199ms !');
    });
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('            500ms c', { c: fakeChannel({}) });
      expectObservable(resumed([0, 100], fresh$, 200), '^ 1s !').toBe('500ms a', { a: 'resumed' });
      expectSubscriptions(fresh$.subscriptions).toBe('^ 1s !');
    });
    // One that is in place is no answer for the next.
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const fresh$ = cold('            100ms c', { c: fakeChannel({}) });
      expectObservable(resumed([0, 300], fresh$), '^ 1s !').toBe('100ms a 299ms a', { a: 'resumed' });
      expectSubscriptions(fresh$.subscriptions).toBe(['^ 399ms !', '300ms ^ 700ms !']);
    });
  });

  it('D1 a fresh channel that takes the place of one that is being asked is its answer', () => {
    run(({ cold, hot, expectObservable }) => {
      const fresh$ = cold('                            100ms c', { c: fakeChannel({}) });
      const replaced = new Subject<void>();
      // Closing a channel fails its questions, as the real one does.
      const probe = () => replaced.pipe(map(() => { throw new Error('closed'); }));
      const channel = fakeChannel({ probe, health$: hot('u 99ms d', healths) });
      const signalling$ = sessionSignalling({ channel, closeChannel: () => replaced.next(), fresh$, session: 'S', key: 'K' });
      const seen$ = signalling$.pipe(
        tap(excused),
        switchMap((signalling) => {
          const probed$ = timer(150).pipe(switchMap(() => signalling.probe()), map(() => 'p'), endWith('e'));
          return merge(signalling.health$.pipe(map((health) => (health === 'up' ? 'u' : 'd'))), probed$);
        }),
      );
      expectObservable(seen$, '                        ^ 1s !').toBe('u 199ms (upe)');
    });
  });

  it('H14 a channel that was ended while another is asked has the answer of that one', () => {
    run(({ cold, hot, expectObservable }) => {
      const frames$ = cold('                        300ms y', { y: { type: 'resumed', users: [] } as const });
      const fresh$ = cold('                    50ms c', { c: fakeChannel({ frames$ }) });
      const probe = () => cold('                    --#', undefined, new ProbeError(2000, 'closed'));
      const channel = fakeChannel({ probe, health$: hot('u 99ms d 49ms (d|)', healths) });
      expectObservable(probed(channel, 200, fresh$), '^ 1s !').toBe('u 449ms u');
    });
    run(({ cold, hot, expectObservable }) => {
      const frames$ = cold('                        300ms n', { n: { type: 'refused', code: 'sessionGone' } as const });
      const fresh$ = cold('                    50ms c', { c: fakeChannel({ frames$ }) });
      const probe = () => cold('                    --#', undefined, new ProbeError(2000, 'closed'));
      const channel = fakeChannel({ probe, health$: hot('u 99ms d 49ms (d|)', healths) });
      expectObservable(probed(channel, 200, fresh$), '^ 1s !').toBe('u 449ms (dd)');
    });
  });

  it('D1 a no is a sign of life: the loss that it tells is dated by it', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, hot, expectObservable }) => {
      spyOn(Date, 'now').and.callFake(() => scheduler.now());
      const frames$ = cold('                 200ms n', { n: { type: 'refused', code: 'sessionGone' } as const });
      const fresh$ = cold('             100ms c', { c: fakeChannel({ frames$ }) });
      const channel = fakeChannel({ health$: hot('u 99ms d', healths) });
      const signalling$ = sessionSignalling({ channel, closeChannel: () => undefined, fresh$, session: 'S', key: 'K' });
      const health$ = signalling$.pipe(tap(excused), switchMap((signalling) => signalling.health$));
      expectObservable(health$, '^ 1s !').toBe('u 399ms d', { u: 'up', d: { down: true, aliveAt: 400 } });
    });
  });

  it('D1 a takeover is a sign of life: a loss behind it is dated by it', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, hot, expectObservable }) => {
      spyOn(Date, 'now').and.callFake(() => scheduler.now());
      const fresh$ = cold('             100ms c', { c: fakeChannel({ probe: () => cold('--#') }) });
      const channel = fakeChannel({ health$: hot('u 99ms d', healths) });
      const signalling$ = sessionSignalling({ channel, closeChannel: () => undefined, fresh$, session: 'S', key: 'K' });
      const health$ = signalling$.pipe(
        tap(excused),
        switchMap((signalling) => {
          const probed$ = timer(300).pipe(switchMap(() => signalling.probe()), ignoreElements(), catchError(() => EMPTY));
          return merge(signalling.health$, probed$);
        }),
      );
      expectObservable(health$, '^ 1s !').toBe('u 199ms u 101ms d', { u: 'up', d: { down: true, aliveAt: 200 } });
    });
  });

  it('L2 whoever stops listening while excused causes no fresh channel by that', () => {
    run(({ cold, expectSubscriptions, flush }) => {
      const health = new BehaviorSubject<Health>('up');
      const fresh$ = cold<SignalChannel>('-');
      const closeChannel = () => health.next({ down: true });
      let listening = Subscription.EMPTY;
      const using = sessionSignalling({ channel: fakeChannel({ health$: health }), closeChannel, fresh$, session: 'S', key: 'K' })
        .pipe(tap(excused))
        .subscribe((signalling) => (listening = signalling.health$.subscribe()));
      timer(100).subscribe(() => {
        using.unsubscribe();
        listening.unsubscribe();
      });
      expectSubscriptions(fresh$.subscriptions).toBe([]);
      flush();
    });
  });

  it('L2 a leave is said on both channels while the server may have the session on either, and nothing is tried behind it', () => {
    run(({ cold, hot, expectSubscriptions, flush }) => {
      const channel = fakeChannel({ health$: hot('u 99ms d 299ms (d|)', healths) });
      const asked = fakeChannel({ frames$: NEVER });
      const fresh$ = cold('                       50ms c', { c: asked });
      const left$ = sessionSignalling({ channel, closeChannel: () => undefined, fresh$, session: 'S', key: 'K' }).pipe(
        tap(excused),
        switchMap((signalling) => merge(signalling.health$, timer(200).pipe(tap(() => signalling.close('left'))))),
      );
      const using = left$.subscribe();
      timer(300).subscribe(() => using.unsubscribe());
      expectSubscriptions(fresh$.subscriptions).toBe('100ms ^ 199ms !');
      flush();
      expect(channel.sent).toEqual([{ type: 'leave' }]);
      expect(asked.sent.map(({ type }) => type)).toEqual(['resume', 'leave']);
    });
    run(({ cold, hot, expectSubscriptions, flush }) => {
      const channel = fakeChannel({ health$: hot('u 299ms (d|)', healths) });
      const fresh$ = cold<SignalChannel>('        -');
      sessionSignalling({ channel, closeChannel: () => undefined, fresh$, session: 'S', key: 'K' }).pipe(
        tap(excused),
        switchMap((signalling) => merge(signalling.health$, timer(200).pipe(tap(() => signalling.close('left'))))),
      ).subscribe();
      expectSubscriptions(fresh$.subscriptions).toBe([]);
      flush();
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

  it('H13 excuses a loss for 20 s and no longer, and not when nothing excuses any more', () => {
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
