import { catchError, concatMap, EMPTY, ReplaySubject, Subject, tap, type Observable, type Subscription } from 'rxjs';

/** Begins a piece of work when those before it have ended, and goes on whoever listens; gives what comes of it. */
export type InTurn = <T>(work: Observable<T>) => Observable<T>;

/** One piece of work after the other, as long as `life` lasts. A piece that fails ends only itself. */
export function inTurn(life: Subscription): InTurn {
  const works = new Subject<Observable<unknown>>();
  const done = works.pipe(concatMap((work) => work.pipe(catchError(() => EMPTY))));
  life.add(done.subscribe({ error: () => undefined })); // none is left
  return <T>(work: Observable<T>) => {
    const outcome = new ReplaySubject<T>(1);
    works.next(work.pipe(tap(outcome)));
    return outcome.asObservable();
  };
}
