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
import { enter } from './enter.js';
import { isNo } from './refusal.js';
import { Renewals } from './renewals.js';
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
  /** Another channel is in place. */
  readonly renewed$: Observable<unknown>;
  send(frame: ClientFrame): void;
  /** Asks the server for a sign of life, and judges nothing by itself. */
  ask(): void;
  /** Asks the server for a sign of life; without one the channel counts as dead. A fresh one in its place is an answer too. */
  probe(): Observable<unknown>;
  /** Puts a fresh channel under the session, or waits for the one that is on its way there, whatever channel that is. */
  resume(channel$: Observable<SignalChannel>): Observable<unknown>;
  /**
   * While this says so, a channel that is silent, or ended, is not told as lost yet: fresh ones are tried first. For a
   * network that loses much but not all, where TCP may well be silent for ten seconds.
   */
  excuse(why: () => boolean): void;
  /** There are signs that the network is back: a fresh channel that hangs in its opening is opened anew. */
  hurry(): void;
  /** The session is over for us: nothing is excused any more. Says so to the server, if we left. */
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
    /** What is known without an excuse: the newest channel did not answer a question, or the session is gone. */
    const silent = new Subject<Down>();
    /** Keeps the newest channel open. */
    let keptOpen = new Subscription(options.closeChannel);
    const hurries = new Subject<void>();
    let isExcused = (): boolean => false;
    /** Room frames of this session so far: a resume goes on behind them. */
    let received = 0;
    /** Room frames that a resumed channel will say again. */
    let repeated = 0;
    let heardAt = Date.now();
    const loss = (): Down => ({ down: true, aliveAt: heardAt });

    const isNew = (frame: ServerFrame): boolean => {
      heardAt = Date.now();
      if (!(roomFrames as readonly string[]).includes(frame.type)) return true;
      if (repeated > 0) {
        repeated--;
        return false;
      }
      received++;
      return true;
    };

    const adopt = (fresh: SignalChannel, opening: Subscription, told: number) => {
      const old = keptOpen;
      keptOpen = opening;
      heardAt = Date.now();
      // What the old channel still said while we asked comes again.
      repeated = received - told;
      // In this very turn: the frames that were missed come right behind the answer.
      channels.next(fresh);
      old.unsubscribe();
    };

    const renewals = new Renewals({
      hint$: hurries,
      ask: (fresh, opening) => {
        const hello = { type: 'resume', session: options.session, key: options.key, received } as const;
        return enter(fresh, hello, 'resumed').pipe(
          timeout({ first: ANSWER_LIMIT }),
          tap({
            next: () => adopt(fresh, opening, hello.received),
            error: (error: unknown) => (heardAt = isNo(error) ? Date.now() : heardAt),
          }),
        );
      },
    });

    /** While a loss is excused. A fresh channel that ends before its answer came is no answer; a no ends the excuse. */
    const renewing$ = renewals
      .resume(options.fresh$)
      .pipe(
        retry({ delay: (error: unknown) => (isNo(error) ? throwError(() => error) : timer(BREATH)) }),
        tap({ error: () => silent.next(loss()) }),
      );

    const healthOf = (channel: SignalChannel): Observable<Health> => {
      /** A late answer may be the last that comes of a socket which the server has given up: so it is asked once more. */
      const provenUp$ = channel.prove().pipe(
        map((): Health => 'up'),
        catchError(() => EMPTY), // closed meanwhile
      );
      const proven = switchMap((health: Health, index) => (health === 'up' && index > 0 ? provenUp$ : of(health)));
      const heard$ = channel.frames$.pipe(
        take(1),
        map((): Health => 'up'),
      );
      // A fresh channel that is adopted takes the place of all this. The end of this one is excused as its silence is: the
      // server ends it when it has taken the fresh one, whose answer is late.
      const excused$ = concat(channel.health$, NEVER).pipe(
        proven,
        excuseLoss({ when: () => isExcused(), meanwhile$: renewing$ }),
      );
      // Who asked knows already that there was no answer: nothing of that is held back, and no `up` left out.
      return merge(
        excused$,
        silent.pipe(
          switchMap((down) => concat(of(down), heard$)),
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
      renewed$: channels.pipe(skip(1)),
      send: (frame) => channels.value.send(frame),
      ask: () => channels.value.ask(),
      probe: () =>
        defer(() => {
          const answer$ = channels.value.probe().pipe(
            // The server ends a channel when it has taken the next.
            catchError((error: unknown) => {
              if (isEnd(error) && renewals.asked) return renewals.asked.answer$;
              throw error;
            }),
            tap({ error: () => silent.next(loss()) }),
          );
          const replaced$ = channels.pipe(skip(1));
          return merge(answer$, replaced$).pipe(take(1));
        }),
      resume: (channel$) => renewals.resume(channel$),
      excuse: (why) => {
        isExcused = why;
      },
      hurry: () => hurries.next(),
      close: (why) => {
        isExcused = () => false;
        if (why !== 'left') return;
        // On whichever of them the server has the session.
        for (const channel of [channels.value, renewals.asked?.channel]) channel?.send({ type: 'leave' });
      },
    });
    return () => {
      isExcused = () => false;
      reading.unsubscribe();
      renewals.end();
      keptOpen.unsubscribe();
    };
  });
}
