import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  repeat,
  ReplaySubject,
  Subject,
  Subscription,
  switchMap,
  take,
  tap,
  throwError,
  timer,
  type SchedulerLike,
} from 'rxjs';
import type { Health } from '../core/machine/health.js';
import type { WebSocketChannel } from '../websocket/live-channel.js';
import { JanusEndedError } from './janus-ended-error.js';
import { JanusError } from './janus-error.js';
import { JanusFrameError } from './janus-frame-error.js';
import { readJanusFrame, type JanusFrame } from './janus-frame.js';
import type { JanusId, JanusRequest, SessionRequest } from './janus-request.js';

/** An answer to a request. */
export type Answer = Extract<JanusFrame, { readonly janus: 'success' | 'event' }>;

/** An open channel to the server, with the secrets that every request on it needs. */
export interface SessionChannel {
  readonly channel: WebSocketChannel;
  /** Members of every request: `apisecret`, `token`. */
  readonly access: Readonly<Record<string, string>>;
}

/** Opens a channel to the server; the channel sends `ping` to check a silence. */
export type OpenSessionChannel = (ping: () => unknown) => Observable<SessionChannel>;

export interface JanusSessionOptions {
  open(ping: () => unknown): Observable<SessionChannel>;
  /** A session of ours that this one replaces, on the same server. */
  readonly previous: JanusId | null;
  /** Sessions of ours that this server may not know to be over. They are ended first; this one is added when it ends. */
  readonly unended: Set<JanusId>;
  /** Milliseconds between two keepalives, whatever comes in: only requests keep a session. */
  readonly keepalive: number;
  readonly scheduler: SchedulerLike;
}

/** A session at the server, over whatever sockets it takes. */
export interface JanusSession {
  readonly id: JanusId;
  /** What the handles say that answers no request. Hot. */
  readonly news$: Observable<JanusFrame>;
  /** Frames that could not be used. Replays the first hundred: nobody listens before there is a link. */
  readonly errors$: Observable<unknown>;
  readonly health$: Observable<Health>;
  /** A claim has put the session on another socket; what was said meanwhile is lost. Hot. */
  readonly resumed$: Observable<unknown>;
  /** Makes a handle on VideoRoom, and gives its id. */
  attach(): Observable<JanusId>;
  /** Cold: asks on subscription, and gives the answer. */
  ask(request: SessionRequest): Observable<Answer>;
  /** Expects no answer. */
  tell(request: SessionRequest): void;
  probe(): Observable<unknown>;
  /** Says that we leave on purpose, so that the others learn it. Call it just before unsubscribing. */
  leave(handle: JanusId): void;
  /** Does something when the session is over, after a leave was confirmed. */
  atEnd(work: () => void): void;
  /** Asks for a sign of life and judges nothing by itself. */
  doubt(): void;
  /** From now on the loss of the socket is a dip of the health and no error. */
  settle(): void;
  /** Claims the session on a fresh socket. */
  resume(open: OpenSessionChannel): Observable<unknown>;
  /** Ends the session with an error. */
  fail(error: unknown): void;
}

/**
 * Opens a session. Cold: emits once; unsubscribing destroys it at the server, if that can be reached, and closes the socket:
 * at once, or when a leave is confirmed, half a second later at the latest.
 *
 *     socket 1:  --o--m--m--x            o: open, m: frame, x: lost
 *     result:    ----s                   s: the session
 *     resume:                 r--o-c     r: asked for, c: the claim is granted, socket 1 is closed
 *     news$:         --m--m----------m
 *     health$:       u------d------u
 *
 * A session that it replaces is destroyed first, so that nobody sees two of the same user; so is one whose
 * end the server missed, as after a deadline that passed without a network. A session that is gone at the server is an error: `timeout`
 * when it says so itself, 458 as the answer to any request in it.
 */
export function janusSession(options: JanusSessionOptions): Observable<JanusSession> {
  const { previous, unended, keepalive, scheduler } = options;
  return new Observable<JanusSession>((subscriber) => {
    const frames = new Subject<JanusFrame>();
    const errors = new ReplaySubject<unknown>(100);
    const resumed = new Subject<void>();
    /** The session is being moved, so the health of the old socket proves nothing. */
    const moving = new Subject<Health>();
    const channels = new ReplaySubject<SessionChannel>(1);
    let current: SessionChannel | undefined;
    let id: JanusId | undefined;
    let settled = false;
    let leaving = false;
    /** The server knows that the session, or our place in the room, has ended. */
    let known = false;
    let transactions = 0;
    const ending = new Subscription();
    let keptOpen = new Subscription();
    let resuming = new Subscription();

    const fail = (error: unknown): void => subscriber.error(error);

    const send = (to: SessionChannel | undefined, request: object): boolean =>
      to?.channel.send({ ...request, ...to.access }) === true;

    const keptAlive = (): object =>
      id === undefined
        ? { janus: 'ping', transaction: 'ping' }
        : { janus: 'keepalive', session_id: id, transaction: 'keepalive' };
    const ping = (): unknown => ({ ...keptAlive(), ...current?.access });

    const ask = (to: SessionChannel | undefined, request: JanusRequest): Observable<Answer> =>
      new Observable((asker) => {
        const transaction = String(++transactions);
        const answer$ = frames.pipe(filter((frame) => frame.transaction === transaction));
        asker.add(
          merge(answer$.pipe(mergeMap((frame) => answerOf(frame, request))), resumed.pipe(mergeMap(lost)))
            .pipe(take(1))
            .subscribe(asker),
        );
        if (!send(to, { ...request, transaction })) asker.error(new JanusEndedError('lost'));
      });

    const receive = (value: unknown): void => {
      const frame = readJanusFrame(value);
      if (frame.transaction === 'leave' && frame.janus !== 'ack') {
        leaving = false;
        known = true;
        if (id !== undefined) unended.delete(id);
      }
      if (frame.janus === 'malformed') errors.next(frame.error);
      const timedOut = frame.janus === 'timeout';
      const gone = timedOut || (frame.janus === 'error' && frame.code === NO_SESSION);
      if (!gone || id === undefined || frame.session !== id) {
        frames.next(frame);
        return;
      }
      known = true;
      fail(timedOut ? new JanusEndedError('timeout') : new JanusError(NO_SESSION, 'session'));
    };

    const adopt = (fresh: SessionChannel, life: Subscription): void => {
      const old = keptOpen;
      keptOpen = life;
      current = fresh;
      channels.next(fresh);
      if (old !== life) old.unsubscribe();
    };

    const resume = (mine: JanusId, open: OpenSessionChannel): Observable<unknown> =>
      new Observable((repair) => {
        resuming.unsubscribe();
        const life = (resuming = new Subscription());
        let asked = false;
        const claim = (fresh: SessionChannel): void => {
          asked = true;
          moving.next({ down: true });
          life.add(fresh.channel.messages$.subscribe({ next: receive, error: fail }));
          life.add(
            ask(fresh, { janus: 'claim', session_id: mine }).subscribe({
              error: (error: unknown) => {
                life.unsubscribe();
                repair.error(error);
              },
              complete: () => {
                adopt(fresh, life);
                resuming = new Subscription();
                resumed.next();
                repair.complete();
              },
            }),
          );
        };
        life.add(open(ping).subscribe({ next: claim, error: (error: unknown) => repair.error(error) }));
        // Once asked, the server may have moved the session: then the new socket is the only one that it has.
        return () => {
          if (!asked) life.unsubscribe();
        };
      });

    const ended = (on: SessionChannel, old: JanusId): Observable<never> =>
      ask(on, { janus: 'claim', session_id: old }).pipe(
        switchMap(() => ask(on, { janus: 'destroy', session_id: old })),
        // It is gone already, or not ours to end.
        catchError((error: unknown) => {
          if (error instanceof JanusError) return EMPTY;
          throw error;
        }),
        tap({ complete: () => unended.delete(old) }),
        ignoreElements(),
      );

    const sessionOf = (id: JanusId): JanusSession => {
      const session: JanusSession = {
        id,
        news$: frames.pipe(filter(({ janus, transaction }) => transaction === undefined && janus !== 'malformed')),
        errors$: merge(errors, channels.pipe(switchMap(({ channel }) => channel.errors$))),
        health$: merge(channels.pipe(switchMap(({ channel }) => channel.health$)), moving),
        resumed$: resumed.asObservable(),
        attach() {
          return defer(() => ask(current, { janus: 'attach', session_id: id, plugin: 'janus.plugin.videoroom' })).pipe(
            map(idOf),
          );
        },
        ask(request) {
          return defer(() => ask(current, { ...request, session_id: id }));
        },
        tell(request) {
          send(current, { ...request, session_id: id, transaction: 'tell' });
        },
        probe() {
          return defer(() => current?.channel.probe() ?? EMPTY);
        },
        leave(handle) {
          const request = { janus: 'message', handle_id: handle, body: { request: 'leave' } } as const;
          leaving = true;
          if (!send(current, { ...request, session_id: id, transaction: 'leave' })) leaving = false;
        },
        atEnd: (work) => ending.add(work),
        doubt: () => current?.channel.ask(),
        settle: () => void (settled = true),
        resume: (open) => resume(id, open),
        fail,
      };
      return session;
    };

    const begin = (first: SessionChannel): void => {
      adopt(first, keptOpen);
      keptOpen.add(first.channel.messages$.subscribe({ next: receive, error: fail }));
      const old = new Set(previous === null ? unended : [...unended, previous]);
      subscriber.add(
        concat(...[...old].map((one) => ended(first, one)), ask(first, { janus: 'create' }).pipe(map(idOf))).subscribe({
          next: (created) => {
            id = created;
            subscriber.next(sessionOf(created));
          },
          error: fail,
        }),
      );
    };

    keptOpen.add(
      options.open(ping).subscribe({
        next: begin,
        error: (error: unknown) => {
          if (!settled) fail(error);
        },
      }),
    );
    subscriber.add(
      timer(keepalive, scheduler)
        .pipe(repeat())
        .subscribe({ next: () => send(current, keptAlive()), error: fail }),
    );
    const end = (): void => {
      ending.unsubscribe();
      if (id !== undefined) send(current, { janus: 'destroy', session_id: id, transaction: 'destroy' });
      keptOpen.unsubscribe();
    };
    return () => {
      resuming.unsubscribe();
      if (id !== undefined && !known) unended.add(id);
      if (!leaving) {
        end();
        return;
      }
      // Ended while the room still works on the leave, it would be reported without a reason.
      const left$ = frames.pipe(filter(() => !leaving));
      merge(left$, timer(LEAVING, scheduler)).pipe(take(1)).subscribe({ next: end, error: end });
    };
  });
}

/** Milliseconds that a leave may take to be confirmed before the socket is closed all the same. */
const LEAVING = 500;

/** The error code for a session that the server does not have. */
const NO_SESSION = 458;

const lost = (): Observable<never> => throwError(() => new JanusEndedError('lost'));

/** Of the session or the handle that was made. */
function idOf(answer: Answer): JanusId {
  if (answer.janus === 'success' && answer.id !== undefined) return answer.id;
  throw new JanusFrameError('success: id');
}

function answerOf(frame: JanusFrame, request: JanusRequest): Observable<Answer> {
  const name = 'body' in request ? request.body.request : request.janus;
  if (frame.janus === 'malformed') return throwError(() => frame.error);
  if (frame.janus === 'error') return throwError(() => new JanusError(frame.code, name));
  if (frame.janus !== 'success' && frame.janus !== 'event') return EMPTY;
  const code = frame.room?.errorCode;
  return code === undefined ? of(frame) : throwError(() => new JanusError(code, name));
}
