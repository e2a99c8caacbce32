import { catchError, defer, EMPTY, ignoreElements, of, take, endWith, type Observable } from 'rxjs';
import type { Work } from '../core/model.js';
import type { RoomInput } from '../core/room-input.js';
import type { Verdict } from '../core/verdict.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** Runs one repair of a link. Only a failure is told: success shows as health. */
export const repairInputs = <I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  link: L,
  { id, attempt }: Work<L>,
  classify: (error: unknown) => Verdict,
): Observable<RoomInput<L>> =>
  defer(() => transport.repair?.(link, attempt) ?? EMPTY).pipe(
    ignoreElements(),
    catchError((error: unknown) =>
      of<RoomInput<L>>({ type: 'repairFailed', id, failure: { error, verdict: classify(error) } }),
    ),
  );

/** Asks a link for a sign of life: the first value or a completion is one, an error is none. */
export const probeInputs = <L>(id: number, link: RoomLink): Observable<RoomInput<L>> =>
  defer(() => link.probe?.() ?? EMPTY).pipe(
    take(1),
    ignoreElements(),
    endWith<RoomInput<L>>({ type: 'probed', id, alive: true }),
    catchError(() => of<RoomInput<L>>({ type: 'probed', id, alive: false })),
  );
