import type { Observable } from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import { RoomRuntime } from './room-runtime.js';
import { resolveOptions, type RoomOptions } from './room-options.js';
import { checkTransport } from './check-transport.js';
import { engineOf } from './engine-of.js';
import { statesOf } from './states-of.js';
import type { RoomLink, RoomTransport } from './transport.js';

/**
 * A room as a cold stream: subscribing joins, unsubscribing leaves.
 *
 *     subscribe  joined   breaks   back     kicked
 *     c----------C--------r--------C--------(d|)
 *
 * Starts with `connecting`, completes after `disconnected` or `failed`, never errors. Every subscription is a session of
 * its own; share it, or use `createRoom`, to be in the room once. Unsubscribing releases everything and emits nothing.
 *
 * @throws {TypeError} | {RangeError} at once, for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { BehaviorSubject, concat, NEVER, of, take } from 'rxjs';
 * import { roomConnection, type Health } from 'rejoin';
 *
 * const link = { signal$: new BehaviorSubject<Health>('up'), media$: null };
 * roomConnection({ join: () => concat(of(link), NEVER) })
 *   .pipe(take(2))
 *   .subscribe(({ state }) => console.log(state));
 * // => connecting
 * // => connected
 * ```
 */
export function roomConnection<I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  options: RoomOptions = {},
): Observable<ConnectionState<L>> {
  checkTransport('roomConnection', transport);
  const resolved = resolveOptions('roomConnection', options, transport);
  return statesOf(() => new RoomRuntime(transport, resolved, engineOf(transport)).room());
}
