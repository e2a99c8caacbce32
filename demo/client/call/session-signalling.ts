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
  timer,
} from 'rxjs';
import type { Down, Health } from '../../../lib/index.js';
import { forbear, reopen } from '../../../lib/websocket/index.js';
import { roomFrames, type ClientFrame, type ServerFrame } from '../../protocol.js';
import { enter } from './enter.js';
import { RefusedError, WordError } from './refusal.js';
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

/** Milliseconds between a channel that was closed too early and the next. */
const BREATH = 1000;

const isAnswer = (error: unknown): error is RefusedError | WordError =>
  error instanceof RefusedError || error instanceof WordError;

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
  /** Asks the server for a sign of life; without one the channel counts as dead. */
  probe(): Observable<unknown>;
  /** Puts a fresh channel under the session. */
  resume(channel$: Observable<SignalChannel>): Observable<unknown>;
  /**
   * While this says so, a silent channel is not lost yet: a fresh one is tried first. For a network that loses much but
   * not all, where TCP may well be silent for ten seconds.
   */
  excuse(why: () => boolean): void;
  /** There are signs that the network is back: a fresh channel that hangs in its opening is opened anew. */
  hurry(): void;
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
    /** The newest channel did not answer a question. */
    const silent = new Subject<Down>();
    /** Keeps the newest channel open. */
    let keptOpen = new Subscription(options.closeChannel);
    /** A resume that waits for its answer. */
    let resuming = new Subscription();
    const hurries = new Subject<void>();
    let isExcused = (): boolean => false;
    /** Room frames of this session so far: a resume goes on behind them. */
    let received = 0;
    /** Room frames that a resumed channel will say again. */
    let repeated = 0;
    let heardAt = Date.now();

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
      resuming = new Subscription();
      // What the old channel still said while we asked comes again.
      repeated = received - told;
      // In this very turn: the frames that were missed come right behind the answer.
      channels.next(fresh);
      old.unsubscribe();
    };

    const resume = (channel$: Observable<SignalChannel>): Observable<unknown> =>
      new Observable((repair) => {
        resuming.unsubscribe();
        const opening = new Subscription();
        resuming = opening;
        let asked = false;
        const entered$ = channel$.pipe(
          reopen({ hint$: hurries }),
          switchMap((fresh) => {
            asked = true;
            const hello = { type: 'resume', session: options.session, key: options.key, received } as const;
            return enter(fresh, hello, 'resumed').pipe(tap(() => adopt(fresh, opening, hello.received)));
          }),
        );
        // Not the subscriber itself: the channel outlives the repair.
        opening.add(
          entered$.subscribe({
            next: (frame) => repair.next(frame),
            error: (error: unknown) => repair.error(error),
          }),
        );
        // Once asked, the server may have moved the session already: then the new channel is the only one it has.
        return () => {
          if (!asked) opening.unsubscribe();
        };
      });

    /** While a silent channel is excused. A fresh one that is closed before its answer, for our frame came late, is no answer. */
    const renewing$ = resume(options.fresh$).pipe(
      retry({ delay: (error: unknown) => (isAnswer(error) ? throwError(() => error) : timer(BREATH)) }),
    );

    /** A late answer may be the last that comes of a socket which the server has given up: so it is asked once more. */
    const healthOf = (channel: SignalChannel): Observable<Health> => {
      const heard$ = channel.frames$.pipe(
        take(1),
        map((): Health => 'up'),
      );
      const provenUp$ = channel.prove().pipe(
        map((): Health => 'up'),
        catchError(() => EMPTY), // closed meanwhile
      );
      // A fresh channel that is adopted takes the place of all this.
      // Its end is excused as its silence is: the server closes it as soon as it has taken the fresh one, whose answer is late.
      const excused$ = concat(channel.health$, NEVER).pipe(forbear({ when: () => isExcused(), meanwhile$: renewing$ }));
      // Who asked knows already that there was no answer: nothing of that is held back, and no `up` left out.
      return merge(excused$, silent.pipe(switchMap((down) => concat(of(down), heard$)))).pipe(
        switchMap((health, index) => (health === 'up' && index > 0 ? provenUp$ : of(health))),
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
        defer(() => channels.value.probe()).pipe(tap({ error: () => silent.next({ down: true, aliveAt: heardAt }) })),
      resume,
      excuse: (why) => {
        isExcused = why;
      },
      hurry: () => hurries.next(),
    });
    return () => {
      reading.unsubscribe();
      resuming.unsubscribe();
      keptOpen.unsubscribe();
    };
  });
}
