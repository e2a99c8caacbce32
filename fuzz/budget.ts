import type { ScriptOptions } from './script.js';

/** The budget of lost time (docs/contract.md, D1, D3, D7), reckoned from outside. All times in ms, wall clock. */
export interface Lost {
  readonly aliveAt: number;
  /** What earlier breaks had used and was not earned back. */
  readonly spent: number;
  readonly deadlineAt: number;
}

/** A connection: since when, and what earlier breaks had used of the budget. */
export interface Connection {
  readonly since: number;
  readonly spent: number;
}

export interface Break {
  readonly now: number;
  readonly aliveAt: number;
  /** The server itself ended the link with "refused" or "busy": nothing was earned. */
  readonly answered: boolean;
  /** How long what is broken lasts before it is announced (ms): 0 when the link ended, or the server sent us away. */
  readonly unannounced?: number;
}

export const isStable = ({ since }: Connection, aliveAt: number, { stableAfter }: ScriptOptions): boolean =>
  Math.max(0, aliveAt - since) >= stableAfter;

export function lostIn(
  before: Connection,
  { now, aliveAt, answered, unannounced }: Break,
  options: ScriptOptions,
): Lost {
  const { deadline, stableAfter, settle } = options;
  const lasted = Math.max(0, aliveAt - before.since);
  const earned = answered ? 0 : (lasted * deadline) / stableAfter;
  const spent = isStable(before, aliveAt, options) ? 0 : Math.max(0, Math.ceil(before.spent - earned));
  // Whatever was used before, there is time to announce the break.
  const announced = now + (unannounced ?? Math.max(settle.signal, settle.media));
  const deadlineAt = Math.max(aliveAt - spent + deadline, Math.min(aliveAt + deadline, announced));
  return { aliveAt, spent, deadlineAt };
}
