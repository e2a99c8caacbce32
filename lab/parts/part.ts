import { setTimeout } from 'node:timers/promises';
import type { Finding } from '../finding.js';
import { standstill, type CallRecord } from '../record.js';
import type { LabCall, Stage } from '../stage.js';

export interface PartOptions {
  readonly repetitions: number;
  /** The few minutes for CI. */
  readonly short: boolean;
  /** Of each loss. */
  readonly lossMinutes: number;
  /** Of chaos. */
  readonly cycles: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export type Part = (stage: Stage, options: PartOptions) => Promise<readonly Finding[]>;

/** A connection that lasted so long (ms) is at the beginning of its schedule again. */
const stable = 10_500;
/** Idle connections hear a STUN answer in 2.7 s: a cut should come at any time in between. */
const phase = 2_700;

const backLimit = 60_000;

/** Waits until all are connected and have been for a while, then forgets what was. */
export async function settled(calls: readonly LabCall[]): Promise<void> {
  await Promise.all(calls.flatMap(({ A, B }) => [A, B]).map((end) => end.until('connected', backLimit)));
  await setTimeout(stable + Math.random() * phase);
  await Promise.all(calls.flatMap(({ A, B }) => [A.clear(), B.clear()]));
}

/** Waits until A of every call is connected; one that is not by then shows in its record. */
export async function allBack(calls: readonly LabCall[], limit: number): Promise<void> {
  await Promise.allSettled(calls.map(({ A }) => A.until('connected', limit)));
}

/** Repetitions that are made anew because a page stood still; the next counts, whatever happens. */
export const mostVoid = 3;

/** How long (ms) a page of these calls stood still, when it was so long that it is about the processor; else 0. */
function stoodFor(records: readonly CallRecord[]): number {
  const longest = Math.max(0, ...records.map(({ late }) => late));
  return longest > standstill ? longest : 0;
}

/** A call, with what A saw of it. */
export interface Seen {
  readonly situation: LabCall['situation'];
  readonly record: CallRecord;
}

/** What A of each call saw; `null`, and said, when a page stood still and this was not the last chance: it does not count. */
export async function seenBy(
  calls: readonly LabCall[],
  { what, last, say }: { readonly what: string; readonly last: boolean; readonly say: PartOptions['say'] },
): Promise<readonly Seen[] | null> {
  const records = await Promise.all(
    calls.map(async ({ situation, A, B }) => ({ situation, record: await A.record(), other: await B.record() })),
  );
  const stood = stoodFor(records.flatMap(({ record, other }) => [record, other]));
  if (stood === 0 || last) return records;
  say(`${what}: void, a page stood still for ${seconds(stood)}`);
  return null;
}

/** Longer than any settle time: a relapse would show. */
export const watched = (): Promise<void> => setTimeout(3_000);

export const seconds = (ms: number | null): string => (ms === null ? 'never' : `${(ms / 1000).toFixed(2)} s`);
