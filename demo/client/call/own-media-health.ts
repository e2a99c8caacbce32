import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  ignoreElements,
  map,
  merge,
  of,
  switchMap,
  take,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { sameHealth, type Down, type Health } from '../../../lib/index.js';

export interface OwnMediaHealthOptions {
  /** We came, the other was there: our media is proven before it counts as up, unless they are away. */
  readonly joining: boolean;
  /** Health of the peer connection. */
  readonly health$: Observable<Health>;
  /** Anything from the other user over signalling. */
  readonly fromOther$: Observable<unknown>;
  /** Our signalling is proven to be alive; emits again when it came back. */
  readonly signalUp$: Observable<unknown>;
  /** Lets the other user know that nothing of theirs arrives. */
  readonly complain: () => void;
  /** Asks the server for a sign of life; errors when there is none. */
  readonly probe: () => Observable<unknown>;
}

/** Milliseconds for the other user to say something before they are taken to be away. */
const patience = 2_000;
/** Milliseconds for one who came, or came back, to bring sound and picture. */
const grace = 8_000;

/**
 * Whether *our* leg of a call between two is well, which the media alone cannot show: when it stops, the trouble may be
 * on either side. In a call through a media server each has a leg of their own; here the rule is
 *
 *     the peer connection is up                          → up
 *     it is down, and the other user says so too         → down: their signalling is well, ours is, so it is the media
 *     it is down, and our server does not answer either  → down: our network is gone
 *     it is down, our server answers, they are silent    → up: it is they who are away, and until the server says that
 *                                                          they left there is nothing that we could mend
 *
 * Both complain over signalling when media stops, so hearing anything from the other after the last packet is the proof
 * that they are there. When media alone is cut, on whichever side, both therefore report it: the path has two ends
 * and neither can know which is broken. Nothing is emitted before something is known.
 */
export function ownMediaHealth(options: OwnMediaHealthOptions): Observable<Health> {
  const { joining, health$, fromOther$, signalUp$, complain, probe } = options;
  return defer(() => {
    let otherAliveAt = Number.NEGATIVE_INFINITY;
    let wasUp = false;

    const ownNetworkGone$ = defer(probe).pipe(
      ignoreElements(),
      map(() => true),
      catchError(() => of(true)),
    );
    const judge = (down: Down): Observable<Health> => {
      const since = down.aliveAt ?? Date.now();
      // Whoever has only just come gets time to set up; a newcomer to the room itself wants to know who is there.
      const begin$ = wasUp || joining ? of(0) : timer(grace);
      const here$ = defer(() => (otherAliveAt > since ? of(true) : fromOther$.pipe(map(() => true))));
      const silent$ = timer(patience).pipe(map(() => false));
      const proven$ = merge(ownNetworkGone$, here$, silent$).pipe(take(1));
      const returned$ = fromOther$.pipe(
        take(1),
        switchMap(() => timer(grace)),
      );
      return begin$.pipe(
        switchMap(() => {
          const complaints$ = merge(of(0), signalUp$).pipe(tap(complain), ignoreElements());
          const verdict$ = proven$.pipe(
            switchMap((proven) => (proven ? of(down) : concat(of('up' as const), returned$.pipe(map(() => down))))),
          );
          return merge(verdict$, complaints$);
        }),
      );
    };

    return merge(
      fromOther$.pipe(
        tap(() => (otherAliveAt = Date.now())),
        ignoreElements(),
      ),
      health$.pipe(
        distinctUntilChanged(sameHealth),
        switchMap((health) => {
          if (health !== 'up') return judge(health);
          wasUp = true;
          return of(health);
        }),
      ),
    );
  });
}
