import type { Failure } from '../recovery/failure.js';
import { isDismissal, type Dismissal, type ServerNotice } from '../recovery/verdict.js';
import type { Model } from './model.js';
import type { RepairFailure } from './repair-failure.js';
import type { RoomInput } from './room-input.js';

/** What one frame brought, beside the healths: those are in the session. Collected by `observe`, then never written. */
export interface Moment {
  readonly notices: readonly ServerNotice[];
  /** Why the running join, or the link, ended. */
  readonly ended: Failure | null;
  readonly repairFailed: RepairFailure | null;
  /** The running join gave a newer link. */
  readonly relinked: boolean;
  readonly woken: boolean;
  /** The longest sleep that a wake reported (ms). */
  readonly suspendedFor: number;
  readonly retryNow: boolean;
  /** Media went down in this frame. */
  readonly silenced: boolean;
}

/** A frame that brings nothing: time has passed. */
export const NOTHING: Moment = {
  notices: [],
  ended: null,
  repairFailed: null,
  relinked: false,
  woken: false,
  suspendedFor: 0,
  retryNow: false,
  silenced: false,
};

/** Whether an input could change anything: a health that repeats what is known cannot. */
export const isNews = <L>({ session }: Model<L>, input: RoomInput<L>): boolean =>
  input.type !== 'health' ||
  (session?.id === input.id && session.linked && session[input.source].up !== (input.health === 'up'));

/** A dismissal, whoever brings it: a notice, a repair or the end of the link. */
export function dismissalOf({ notices, repairFailed, ended }: Moment): Dismissal | undefined {
  return [...notices, ...verdictsOf(repairFailed, ended)].find(isDismissal);
}

/** Where the server sends us: of several the last notice wins, then what the failures say. */
export function redispatchOf({ notices, repairFailed, ended }: Moment): string | undefined {
  const said = [...verdictsOf(ended, repairFailed), ...notices];
  return said.flatMap((one) => (one.kind === 'redispatch' ? [one.endpoint] : [])).at(-1);
}

const verdictsOf = (...failures: readonly (Failure | null)[]): Failure['verdict'][] =>
  failures.flatMap((failure) => (failure === null ? [] : [failure.verdict]));
