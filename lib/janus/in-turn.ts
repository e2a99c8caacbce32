import {
  catchError,
  concatMap,
  EMPTY,
  ReplaySubject,
  Subject,
  tap,
  type Observable,
  type Observer,
  type Subscription,
} from 'rxjs';

/** Starts a piece of work when those before it have ended; continues even if unsubscribed; replays its result. */
export type InTurn = <T>(work: Observable<T>) => Observable<T>;

/** One piece of work after the other, as long as `life` lasts. A piece that fails ends only itself. */
export function inTurn(life: Subscription): InTurn {
  const works = new Subject<Observable<unknown>>();
  const done = works.pipe(concatMap((work) => work.pipe(catchError(() => EMPTY))));
  life.add(done.subscribe({ error: () => undefined })); // every piece catches its own
  return <T>(work: Observable<T>) => {
    const outcome = new ReplaySubject<T>(1);
    // Not the subject itself: `tap` would call its `subscribe` as well, and that subscriber handles no error.
    const recorded: Observer<T> = {
      next: (value) => outcome.next(value),
      error: (error: Error) => outcome.error(error),
      complete: () => outcome.complete(),
    };
    works.next(work.pipe(tap(recorded)));
    return outcome.asObservable();
  };
}
