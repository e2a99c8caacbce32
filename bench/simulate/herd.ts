import { UNREACHABLE } from '../../lib/core/recovery/verdict.js';
import { Calendar } from './calendar.js';
import type { Contender } from './planner.js';
import { seeded } from './random.js';
import { silentServer, type Limit, type Server } from './server.js';
import { percentile } from './stats.js';

export interface HerdOptions {
  readonly clients: number;
  readonly limit: Limit;
  readonly seed: number;
  /** The server comes back so many ms after the cut. */
  readonly downFor?: number;
  /** A join that is let in takes so many ms. */
  readonly joinTime?: number;
  /** A refusal is heard after so many ms. */
  readonly refusalTime?: number;
  /** Who is not back so many ms after the cut is counted as not back. */
  readonly horizon: number;
  readonly server?: (limit: Limit, from: number) => Server;
  /** Share of the clients that leave for good once they hold a ticket. */
  readonly quitters?: number;
}

/** What the herd looked like, in slices of `slice` ms from the cut on. */
export interface HerdTimeline {
  readonly slice: number;
  readonly attempts: Uint32Array;
  readonly refused: Uint32Array;
  readonly back: Uint32Array;
}

export interface HerdResult {
  readonly clients: number;
  /** Ms from the healing until 99 % are back; `Infinity` if they never were. */
  readonly t99: number;
  readonly t50: number;
  /** The same for a server that is never idle and clients that are always there. */
  readonly ideal: number;
  readonly refused: number;
  readonly attempts: number;
  /** The most that one client made. */
  readonly peakAttempts: number;
  /** The most refusals that one client heard. */
  readonly peakRefused: number;
  /** The most that the server saw in a second. */
  readonly peakRate: number;
  readonly back: number;
  readonly gaveUp: number;
  /** Whom even a server that is never idle could not have let in by the time the last one gave up. */
  readonly hadTo: number;
  readonly lastGaveUpAt: number;
  readonly timeline: HerdTimeline;
}

const slice = 100;

/** Ms from the healing until `joins` have come in at an ideal server. */
export const idealTime = (joins: number, { rate, size }: Limit, joinTime = 200): number =>
  joinTime + (Math.max(0, joins - size) * 1_000) / rate;

/** Cuts a herd at 0 and lets it come back. */
export function simulateHerd(contender: Contender, options: HerdOptions): HerdResult {
  const { clients, limit, seed, horizon, downFor = 5_000, joinTime = 200, refusalTime = 0, quitters = 0 } = options;
  const random = seeded(seed);
  const planner = contender.planner(clients, random);
  const server = (options.server ?? silentServer)(limit, downFor);
  const calendar = new Calendar(clients, horizon);
  const attempts = new Uint16Array(clients);
  const refusals = new Uint16Array(clients);
  const backAt = new Float64Array(clients).fill(Infinity);
  const slices = Math.ceil(horizon / slice) + 1;
  const timeline = {
    slice,
    attempts: new Uint32Array(slices),
    refused: new Uint32Array(slices),
    back: new Uint32Array(slices),
  };
  const count = (of: Uint32Array, time: number): void => {
    const at = Math.floor(time / slice);
    if (at < of.length) of[at] = (of[at] ?? 0) + 1;
  };
  let back = 0;
  let gaveUp = 0;
  let quit = 0;
  let lastGaveUpAt = 0;

  const plan = (client: number, now: number, time: number): void => {
    if (time < Infinity) {
      calendar.put(client, time);
      return;
    }
    gaveUp++;
    lastGaveUpAt = Math.max(lastGaveUpAt, planner.deadlineAt < Infinity ? planner.deadlineAt : now);
  };

  for (let client = 0; client < clients; client++) plan(client, 0, planner.next(client, 0, UNREACHABLE));
  for (let client = calendar.take(); client !== -1; client = calendar.take()) {
    const now = calendar.time(client);
    attempts[client] = (attempts[client] ?? 0) + 1;
    count(timeline.attempts, now);
    if (now < downFor) {
      plan(client, now, planner.next(client, now, UNREACHABLE));
      continue;
    }
    const verdict = server.ask(client, now, planner.deadlineAt - now);
    if (verdict === null) {
      if (now + joinTime >= planner.deadlineAt) plan(client, now, Infinity);
      else {
        back++;
        backAt[client] = now + joinTime;
        count(timeline.back, now + joinTime);
      }
      continue;
    }
    refusals[client] = (refusals[client] ?? 0) + 1;
    count(timeline.refused, now);
    if (quitters > 0 && random() < quitters) {
      quit++;
      continue;
    }
    const heard = now + refusalTime;
    plan(client, heard, planner.next(client, heard, verdict));
  }

  const staying = clients - quit;
  const times = backAt.sort().subarray(0, staying);
  const served = Math.max(0, limit.size + ((lastGaveUpAt - downFor - joinTime) * limit.rate) / 1_000);
  return {
    clients,
    t99: percentile(times, 0.99) - downFor,
    t50: percentile(times, 0.5) - downFor,
    ideal: idealTime(Math.ceil(0.99 * staying), limit, joinTime),
    refused: refusals.reduce((sum, each) => sum + each, 0),
    attempts: attempts.reduce((sum, each) => sum + each, 0),
    peakAttempts: attempts.reduce((most, each) => Math.max(most, each), 0),
    peakRefused: refusals.reduce((most, each) => Math.max(most, each), 0),
    peakRate: peakOver(timeline.attempts, 1_000 / slice),
    back,
    gaveUp,
    hadTo: gaveUp === 0 ? 0 : Math.min(gaveUp, Math.max(0, Math.ceil(staying - served))),
    lastGaveUpAt,
    timeline,
  };
}

/** The largest sum of so many slices in a row. */
function peakOver(counts: Uint32Array, width: number): number {
  let sum = 0;
  let peak = 0;
  counts.forEach((each, at) => {
    sum += each - (at >= width ? (counts[at - width] ?? 0) : 0);
    peak = Math.max(peak, sum);
  });
  return peak;
}
