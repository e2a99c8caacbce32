import { defer, map, NEVER, tap, type Observable } from 'rxjs';
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

/** `testScheduler.run`, with the words of a room. */
export function marbles(body: (t: Marbles) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => {
    const { hot, cold, expectObservable } = helpers;
    const call: Marbles['call'] = (diagram, calls) => hot(diagram).subscribe((letter) => calls[letter]?.());
    body({
      ...helpers,
      scheduler,
      call,
      health: (diagram) => hot(diagram, { ...healths }),
      link: (name, { signal$ = cold('u', { ...healths }), ...parts } = {}) => linkOf(name, signal$, parts),
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
    if (from?.state === 'connected' && to.state === 'failed' && to.reason !== 'timeout') found.push(name);
    if (from?.state === 'connected' && to.state === 'connected' && from.link === to.link) found.push(`${name}: same link`);
    if (to.state === 'connecting') everConnected = false;
    if (to.state === 'connected') {
      if (to.reason !== (everConnected ? 'rejoinSucceed' : 'joinSucceed')) found.push(`${name}: the other success`);
      everConnected = true;
    }
  });
  return found;
}
