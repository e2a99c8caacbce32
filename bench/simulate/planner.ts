import type { Verdict } from '../../lib/core/recovery/verdict.js';
import { planRetry, START, type RetryPosition } from '../../lib/core/recovery/recovery.js';
import { resolveOptions, type RoomOptions } from '../../lib/room/room-options.js';
import type { Peer } from './peers.js';
import type { Random } from './random.js';

/** Plans the attempts of a crowd whose connections all broke at 0. Times in ms since then. */
export interface Planner {
  /** When a client that has just failed tries next; `Infinity`: never again. */
  next(client: number, now: number, verdict: Verdict): number;
  /** Who is not back before it never will be. */
  readonly deadlineAt: number;
}

export type PlannerOf = (clients: number, random: Random) => Planner;

/** A policy as the simulation runs it. */
export interface Contender {
  readonly name: string;
  readonly ours: boolean;
  readonly planner: PlannerOf;
}

export const peerContender = (peer: Peer): Contender => ({
  name: peer.name,
  ours: false,
  planner: (clients, random) => peerPlanner(peer, clients, random),
});

export const ourContender = (name: string, options: OurOptions = {}): Contender => ({
  name,
  ours: true,
  planner: (clients, random) => ourPlanner(clients, random, options),
});

function peerPlanner({ delay }: Peer, clients: number, random: Random): Planner {
  const failures = new Uint32Array(clients);
  const own = Float64Array.from({ length: clients }, random);
  return {
    deadlineAt: Infinity,
    next: (client, now) => {
      const wait = delay(failures[client] ?? 0, now, own[client] ?? 0, random);
      failures[client] = (failures[client] ?? 0) + 1;
      return now + wait;
    },
  };
}

export type OurOptions = Pick<RoomOptions, 'schedule' | 'deadline'>;

/** The room's own planning: its options, its `planRetry`, its schedule. Nothing is rewritten here. */
function ourPlanner(clients: number, random: Random, options: OurOptions): Planner {
  const { policy } = resolveOptions('simulate', { ...options, random }, { repairs: false, attempts: true });
  const positions = new Positions(clients);
  const deadlineAt = policy.deadline;
  return {
    deadlineAt,
    next: (client, now, verdict) => {
      const plan = planRetry(
        positions.get(client),
        { error: undefined, verdict },
        { now, aliveAt: 0, deadlineAt },
        policy,
      );
      if (plan === 'giveUp') return Infinity;
      positions.set(client, plan.position);
      return plan.retryAt ?? Infinity;
    },
  };
}

/** The positions of a crowd in typed arrays: a million objects that live on are a million for the garbage collector. */
class Positions {
  readonly #waits: Uint16Array;
  readonly #refusals: Uint16Array;
  readonly #unreachableAt: Float64Array;
  readonly #lastChanceTaken: Uint8Array;

  constructor(clients: number) {
    this.#waits = new Uint16Array(clients).fill(START.waits);
    this.#refusals = new Uint16Array(clients).fill(START.busyCount);
    this.#unreachableAt = new Float64Array(clients).fill(START.unreachableAt ?? NaN);
    this.#lastChanceTaken = new Uint8Array(clients).fill(Number(START.lastChanceTaken));
  }

  get(client: number): RetryPosition {
    const unreachableAt = this.#unreachableAt[client] ?? NaN;
    return {
      waits: this.#waits[client] ?? 0,
      busyCount: this.#refusals[client] ?? 0,
      unreachableAt: Number.isNaN(unreachableAt) ? null : unreachableAt,
      lastChanceTaken: this.#lastChanceTaken[client] === 1,
    };
  }

  set(client: number, { waits, busyCount, unreachableAt, lastChanceTaken }: RetryPosition): void {
    this.#waits[client] = waits;
    this.#refusals[client] = busyCount;
    this.#unreachableAt[client] = unreachableAt ?? NaN;
    this.#lastChanceTaken[client] = Number(lastChanceTaken);
  }
}
