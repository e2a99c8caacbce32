import { createRequire } from 'node:module';
import vm from 'node:vm';
import { BehaviorSubject, NEVER, Observable, of, throwError } from 'rxjs';
import type * as rxjs from 'rxjs';
import {
  both,
  capped,
  combineHealth,
  createRoom,
  deriveConnectionState,
  either,
  exponential,
  foldUsers,
  hedged,
  honouringServer,
  jittered,
  LinkEndedError,
  roomConnection,
  spaced,
  times,
  usersOf,
  whenConnected,
  type Health,
  type RoomUsers,
  type ServerNotice,
  type UserReport,
  type Wake,
} from '../../lib/index.js';
import { lifeOf, linesOf, uncaughtIn } from './host.js';
import { alwaysUp, brisk, healths, joins, linkOf, marbles, textOf } from './room-harness.js';

/** What no type lets through. */
const loose = (call: (...args: never[]) => unknown): ((...args: readonly unknown[]) => unknown) =>
  call as (...args: readonly unknown[]) => unknown;

/** A transport whose join gives this and stays open. */
const giving = (link: unknown): object => ({ join: () => new BehaviorSubject(link) });

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** An object with a member that throws when it is read. */
const trapped = (name: string, rest: object = {}): object =>
  Object.defineProperty({ ...rest }, name, {
    enumerable: true,
    get() {
      throw new Error(`${name} is not for reading`);
    },
  });

/** The same value, made in another realm. */
const foreign = (source: string): unknown => vm.runInNewContext(`(${source})`);

const REVOKED = "Cannot perform 'get' on a proxy that has been revoked";

describe('mistakes in a transport', () => {
  const failedAtOnce = ['disconnected/null', 'connecting/joinChannel', 'failed/joinChannelFailed'];
  const signal$ = alwaysUp;

  for (const [name, link, text] of [
    ['without media$', { signal$ }, 'link.media$ must be an Observable of health, or null for a room without media, got undefined'],
    ['without signal$', { media$: null }, 'link.signal$ must be an Observable of health, got undefined'],
    ['whose media$ is a function', { signal$, media$: () => signal$ }, 'link.media$ must be an Observable of health, or null for a room without media, got a function'],
    ['whose notice$ is null', { signal$, media$: null, notice$: null }, 'link.notice$ must be an Observable of the notices of the server, got null'],
    ['whose errors$ is a list', { signal$, media$: null, errors$: [] }, 'link.errors$ must be an Observable, got an empty array'],
    ['whose probe is a stream', { signal$, media$: null, probe: NEVER }, 'link.probe must be a function that gives an Observable, got an object'],
    ['whose close is a text', { signal$, media$: null, close: 'now' }, 'link.close must be a function, got a string'],
    ['that is undefined', undefined, 'link must be an object such as { signal$, media$: null }, got undefined'],
    ['that is null', null, 'link must be an object such as { signal$, media$: null }, got null'],
    ['that is a text', 'wss://host/?token=s3cret', 'link must be an object such as { signal$, media$: null }, got a string'],
    ['whose signal$ throws when it is read', trapped('signal$'), 'link.signal$ could not be read'],
    ['whose close throws when it is read', trapped('close', { signal$, media$: null }), 'link.close could not be read'],
    ['that is a revoked proxy', revoked(), 'link.signal$ could not be read'],
  ] as const) {
    it(`J9 a link ${name} fails the room at once`, () => {
      const told = lifeOf(() => giving(link));
      expect(told.states).toEqual(failedAtOnce);
      expect(told.error).toEqual(new TypeError(text));
      expect(linesOf(told)).toEqual([]);
    });
  }

  it('J9 the error of a member that cannot be read carries what was thrown', () => {
    const { error } = lifeOf(() => giving(trapped('media$', { signal$ })));
    expect((error as Error).cause).toEqual(new Error('media$ is not for reading'));
  });

  for (const [given, got] of [
    [Promise.resolve({ signal$, media$: null }), 'a Promise'],
    [undefined, 'undefined'],
    [null, 'null'],
    ['s3cret', 'a string'],
    [{ signal$, media$: null }, 'an object'],
  ] as const) {
    it(`J9 a join that gives ${got} fails the room at once`, () => {
      const told = lifeOf(() => ({ join: () => given }));
      expect(told.states).toEqual(failedAtOnce);
      expect(told.error).toEqual(
        new TypeError(
          `join: the return value must be an Observable that gives the link and stays open, e.g. concat(of(link), NEVER), got ${got}`,
        ),
      );
    });
  }

  it('J9 a join that completes with its link fails the room at once, and shows the cure', () => {
    const told = lifeOf(() => ({ join: () => of({ signal$, media$: null }) }));
    expect(told.states).toEqual(failedAtOnce);
    expect(told.error).toEqual(
      new LinkEndedError('join completed; it must stay open while the link lives, e.g. concat(of(link), NEVER)'),
    );
  });

  for (const [given, got] of [
    [5, 'a number'],
    ['token', 'a string'],
    [{ token: 's3cret' }, 'an object'],
    [true, 'true'],
  ] as const) {
    it(`J9 X1 a request that gives ${got} fails the room at once, and the error does not repeat it`, () => {
      const told = lifeOf(() => ({ request: () => given, ...giving({ signal$, media$: null }) }));
      expect(told.states).toEqual(['disconnected/null', 'connecting/joinChannel', 'failed/requestChannelFailed']);
      expect(told.error).toEqual(
        new TypeError(`request: the return value must be a Promise or an Observable, got ${got}`),
      );
    });
  }

  it('J9 a repair that gives no stream fails the room at once', () => {
    const told = lifeOf(({ hot }) => ({
      ...giving(linkOf('a', alwaysUp, { media$: hot('--u---d', healths) })),
      repair: () => 5,
    }));
    expect(told.states.slice(-2)).toEqual(['reconnecting/mediaConnectionDisconnected', 'failed/joinChannelFailed']);
    expect(told.error).toEqual(new TypeError('repair: the return value must be an Observable, got 5'));
  });

  it('J9 a mistake found by a rejoin fails the room at once too', () => {
    const links: object[] = [];
    const told = lifeOf(({ hot, cold }) => {
      links.push(linkOf('a', hot('--u---d', healths)), { signal$ });
      return { join: () => cold('l', { l: links.shift() }) };
    });
    expect(told.states.slice(-2)).toEqual(['reconnecting/signalDisconnected', 'failed/joinChannelFailed']);
    expect(told.error).toEqual(
      new TypeError('link.media$ must be an Observable of health, or null for a room without media, got undefined'),
    );
  });
});

describe('mistakes in a call', () => {
  const transport = joins(NEVER);
  const room = createRoom(transport, brisk);

  for (const [call, act, type, text] of [
    ['createRoom([])', () => loose(createRoom)([]), TypeError, 'createRoom: transport must be an object with a join function, got an empty array'],
    ['createRoom(null)', () => loose(createRoom)(null), TypeError, 'createRoom: transport must be an object with a join function, got null'],
    ['createRoom(a revoked proxy)', () => loose(createRoom)(revoked()), TypeError, 'createRoom: transport.join must be a function, got undefined'],
    ['createRoom with request: 5', () => loose(createRoom)({ ...transport, request: 5 }), TypeError, 'createRoom: transport.request must be a function, got 5'],
    ['createRoom with clasify', () => loose(createRoom)({ ...transport, clasify: () => undefined }), TypeError, 'createRoom: transport.clasify is unknown; did you mean classify?'],
    ['createRoom with reqeust', () => loose(createRoom)({ ...transport, reqeust: () => NEVER }), TypeError, 'createRoom: transport.reqeust is unknown; did you mean request?'],
    ['createRoom with requests', () => loose(createRoom)({ ...transport, requests: () => NEVER }), TypeError, 'createRoom: transport.requests is unknown; did you mean request?'],
    ['createRoom with rapair', () => loose(createRoom)({ ...transport, rapair: () => NEVER }), TypeError, 'createRoom: transport.rapair is unknown; did you mean repair?'],
    ['roomConnection(5)', () => loose(roomConnection)(5), TypeError, 'roomConnection: transport must be an object with a join function, got 5'],
    ['deriveConnectionState(undefined)', () => loose(deriveConnectionState)(undefined), TypeError, 'deriveConnectionState: sources must be an object such as { signal$, media$: null }, got undefined'],
    ['deriveConnectionState without media$', () => loose(deriveConnectionState)({ signal$: NEVER }), TypeError, 'deriveConnectionState: sources.media$ must be an Observable of health, or null for a room without media, got undefined'],
    ['combineHealth(5)', () => loose(combineHealth)(5), TypeError, 'combineHealth: sources must be an array of Observables, got 5'],
    ['hedged(5)', () => loose(hedged)(5), TypeError, 'hedged: openings must be an array of functions that is not empty, got 5'],
    ['spaced(NaN)', () => spaced(NaN), RangeError, 'spaced: ms must be a number, at least 0, got NaN'],
    ["capped('x')", () => loose(capped)('x', spaced(1)), RangeError, 'capped: max must be a number, at least 0, got a string'],
    ['capped(5)', () => loose(capped)(5), TypeError, 'capped: schedule must be a schedule, got undefined'],
    ['times(-1)', () => times(-1), RangeError, 'times: count must be a number, at least 0, got -1'],
    ['jittered(5)', () => loose(jittered)(5), TypeError, 'jittered: schedule must be a schedule, got 5'],
    ['jittered(…, null)', () => loose(jittered)(spaced(1), null), TypeError, 'jittered: options must be an object, got null'],
    ['jittered with too', () => loose(jittered)(spaced(1), { too: 2 }), TypeError, 'jittered: unknown option "too"'],
    ['both(spaced(1), 5)', () => loose(both)(spaced(1), 5), TypeError, 'both must be a schedule, got 5'],
    ['either(5)', () => loose(either)(5), TypeError, 'either must be a schedule, got 5'],
    ['exponential with first: -1', () => exponential({ first: -1 }), RangeError, 'exponential: first must be a number, at least 0, got -1'],
    ['exponential(null)', () => loose(exponential)(null), TypeError, 'exponential: options must be an object, got null'],
    ['honouringServer(5)', () => loose(honouringServer)(5), TypeError, 'honouringServer: schedule must be a schedule, got 5'],
    ['foldUsers(undefined)', () => loose(foldUsers)(undefined), TypeError, 'foldUsers: users must be an array of users, got undefined'],
    ['foldUsers([], {})', () => loose(foldUsers)([], {}), TypeError, "foldUsers: report must be a report such as { type: 'snapshot', users: [] }, got an object"],
    ['whenConnected({})', () => loose(whenConnected)({}), TypeError, 'whenConnected: room must be a room (with a connectionState$), got an object'],
    ["whenConnected with signal: 'x'", () => loose(whenConnected)(room, { signal: 'x' }), TypeError, 'whenConnected: signal must be an AbortSignal, got a string'],
    ['whenConnected with null', () => loose(whenConnected)(room, null), TypeError, 'whenConnected: options must be an object, got null'],
  ] as const) {
    it(`O3 ${call} says what is wrong`, () => {
      expect(act).toThrowError(type, text);
    });
  }

  it('O3 a transport may have members of its own', () => {
    const own = { ...transport, rejoin: () => undefined, clasify: 'a note', token: 's3cret', name: 'mine' };
    expect(() => createRoom(own, brisk)).not.toThrow();
  });
});

describe('random', () => {
  for (const [name, value, got] of [
    ['1', 1, '1'],
    ['less than 0', -0.1, '-0.1'],
    ['NaN', NaN, 'NaN'],
    ['a text', '0.5', 'a string'],
  ] as const) {
    for (const [asks, schedule] of [
      ['the schedule', jittered(spaced(2))],
      ['the last chance', spaced(50)],
    ] as const) {
      it(`O3 that gives ${name} to ${asks} fails the room with an error that says so`, () => {
        const random = (): number => value as number;
        const told = lifeOf(
          () => ({ join: () => throwError(() => new Error('down')) }),
          () => ({ random, schedule, lastChanceFrom: 3 }),
        );
        expect(told.states).toEqual(['disconnected/null', 'connecting/joinChannel', 'failed/joinChannelFailed']);
        expect(told.error).toEqual(
          new RangeError(`random: the return value must be at least 0 and less than 1, got ${got}`),
        );
      });
    }
  }
});

describe('the host of a room', () => {
  const stays = ['disconnected/null', 'connecting/joinChannel', 'connected/joinSucceed', 'disconnected/leaveChannel'];

  for (const [name, value, line] of [
    ['a revoked proxy', revoked(), `signal$: ${REVOKED}`],
    ['an object whose down throws', trapped('down'), 'signal$: down is not for reading'],
    ['an object whose aliveAt throws', trapped('aliveAt', { down: true }), 'signal$: aliveAt is not for reading'],
    ['a text', 'down', "signal$: signal$ must be 'up' or { down: true, aliveAt?: ms }, got a string"],
    ['null', null, "signal$: signal$ must be 'up' or { down: true, aliveAt?: ms }, got null"],
  ] as const) {
    it(`M8 ${name} as a health shows on errors$ and changes nothing`, async () => {
      const uncaught = await uncaughtIn(() => {
        const told = lifeOf(({ hot }) => giving(linkOf('a', hot('---u-v', { ...healths, v: value as Health }))));
        expect(told.states).toEqual(stays);
        expect(linesOf(told)).toEqual([line]);
      });
      expect(uncaught).toEqual([]);
    });
  }

  for (const [name, value, line] of [
    ['a revoked proxy', revoked(), `notice$: ${REVOKED}`],
    ['an object whose kind throws', trapped('kind'), 'notice$: kind is not for reading'],
    ['an object whose message throws', trapped('message', { kind: 'kicked' }), 'notice$: message is not for reading'],
    ['a text', 'kicked', "notice$: notice$ must be a notice such as { kind: 'kicked' }, got a string"],
    ['undefined', undefined, "notice$: notice$ must be a notice such as { kind: 'kicked' }, got undefined"],
  ] as const) {
    it(`M8 ${name} as a notice shows on errors$ and changes nothing`, async () => {
      const uncaught = await uncaughtIn(() => {
        const told = lifeOf(({ hot }) =>
          giving(linkOf('a', alwaysUp, { notice$: hot('-----v', { v: value as ServerNotice }) })),
        );
        expect(told.states).toEqual(stays);
        expect(linesOf(told)).toEqual([line]);
      });
      expect(uncaught).toEqual([]);
    });
  }

  for (const [name, value, lines] of [
    ['a revoked proxy', revoked(), [`wake$: ${REVOKED}`]],
    ['an object whose suspendedFor throws', trapped('suspendedFor'), ['wake$: suspendedFor is not for reading']],
    ['undefined', undefined, []],
    ['null', null, []],
    ['a text', 'now', []],
  ] as const) {
    it(`M8 ${name} as a wake ends nothing`, async () => {
      const uncaught = await uncaughtIn(() => {
        const told = lifeOf(
          () => giving(linkOf('a', alwaysUp)),
          ({ hot }) => ({ wake$: hot('-----v', { v: value as unknown as Wake }) }),
        );
        expect(told.states).toEqual(stays);
        expect(linesOf(told)).toEqual(lines);
      });
      expect(uncaught).toEqual([]);
    });
  }

  it('M8 a close that rejects later shows on errors$', async () => {
    let told: ReturnType<typeof lifeOf> | undefined;
    const close = (): Promise<never> => Promise.reject(new Error('closing failed'));
    const uncaught = await uncaughtIn(() => {
      told = lifeOf(() => giving({ ...linkOf('a', alwaysUp), close }));
    });
    expect(uncaught).toEqual([]);
    expect(told?.states).toEqual(stays);
    expect(linesOf(told!)).toEqual(['close: closing failed']);
  });

  it('M8 a close that throws shows on errors$', async () => {
    const uncaught = await uncaughtIn(() => {
      const told = lifeOf(() =>
        giving(
          linkOf('a', alwaysUp, {
            close() {
              throw new Error('closing failed');
            },
          }),
        ),
      );
      expect(told.states).toEqual(stays);
      expect(linesOf(told)).toEqual(['close: closing failed']);
    });
    expect(uncaught).toEqual([]);
  });

  it('M8 a classify that gives a Promise is told so, and its rejection shows too', async () => {
    let told: ReturnType<typeof lifeOf> | undefined;
    const uncaught = await uncaughtIn(() => {
      told = lifeOf(
        () => ({
          join: () => throwError(() => new Error('down')),
          classify: () => Promise.reject(new Error('classify failed')),
        }),
        () => ({ schedule: () => 50 }), // beyond the deadline
      );
    });
    expect(uncaught).toEqual([]);
    expect(told?.states).toEqual(['disconnected/null', 'connecting/joinChannel', 'failed/joinChannelFailed']);
    expect(linesOf(told!)).toEqual([
      "classify: classify: the return value must be a verdict such as { kind: 'fatal' }, or undefined, got a Promise",
      'classify: classify failed',
    ]);
  });

  for (const [name, classify, line] of [
    ['throws', () => { throw new Error('boom'); }, 'classify: boom'],
    ['gives a revoked proxy', revoked, `classify: ${REVOKED}`],
    ['gives an object whose kind throws', () => trapped('kind'), 'classify: kind is not for reading'],
    ['gives a text', () => 'fatal', "classify: classify: the return value must be a verdict such as { kind: 'fatal' }, or undefined, got a string"],
  ] as const) {
    it(`M8 a classify that ${name} means unreachable, and is told`, async () => {
      const uncaught = await uncaughtIn(() => {
        const told = lifeOf(
          () => ({ join: () => throwError(() => new Error('down')), classify }),
          () => ({ schedule: () => 50 }),
        );
        expect(told.states).toEqual(['disconnected/null', 'connecting/joinChannel', 'failed/joinChannelFailed']);
        expect(linesOf(told)).toEqual([line]);
      });
      expect(uncaught).toEqual([]);
    });
  }

  for (const [name, probe, lines] of [
    ['gives a number', () => 5, ['probe: probe: the return value must be an Observable or a Promise, got 5']],
    ['gives a text', () => 'alive', ['probe: probe: the return value must be an Observable or a Promise, got a string']],
    ['gives an object', () => ({}), ['probe: probe: the return value must be an Observable or a Promise, got an object']],
    ['throws', () => { throw new Error('no answer'); }, []],
  ] as const) {
    it(`M8 a probe that ${name} counts as dead`, async () => {
      const uncaught = await uncaughtIn(() => {
        const told = lifeOf(({ hot }) =>
          giving(linkOf('a', alwaysUp, { media$: hot('--u---d', healths), probe: probe as () => Observable<unknown> })),
        );
        // Only the media said that it was down: the probe found the signalling dead too.
        expect(told.states[3]).toBe('reconnecting/signalDisconnected');
        expect(linesOf(told)).toEqual(lines);
      });
      expect(uncaught).toEqual([]);
    });
  }
});

describe('values of another kind', () => {
  it('M8 healths and notices of another realm are what they say', () => {
    const told = lifeOf(({ hot }) =>
      giving(
        linkOf('a', hot('---u-v-u', { ...healths, v: foreign('{ down: true, aliveAt: 4 }') as Health }), {
          notice$: hot('         ---------n', { n: foreign("{ kind: 'kicked', message: 'bye' }") as ServerNotice }),
        }),
      ),
    );
    expect(told.states).toEqual([
      'disconnected/null',
      'connecting/joinChannel',
      'connected/joinSucceed',
      'reconnecting/signalDisconnected',
      'connected/rejoinSucceed',
      'disconnected/serverKicked',
    ]);
    expect(told.room.connectionState).toEqual(jasmine.objectContaining({ message: 'bye' }));
    expect(linesOf(told)).toEqual([]);
  });

  it('M8 D5 an error of another realm is the error of failed, not a cause', () => {
    const error = foreign("new Error('elsewhere')");
    const told = lifeOf(() => ({ join: () => throwError(() => error), classify: () => foreign("{ kind: 'fatal' }") }));
    expect(told.states).toEqual(['disconnected/null', 'connecting/joinChannel', 'failed/joinChannelFailed']);
    expect(told.error).toBe(error);
  });

  it('M8 frozen transports, links, options, healths and wakes work', () => {
    const told = lifeOf(
      ({ hot }) => {
        const signal$ = hot('---u-v-u', { u: 'up', v: Object.freeze({ down: true }) });
        return Object.freeze(giving(Object.freeze({ signal$, media$: null })));
      },
      ({ hot }) => Object.freeze({ wake$: hot('----w', { w: Object.freeze({ suspendedFor: 0 }) }) }),
    );
    expect(told.states).toEqual([
      'disconnected/null',
      'connecting/joinChannel',
      'connected/joinSucceed',
      'reconnecting/signalDisconnected',
      'connected/rejoinSucceed',
      'disconnected/leaveChannel',
    ]);
    expect(linesOf(told)).toEqual([]);
  });

  it('M8 every stream may come from another copy of rxjs', async () => {
    const other = secondRxjs();
    expect(other.Observable as unknown).not.toBe(Observable);
    const uncaught = await uncaughtIn(() => {
      const signal = new other.BehaviorSubject<Health>('up');
      const media = new other.BehaviorSubject<Health>('up');
      const notice = new other.Subject<ServerNotice>();
      const users = new other.BehaviorSubject<UserReport>({ type: 'snapshot', users: [{ id: 'ann' }] });
      const trouble = new other.Subject<unknown>();
      const wake = new other.Subject<Wake>();
      const told: unknown[] = [];
      const here: RoomUsers[] = [];
      marbles(({ command, call }) => {
        const room = createRoom(
          {
            request: () => other.of('ticket'),
            join: () =>
              other.concat(
                other.of({
                  signal$: signal,
                  media$: media,
                  notice$: notice,
                  users$: users,
                  errors$: trouble,
                  probe: () => other.of('alive'),
                }),
                other.NEVER,
              ),
            repair: () => other.EMPTY,
          },
          { ...brisk, wake$: wake, leave$: new other.Subject<unknown>() },
        );
        room.connectionState$.subscribe((state) => told.push(textOf(state)));
        room.errors$.subscribe(({ from, error }) => told.push(`${from}: ${String(error)}`));
        usersOf(room).subscribe((now) => here.push(now));
        command(room, '-j');
        call('          ---m-u-t-w-k', {
          m: () => media.next({ down: true }),
          u: () => media.next('up'),
          t: () => trouble.next('trouble'),
          w: () => wake.next({ suspendedFor: 0 }),
          k: () => notice.next({ kind: 'kicked' }),
        });
      });
      expect(told).toEqual([
        'disconnected/null',
        'connecting/joinChannel',
        'connected/joinSucceed',
        'reconnecting/mediaConnectionDisconnected',
        'connected/rejoinSucceed',
        'link: trouble',
        'disconnected/serverKicked',
      ]);
      expect(here.map(({ users: now }) => now.map(({ id }) => id))).toEqual([[], ['ann'], []]);
    });
    expect(uncaught).toEqual([]);
  });

  it('M8 so may those of deriveConnectionState, combineHealth and hedged', () => {
    const other = secondRxjs();
    marbles(({ expectObservable, expectStates }) => {
      const up$ = other.concat(other.of<Health>('up'), other.NEVER);
      expectStates(deriveConnectionState({ signal$: up$, media$: null }, { settle: { signal: 0 } })).toBe('(cC)');
      expectObservable(combineHealth([up$, up$])).toBe('u', { u: 'up' });
      expectObservable(hedged([() => other.NEVER, () => other.of('b')], { after: 2 })).toBe('--(b|)');
    });
  });
});

/** rxjs once more, as a program has it whose packages do not share one. */
function secondRxjs(): typeof rxjs {
  const load = createRequire(import.meta.url);
  const isOfRxjs = (path: string): boolean => /[\\/]rxjs[\\/]/.test(path);
  const first = Object.entries(load.cache).filter(([path]) => isOfRxjs(path));
  const forget = (): void => {
    for (const path of Object.keys(load.cache).filter(isOfRxjs)) Reflect.deleteProperty(load.cache, path);
  };
  forget();
  const copy = load('rxjs') as typeof rxjs;
  forget();
  for (const [path, module] of first) load.cache[path] = module;
  return copy;
}
