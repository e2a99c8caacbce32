import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  map,
  merge,
  Observable,
  of,
  shareReplay,
  switchMap,
  tap,
  type SchedulerLike,
} from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import { aFunction, aScheduler, aTimeFromZero, readOptions } from '../core/options/options.js';
import { wrongType } from '../core/options/wrong.js';
import { foldHeld, NOBODY, releaseHeld, type HeldUsers } from '../core/users/held-users.js';
import { listsTwice, userReportFault } from '../core/users/user-report-fault.js';
import type { RoomUsers, User, UserReport } from '../core/users/users.js';
import { Alarm } from '../operators/alarm.js';

export interface UsersOfOptions {
  /** Told of reports that could not be used and changed nothing, and of ids that are listed twice. @defaultValue nobody is told */
  readonly onError?: (error: unknown) => void;
  /**
   * Milliseconds for which those who are missing after a rejoin stay in the list: after a restart of the server everybody is
   * away for a moment. @defaultValue 0
   */
  readonly grace?: number;
  /** Runs the timer of the grace. @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/** A link that can tell who is here; one that cannot has nobody. */
interface TellingLink<U extends User> {
  readonly users$?: Observable<UserReport<U>>;
}

/**
 * Who is in the room with us: the reports of its links, folded into one list that outlives a rejoin.
 *
 *     state:     C-------r-----R--------d     two links: that of C, and that of R
 *     reports:   s-j-----------s-l            s snapshot, j joined, l left
 *     result:   (a)b-----------c-d------e     while the room is away, b stays; e: nobody, for we left
 *
 * The first snapshot of a new link is reconciled with the list: who is missing has left, for a reason that nobody told
 * (`null`); who is new has joined; who stayed causes no change. The end of the room empties the list without a change.
 *
 *     reports:   s-----------------s---j         first [a, b], then [], then a is back
 *     grace 8:   b-----------------------------c  a was never away; c: b left
 *
 * With `grace`, who is missing from that snapshot stays in the list for so long, and who is back in time causes no change. A
 * leave that the server reports is told at once. The time runs only while the room is connected to a link that has told who
 * is here, and begins anew with every return, for nobody can be seen coming back while we are away.
 *
 * The first value, given during `subscribe`, is who is here now, without changes. All subscribers share one fold, and
 * see the same in the same order. Never errors; completes when the states do.
 *
 * @throws {TypeError} | {RangeError} at once, for what is no room, and for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { concat, NEVER, of } from 'rxjs';
 * import { createRoom, usersOf, type Health, type User, type UserReport } from 'rejoin';
 *
 * const up$ = concat(of<Health>('up'), NEVER);
 * const users$ = of<UserReport[]>(
 *   { type: 'snapshot', users: [{ id: 'ann' }, { id: 'bob' }] },
 *   { type: 'left', id: 'ann', reason: 'timeout' },
 * );
 * const room = createRoom({ join: () => concat(of({ signal$: up$, media$: null, users$ }), NEVER) });
 * usersOf(room).subscribe(({ users }) => console.log(users.map(({ id }) => id)));
 * room.join();
 * setTimeout(() => room.leave(), 10);
 * // => []
 * // => [ 'ann', 'bob' ]
 * // => [ 'bob' ]
 * // => []
 * ```
 */
export function usersOf<U extends User>(
  room: { readonly connectionState$: Observable<ConnectionState<TellingLink<U>>> },
  options: UsersOfOptions = {},
): Observable<RoomUsers<U>> {
  const states: unknown = (room as Partial<typeof room> | null | undefined)?.connectionState$;
  if (typeof (states as { subscribe?: unknown } | null | undefined)?.subscribe !== 'function')
    throw wrongType('usersOf: room', 'a room (with a connectionState$)', room);
  const { onError, grace, scheduler } = readOptions<Required<UsersOfOptions>>('usersOf', options, {
    onError: [aFunction, () => undefined],
    grace: [aTimeFromZero, 0],
    scheduler: [aScheduler, asyncScheduler],
  });
  const complain = (error: unknown): void => {
    // By a subscription, so that an `onError` that throws ends nothing.
    // eslint-disable-next-line rxjs-x/no-ignored-error
    of(error).subscribe(onError);
  };

  const folded$ = new Observable<RoomUsers<U>>((subscriber) => {
    let here: HeldUsers<U> = NOBODY;
    let connected = false;
    /** Whether the link has told who is here. */
    let begun = false;
    /** Since when those who are held can be seen coming back (ms). */
    let since = 0;

    const alarm = new Alarm(scheduler, () => {
      here = releaseHeld(here);
      subscriber.next(here);
    });
    const wait = (): void => {
      alarm.set(connected && begun && here.held.size > 0 ? since + grace : Infinity);
    };

    /** Whether the report could be used. */
    const take = (report: UserReport<U>): boolean => {
      const fault = userReportFault(report, here.users, begun);
      if (fault !== null) {
        complain(new TypeError(`users$: ${fault}`));
        return false;
      }
      if (listsTwice(report)) complain(new TypeError('users$: a snapshot lists an id twice; the first entry counts'));
      here = foldHeld(here, report, !begun && grace > 0);
      if (!begun) since = scheduler.now();
      begun = true;
      wait();
      return true;
    };
    const told = (link: TellingLink<U>): Observable<unknown> =>
      defer(() => link.users$ ?? []).pipe(
        filter(take),
        catchError((error: unknown) => {
          complain(error);
          return [];
        }),
      );

    subscriber.add(() => {
      alarm.set(Infinity);
    });
    subscriber.add(
      room.connectionState$
        .pipe(
          tap(({ state }) => {
            if (state === 'connected' && !connected) since = scheduler.now();
            connected = state === 'connected';
            wait();
          }),
          // `undefined`: not in the room. `null`: away from it, without a link.
          map((state) => ('link' in state ? state.link : undefined)),
          distinctUntilChanged(),
          switchMap((link) => {
            begun = false;
            if (link === undefined && here.users.length > 0) here = NOBODY;
            wait();
            // Whatever a link tells at once comes first: a late subscriber is not told of an empty room.
            return merge(link ? told(link) : [], of(null));
          }),
          map(() => here),
        )
        .subscribe(subscriber),
    );
  });
  const here$ = folded$.pipe(
    distinctUntilChanged((a, b) => a.users === b.users),
    // A queue: what a subscriber causes inside an emission comes after it, for every subscriber.
    concatMap((now) => of(now)),
    shareReplay({ bufferSize: 1, refCount: true }),
  );

  return here$.pipe(map(({ users, changes }, index) => ({ users, changes: index === 0 ? [] : changes })));
}
