import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  NEVER,
  Observable,
  of,
  repeat,
  startWith,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throttleTime,
  timer,
} from 'rxjs';
import { aScheduler, aStream, aTime, readOptions } from '../core/options/options.js';
import { isList } from '../core/options/outside.js';
import { wrongType, wrongValue } from '../core/options/wrong.js';
import { OpeningLimitError } from './opening-limit-error.js';
import type { MonoTypeOperatorFunction, SchedulerLike } from 'rxjs';

export interface ReopenOptions {
  /** Milliseconds that the first opening is given, the second …; after the last from the first again. @defaultValue [1000, 1000, 3000] */
  readonly turns?: readonly number[];
  /** Signs that the network is back, such as media that flows again: a hung opening is restarted. @defaultValue NEVER */
  readonly hint$?: Observable<unknown>;
  /** @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** Milliseconds in which one hint counts: else those that come often would leave no opening the time it takes. */
const FLOOR = 1_000;

/**
 * Restarts a hung opening of a channel, because the system repeats a lost SYN only after 1, 3 and 7 s. The third turn is long,
 * for slow but working networks. One opening at a time: a browser opens only one WebSocket to an address at once.
 *
 *     openings:  ------                           each its turn of 1, 1 and 3 s
 *                      ------
 *                            ------------
 *     hint$:     ------------------------h----    the network is back
 *     openings:                          ---c-    a first turn again
 *     result:    ---------------------------c-
 *
 * For the repair of one session, such as a resume: the joins of a crowd are better spread by the room's schedule. The first
 * result, success or failure, is final; after an opening succeeded there is no other. It does not give up by itself;
 * unsubscribing ends the opening, or the channel. Hints count once a second, and not in the first.
 *
 * @throws {TypeError} | {RangeError} when called, for an option that is unknown or impossible.
 * @throws whatever an opening or the channel said, as a notification, but not the {@link OpeningLimitError} of an opening;
 * and, until one is open, an error of `hint$`.
 *
 * @example
 * ```ts
 * import { defer, NEVER, of } from 'rxjs';
 * import { reopen } from 'rejoin/websocket';
 *
 * let openings = 0;
 * const channel$ = defer(() => (++openings < 3 ? NEVER : of('open'))); // a stand-in for webSocketChannel({ url })
 *
 * channel$.pipe(reopen({ turns: [10, 10, 30] })).subscribe((channel) => {
 *   console.log(`${channel} at opening ${openings}`); // => open at opening 3
 * });
 * ```
 */
export function reopen<T>(options: ReopenOptions = {}): MonoTypeOperatorFunction<T> {
  const { turns, hint$, scheduler } = readOptions<Required<ReopenOptions>>('reopen', options, {
    turns: [someTimes, [1_000, 1_000, 3_000]],
    hint$: [aStream, NEVER],
    scheduler: [aScheduler, asyncScheduler],
  });
  const turns$ = from(turns).pipe(
    concatMap((ms) => timer(ms, scheduler).pipe(ignoreElements(), startWith('now'))),
    repeat(),
  );
  const hinted$ = new Observable((subscriber) => hint$.subscribe(subscriber));

  return (channel$) =>
    defer(() => {
      const opened = new Subject<void>();
      let isOpen = false;
      const opening$ = channel$.pipe(
        tap(() => {
          isOpen = true;
          opened.next();
        }),
        catchError((error: unknown): Observable<never> => {
          if (!isOpen && error instanceof OpeningLimitError) return EMPTY;
          throw error;
        }),
      );
      const begins$ = concat(of('now'), hinted$).pipe(
        throttleTime(FLOOR, scheduler),
        switchMap(() => turns$),
        takeUntil(opened),
      );
      return begins$.pipe(switchMap(() => opening$));
    });
}

function someTimes(name: string, value: unknown): readonly number[] {
  if (!isList(value)) throw wrongType(name, 'an array of milliseconds', value);
  if (value.length === 0) throw wrongValue(name, 'an array that is not empty', value);
  return value.map((ms, at) => aTime(`${name}[${String(at)}]`, ms));
}
