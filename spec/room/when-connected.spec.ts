import type { Observable} from 'rxjs';
import { BehaviorSubject, concat, from, NEVER, of, Subject } from 'rxjs';
import { NotConnectedError, whenConnected, type ConnectionState, type Health, type Room, type ServerNotice } from '../../lib/index.js';
import { alwaysUp, ledgerOf, linkOf, watchedRoom, type TestLink } from './room-harness.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const sessionOf = (link: TestLink): Observable<TestLink> => concat(of(link), NEVER);

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  );

/** Whether it is still waiting. */
const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await pause(3);
  return !settled;
};

describe('whenConnected', () => {
  let room: Room<TestLink>;
  afterEach(() => room.leave());

  it('P5 P5 gives the link of a room that is connected', async () => {
    const a = linkOf('a', alwaysUp);
    room = watchedRoom({ join: () => sessionOf(a) }, {});
    room.join();
    await pause(1);
    expect(room.connectionState.state).toBe('connected');
    expect(await whenConnected(room)).toBe(a);
  });

  it('P5 P5 waits for a room that is connecting', async () => {
    const signal$ = new Subject<Health>();
    const a = linkOf('a', signal$);
    room = watchedRoom({ join: () => sessionOf(a) }, {});
    room.join();
    const promise = whenConnected(room);
    expect(await isPending(promise)).toBeTrue();
    signal$.next('up');
    expect(await promise).toBe(a);
  });

  it('P5 P5 waits for a room that nobody has joined yet', async () => {
    const a = linkOf('a', alwaysUp);
    room = watchedRoom({ join: () => sessionOf(a) }, {});
    const promise = whenConnected(room);
    expect(await isPending(promise)).toBeTrue();
    room.join();
    expect(await promise).toBe(a);
  });

  it('P5 P5 waits for a room that is reconnecting', async () => {
    const signal$ = new BehaviorSubject<Health>('up');
    const a = linkOf('a', signal$);
    room = watchedRoom({ join: () => sessionOf(a) }, { settle: { signal: 0 }, schedule: () => 10_000 });
    room.join();
    await pause(1);
    signal$.next({ down: true });
    await pause(1);
    expect(room.connectionState.state).toBe('reconnecting');
    const promise = whenConnected(room);
    expect(await isPending(promise)).toBeTrue();
    signal$.next('up');
    expect(await promise).toBe(a);
  });

  it('P5 P5 rejects when the room fails, with the state and the error', async () => {
    const boom = new Error('boom');
    room = watchedRoom<unknown, TestLink>(
      {
        join: () => {
          throw boom;
        },
        classify: () => ({ kind: 'fatal' }),
      },
      {},
    );
    room.join();
    const error = await errorOf(whenConnected(room));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect((error as NotConnectedError).state).toBe(room.connectionState as ConnectionState);
    expect((error as NotConnectedError).cause).toBe(boom);
    expect((error as NotConnectedError).message).toBe('not connected: failed/joinChannelFailed');
    expect((error as NotConnectedError).name).toBe('NotConnectedError');
  });

  it('P5 P5 rejects at once when the room has failed, was left, or was dismissed', async () => {
    const notice$ = new Subject<ServerNotice>();
    room = watchedRoom({ join: () => sessionOf(linkOf('a', alwaysUp, { notice$ })) }, {});
    room.join();
    room.leave();
    const left = await errorOf(whenConnected(room));
    expect((left as NotConnectedError).state).toEqual({ state: 'disconnected', reason: 'leaveChannel' });
    expect((left as NotConnectedError).cause).toBeUndefined();
    room.join();
    await whenConnected(room);
    notice$.next({ kind: 'kicked' });
    await pause(1);
    const kicked = await errorOf(whenConnected(room));
    expect((kicked as NotConnectedError).state).toEqual({ state: 'disconnected', reason: 'serverKicked' });
  });

  it('P5 P5 rejects when the room is left while it waits', async () => {
    room = watchedRoom({ join: () => NEVER as Observable<TestLink> }, {});
    room.join();
    const promise = whenConnected(room);
    room.leave();
    expect(((await errorOf(promise)) as NotConnectedError).state).toEqual({ state: 'disconnected', reason: 'leaveChannel' });
  });

  it('P5 P5 rejects when the room is disposed of before any join', async () => {
    room = watchedRoom({ join: () => NEVER as Observable<TestLink> }, {});
    const promise = whenConnected(room);
    room[Symbol.dispose]();
    const error = (await errorOf(promise)) as NotConnectedError;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.state).toBeNull();
    expect(error.message).toBe('not connected: disposed');
  });

  it('P5 P5 is never left unhandled by us, and is still a rejection for who awaits it late', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', listener);
    room = watchedRoom({ join: () => NEVER as Observable<TestLink> }, {});
    room.join();
    const promise = whenConnected(room);
    void whenConnected(room, { signal: AbortSignal.abort() });
    room.leave();
    await pause(10);
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    expect(await errorOf(promise)).toBeInstanceOf(NotConnectedError);
  });

  describe('with a signal', () => {
    it('P5 P5 rejects with its reason when that is aborted; the room goes on', async () => {
      const signal$ = new Subject<Health>();
      room = watchedRoom({ join: () => sessionOf(linkOf('a', signal$)) }, {});
      room.join();
      const controller = new AbortController();
      const promise = whenConnected(room, { signal: controller.signal });
      expect(await isPending(promise)).toBeTrue();
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await errorOf(promise)).toBe(reason);
      expect(room.connectionState.state).toBe('connecting');
      signal$.next('up');
      await pause(1);
      expect(room.connectionState.state).toBe('connected');
    });

    it('P5 P5 rejects when it was aborted before, connected or not', async () => {
      room = watchedRoom({ join: () => sessionOf(linkOf('a', alwaysUp)) }, {});
      expect(await errorOf(whenConnected(room, { signal: AbortSignal.abort('early') }))).toBe('early');
      room.join();
      await whenConnected(room);
      expect(await errorOf(whenConnected(room, { signal: AbortSignal.abort('early') }))).toBe('early');
    });

    it('P5 P5 listens to neither signal nor room once it is settled, whichever way', async () => {
      const ledger = ledgerOf();
      const a = linkOf('a', alwaysUp);
      room = watchedRoom({ join: () => sessionOf(a) }, {});
      const counted = { connectionState$: ledger.counted('room', room.connectionState$) };
      const controller = new AbortController();
      const { signal } = controller;
      let listeners = 0;
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...args: Parameters<typeof addEventListener>): void => {
        listeners++;
        addEventListener.apply(signal, args);
      };
      signal.removeEventListener = (...args: Parameters<typeof removeEventListener>): void => {
        listeners--;
        removeEventListener.apply(signal, args);
      };
      const promise = whenConnected(counted, { signal });
      expect(ledger.alive()).toEqual({ room: 1 });
      expect(listeners).toBe(1);
      room.join();
      await promise;
      expect(ledger.alive()).toEqual({});
      expect(listeners).toBe(0);

      room.leave();
      await errorOf(whenConnected(counted, { signal }));
      expect(ledger.alive()).toEqual({});
      expect(listeners).toBe(0);

      room.join();
      const waiting = whenConnected({ connectionState$: ledger.counted('room', NEVER as typeof room.connectionState$) }, { signal });
      controller.abort('enough');
      expect(await errorOf(waiting)).toBe('enough');
      expect(ledger.alive()).toEqual({});
      expect(listeners).toBe(0);
    });
  });

  it('P5 P5 takes anything that has a connectionState$', async () => {
    const connectionState$ = from<ConnectionState<string>[]>([
      { state: 'connecting', reason: 'joinChannel' },
      { state: 'connected', reason: 'joinSucceed', link: 'l' },
      { state: 'disconnected', reason: 'leaveChannel' },
    ]);
    room = watchedRoom({ join: () => NEVER as Observable<TestLink> }, {});
    expect(await whenConnected({ connectionState$ })).toBe('l');
  });
});
