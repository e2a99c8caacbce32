import type { Failure } from '../recovery/failure.js';
import { isDismissal, type Dismissal, type ServerNotice, type Verdict } from '../recovery/verdict.js';
import type { Model } from './model.js';
import type { RepairFailure } from './repair-failure.js';
import type { RoomInput } from './room-input.js';

/** What one frame brought, beside the healths: those are in the session. Collected by `observe`, then never written. */
export interface Moment {
  readonly notices: readonly ServerNotice[];
  /** Why the running join, or the link, ended. */
  readonly ended: Failure | null;
  /** The error of a health source that ended; `null` where there is none. */
  readonly sourceError: unknown;
  readonly repairFailed: RepairFailure | null;
  /** Where the server sends us, by a notice or a failure: of several notices the last wins, then what a repair was told. */
  readonly sentTo: string | undefined;
  /** The running join gave a newer link. */
  readonly relinked: boolean;
  readonly woken: boolean;
  /** The longest sleep that a wake reported (ms). */
  readonly suspendedFor: number;
  readonly retryNow: boolean;
  /** Media went down in this frame. */
  readonly silenced: boolean;
}

/** Whether an input could change anything: a health that repeats what is known cannot. */
export const isNews = <L>({ session }: Model<L>, input: RoomInput<L>): boolean =>
  input.type !== 'health' || (session?.id === input.id && session[input.source].up !== (input.health === 'up'));

/** A dismissal, whoever brings it: a notice, a repair or the end of the link. */
export const dismissalOf = ({ notices, repairFailed, ended }: Moment): Dismissal | undefined =>
  [...notices, ...verdictsOf(repairFailed, ended)].find(isDismissal);

export const verdictsOf = (...failures: readonly (Failure | null)[]): Verdict[] =>
  failures.flatMap((failure) => failure?.verdict ?? []);
