import { asyncScheduler, BehaviorSubject, map, NEVER, Observable, timer } from 'rxjs';
import type { ConnectionState, Failed, Health, Room, RoomEvent, RoomOptions, RoomTransport } from '../../../lib/index.js';
import { linkOf, marbles, textOf, watchedRoom, type Parts, type TestLink } from '../room-harness.js';

export interface Stage {
  /** Milliseconds since the beginning. */
  now(): number;
  at(ms: number, act: () => void): void;
}

/** A story in virtual time: what `body` gives is what happened when `end` milliseconds have passed. */
export const story = <T>(end: number, body: (stage: Stage) => T): T =>
  marbles(({ scheduler }) => {
    scheduler.maxFrames = end;
    return body({
      now: () => asyncScheduler.now(),
      at: (ms, act) => timer(ms).subscribe(act),
    });
  });

/** A link whose legs a story switches. */
export interface SwitchedLink extends TestLink {
  readonly signal$: BehaviorSubject<Health>;
  readonly media$: BehaviorSubject<Health> | null;
}

const up = (): BehaviorSubject<Health> => new BehaviorSubject<Health>('up');

/** Only signalling, up at first. */
export function signalling(name: string, parts: Omit<Parts, 'signal$' | 'media$'> = {}) {
  const signal$ = up();
  return { ...linkOf(name, signal$, parts), signal$, media$: null } satisfies SwitchedLink;
}

/** Signalling and media, up at first. */
export function call(name: string, parts: Omit<Parts, 'signal$' | 'media$'> = {}) {
  const signal$ = up();
  const media$ = up();
  return { ...linkOf(name, signal$, { ...parts, media$ }), signal$, media$ } satisfies SwitchedLink;
}

export const down = (aliveAt?: number): Health => (aliveAt === undefined ? { down: true } : { down: true, aliveAt });

/** A join that gives its link after `ms` and lives until `end$` ends. */
export const joined = <L>(link: L, ms = 0, end$: Observable<never> = NEVER): Observable<L> =>
  new Observable((subscriber) => {
    if (ms === 0) subscriber.next(link);
    else subscriber.add(timer(ms).subscribe(() => subscriber.next(link)));
    subscriber.add(end$.subscribe(subscriber));
  });

/** A join that is taken in at once and loses its link with `error` after `ms`. */
export const droppedAfter = <L>(link: L, ms: number, error: unknown): Observable<L> =>
  new Observable((subscriber) => {
    subscriber.next(link);
    subscriber.add(timer(ms).subscribe(() => subscriber.error(error)));
  });

/** An opening that hangs and is given up after `ms`. */
export const hangingFor = (ms: number): Observable<never> =>
  timer(ms).pipe(
    map(() => {
      throw new Error('not open in time');
    }),
  );

export interface Log {
  /** `20000 reconnecting/signalDisconnected`, without the state before the first join. */
  readonly states: string[];
  readonly events: RoomEvent[];
  /** When each attempt began, and what it was. */
  attempts(): string[];
  /** When the attempts from `from` on began. */
  begun(from?: number): number[];
}

/** Writes down what a room tells. */
export function logOf<L>({ connectionState$, events$ }: Pick<Room<L>, 'connectionState$' | 'events$'>): Log {
  const states: string[] = [];
  const events: RoomEvent[] = [];
  connectionState$.subscribe((state) => {
    if (textOf(state) !== 'disconnected/null') states.push(`${String(asyncScheduler.now())} ${textOf(state)}`);
  });
  events$.subscribe((event) => events.push(event));
  const begun = () => events.flatMap((event) => (event.type === 'attempt' ? [event] : []));
  return {
    states,
    events,
    attempts: () =>
      begun().map(({ at, kind, endpoint }) => `${String(at)} ${kind}${endpoint === null ? '' : ` ${endpoint}`}`),
    begun: (from = 0) => begun().flatMap(({ at }) => (at >= from ? [at] : [])),
  };
}

/** The failure that a room ended with. */
export function failureOf({ connectionState }: { readonly connectionState: ConnectionState }): Failed {
  if (connectionState.state !== 'failed') throw new Error(`not failed but ${textOf(connectionState)}`);
  return connectionState;
}

/** How many of these times lie in one window of `width`, at most. */
export const mostIn = (width: number, times: readonly number[]): number =>
  Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + width).length));

/** A room whose emissions are checked against the contract table. */
export const roomOf = (transport: RoomTransport<void, TestLink>, options: RoomOptions): Room<TestLink> =>
  watchedRoom(transport, options);
