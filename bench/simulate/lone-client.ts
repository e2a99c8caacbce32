import { UNREACHABLE } from '../../lib/core/recovery/verdict.js';
import type { Contender } from './planner.js';
import { seeded } from './random.js';
import { percentile } from './stats.js';

export interface LoneClientOptions {
  /** How many of them are tried, each alone. */
  readonly clients: number;
  readonly seed: number;
  /** The server is down for so many ms after the cut, */
  readonly downFor: number;
  /** then busy for so many, and then lets everybody in. */
  readonly busyFor: number;
  readonly joinTime?: number;
}

/** Ms from when the server lets in until a client is back. */
export interface LoneClient {
  readonly p50: number;
  readonly p95: number;
}

/** A client that is alone at a server that is busy for a moment: it must not wait as in a crowd. */
export function loneClient(contender: Contender, options: LoneClientOptions): LoneClient {
  const { clients, seed, downFor, busyFor, joinTime = 200 } = options;
  const planner = contender.planner(clients, seeded(seed));
  const openAt = downFor + busyFor;
  const waits = new Float64Array(clients);
  for (let client = 0; client < clients; client++) {
    let at = planner.next(client, 0, UNREACHABLE);
    while (at < openAt) at = planner.next(client, at, at < downFor ? UNREACHABLE : { kind: 'busy' });
    waits[client] = at + joinTime < planner.deadlineAt ? at + joinTime - openAt : Infinity;
  }
  waits.sort();
  return { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) };
}
