import {
  EMPTY,
  Subject,
  catchError,
  concat,
  defer,
  of,
  repeat,
  switchMap,
  takeUntil,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { OpeningLimitError } from '../../../lib/websocket/index.js';

/** Milliseconds that each opening is given before the next takes its place; then from the beginning. */
const turns = { first: 1_000, second: 1_000, third: 3_000 };

/**
 * Opens a channel anew while its opening hangs, for the system repeats a lost SYN only after 1, 3 and 7 s; the third turn
 * is long, for who is slow but well. One after the other: a browser opens one socket at a time to an address.
 *
 *     openings:  ------                           each its turn of 1, 1 and 3 s
 *                      ------
 *                            ------------
 *     hint$:     ------------------------h----    the network is back
 *     openings:                          ---c-    a first turn again
 *     result:    ---------------------------c-
 *
 * What is answered, yes or no, is the answer; only a hung opening is begun again, until it is unsubscribed.
 */
export function reopened<T>(channel$: Observable<T>, hint$: Observable<unknown>): Observable<T> {
  return defer(() => {
    const opened = new Subject<void>();
    const turns$ = concat(of(0), timer(turns.first), timer(turns.second)).pipe(repeat({ delay: turns.third }));
    const opening$ = channel$.pipe(
      tap(() => opened.next()),
      catchError((error: unknown) => {
        if (error instanceof OpeningLimitError) return EMPTY;
        throw error instanceof Error ? error : new Error('the channel failed');
      }),
    );
    const begin$ = concat(of(0), hint$).pipe(
      switchMap(() => turns$),
      takeUntil(opened),
    );
    return begin$.pipe(switchMap(() => opening$));
  });
}
