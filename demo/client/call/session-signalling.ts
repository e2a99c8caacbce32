import {
  BehaviorSubject,
  EMPTY,
  NEVER,
  Observable,
  Subject,
  Subscription,
  catchError,
  concat,
  defer,
  filter,
  map,
  merge,
  of,
  retry,
  skip,
  switchMap,
  take,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { CloseReason, Down, Health } from '../../../lib/index.js';
import { excuseLoss, ProbeError } from '../../../lib/websocket/index.js';
import { roomFrames, type ClientFrame, type ServerFrame } from '../../protocol.js';
import { ChannelReplacement } from './channel-replacement.js';
import { enter } from './enter.js';
import { isRefusal } from './refusal.js';
import type { SignalChannel } from './signal-channel.js';

export interface SessionSignallingOptions {
  /** The channel that the session was joined on. */
  readonly channel: SignalChannel;
  /** Closes that channel; called when a resume has put another in its place, and at the end. */
  readonly closeChannel: () => void;
  /** Opens another one to the same place. */
  readonly fresh$: Observable<SignalChannel>;
  readonly session: string;
  /** A secret. */
  readonly key: string;
}

/** Milliseconds for the answer of a fresh channel: more than the server gives us for the question, so none comes behind it. */
const ANSWER_LIMIT = 4_000;
/** Milliseconds between a fresh channel that failed and the next, while a loss is excused. */
const BREATH = 1_000;

const isEnd = (error: unknown): boolean => error instanceof ProbeError && error.problem === 'closed';

/** The signalling of one session, over whatever channels it takes. */
export interface SessionSignalling {
  /** Every frame once, in order. Hot. */
  readonly frames$: Observable<ServerFrame>;
  readonly errors$: Observable<unknown>;
  readonly health$: Observable<Health>;
  /** A fresh channel has replaced the old one. */
  readonly replaced$: Observable<unknown>;
  send(frame: ClientFrame): void;
  /** Asks the server for a sign of life, and judges nothing by itself. */
  ask(): void;
  /** Asks the server for a sign of life; without one the channel counts as dead. A fresh one in its place is an answer too. */
  probe(): Observable<unknown>;
  /**
   * Replaces the channel of the session, or waits for the replacement under way, whoever started it. One opening of it may
   * take `longestOpening` ms.
   */
  resume(channel$: Observable<SignalChannel>, longestOpening?: number): Observable<unknown>;
  /**
   * While this returns true, a channel that is silent, or ended, does not count as lost yet: fresh ones are tried first. For
   * a network that loses much but not all, where TCP may be silent for ten seconds.
   */
  excuse(why: () => boolean): void;
  /** The network seems to be back: a hung opening is restarted. */
  hurry(): void;
  /** Our session is over: nothing is excused any more. Tells the server, if we left. */
  close(why: CloseReason): void;
}

/**
 * Cold: emits once; unsubscribing closes the newest channel.
 *
 *     channel 1:  --f--f--x              x: dead
 *     resume:            r---c           r: asked for, c: channel 2 is in place, channel 1 is closed
 *     channel 2:             --f--f
 *     frames$:    --f--f-------f--f
 *     health$:    u-------d--u
 */
export function sessionSignalling(options: SessionSignallingOptions): Observable<SessionSignalling> {
  return new Observable<SessionSignalling>((subscriber) => {
    const channels = new BehaviorSubject(options.channel);
    const frames = new Subject<ServerFrame>();
    /** Losses that no excuse holds back: the newest channel did not answer a question, or the session is gone. */
    const silent = new Subject<Down>();
    /** Keeps the newest channel open. */
    let keptOpen = new Subscription(options.closeChannel);
    const hurries = new Subject<void>();
    let isExcused = (): boolean => false;
    /** Room frames of this session so far: a resume goes on behind them. */
    let received = 0;
    /** Room frames that a resumed channel will repeat. */
    let repeated = 0;
    let aliveAt = Date.now();
    const loss = (): Down => ({ down: true, aliveAt });

    const isNew = (frame: ServerFrame): boolean => {
      aliveAt = Date.now();
      if (!(roomFrames as readonly string[]).includes(frame.type)) return true;
      if (repeated > 0) {
        repeated--;
        return false;
      }
      received++;
      return true;
    };

    const adopt = (fresh: SignalChannel, opening: Subscription, receivedThen: number) => {
      const old = keptOpen;
      keptOpen = opening;
      aliveAt = Date.now();
      // Frames that the old channel delivered after the question come again on the fresh one.
      repeated = received - receivedThen;
      // In this very turn: the frames that were missed come right behind the answer.
      channels.next(fresh);
      old.unsubscribe();
    };

    const replacement = new ChannelReplacement({
      hint$: hurries,
      ask: (fresh, opening) => {
        const hello = { type: 'resume', session: options.session, key: options.key, received } as const;
        return enter(fresh, hello, 'resumed').pipe(
          timeout({ first: ANSWER_LIMIT }),
          tap({
            next: () => adopt(fresh, opening, hello.received),
            error: (error: unknown) => (aliveAt = isRefusal(error) ? Date.now() : aliveAt),
          }),
        );
      },
    });

    /** While a loss is excused. A fresh channel that ends unanswered is tried again; a refusal ends the excuse. */
    const replacing$ = replacement
      .resume(options.fresh$)
      .pipe(
        retry({ delay: (error: unknown) => (isRefusal(error) ? throwError(() => error) : timer(BREATH)) }),
        tap({ error: () => silent.next(loss()) }),
      );

    const healthOf = (channel: SignalChannel): Observable<Health> => {
      /** A late frame may be the last of a socket that the server gave up, so the socket must answer once more. */
      const provenUp$ = channel.prove().pipe(
        map((): Health => 'up'),
        catchError(() => EMPTY), // closed meanwhile
      );
      const proven = switchMap((health: Health, index) => (health === 'up' && index > 0 ? provenUp$ : of(health)));
      const nextFrame$ = channel.frames$.pipe(
        take(1),
        map((): Health => 'up'),
      );
      // An adopted fresh channel replaces all this. The end of this channel is excused like its silence: the server closes it
      // when it has taken the fresh one, whose answer may be late.
      const excused$ = concat(channel.health$, NEVER).pipe(
        proven,
        excuseLoss({ when: () => isExcused(), meanwhile$: replacing$ }),
      );
      // Whoever probed already knows that no answer came: that loss is not held back, nor the `up` after it.
      return merge(
        excused$,
        silent.pipe(
          switchMap((down) => concat(of(down), nextFrame$)),
          proven,
        ),
      );
    };

    const reading = channels
      .pipe(
        switchMap(({ frames$ }) => frames$),
        filter(isNew),
      )
      .subscribe(frames);

    subscriber.next({
      frames$: frames.asObservable(),
      errors$: channels.pipe(switchMap(({ errors$ }) => errors$)),
      health$: channels.pipe(switchMap(healthOf)),
      replaced$: channels.pipe(skip(1)),
      send: (frame) => channels.value.send(frame),
      ask: () => channels.value.ask(),
      probe: () =>
        defer(() => {
          const answer$ = channels.value.probe().pipe(
            // The server ends a channel when it has taken the next.
            catchError((error: unknown) => {
              if (isEnd(error) && replacement.asked) return replacement.asked.answer$;
              throw error;
            }),
            tap({ error: () => silent.next(loss()) }),
          );
          const replaced$ = channels.pipe(skip(1));
          return merge(answer$, replaced$).pipe(take(1));
        }),
      resume: (channel$, longestOpening) => replacement.resume(channel$, longestOpening),
      excuse: (why) => {
        isExcused = why;
      },
      hurry: () => hurries.next(),
      close: (why) => {
        isExcused = () => false;
        if (why !== 'left') return;
        // On whichever of them the server has the session.
        for (const channel of [channels.value, replacement.asked?.channel]) channel?.send({ type: 'leave' });
      },
    });
    return () => {
      isExcused = () => false;
      reading.unsubscribe();
      replacement.end();
      keptOpen.unsubscribe();
    };
  });
}
