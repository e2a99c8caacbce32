import {
  defer,
  EMPTY,
  merge,
  ReplaySubject,
  Subject,
  Subscription,
  take,
  throwError,
  throwIfEmpty,
  timeout,
} from 'rxjs';
import { aText } from '../core/options/options.js';
import { wrongType, wrongValue } from '../core/options/wrong.js';
import { heartbeat } from '../operators/heartbeat.js';
import { ProbeError } from './probe-error.js';
import { readFrame } from './read-frame.js';
import { readyStates } from './web-socket-like.js';
import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/machine/health.js';
import type { HeartbeatOptions } from '../operators/heartbeat.js';
import type { FrameError } from './frame-error.js';
import type { WebSocketLike } from './web-socket-like.js';

/** An open socket, as messages and health. It ends with the subscription that it came from. */
export interface WebSocketChannel {
  /**
   * The values of the frames that are JSON, hot. Frames that come before the emission of the channel has returned are
   * kept until then; later ones reach whoever is subscribed. Completes when the channel ends.
   */
  readonly messages$: Observable<unknown>;
  /** Frames that could not be used, hot; they changed nothing. Completes when the channel ends. */
  readonly errors$: Observable<FrameError>;
  /** Whether the channel is alive; starts with the current one, `up` from the opening. `down` and completed at its end. */
  readonly health$: Observable<Health>;
  /**
   * Sends a message as JSON. Whether it was handed to the socket; `false` when it is closed, never an error for that.
   *
   * @throws {TypeError} for what JSON cannot hold, while the channel is open.
   */
  send(message: unknown): boolean;
  /**
   * Asks for a sign of life and judges nothing by itself: for one who has a doubt, but no more. A probe that comes while
   * the question is open takes it over, and waits for what is left of `doubtLimit` only.
   */
  ask(): void;
  /**
   * Asks for a sign of life on subscription: emits and completes when the next frame of any kind is read.
   * Unsubscribing stops listening. A silence is `down` for `health$` too, until the next frame.
   *
   * @throws {ProbeError} as a notification, when nothing came within `probeLimit`, or within `doubtLimit` of an `ask`, or
   * the channel is or gets closed.
   */
  probe(): Observable<unknown>;
  /**
   * Starts to close the socket; its close event ends the channel. Browsers allow 1000 and 3000 to 4999, so we do.
   *
   * @throws {RangeError} for another code, or a reason of more than 123 bytes; {TypeError} for one that is no text.
   */
  close(code?: number, reason?: string): void;
}

/** How silence on a channel is asked about: the times of `heartbeat`, and the message that it sends. */
export interface ChannelHeartbeat extends Pick<HeartbeatOptions, 'every' | 'timeout' | 'grace'> {
  /** Makes the message that asks the server for an answer, any answer. @defaultValue () => ({ type: 'ping' }) */
  readonly ping?: () => unknown;
}

export interface LiveChannelSettings {
  readonly heartbeat: ChannelHeartbeat;
  readonly probeLimit: number;
  readonly doubtLimit: number;
  readonly maxFrame: number;
  readonly scheduler: SchedulerLike;
  /** Called when the heartbeat cannot go on because `ping` threw. */
  readonly fail: (error: unknown) => void;
}

/** The channel together with the strings that its socket pulls. */
export interface LiveChannel {
  readonly channel: WebSocketChannel;
  /** The socket has opened. */
  start(): void;
  /** The data of a message event. */
  receive(data: unknown): void;
  /** Hands out the frames that were kept, then every one at once. */
  release(): void;
  end(): void;
}

export function liveChannel(
  socket: WebSocketLike,
  {
    heartbeat: { ping = () => ({ type: 'ping' }), ...times },
    probeLimit,
    doubtLimit,
    maxFrame,
    scheduler,
    fail,
  }: LiveChannelSettings,
): LiveChannel {
  const messages = new Subject<unknown>();
  const errors = new Subject<FrameError>();
  const health = new ReplaySubject<Health>(1);
  const inbound = new Subject<void>();
  const kept: unknown[] = [];
  let keeping = true;
  let ended = false;
  let aliveAt = scheduler.now();
  let isUp = false;
  /** When `ask` asked what nothing has answered yet. */
  let askedAt: number | null = null;
  let beat = Subscription.EMPTY;

  const say = (next: Health): void => {
    if (isUp === (next === 'up')) return;
    isUp = !isUp;
    health.next(next);
  };

  /** A question of long ago, with a sleep in between perhaps, says nothing of now. */
  const isStale = (since: number): boolean => scheduler.now() - since > probeLimit;

  const isOpen = (): boolean => !ended && socket.readyState === readyStates.open;

  const send = (message: unknown): boolean => {
    if (!isOpen()) return false;
    const text = textOf(message);
    try {
      socket.send(text);
      return true;
    } catch {
      return false; // closed in this very moment
    }
  };

  const channel: WebSocketChannel = {
    messages$: messages.asObservable(),
    errors$: errors.asObservable(),
    health$: health.asObservable(),
    send,
    ask() {
      if (askedAt === null || isStale(askedAt)) askedAt = send(ping()) ? scheduler.now() : null;
    },
    probe() {
      const closed = (): Observable<never> => throwError(() => new ProbeError(probeLimit, 'closed'));
      const silent = (limit: number): Observable<never> => {
        say({ down: true, aliveAt });
        return throwError(() => new ProbeError(limit, 'silent'));
      };
      const answer = inbound.pipe(
        take(1),
        throwIfEmpty(() => new ProbeError(probeLimit, 'closed')),
      );
      const question = defer(() => (send(ping()) ? EMPTY : closed()));
      // Listens before it asks: a fake may answer at once.
      return defer(() => {
        if (!isOpen()) return closed();
        const asked = askedAt === null || isStale(askedAt) ? null : askedAt;
        const limit = asked === null ? probeLimit : Math.max(0, asked + doubtLimit - scheduler.now());
        if (limit === 0) return silent(doubtLimit);
        return merge(answer, question).pipe(
          timeout({ first: limit, with: () => silent(asked === null ? probeLimit : doubtLimit), scheduler }),
        );
      });
    },
    close(code = 1000, reason = '') {
      if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
        throw wrongValue('close: code', '1000 or 3000 to 4999', code);
      }
      const size = new TextEncoder().encode(aText('close: reason', reason)).length;
      if (size > 123) throw wrongValue('close: reason', 'at most 123 bytes long', size);
      if (isOpen()) socket.close(code, reason);
    },
  };

  const deliver = (data: unknown): void => {
    const frame = readFrame(data, maxFrame);
    if ('error' in frame) errors.next(frame.error);
    else messages.next(frame.value);
  };

  return {
    channel,
    start() {
      aliveAt = scheduler.now();
      const asked = { ...times, upAtOnce: true, scheduler, ping: () => void send(ping()) };
      beat = inbound.pipe(heartbeat(asked)).subscribe({ next: say, error: fail });
    },
    receive(data) {
      aliveAt = scheduler.now();
      askedAt = null;
      // Before it is delivered: a probe that starts because of this frame must not be answered by it.
      inbound.next();
      say('up');
      if (keeping) kept.push(data);
      else deliver(data);
    },
    release() {
      // Frames that come in meanwhile queue up behind those that are kept.
      while (kept.length > 0) deliver(kept.shift());
      keeping = false;
    },
    end() {
      if (ended) return;
      ended = true;
      beat.unsubscribe();
      say({ down: true, aliveAt });
      health.complete();
      messages.complete();
      errors.complete();
      inbound.complete();
    },
  };
}

/** @throws {TypeError} for what JSON cannot hold; `cause` is what the platform said, where it said something. */
function textOf(message: unknown): string {
  let cause: unknown;
  try {
    const text = JSON.stringify(message) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    cause = error;
  }
  throw Object.assign(wrongType('send: message', 'something that JSON can hold', message), { cause });
}
