import { resolveOptions, type RoomOptions } from './room-options.js';
import { RoomRuntime } from './room-runtime.js';
import { checkTransport } from './check-transport.js';
import { engineOf } from './engine-of.js';
import type { Room } from './room.js';
import type { RoomLink, RoomTransport } from './transport.js';

/**
 * A room that says honestly whether you are in it, and brings you back when the network breaks.
 *
 *     join()
 *     |  attempt 1: link, signal up, media up
 *     c-----------C
 *                 signal and media of its link merge; a dip that outlasts the settle time is announced
 *                 C----------r
 *                            repairs and rejoins by the schedule, until both are up again
 *                            r-----------C
 *                            or the deadline has passed, whatever hangs then
 *                            r---------------------f
 *
 * Nothing runs before `join()` and nothing is left after `leave()`, after a dismissal by the server, or after `failed`.
 *
 * @throws {TypeError} | {RangeError} at once, for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { BehaviorSubject, concat, NEVER, of } from 'rxjs';
 * import { createRoom, type Health } from 'rejoin';
 *
 * const signal$ = new BehaviorSubject<Health>('up');
 * const room = createRoom({ join: () => concat(of({ signal$, media$: null }), NEVER) });
 * room.connectionState$.subscribe(({ state, reason }) => console.log(`${state}/${String(reason)}`));
 * room.join();
 * setTimeout(() => room.leave(), 10);
 * // => disconnected/null
 * // => connecting/joinChannel
 * // => connected/joinSucceed
 * // => disconnected/leaveChannel
 * ```
 */
export function createRoom<I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  options: RoomOptions = {},
): Room<L> {
  checkTransport('createRoom', transport);
  return new RoomRuntime(transport, resolveOptions('createRoom', options, transport), engineOf(transport)).room();
}
