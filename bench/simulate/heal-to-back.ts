import { UNREACHABLE } from '../../lib/core/recovery/verdict.js';
import type { Contender } from './planner.js';
import { seeded } from './random.js';
import { percentile } from './stats.js';

/** One length of outage, in ms. */
export interface HealToBack {
  readonly outage: number;
  readonly p50: number;
  readonly p95: number;
  /** Attempts that a client makes while the network is down, on average. */
  readonly attemptsDown: number;
  /** The most that one client makes. */
  readonly peakDown: number;
  /** Clients that were not brought back although their deadline had not passed when the network healed. */
  readonly lost: number;
}

export interface HealToBackOptions {
  readonly clients: number;
  readonly seed: number;
  /** Ascending. */
  readonly outages: readonly number[];
  readonly joinTime?: number;
}

/** 0.2 to 45 s in steps of 0.1 s. */
export const everyOutage: readonly number[] = Array.from({ length: 449 }, (_, at) => 200 + at * 100);

/**
 * Cuts clients that do not know each other at 0 and heals each after every length of outage: an attempt fails at once
 * while the network is down and takes `joinTime` when it is up. What a client does while it is down does not depend on
 * when it heals, so one run of attempts answers for every length.
 */
export function healToBack(contender: Contender, options: HealToBackOptions): readonly HealToBack[] {
  const { clients, seed, outages, joinTime = 200 } = options;
  const planner = contender.planner(clients, seeded(seed));
  const waits = new Float64Array(outages.length * clients);
  const attempts = new Float64Array(outages.length);
  const peaks = new Uint32Array(outages.length);
  for (let client = 0; client < clients; client++) {
    let failed = 0;
    let at = planner.next(client, 0, UNREACHABLE);
    for (let index = 0; index < outages.length; index++) {
      const outage = outages[index] ?? 0;
      while (at < outage) {
        failed++;
        at = planner.next(client, at, UNREACHABLE);
      }
      const backAt = at + joinTime;
      waits[index * clients + client] = backAt < planner.deadlineAt ? backAt - outage : Infinity;
      attempts[index] = (attempts[index] ?? 0) + failed;
      if (failed > (peaks[index] ?? 0)) peaks[index] = failed;
    }
  }
  return outages.map((outage, index) => {
    const sorted = waits.subarray(index * clients, (index + 1) * clients).sort();
    const back = sorted.findIndex((wait) => wait === Infinity);
    return {
      outage,
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      attemptsDown: (attempts[index] ?? 0) / clients,
      peakDown: peaks[index] ?? 0,
      lost: back === -1 || outage >= planner.deadlineAt ? 0 : clients - back,
    };
  });
}
