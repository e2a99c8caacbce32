import {
  defer,
  filter,
  firstValueFrom,
  fromEvent,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  throwError,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import { readOptions } from '../core/options/options.js';
import { hasMethod, memberOf } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';
import { NotConnectedError } from './not-connected-error.js';
import type { Room } from './room.js';

/**
 * Waits until the room is connected, and gives its link.
 *
 *     state:   d---c-------C
 *     promise: ------------l     rejects when it fails, or is left or dismissed after a join
 *
 * A room that nobody has joined yet is waited for. `signal` ends the waiting, not the room. A rejection that nobody
 * awaits is not reported as unhandled.
 *
 * @throws {NotConnectedError} with the terminal state; its `cause` is the error of a failed one.
 * @throws the reason of `signal` when that is aborted.
 * @throws {TypeError} at once, not as a rejection, for what is no room, or an option that is unknown or no AbortSignal.
 *
 * @example
 * ```ts
 * import { BehaviorSubject, concat, NEVER, of } from 'rxjs';
 * import { createRoom, whenConnected, type Health } from 'rejoin';
 *
 * const link = { name: 'the link', signal$: new BehaviorSubject<Health>('up'), media$: null };
 * const room = createRoom({ join: () => concat(of(link), NEVER) });
 * room.join();
 * console.log((await whenConnected(room)).name); // => the link
 * room.leave();
 * ```
 */
export function whenConnected<L>(
  room: Pick<Room<L>, 'connectionState$'>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<L> {
  if (!hasMethod(memberOf(room, 'connectionState$'), 'subscribe'))
    throw wrongType('whenConnected: room', 'a room (with a connectionState$)', room);
  const { signal } = readOptions<{ readonly signal: AbortSignal | undefined }>('whenConnected', options, {
    signal: [aSignal, undefined],
  });
  const link$ = room.connectionState$.pipe(
    filter((state) => state.state === 'connected' || isTerminal(state)),
    map((state) => {
      if (state.state === 'connected') return state.link;
      throw new NotConnectedError(state);
    }),
    throwIfEmpty((): Error => new NotConnectedError(null)),
  );
  // Never empty: `link$` gives a link or throws.
  // eslint-disable-next-line rxjs-x/no-ignored-default-value
  const promise = firstValueFrom(merge(abortOf(signal), link$));
  promise.catch(() => undefined);
  return promise;
}

function aSignal(name: string, value: unknown): AbortSignal {
  if (typeof memberOf(value, 'aborted') === 'boolean') return value as AbortSignal;
  throw wrongType(name, 'an AbortSignal', value);
}

const abortOf = (signal: AbortSignal | undefined): Observable<never> =>
  signal === undefined
    ? NEVER
    : defer(() => (signal.aborted ? of(null) : fromEvent(signal, 'abort'))).pipe(
        // The reason is the caller's own, whatever it is.
        // eslint-disable-next-line rxjs-x/throw-error
        mergeMap(() => throwError(() => signal.reason as unknown)),
      );

const isTerminal = ({ state, reason }: ConnectionState): boolean =>
  state === 'failed' || (state === 'disconnected' && reason !== null);
