import { concat, NEVER, of, Subscription, type Observable } from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import { deriveOnly } from '../core/machine/derive-only.js';
import type { DerivePolicy } from '../core/machine/policy.js';
import { readOptions } from '../core/options/options.js';
import { checkSettle, deriveKinds } from './derive-options.js';
import { RoomRuntime } from './room-runtime.js';
import type { RoomOptions } from './room-options.js';
import { linkFault } from './link-fault.js';
import { statesOf } from './states-of.js';
import type { RoomLink } from './transport.js';

/** The options of a room whose attempts are somebody else's. */
export type DeriveOptions = Pick<RoomOptions, keyof typeof deriveKinds>;

/** Nothing is attempted, so nothing is repaired. */
const engine = { judge: deriveOnly, repair: () => Subscription.EMPTY };

/**
 * The honest `connectionState$` of healths that an application already has: for those who join and rejoin themselves.
 *
 *     signal$:  --u---------d----u---------d--------
 *     media$:   ----u-------d------u-------d--------
 *     result:   c---C-------r------C-------r--------(f|)
 *                                          |-deadline-|
 *
 * The same judgement as a room's (settle times, causes, deadlines, the server's notices), only that nothing is attempted
 * here, and a redispatch is the application's to follow: subscribe anew with what it joins then. Subscribing is the join; it
 * completes after a terminal state and never errors. `sources` is the state's `link`.
 *
 * @throws {TypeError} | {RangeError} at once, for sources that cannot be subscribed to, or an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { BehaviorSubject } from 'rxjs';
 * import { deriveConnectionState, type Health } from 'rejoin';
 *
 * const signal$ = new BehaviorSubject<Health>('up');
 * const media$ = new BehaviorSubject<Health>('up');
 * const states = deriveConnectionState({ signal$, media$ }).subscribe(({ state, reason }) => {
 *   console.log(`${state}/${String(reason)}`);
 * });
 * setTimeout(() => media$.next({ down: true }), 10);
 * setTimeout(() => media$.next('up'), 20);
 * setTimeout(() => states.unsubscribe(), 30);
 * // => connecting/joinChannel
 * // => connected/joinSucceed
 * // => reconnecting/mediaConnectionDisconnected
 * // => connected/rejoinSucceed
 * ```
 */
export function deriveConnectionState<S extends RoomLink>(
  sources: S,
  options: DeriveOptions = {},
): Observable<ConnectionState<S>> {
  const fault = linkFault('deriveConnectionState: sources', sources);
  if (fault !== null) throw fault;
  const { wake$, leave$, scheduler, ...times } = readOptions('deriveConnectionState', options, deriveKinds);
  checkSettle('deriveConnectionState', times);
  const policy = { ...times, repairs: false, lateGrace: 0, classify: null };
  const resolved = { policy, endpoints: [], wake$, leave$, scheduler };
  return statesOf(() =>
    new RoomRuntime<void, S, DerivePolicy>({ join: () => concat(of(sources), NEVER) }, resolved, engine).room(),
  );
}
