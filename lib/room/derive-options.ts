import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs';
import type { DerivePolicy } from '../core/machine/policy.js';
import {
  aScheduler,
  aStream,
  aText,
  aTime,
  aTimeFromZero,
  readOptions,
  type OptionKind,
} from '../core/options/options.js';
import { wrongValue } from '../core/options/wrong.js';
import type { Wake } from './browser.js';

/** Options as a room uses them. */
export interface ResolvedOptions<P> {
  readonly policy: P;
  readonly endpoints: readonly string[];
  /** The page's own when they are not given. */
  readonly wake$: Observable<Wake> | undefined;
  readonly leave$: Observable<unknown> | undefined;
  readonly scheduler: SchedulerLike;
}

type Derived = Pick<
  DerivePolicy,
  'name' | 'deadline' | 'joinDeadline' | 'stableAfter' | 'settle' | 'probeLimit' | 'probeHold'
> &
  Pick<ResolvedOptions<unknown>, 'wake$' | 'leave$' | 'scheduler'>;

const settleTimes = (name: string, value: unknown): DerivePolicy['settle'] =>
  readOptions(name, value as object, { signal: [aTimeFromZero, 1_000], media: [aTimeFromZero, 0] }, '.');

/** What is known of the options that say how a state is derived. */
export const deriveKinds: { readonly [K in keyof Derived]: OptionKind<Derived[K]> } = {
  name: [aText, ''],
  deadline: [aTime, 40_000],
  joinDeadline: [aTime, 20_000],
  stableAfter: [aTimeFromZero, 10_000],
  settle: [settleTimes, { signal: 1_000, media: 0 }],
  probeLimit: [aTime, 2_000],
  probeHold: [aTimeFromZero, 500],
  wake$: [aStream, undefined],
  leave$: [aStream, undefined],
  scheduler: [aScheduler, asyncScheduler],
};

/** @throws {RangeError} for a dip that would be announced only after the deadline. */
export function checkSettle(owner: string, { deadline, settle }: Pick<DerivePolicy, 'deadline' | 'settle'>): void {
  for (const leg of ['signal', 'media'] as const) {
    if (settle[leg] >= deadline) {
      throw wrongValue(`${owner}: settle.${leg}`, `shorter than deadline (${String(deadline)} ms)`, settle[leg]);
    }
  }
}
