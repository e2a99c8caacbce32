import {
  BehaviorSubject,
  NEVER,
  Subscription,
  asapScheduler,
  asyncScheduler,
  auditTime,
  combineLatest,
  distinctUntilChanged,
  identity,
  map,
  merge,
  of,
  retry,
  switchMap,
  takeWhile,
  tap,
  timeout,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Health } from '../../lib/core/machine/health.js';
import type { BenchRoom } from './contenders.js';
import { deadlines, limits, waitAfter } from './job.js';
import type { Wire } from './wire.js';

type Reason = 'mediaConnectionDisconnected' | 'signalDisconnected';

interface State {
  readonly state: 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
  readonly reason: string | null;
}

class BrokenError extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** The job as one would write it with RxJS by hand: healths combined and settled, `retry` with backoff, a total deadline. */
export const pipelineRoom = (wire: Wire, scheduler?: SchedulerLike): BenchRoom => pipeline(wire, identity, scheduler);

/** The same, but as a room does: what a frame brings is judged together, at its end. */
export const framePipelineRoom = (wire: Wire, scheduler?: SchedulerLike): BenchRoom =>
  pipeline(wire, auditTime(0, scheduler ?? asapScheduler), scheduler);

function pipeline(
  wire: Wire,
  frame: MonoTypeOperatorFunction<readonly [Health, Health]>,
  scheduler: SchedulerLike = asyncScheduler,
): BenchRoom {
  const state$ = new BehaviorSubject<State>({ state: 'disconnected', reason: null });
  let running = Subscription.EMPTY;

  const broken$ = ({ signal$, media$ }: Wire['link']): Observable<Reason | null> =>
    combineLatest([signal$, media$]).pipe(
      frame,
      map(reasonOf),
      distinctUntilChanged(),
      switchMap((reason) =>
        reason === 'signalDisconnected' ? timer(limits.settle, scheduler).pipe(map(() => reason)) : of(reason),
      ),
      distinctUntilChanged(),
    );

  const connection$ = (): Observable<State> => {
    let success = 'joinSucceed';
    return wire.join$.pipe(
      switchMap(broken$),
      timeout({ first: limits.attempt, scheduler }),
      tap((reason) => {
        if (reason !== null) throw new BrokenError(reason);
      }),
      map((): State => ({ state: 'connected', reason: success })),
      tap(() => (success = 'rejoinSucceed')),
      retry({
        resetOnSuccess: true,
        delay: (error: unknown, failures) => {
          if (error instanceof BrokenError && state$.value.state === 'connected') {
            state$.next({ state: 'reconnecting', reason: error.reason });
          }
          return timer(waitAfter(failures, Math.random), scheduler);
        },
      }),
    );
  };

  const deadline$ = state$.pipe(
    map(({ state }) => state),
    distinctUntilChanged(),
    switchMap((state) =>
      state === 'connecting' || state === 'reconnecting' ? timer(deadlines[state], scheduler) : NEVER,
    ),
    map((): State => ({ state: 'failed', reason: 'timeout' })),
  );

  return {
    state: () => `${state$.value.state}/${String(state$.value.reason)}`,
    join: () => {
      state$.next({ state: 'connecting', reason: 'joinChannel' });
      running = merge(connection$(), deadline$)
        .pipe(takeWhile(({ state }) => state !== 'failed', true))
        .subscribe({
          next: (state) => state$.next(state),
          error: (error: unknown) => {
            throw error; // `retry` lets none through
          },
        });
    },
    leave: () => {
      running.unsubscribe();
      state$.next({ state: 'disconnected', reason: 'leaveChannel' });
    },
  };
}

const reasonOf = ([signal, media]: readonly [Health, Health]): Reason | null =>
  signal !== 'up' ? 'signalDisconnected' : media !== 'up' ? 'mediaConnectionDisconnected' : null;
