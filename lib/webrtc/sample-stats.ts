import { catchError, defer, EMPTY, map, repeat, take, timer } from 'rxjs';
import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { StatsReportLike } from './read-stats.js';

/** Reads the current statistics once. Emits nothing when they cannot be had. */
export const sampleStats = <T>(
  pc: { getStats(): ObservableInput<StatsReportLike> },
  read: (report: StatsReportLike) => T,
): Observable<T> =>
  defer(() => pc.getStats()).pipe(
    take(1),
    map(read),
    catchError(() => EMPTY),
  );

/** Emits every so many ms. One timer after the other, so that a late scheduler does no harm. */
export const ticks = (every: number, scheduler: SchedulerLike): Observable<unknown> =>
  defer(() => timer(every, scheduler)).pipe(repeat());
