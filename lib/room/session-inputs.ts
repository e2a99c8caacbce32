import {
  catchError,
  concatWith,
  defer,
  distinctUntilChanged,
  endWith,
  merge,
  mergeMap,
  EMPTY,
  Observable,
  of,
  startWith,
  switchMap,
  take,
  throwError,
  throwIfEmpty,
} from 'rxjs';
import { isDown, isHealth, type Health } from '../core/health.js';
import { LinkEndedError } from '../core/link-ended-error.js';
import type { Session } from '../core/model.js';
import type { RoomInput } from '../core/room-input.js';
import { isServerWord, type Verdict } from '../core/verdict.js';
import type { RoomError } from './room.js';
import type { RoomLink, RoomTransport } from './transport.js';

export type Report = (from: RoomError['from'], error: unknown) => void;

export interface SessionContext {
  readonly classify: (error: unknown) => Verdict;
  readonly report: Report;
  /** Runs a call of the transport so that no command given inside it is judged before it has returned. */
  readonly inTurn: (work: () => void) => void;
}

/**
 * Runs one join from its request on and tells what comes of it. Never errors; unsubscribing closes everything.
 *
 *     request:  ----i|
 *     join:         ---l--------#
 *     signal$:         (u)--d-
 *     media$:          --u----
 *     result:   ----r--l-Mu-d---e     r requested, l linked, u and d health, e ended
 *
 * A newer link of the same join takes the place of the older one; the end of the join is the end of its link.
 */
export function sessionInputs<I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  { id, attempt }: Session<L>,
  { classify, report, inTurn }: SessionContext,
): Observable<RoomInput<L>> {
  return defer(() => transport.request?.(attempt) ?? of(undefined as I)).pipe(
    take(1),
    throwIfEmpty(() => new LinkEndedError()),
    switchMap((info) => {
      const joining = defer(() => transport.join(attempt, info)).pipe(
        concatWith(throwError(() => new LinkEndedError())),
        distinctUntilChanged(),
        switchMap((link) => linkInputs(id, link, report)),
        startWith<RoomInput<L>>({ type: 'requested', id }),
      );
      return subscribedInTurn(joining, inTurn);
    }),
    catchError((error: unknown) =>
      of<RoomInput<L>>({ type: 'ended', id, failure: { error, verdict: classify(error) } }),
    ),
  );
}

/** A join that is ended while it is being subscribed is over before the next one begins. */
const subscribedInTurn = <T>(source: Observable<T>, inTurn: SessionContext['inTurn']): Observable<T> =>
  new Observable((subscriber) => {
    inTurn(() => {
      source.subscribe(subscriber);
    });
  });

function linkInputs<L extends RoomLink>(id: number, link: L, report: Report): Observable<RoomInput<L>> {
  const { signal$, media$, word$ = EMPTY, errors$ = EMPTY } = link;
  const linked: RoomInput<L> = { type: 'linked', id, link, media: media$ !== null, canProbe: link.probe !== undefined };
  return merge(
    of(linked),
    healthInputs<L>(id, 'signal', signal$, report),
    media$ === null ? EMPTY : healthInputs<L>(id, 'media', media$, report),
    guarded(word$, 'word$', report).pipe(
      mergeMap((word: unknown) => {
        if (isServerWord(word)) return of<RoomInput<L>>({ type: 'word', id, word });
        report('word$', new TypeError('word$: not a word of a server'));
        return EMPTY;
      }),
    ),
    guarded(errors$, 'link', report).pipe(
      mergeMap((error) => {
        report('link', error);
        return EMPTY;
      }),
    ),
  );
}

function healthInputs<L>(
  id: number,
  source: 'signal' | 'media',
  health$: Observable<Health>,
  report: Report,
): Observable<RoomInput<L>> {
  return guarded(health$, `${source}$`, report).pipe(
    mergeMap((health: unknown) => {
      if (isHealth(health)) return of<RoomInput<L>>({ type: 'health', id, source, health });
      report(`${source}$`, new TypeError(`${source}$: expected 'up' or { down: true, aliveAt?: ms }`));
      // A dip with a bad time is a dip all the same: it dates from its report.
      return isDown(health) ? of<RoomInput<L>>({ type: 'health', id, source, health: { down: true } }) : EMPTY;
    }),
    endWith<RoomInput<L>>({ type: 'sourceEnded', id, source }),
  );
}

/** An error of a source is reported and ends it; it does not end the others. */
const guarded = <T>(source: Observable<T>, from: RoomError['from'], report: Report): Observable<T> =>
  source.pipe(
    catchError((error: unknown) => {
      report(from, error);
      return EMPTY;
    }),
  );
