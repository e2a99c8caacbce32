import { idealTime, simulateHerd } from './herd.js';
import type { Contender } from './planner.js';
import { oneServerFor, type Limit } from './server.js';

/** Crowds of every size at servers of every size: a rule must not know which of them it is in. */
export interface Grid {
  /** Seconds that the server needs for the crowd at its rate. */
  readonly backlogs: readonly number[];
  /** Shares of whom the server can let in before the deadline. */
  readonly loads: readonly number[];
  /** Joins a second. */
  readonly rates: readonly number[];
  /** What the server lets in at once, in seconds at its rate. */
  readonly buckets: readonly number[];
  /** Ms. */
  readonly outages: readonly number[];
}

export const fullGrid: Grid = {
  backlogs: [0.2, 0.5, 1, 2, 4, 6, 8, 10, 15, 30],
  loads: [0.9, 0.95],
  rates: [50, 500, 2_000],
  buckets: [1, 0.1],
  outages: [20, 1_000, 5_000, 20_000],
};

export const quickGrid: Grid = { ...fullGrid, rates: [50, 500] };

/** One crowd, one server and one outage. */
export interface Cell {
  readonly clients: number;
  readonly limit: Limit;
  /** The server is back so many ms after the cut. */
  readonly downFor: number;
  /** Seconds. */
  readonly backlog: number;
}

/** Nearer to the capacity, chance alone leaves somebody behind. */
const mostLoad = 0.95;
const joinTime = 200;
const deadline = 40_000;

/** Whom a server that is never idle lets in before the deadline. */
export const capacity = ({ rate, size }: Limit, downFor: number): number =>
  Math.floor(size + ((deadline - downFor - joinTime) * rate) / 1_000);

/** All combinations of a backlog with a server that has the capacity for it. */
export const backlogCells = (grid: Grid): readonly Cell[] =>
  cells(grid, (limit, downFor) => {
    const most = mostLoad * capacity(limit, downFor);
    return grid.backlogs.map((backlog) => Math.round(backlog * limit.rate)).filter((clients) => clients <= most);
  });

/** Crowds that are nearly too large. */
export const loadCells = (grid: Grid): readonly Cell[] =>
  cells(grid, (limit, downFor) => grid.loads.map((load) => Math.floor(load * capacity(limit, downFor))));

function cells({ rates, buckets, outages }: Grid, crowds: (limit: Limit, downFor: number) => readonly number[]): Cell[] {
  const limits = rates.flatMap((rate) => buckets.map((bucket) => ({ rate, size: rate * bucket })));
  return limits.flatMap((limit) =>
    outages.flatMap((downFor) =>
      crowds(limit, downFor).map((clients) => ({ clients, limit, downFor, backlog: clients / limit.rate })),
    ),
  );
}

/** How a contender did in one cell, in the worst of the seeds. */
export interface CellResult {
  readonly cell: Cell;
  /** t99 over the ideal, or over 4 s where the ideal is less. */
  readonly over: number;
  /** Refusals a client, on average. */
  readonly refused: number;
  /** The most refusals of one client. */
  readonly mostRefused: number;
  /** Clients that did not come back, of all seeds. */
  readonly failed: number;
  /** Clients of all seeds. */
  readonly clients: number;
}

/** Nobody minds 4 s instead of 2 s: less counts as this (ms). */
const leastIdeal = 4_000;

/** Of ten clients the 99th percentile is the slowest: small crowds are repeated until there are so many clients. */
const leastSample = 2_000;

export function runCell(contender: Contender, cell: Cell, seeds: readonly number[], span: number): CellResult {
  const { clients, limit, downFor } = cell;
  const crowds = Math.ceil(leastSample / clients);
  const ideal = idealTime(Math.ceil(0.99 * clients), limit, joinTime);
  const runs = seeds.map((seed) =>
    simulateHerd(contender, {
      clients: crowds * clients,
      limit,
      downFor,
      joinTime,
      seed,
      horizon: downFor + span,
      server: oneServerFor(crowds),
    }),
  );
  const worst = (of: (run: (typeof runs)[number]) => number): number => Math.max(...runs.map(of));
  return {
    cell,
    over: worst(({ t99 }) => t99 / Math.max(ideal, leastIdeal)),
    refused: worst((run) => run.refused / run.clients),
    mostRefused: worst(({ peakRefused }) => peakRefused),
    failed: runs.reduce((sum, run) => sum + run.clients - run.back, 0),
    clients: runs.reduce((sum, run) => sum + run.clients, 0),
  };
}
