import {
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  map,
  merge,
  of,
  shareReplay,
  switchMap,
  type Observable,
} from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import { aFunction, readOptions } from '../core/options/options.js';
import { userReportFault } from '../core/users/user-report-fault.js';
import { foldUsers, type RoomUsers, type User, type UserReport } from '../core/users/users.js';

export interface UsersOfOptions {
  /** Told of reports that could not be used and changed nothing. @defaultValue nobody is told */
  readonly onError?: (error: unknown) => void;
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
 * The first value, given during `subscribe`, is who is here now, without changes. All subscribers share one fold, and
 * see the same in the same order. Never errors; completes when the states do.
 *
 * @throws {TypeError} at once, for an option that is unknown or impossible.
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
  const { onError } = readOptions<Required<UsersOfOptions>>('usersOf', options, {
    onError: [aFunction, () => undefined],
  });
  const complain = (error: unknown): void => {
    // By a subscription, so that an `onError` that throws ends nothing.
    // eslint-disable-next-line rxjs-x/no-ignored-error
    of(error).subscribe(onError);
  };

  const here$ = defer(() => {
    let here: RoomUsers<U> = { users: [], changes: [] };

    const told = (link: TellingLink<U>): Observable<unknown> => {
      let begun = false;
      /** Whether it could be used. */
      const take = (report: UserReport<U>): boolean => {
        const fault = userReportFault(report, here.users, begun);
        if (fault !== null) {
          complain(new TypeError(`users$: ${fault}`));
          return false;
        }
        begun = true;
        here = foldUsers(here.users, report);
        return true;
      };
      return defer(() => link.users$ ?? []).pipe(
        filter(take),
        catchError((error: unknown) => {
          complain(error);
          return [];
        }),
      );
    };

    return room.connectionState$.pipe(
      // `undefined`: not in the room. `null`: away from it, without a link.
      map((state) => ('link' in state ? state.link : undefined)),
      distinctUntilChanged(),
      switchMap((link) => {
        if (link === undefined && here.users.length > 0) here = { users: [], changes: [] };
        // Whatever a link tells at once comes first: a late subscriber is not told of an empty room.
        return merge(link ? told(link) : [], of(null));
      }),
      map(() => here),
      distinctUntilChanged((a, b) => a.users === b.users),
      // A queue: what a subscriber causes inside an emission comes after it, for every subscriber.
      concatMap((now) => of(now)),
    );
  }).pipe(shareReplay({ bufferSize: 1, refCount: true }));

  return here$.pipe(map((now, index) => (index === 0 ? { users: now.users, changes: [] } : now)));
}
