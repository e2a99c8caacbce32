import {
  asyncScheduler,
  catchError,
  combineLatest,
  concat,
  map,
  NEVER,
  of,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { worstHealth, sameHealth, type Health } from '../core/machine/health.js';
import { aScheduler, readOptions } from '../core/options/options.js';
import { hasMethod, isList } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';
import { onlyHealths } from './only-healths.js';
import { settle } from './settle.js';

export interface CombineHealthOptions {
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * The health of several sources that must all be alive: up when all are up, down when any is down.
 *
 *     audio$:  u-----d--u----
 *     video$:  --u---d-----u-
 *     result:  --u---d-----u-
 *
 * Silent until every source has spoken. One physical cause is one value, however many sources report it in a frame. A
 * source that errors or completes is lost, and reads down from then on; the result never ends by itself. A value that is no health is ignored.
 *
 * @example
 * ```ts
 * import { BehaviorSubject } from 'rxjs';
 * import { combineHealth, type Health } from 'rejoin';
 *
 * const audio$ = new BehaviorSubject<Health>('up');
 * const video$ = new BehaviorSubject<Health>({ down: true, aliveAt: 1_000 });
 * combineHealth([audio$, video$]).subscribe((health) => console.log(JSON.stringify(health)));
 * // => {"down":true,"aliveAt":1000}
 * ```
 */
export function combineHealth(
  sources: readonly Observable<Health>[],
  options: CombineHealthOptions = {},
): Observable<Health> {
  const { scheduler } = readOptions<Required<CombineHealthOptions>>('combineHealth', options, {
    scheduler: [aScheduler, asyncScheduler],
  });
  if (!isList(sources) || !sources.every((source$) => hasMethod(source$, 'pipe')))
    throw wrongType('combineHealth: sources', 'an array of Observables', sources);
  const lost$ = of<Health>({ down: true });
  const lasting = sources.map((source$) =>
    concat(
      source$.pipe(
        onlyHealths(),
        catchError(() => lost$),
      ),
      lost$,
      NEVER,
    ),
  );
  return (lasting.length === 0 ? concat(of([]), NEVER) : combineLatest(lasting)).pipe(
    map(worstHealth),
    settle(() => 0, { same: sameHealth, scheduler }),
  );
}
