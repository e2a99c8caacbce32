import { runInNewContext } from 'node:vm';
import { concat, NEVER, of, Subject } from 'rxjs';
import {
  AttemptLimitError,
  down,
  logRoom,
  notices,
  UP,
  verdicts,
  type ConnectionState,
  type Progress,
  type Room,
  type RoomError,
  type RoomEvent,
  type ServerNotice,
  type Verdict,
} from '../../lib/index.js';
import { errorText, publicText } from '../../lib/room/error-text.js';
import { eventText, span, stateText } from '../../lib/room/log-text.js';
import { alwaysUp, brisk, joins, ledgerOf, linkOf, marbles, watchedRoom, type TestLink } from './room-harness.js';

/** Seconds in diagrams of milliseconds would be long: a room of the spec thinks in tens of seconds. */
const slow = { ...brisk, schedule: () => 1_200, joinDeadline: 40_000, deadline: 40_000, attemptLimit: 20_000, stableAfter: 10_000 };

const withVerdict = (verdict: Verdict) => ({ classify: () => verdict });

/** What it takes to be logged, by hand. */
const fakeRoom = () => ({
  connectionState$: new Subject<ConnectionState>(),
  progress$: new Subject<Progress | null>(),
  events$: new Subject<RoomEvent>(),
  errors$: new Subject<RoomError>(),
});

const progressUntil = (deadlineAt: number): Progress => ({
  phase: 'waiting', attempt: 1, kind: 'rejoin', cause: 'signal', nextRetryAt: null, hintAt: null, deadlineAt,
});

describe('logRoom', () => {
  it('P7 writes a readable line for whatever happens, in its order', () => {
    const lines: string[] = [];
    marbles(({ cold, hot, scheduler, command }) => {
      const signal$ = hot('-------- 4992ms u 9999ms d', { u: UP, d: down() });
      const a = cold('l', { l: linkOf('a', signal$) });
      const fail = cold<TestLink>('----- 2995ms #', undefined, new Error('no network'));
      const gone = cold<TestLink>('- 499ms #', undefined, new Error('bad key'));
      const transport = joins(fail, a, gone);
      const room = watchedRoom({ ...transport, ...withVerdict(verdicts.unreachable) }, { ...slow, scheduler });
      logRoom(room, { name: 'call', log: (line) => lines.push(line) });
      command(room, 'j 29s l');
    });
    expect(lines).toEqual([
      'call: disconnected',
      'call: attempt 1 (join)',
      'call: connecting (joinChannel)',
      // Failed at 3000, of 40 000 ms.
      'call: attempt 1 (join) failed: Error: no network — nobody answered; next attempt in 1.2 s, giving up in 37 s',
      'call: attempt 2 (join)',
      'call: signal is up',
      'call: up after 5 s',
      'call: connected (joinSucceed)',
      // Connected at 5000, down at 15 000.
      'call: signal is down, silent for 0 s',
      'call: next attempt in 1.2 s',
      'call: reconnecting (signalDisconnected)',
      'call: attempt 1 (rejoin)',
      'call: attempt 1 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 38 s',
      'call: attempt 2 (rejoin)',
      'call: attempt 2 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 37 s',
      'call: attempt 3 (rejoin)',
      'call: attempt 3 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 35 s',
      'call: attempt 4 (rejoin)',
      'call: attempt 4 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 33 s',
      'call: attempt 5 (rejoin)',
      'call: attempt 5 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 32 s',
      'call: attempt 6 (rejoin)',
      'call: attempt 6 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 30 s',
      'call: attempt 7 (rejoin)',
      'call: attempt 7 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 28 s',
      'call: attempt 8 (rejoin)',
      'call: attempt 8 (rejoin) failed: Error: bad key — nobody answered; next attempt in 1.2 s, giving up in 26 s',
      'call: disconnected (leaveChannel)',
    ]);
  });

  it('P7 writes what a failed attempt led to on its line, the end of the room too', () => {
    const lines: string[] = [];
    marbles(({ cold, scheduler, command }) => {
      const transport = joins(cold<TestLink>('--#', undefined, new Error('bad key')));
      const room = watchedRoom({ ...transport, ...withVerdict(verdicts.fatal) }, { ...slow, scheduler });
      logRoom(room, { name: 'call', log: (line) => lines.push(line) });
      command(room, 'j');
    });
    expect(lines.slice(3)).toEqual(['call: attempt 1 (join) failed: Error: bad key — fatal; failed (joinChannelFailed): Error: bad key']);
  });

  it('P7 writes the dismissal and the warnings, and no payload', () => {
    const lines: string[] = [];
    const token = 'xyzzy-123';
    marbles(({ hot, cold, scheduler, command }) => {
      const notice$ = hot<ServerNotice>('-----(wk)', { w: { token } as never, k: notices.kicked(token) });
      const link = { ...linkOf('a', alwaysUp, { notice$ }), token };
      const room = watchedRoom<string, TestLink>({ request: () => of(token), join: () => concat(cold('-l', { l: link }), NEVER) }, { ...slow, scheduler });
      logRoom(room, { log: (line) => lines.push(line) });
      command(room, '--j');
    });
    expect(lines.map((line) => line.replace(/TypeError: .*/, 'TypeError'))).toEqual([
      'room: disconnected',
      'room: attempt 1 (join)',
      'room: connecting (joinChannel)',
      'room: signal is up',
      'room: up after 0.001 s',
      'room: connected (joinSucceed)',
      'room: warning (notice$): TypeError',
      jasmine.stringMatching(/^room: disconnected \(serverKicked\)/),
    ] as never);
    expect(lines.slice(0, -1).join('\n')).not.toContain(token);
  });

  it('P7 begins with the current state', () => {
    const room = watchedRoom({ join: () => NEVER });
    room.join();
    const lines: string[] = [];
    logRoom(room, { log: (line) => lines.push(line) });
    expect(lines).toEqual(['room: connecting (joinChannel)']);
    room.leave();
    expect(lines).toEqual(['room: connecting (joinChannel)', 'room: disconnected (leaveChannel)']);
  });

  it('P7 shows no deadline that a sleep has moved before progress$ says where to', () => {
    const room = fakeRoom();
    const lines: string[] = [];
    logRoom(room, { log: (line) => lines.push(line) });
    room.progress$.next(progressUntil(40_000));
    // One frame: the events come first, then the progress.
    room.events$.next({ type: 'suspended', at: 20_000, for: 10_000 });
    room.events$.next({ type: 'waiting', at: 20_000, nextRetryAt: 21_000, hintAt: null });
    room.progress$.next(progressUntil(30_000));
    room.events$.next({ type: 'waiting', at: 22_000, nextRetryAt: 23_000, hintAt: null });
    expect(lines).toEqual(['room: slept for 10 s', 'room: next attempt in 1 s', 'room: next attempt in 1 s, giving up in 8 s']);
  });

  describe('the log itself', () => {
    const failing: readonly (readonly [string, () => unknown])[] = [
      ['throws', () => { throw new Error('disk full'); }],
      ['rejects', () => Promise.reject(new Error('disk full'))],
      ['gives a thenable that throws', () => ({ get then(): never { throw new Error('disk full'); } })],
    ];
    for (const [what, fails] of failing) {
      it(`P7 changes nothing when it ${what}, and is called again`, async () => {
        const unhandled: unknown[] = [];
        const listener = (error: unknown): void => void unhandled.push(error);
        process.on('unhandledRejection', listener);
        process.on('uncaughtException', listener);
        const log = jasmine.createSpy().and.callFake(fails);
        const room = watchedRoom({ join: () => concat(of(linkOf('a', alwaysUp)), NEVER) });
        const subscription = logRoom(room, { log });
        room.join();
        await new Promise((resolve) => setTimeout(resolve, 10));
        expect(room.connectionState.state).toBe('connected');
        room.leave();
        await new Promise((resolve) => setTimeout(resolve, 10));
        process.off('unhandledRejection', listener);
        process.off('uncaughtException', listener);
        expect(unhandled).toEqual([]);
        expect(subscription.closed).toBeFalse();
        expect(log.calls.mostRecent().args).toEqual(['room: disconnected (leaveChannel)']);
      });
    }

    it('P7 may give commands to the room', () => {
      const room = watchedRoom({ join: () => NEVER });
      const lines: string[] = [];
      logRoom(room, {
        log: (line) => {
          lines.push(line);
          if (line.includes('connecting')) room.leave();
        },
      });
      room.join();
      expect(lines.slice(1)).toEqual(['room: attempt 1 (join)', 'room: connecting (joinChannel)', 'room: disconnected (leaveChannel)']);
    });

    it('P7 is console.debug unless told otherwise', () => {
      const debug = spyOn(console, 'debug');
      logRoom(watchedRoom({ join: () => NEVER }), { name: 'call' });
      expect(debug.calls.allArgs()).toEqual([['call: disconnected']]);
    });
  });

  it('P7 ends when it is unsubscribed, and lets the room be', () => {
    const ledger = ledgerOf();
    const room = watchedRoom({ join: () => NEVER });
    const counted: Pick<Room<TestLink>, 'connectionState$' | 'progress$' | 'events$' | 'errors$'> = {
      connectionState$: ledger.counted('states', room.connectionState$),
      progress$: ledger.counted('progress', room.progress$),
      events$: ledger.counted('events', room.events$),
      errors$: ledger.counted('errors', room.errors$),
    };
    const lines: string[] = [];
    const logging = logRoom(counted, { log: (line) => lines.push(line) });
    expect(ledger.alive()).toEqual({ states: 1, progress: 1, events: 1, errors: 1 });
    logging.unsubscribe();
    expect(ledger.alive()).toEqual({});
    room.join();
    expect(lines).toEqual(['room: disconnected']);
    expect(room.connectionState.state).toBe('connecting');
    room.leave();
  });

  it('P7 lives through streams that fail and events that it does not know', () => {
    const room = fakeRoom();
    const lines: string[] = [];
    logRoom(room, { log: (line) => lines.push(line) });
    room.errors$.error(new Error('boom'));
    room.events$.next({ type: 'probe', at: 0 });
    room.connectionState$.next({ state: 'connecting', reason: 'joinChannel' });
    expect(lines).toEqual(['room: probe sent', 'room: connecting (joinChannel)']);
  });

  it('P7 says when the room gives up only while that is to come', () => {
    const room = fakeRoom();
    const lines: string[] = [];
    logRoom(room, { log: (line) => lines.push(line) });
    const wait = (at: number): void => room.events$.next({ type: 'waiting', at, nextRetryAt: null, hintAt: null });
    wait(1_000);
    room.progress$.next(progressUntil(5_000));
    wait(2_000);
    wait(5_000);
    room.progress$.next(null);
    wait(3_000);
    const plain = 'room: no next attempt';
    expect(lines).toEqual([plain, `${plain}, giving up in 3 s`, plain, plain]);
  });

  it('P7 names what it cannot use, at once', () => {
    for (const room of [undefined, null, {}, 5, 'room', { progress$: 5 }])
      expect(() => logRoom(room as never)).withContext(JSON.stringify(room)).toThrowError(TypeError, /^logRoom: progress\$ must be an Observable/);
    expect(() => logRoom({ progress$: NEVER } as never)).toThrowError(TypeError, /^logRoom: events\$ must be an Observable/);
    const room = fakeRoom();
    expect(() => logRoom(room, { prefix: 'a' } as never)).toThrowError(TypeError, 'logRoom: unknown option "prefix"');
    expect(() => logRoom(room, { name: 5 as never })).toThrowError(TypeError, /^logRoom: name must be a string/);
    expect(() => logRoom(room, { log: console as never })).toThrowError(TypeError, /^logRoom: log must be a function/);
  });
});

describe('eventText', () => {
  const of_ = (event: RoomEvent, deadlineAt = 0): string => eventText(event, deadlineAt);
  const error = new Error('boom');

  it('P7 reads well for every event', () => {
    const at = 10_000;
    expect(of_({ at, type: 'signal', up: true, aliveAt: at })).toBe('signal is up');
    expect(of_({ at, type: 'media', up: false, aliveAt: 7_900 })).toBe('media is down, silent for 2.1 s');
    expect(of_({ at, type: 'waiting', nextRetryAt: 11_200, hintAt: null }, 41_000)).toBe('next attempt in 1.2 s, giving up in 31 s');
    expect(of_({ at, type: 'waiting', nextRetryAt: null, hintAt: null }, 13_000)).toBe('no next attempt, giving up in 3 s');
    expect(of_({ at, type: 'attempt', number: 3, kind: 'resume', cause: 'signal', endpoint: null })).toBe('attempt 3 (resume)');
    expect(of_({ at, type: 'attempt', number: 3, kind: 'rejoin', cause: 'both', endpoint: 'wss://me:pass@b.example/room?token=t' })).toBe(
      'attempt 3 (rejoin) at wss://b.example/room',
    );
    expect(of_({ at, type: 'attemptFailed', number: 3, kind: 'resume', error, verdict: verdicts.unreachable })).toBe(
      'attempt 3 (resume) failed: Error: boom — nobody answered',
    );
    expect(of_({ at, type: 'attemptFailed', number: 1, kind: 'join', error: new AttemptLimitError(10_000), verdict: verdicts.busy(5) })).toMatch(
      /^attempt 1 \(join\) failed: AttemptLimitError: .* — busy$/,
    );
    expect(of_({ at, type: 'attemptCut', number: 2, kind: 'restart' })).toBe('attempt 2 (restart) cancelled');
    expect(of_({ at, type: 'linkEnded', error, verdict: verdicts.refused })).toBe('link ended: Error: boom — refused');
    expect(of_({ at, type: 'healed', quiet: true, cause: 'media', after: 1_240 })).toBe('up after 1.2 s');
    expect(of_({ at, type: 'probe' })).toBe('probe sent');
    expect(of_({ at, type: 'probed', alive: true })).toBe('probe answered');
    expect(of_({ at, type: 'probed', alive: false })).toBe('probe failed');
    expect(of_({ at, type: 'suspended', for: 62_000 })).toBe('slept for 62 s');
  });

  it('P7 rounds times to two digits', () => {
    expect([0, 4, 250, 999, 1_000, 1_249, 9_949, 31_400, 99_600, 7_245_000].map(span)).toEqual([
      '0 s', '0.004 s', '0.25 s', '1 s', '1 s', '1.2 s', '9.9 s', '31 s', '100 s', '7200 s',
    ]);
  });
});

describe('stateText', () => {
  it('P7 has the reason, and the error or the words of the server where the state has them', () => {
    const text = (state: object): string => stateText(state as ConnectionState);
    expect(text({ state: 'disconnected', reason: null })).toBe('disconnected');
    expect(text({ state: 'connected', reason: 'joinSucceed', link: { token: 'secret' } })).toBe('connected (joinSucceed)');
    expect(text({ state: 'reconnecting', reason: 'signalDisconnected', link: null, error: null })).toBe('reconnecting (signalDisconnected)');
    expect(text({ state: 'reconnecting', reason: 'signalDisconnected', link: null, error: new Error('boom') })).toBe(
      'reconnecting (signalDisconnected): Error: boom',
    );
    expect(text({ state: 'failed', reason: 'timeout', error: new RangeError('too late'), attempts: 3, cause: 'both' })).toBe(
      'failed (timeout): RangeError: too late',
    );
    expect(text({ state: 'disconnected', reason: 'serverKicked', message: 'banned\nuntil Friday' })).toBe(
      'disconnected (serverKicked): banned until Friday',
    );
  });
});

describe('errorText', () => {
  const revoked = (): unknown => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };

  it('P7 is name and message, of an error of another realm too', () => {
    expect(errorText(new TypeError('no'))).toBe('TypeError: no');
    expect(errorText(Object.assign(new Error('no'), { name: 'MyError', token: 'secret' }))).toBe('MyError: no');
    expect(errorText(new DOMException('no', 'AbortError'))).toBe('AbortError: no');
    expect(errorText(runInNewContext('new RangeError("far")'))).toBe('RangeError: far');
  });

  it('P7 repeats nothing of what is no error', () => {
    const payloads = ['secret', 5, null, undefined, { name: 'secret', message: 'secret' }, ['secret'], Symbol('secret'), () => 'secret', revoked()];
    for (const payload of payloads) expect(errorText(payload)).toBe('not an Error');
  });

  it('P7 never throws', () => {
    const hostile = Object.defineProperty(new Error('a'), 'message', { get: () => { throw new Error('no'); } });
    expect(errorText(hostile)).toBe('not an Error');
    expect(errorText(Object.assign(new Error('a'), { message: Symbol('a') }))).toBe('not an Error');
  });
});

describe('publicText', () => {
  it('P7 X1 leaves out query, user and password of addresses', () => {
    expect(publicText('failed: wss://me:pa@ss@h.example:8/room?token=xyz#a next')).toBe('failed: wss://h.example:8/room next');
    expect(publicText("The URL 'https://h.example?token=a@b' is bad, so is http://u@h2.example/#t")).toBe(
      "The URL 'https://h.example is bad, so is http://h2.example/",
    );
    expect(publicText('a: b?c @ d')).toBe('a: b?c @ d');
  });

  it('P7 is one line of at most 200 characters, without control characters', () => {
    expect(publicText('a\r\n\tb \u001b[31mc\u202ed\u0000')).toBe('a b [31mc d ');
    expect(publicText('x'.repeat(1_000))).toHaveSize(200);
    // Cut after the secret is gone, not in the middle of it.
    expect(publicText(`${'x'.repeat(180)} ws://user:${'p'.repeat(50)}@h/`)).toBe(`${'x'.repeat(180)} ws://h/`);
  });

  it('P7 takes no longer than the text is long', () => {
    for (const part of ['://', '://a@', '?', '@', ' ', '\u0000']) {
      const begin = performance.now();
      publicText(part.repeat(100_000));
      expect(performance.now() - begin).withContext(part).toBeLessThan(500);
    }
  });
});
