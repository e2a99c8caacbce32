import {
  concat,
  defer,
  map,
  NEVER,
  Observable,
  of,
  tap,
  type ObservableNotification,
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import {
  createRoom,
  type Attempt,
  type CloseReason,
  type ConnectionState,
  type Health,
  type Room,
  type RoomLink,
  type RoomOptions,
  type RoomTransport,
} from '../../lib/index.js';

/** The alphabet of every `expectStates` diagram. */
export const alphabet = {
  d: 'disconnected/null',
  c: 'connecting/joinChannel',
  C: 'connected/joinSucceed',
  R: 'connected/rejoinSucceed',
  m: 'reconnecting/mediaConnectionDisconnected',
  s: 'reconnecting/signalDisconnected',
  r: 'reconnecting/redispatch',
  l: 'disconnected/leaveChannel',
  x: 'disconnected/channelClosed',
  k: 'disconnected/serverKicked',
  u: 'disconnected/duplicateUser',
  t: 'failed/timeout',
  q: 'failed/requestChannelFailed',
  f: 'failed/joinChannelFailed',
};

/** The alphabet of health diagrams. */
export const healths: Readonly<Record<string, Health>> = { u: 'up', d: { down: true } };

/** Up as soon as somebody asks, and for ever. */
export const alwaysUp: Observable<Health> = concat(of<Health>('up'), NEVER);

/** A link that can be told from others, and that remembers why it was closed. */
export interface TestLink extends RoomLink {
  readonly name: string;
  readonly closes: CloseReason[];
}

export type Parts = Partial<Omit<RoomLink, 'close'>> & { readonly close?: (why: CloseReason) => void };

/** Signal up at once and for ever, no media, unless told otherwise. */
export function linkOf(name: string, signal$: Observable<Health>, parts: Parts = {}): TestLink {
  const closes: CloseReason[] = [];
  return {
    name,
    closes,
    signal$,
    media$: null,
    ...parts,
    close(why) {
      closes.push(why);
      parts.close?.(why);
    },
  };
}

/** Short times, so that a frame is a millisecond and diagrams stay narrow: no jitter, no settling, no last chance. */
export const brisk: RoomOptions = {
  schedule: () => 2,
  deadline: 20,
  joinDeadline: 20,
  attemptLimit: 10,
  settle: { signal: 0, media: 0 },
  stableAfter: 0,
  random: () => 0.5,
};

export interface Joins extends RoomTransport<void, TestLink> {
  /** What every call of `join` was told. */
  readonly attempts: Attempt<TestLink>[];
}

/** The n-th join is the n-th source; the last serves all that follow. */
export function joins(...sources: readonly Observable<TestLink>[]): Joins {
  const attempts: Attempt<TestLink>[] = [];
  return {
    attempts,
    join: (attempt) => sources[Math.min(attempts.push(attempt), sources.length) - 1] ?? NEVER,
  };
}

export interface Marbles extends RunHelpers {
  readonly scheduler: TestScheduler;
  /** Health in absolute time: `u` up, `d` down. */
  health(marbles: string): Observable<Health>;
  /** A link; its signal is up as soon as somebody asks, unless told otherwise. */
  link(name: string, parts?: Parts): TestLink;
  /** Calls the room in absolute time, in a frame after whatever was made hot before: `j` join, `l` leave, `r` retryNow. */
  command(room: Pick<Room<unknown>, 'join' | 'leave' | 'retryNow'>, marbles: string): void;
  /** Calls in absolute time whatever the letter stands for. */
  call(marbles: string, calls: Readonly<Record<string, () => void>>): void;
  /** What a subscriber of `connectionState$` sees, in letters of the alphabet. */
  expectStates(
    room: Pick<Room<unknown>, 'connectionState$'> | Observable<ConnectionState>,
    subscription?: string,
  ): { toBe(marbles: string): void };
}

/**
 * `testScheduler.run`, with the words of a room; gives what `body` gave, when all has run.
 *
 * Rooms run on `asyncScheduler` unless told otherwise. Where input comes in the very frame of a timer that it stops,
 * give the room `scheduler`: the `run` mode of rxjs 7.8 throws "Expected a due immediate or interval" when an asap
 * action clears a timeout that is due in the same frame.
 */
export function marbles<T>(body: (t: Marbles) => T): T {
  const scheduler = new TestScheduler((actual, expected) => expect(linesOf(actual)).toEqual(linesOf(expected)));
  return scheduler.run((helpers) => {
    const { hot, expectObservable } = helpers;
    const call: Marbles['call'] = (diagram, calls) => hot(diagram).subscribe((letter) => calls[letter]?.());
    return body({
      ...helpers,
      scheduler,
      call,
      health: (diagram) => hot(diagram, { ...healths }),
      link: (name, { signal$ = alwaysUp, ...parts } = {}) => linkOf(name, signal$, parts),
      command: (room, diagram) =>
        call(diagram, { j: () => room.join(), l: () => room.leave(), r: () => room.retryNow() }),
      expectStates: (room, subscription) => ({
        toBe: (diagram) => {
          const states$ = 'connectionState$' in room ? room.connectionState$ : room;
          expectObservable(states$.pipe(map(textOf)), subscription).toBe(diagram, alphabet);
        },
      }),
    });
  });
}

/** One line a notification, which reads better in a failure. Anything that is not a text stays as it is. */
const linesOf = (logs: unknown): unknown =>
  (logs as readonly { frame?: number; notification?: ObservableNotification<unknown> }[]).map((log) => {
    const { frame, notification } = log;
    return notification?.kind === 'N' && typeof notification.value === 'string'
      ? `${frame} ${notification.value}`
      : notification?.kind === 'C' ? `${frame} |` : log;
  });

export const textOf = ({ state, reason }: ConnectionState): string => `${state}/${String(reason)}`;

/** A room whose every emission is checked against the contract table after the spec. */
export function watchedRoom<I, L extends RoomLink>(transport: RoomTransport<I, L>, options: RoomOptions = brisk): Room<L> {
  const room = createRoom(transport, options);
  watched(room.connectionState$).subscribe();
  return room;
}

/** The same check for a stream of states; each of its subscriptions is a sequence of its own. */
export const watched = <S extends ConnectionState>(states$: Observable<S>): Observable<S> =>
  defer(() => {
    const seen: ConnectionState[] = [];
    sequences.push(seen);
    return states$.pipe(tap((state) => seen.push(state)));
  });

const sequences: ConnectionState[][] = [];

afterEach(() => {
  for (const states of sequences.splice(0)) expect(illegalities(states)).withContext(states.map(textOf).join(' ')).toEqual([]);
});

const pairs = new Set(Object.values(alphabet));

const edges: Readonly<Record<ConnectionState['state'], readonly ConnectionState['state'][]>> = {
  disconnected: ['connecting'],
  connecting: ['connected', 'failed', 'disconnected'],
  connected: ['reconnecting', 'disconnected', 'failed', 'connected'],
  reconnecting: ['connected', 'failed', 'disconnected'],
  failed: ['connecting'],
};

const firsts: readonly string[] = [alphabet.d, alphabet.c];

/** What the contract table forbids in a sequence of states. */
export function illegalities(states: readonly ConnectionState[]): string[] {
  const found: string[] = [];
  let everConnected = false;
  states.forEach((to, i) => {
    const from = states[i - 1];
    const name = `${from === undefined ? 'start' : textOf(from)} → ${textOf(to)}`;
    if (!pairs.has(textOf(to))) found.push(`${name}: no such pair`);
    if (from === undefined ? !firsts.includes(textOf(to)) : !edges[from.state].includes(to.state)) found.push(name);
    if (from !== undefined && textOf(to) === alphabet.d) found.push(`${name}: a reason is missing`);
    if (from?.state === 'connected' && to.state === 'failed' && to.reason === 'requestChannelFailed') found.push(name);
    if (from?.state === 'connected' && to.state === 'connected' && from.link === to.link) found.push(`${name}: same link`);
    if (to.state === 'connecting') everConnected = false;
    if (to.state === 'connected') {
      if (to.reason !== (everConnected ? 'rejoinSucceed' : 'joinSucceed')) found.push(`${name}: the other success`);
      everConnected = true;
    }
  });
  return found;
}

export interface Ledger {
  /** The source, with its subscriptions counted. */
  counted<T>(name: string, source: Observable<T>): Observable<T>;
  /** The scheduler, with what it has still to run counted as `timers`. */
  clocked(inner: SchedulerLike): SchedulerLike;
  /** All that lives, by name; nothing when nothing does. */
  alive(): Readonly<Record<string, number>>;
}

/** Books on what is running: subscriptions and timers. */
export function ledgerOf(): Ledger {
  const counts: Record<string, number> = {};
  const book = (name: string, by: number): void => {
    counts[name] = (counts[name] ?? 0) + by;
  };
  return {
    alive: () => Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    counted: (name, source) =>
      new Observable((subscriber) => {
        book(name, 1);
        subscriber.add(() => book(name, -1));
        subscriber.add(source.subscribe(subscriber));
      }),
    clocked: (inner) => ({
      now: () => inner.now(),
      schedule<T>(this: unknown, work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
        let pending = true;
        const done = (): void => {
          if (pending) book('timers', -1);
          pending = false;
        };
        book('timers', 1);
        const action = inner.schedule<T>(
          function (given) {
            done();
            work.call(this, given);
          },
          delay,
          state,
        );
        action.add(done);
        return action;
      },
    }),
  };
}

export interface Page {
  readonly window: EventTarget;
  readonly document: EventTarget & { visibilityState: string };
  /** `navigator.connection`, which not every browser has. */
  readonly connection: EventTarget;
  /** How many listeners window, document and connection have now. */
  listeners(): number;
}

/** A page around `body`: `window`, `document` and `navigator.connection`, which count their listeners. */
export function inPage<T>(body: (page: Page) => T): T {
  let count = 0;
  class Counting extends EventTarget {
    override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
      count++;
      super.addEventListener(...args);
    }
    override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
      count--;
      super.removeEventListener(...args);
    }
  }
  const document = Object.assign(new Counting(), { visibilityState: 'visible' });
  const connection = new Counting();
  const window = Object.assign(new Counting(), { document, navigator: { connection } });
  const before = ['window', 'document'].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  Object.defineProperty(globalThis, 'window', { value: window, configurable: true, writable: true });
  Object.defineProperty(globalThis, 'document', { value: document, configurable: true, writable: true });
  try {
    return body({ window, document, connection, listeners: () => count });
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

/** A hidden page: timers fire only at multiples of `every` ms; the end of a frame is not delayed. */
export const throttled = (inner: SchedulerLike, every: number): SchedulerLike => ({
  now: () => inner.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const late = delay === 0 ? 0 : Math.ceil((inner.now() + delay) / every) * every - inner.now();
    return inner.schedule(work, late, state);
  },
});
