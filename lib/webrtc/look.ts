import { catchError, defer, EMPTY, map, repeat, take, timer } from 'rxjs';
import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { StatsReportLike } from './read-stats.js';

/** What `read` makes of the statistics of now. A look that fails is none. */
export const look = <T>(
  pc: { getStats(): ObservableInput<StatsReportLike> },
  read: (report: StatsReportLike) => T,
): Observable<T> =>
  defer(() => pc.getStats()).pipe(
    take(1),
    map(read),
    catchError(() => EMPTY),
  );

/** Every so many ms; one timer after the other, so that a scheduler may be late. */
export const ticks = (every: number, scheduler: SchedulerLike): Observable<unknown> =>
  defer(() => timer(every, scheduler)).pipe(repeat());
