import { FOUND_DOWN } from '../../lib/core/recovery/failure.js';
import { beginLoss } from '../../lib/core/recovery/loss.js';
import {
  attemptFailed,
  attemptStarted,
  beginRecovery,
  dueAt,
  limitAtFrom,
  type Recovery,
} from '../../lib/core/recovery/recovery.js';
import { newStanding, tallyAfter } from '../../lib/core/recovery/standing.js';
import type { Verdict } from '../../lib/core/recovery/verdict.js';
import { resolveOptions, type RoomOptions } from '../../lib/room/room-options.js';
import type { Peer } from './peers.js';
import type { Random } from './random.js';

/** Plans the attempts of a crowd whose connections all broke at 0. Times in ms since then. */
export interface Planner {
  /**
   * When a client tries next; `Infinity`: never again. First asked when its link is found down, then whenever an attempt,
   * begun when it was due, has failed.
   */
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

/** The room's own planning: its options, its recovery engine, its schedule. Nothing is written anew here. */
function ourPlanner(clients: number, random: Random, options: OurOptions): Planner {
  const { policy } = resolveOptions('simulate', { ...options, random }, {});
  // They were all connected for long enough.
  const standing = newStanding(-policy.stableAfter);
  const loss = beginLoss(standing, { now: 0, aliveAt: 0, answered: false, settle: 0 }, policy);
  const found = beginRecovery(tallyAfter(standing, 0, policy.stableAfter), 0);
  const crowd = new Crowd(clients);
  return {
    deadlineAt: loss.deadlineAt,
    next: (client, now, verdict) => {
      let recovery = crowd.get(client);
      if (recovery === null) recovery = attemptFailed(found, FOUND_DOWN, now, loss, policy);
      else {
        const since = dueAt(recovery);
        const limitAt = limitAtFrom(recovery.tally, since, loss, policy);
        const attempting = attemptStarted(recovery, null, since, limitAt);
        recovery = attemptFailed(attempting, { error: undefined, verdict }, now, loss, policy);
      }
      crowd.set(client, recovery);
      return dueAt(recovery);
    },
  };
}

/**
 * The recoveries of a crowd, in typed arrays: a million objects that live on are a million for the garbage collector. Kept
 * is what can change here: no attempt hangs, and none takes a shortcut.
 */
class Crowd {
  readonly #position: Uint16Array;
  readonly #busyCount: Uint16Array;
  readonly #hintAt: Float64Array;
  readonly #unreachableAt: Float64Array;
  readonly #beganAt: Float64Array;
  readonly #until: Float64Array;
  readonly #lastChanceTaken: Uint8Array;

  constructor(clients: number) {
    this.#position = new Uint16Array(clients);
    this.#busyCount = new Uint16Array(clients);
    this.#hintAt = new Float64Array(clients);
    this.#unreachableAt = new Float64Array(clients);
    this.#beganAt = new Float64Array(clients);
    this.#until = new Float64Array(clients).fill(NaN);
    this.#lastChanceTaken = new Uint8Array(clients);
  }

  /** `null` until the first is set. */
  get(client: number): Recovery<null> | null {
    const until = this.#until[client] ?? NaN;
    if (Number.isNaN(until)) return null;
    const position = this.#position[client] ?? 0;
    const hintAt = this.#hintAt[client] ?? NaN;
    return {
      tally: {
        position,
        busyCount: this.#busyCount[client] ?? 0,
        hintAt: Number.isNaN(hintAt) ? null : hintAt,
        unreachableAt: this.#unreachableAt[client] ?? 0,
        beganAt: this.#beganAt[client] ?? 0,
        limitsReached: 0,
        openingsHung: 0,
        used: [],
        lastChanceTaken: this.#lastChanceTaken[client] === 1,
      },
      attempts: position,
      lastFailure: FOUND_DOWN,
      phase: { kind: 'waiting', until, counted: true },
    };
  }

  set(client: number, recovery: Recovery<null>): void {
    const { tally } = recovery;
    this.#position[client] = tally.position;
    this.#busyCount[client] = tally.busyCount;
    this.#hintAt[client] = tally.hintAt ?? NaN;
    this.#unreachableAt[client] = tally.unreachableAt ?? NaN;
    this.#beganAt[client] = tally.beganAt;
    this.#until[client] = dueAt(recovery);
    this.#lastChanceTaken[client] = Number(tally.lastChanceTaken);
  }
}
