import { setTimeout } from 'node:timers/promises';
import type { Pair } from '../pair.js';
import { standstill, type MemberRecord } from '../record.js';
import { agreementOf } from './agreement.js';
import type { Plan } from './plan.js';
import type { Trouble } from './trouble.js';

export interface CycleResult {
  /** Milliseconds from the heal, or from the join after it, until all agree; `null`: not within the bound. */
  readonly back: number | null;
  /** What is not as the network allows; empty: all is. */
  readonly faults: readonly string[];
  /** A page stood still for so long (ms) that this is about its processor; else 0. */
  readonly stood: number;
  /** Whoever gave up in it. */
  readonly failed: readonly string[];
  readonly keptSession: boolean;
  readonly records: { readonly A: MemberRecord; readonly B: MemberRecord };
}

/**
 * From the heal until all agree: an attempt that was under way may hang for its 10 s, the longest wait is 4.3 s, the next
 * attempt joins, publishes and subscribes within 3 s. The rest is for a busy machine.
 */
export const bound = 20_000;
/** Milliseconds from the trouble to `failed`, at the latest: heartbeat and settling, the deadline, and a late timer. */
const failingLimit = 12_000 + 40_000 + 3_000;
/** A timer may be late, and the clock of a deadline be read a moment before it is set. */
const [early, late] = [50, 1_500];

const users = ['A', 'B'] as const;

/** One cycle: a trouble with its heals, then what must be so again. */
export async function runCycle(pair: Pair, plan: Plan, trouble: Trouble): Promise<CycleResult> {
  const { A, B } = pair;
  const faults: string[] = [];
  await setTimeout(plan.rest);
  await Promise.all([A.clear(), B.clear()]);
  const links = (await A.record()).links;

  if (plan.leave?.when === 'before') await A.leave();
  for (const [index, length] of plan.pieces.entries()) {
    const isTrouble = index % 2 === 0;
    const isLast = index === plan.pieces.length - 1;
    if (isTrouble) await trouble.begin();
    else await trouble.end();
    if (isLast && plan.pastDeadline) await Promise.all(whom(trouble).map((user) => gaveUp(pair, user, faults)));
    else if (isLast && plan.leave !== null) {
      await setTimeout(length / 2);
      if (plan.leave.when === 'during') await A.leave();
      const { state, reason } = await A.look();
      if (state !== 'disconnected' || reason !== 'leaveChannel')
        faults.push(`A left and is ${state}/${String(reason)}`);
      if (plan.leave.join === 'during') await A.join();
      await setTimeout(length / 2);
    } else await setTimeout(length);
  }
  await trouble.end();
  let healedAt = Date.now();

  const failed: string[] = [];
  /** Whoever has given up, as they may at the deadline, or has left, joins again. */
  const joinAgain = async (): Promise<boolean> => {
    let joined = false;
    for (const user of users) {
      const { state } = await pair[user].look();
      if (state !== 'failed' && state !== 'disconnected') continue;
      if (state === 'failed') {
        failed.push(user);
        faults.push(...faultOfFailure(user, await pair[user].record()));
      }
      await pair[user].join();
      healedAt = Date.now();
      joined = true;
    }
    return joined;
  };
  await joinAgain();
  let agreement = await agreementOf(pair, bound);
  // The deadline may have come a moment after the heal.
  if (agreement.since === null && (await joinAgain())) agreement = await agreementOf(pair, bound);
  const { since, missing } = agreement;
  if (since === null) faults.push(`${bound / 1000} s after the heal: ${missing ?? 'no agreement'}`);
  const records = { A: await A.record(), B: await B.record() };
  if (!trouble.concernsB) {
    const said = records.B.states.map(({ state, reason }) => `${state}/${String(reason)}`);
    if (said.length > 0) faults.push(`B, whose network is well, says ${said.join(', ')}`);
  }
  const longest = Math.max(records.A.late, records.B.late);
  return {
    back: since === null ? null : Math.max(0, since - healedAt),
    faults,
    stood: longest > standstill ? longest : 0,
    failed,
    keptSession: records.A.links === links,
    records,
  };
}

const whom = ({ concernsB }: Trouble): readonly ('A' | 'B')[] => (concernsB ? users : ['A']);

async function gaveUp(pair: Pair, user: 'A' | 'B', faults: string[]): Promise<void> {
  try {
    await pair[user].until('failed', failingLimit);
  } catch {
    const { state, reason } = await pair[user].look();
    faults.push(`past the deadline ${user} is ${state}/${String(reason)}`);
  }
}

/** Giving up is allowed at the deadline, and then only. */
function faultOfFailure(user: string, { states, deadlineAt }: MemberRecord): string[] {
  const last = states.findLast(({ state }) => state === 'failed');
  if (last === undefined || deadlineAt === null) return [`${user} failed, and nobody knows when`];
  const after = last.at - deadlineAt;
  const inTime = after >= -early && after <= late;
  const reason = last.reason === 'timeout' || last.reason === 'joinChannelFailed';
  return inTime && reason ? [] : [`${user} failed with ${String(last.reason)}, ${after} ms after the deadline`];
}
