import { atMost, type Goal } from '../report/goals.js';
import type { Report } from '../report/report.js';
import { backlogCells, fullGrid, loadCells, quickGrid, runCell, type CellResult } from './grid.js';
import { loneClient, type LoneClient } from './lone-client.js';
import { chime, livekit, peers } from './peers.js';
import { ourContender, peerContender, type Contender } from './planner.js';
import { count, seconds } from './table.js';

/** Who is not back so long after the outage counts as never (ms). */
const span = 120_000;
/** From this backlog on refusals cannot be avoided (s). */
const crowded = 4;

const ratio = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : 'never');
const percentiles = ({ p50, p95 }: LoneClient): string => `${seconds(p50, 2)} / ${seconds(p95, 2)}`;

interface Found {
  readonly contender: Contender;
  /** The cells of the grid. */
  readonly cells: readonly CellResult[];
  /** The servers that are nearly full. */
  readonly full: readonly CellResult[];
  readonly alone: readonly LoneClient[];
}

/** Busy without a hint, at every scale: the grid, servers that are nearly full, and a client that is alone. */
export function busyAtEveryScale(report: Report, quick: boolean): { readonly goals: readonly Goal[]; readonly json: object } {
  const grid = quick ? quickGrid : fullGrid;
  const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
  const pauses = [0, 5_000];
  const run = (contender: Contender): Found => ({
    contender,
    cells: backlogCells(grid).map((cell) => runCell(contender, cell, contender.ours ? seeds : [1], span)),
    full: loadCells(grid).map((cell) => runCell(contender, cell, contender.ours ? seeds : [1], span)),
    alone: pauses.map((downFor) => loneClient(contender, { clients: 20_000, seed: 1, downFor, busyFor: 1_000 })),
  });
  const ours = run(ourContender('rejoin'));
  const found = [ours, ...(quick ? [livekit, chime] : peers).map((peer) => run(peerContender(peer)))];

  report.show(
    'grid',
    `Busy without a hint: ${count(ours.cells.length)} cells, and ${count(ours.full.length)} servers that are nearly full (rejoin: worst of ${seeds.length} seeds)`,
    ['policy', 't99 / ideal', 'at', 'refused', 'most of one', 'never back', 'lone client s', 'after 5 s down'],
    found.map(({ contender, cells, full, alone }) => [
      contender.name,
      ratio(worstOf(cells).over),
      nameOf(worstOf(cells)),
      meanRefused(cells).toFixed(2),
      String(mostRefused(cells)),
      shareOf([...cells, ...full]),
      ...alone.map(percentiles),
    ]),
  );
  report.show(
    'backlogs',
    'rejoin by the backlog: worst t99 / ideal, mean refusals a client',
    ['backlog s', ...grid.outages.map((downFor) => `down ${seconds(downFor, downFor < 1_000 ? 2 : 0)} s`), 'most of one'],
    grid.backlogs.map((backlog) => {
      const row = ours.cells.filter(({ cell }) => cell.backlog === backlog);
      return [
        String(backlog),
        ...grid.outages.map((downFor) => {
          const cells = row.filter(({ cell }) => cell.downFor === downFor);
          return cells.length === 0 ? '–' : `${ratio(worstOf(cells).over)}, ${mean(cells.map(({ refused }) => refused)).toFixed(2)}`;
        }),
        String(mostRefused(row)),
      ];
    }),
  );

  const [atOnce, afterOutage] = ours.alone;
  const goals = [
    atMost('busy: worst t99 / max(ideal, 4 s)', worstOf(ours.cells).over, 1.65, ratio),
    atMost('busy: mean refusals from 4 s of backlog on', meanRefused(ours.cells), 1.65, ratio),
    atMost('busy: most refusals of one client', mostRefused(ours.cells), 10),
    atMost('busy: failed that could have been served', failedOf([...ours.cells, ...ours.full]), 0, count),
    atMost('busy for 1 s, a lone client: p95', atOnce?.p95 ?? NaN, 2_000, (ms) => `${seconds(ms, 2)} s`),
    atMost('busy for 1 s after 5 s down: p95', afterOutage?.p95 ?? NaN, 3_300, (ms) => `${seconds(ms, 2)} s`),
  ];
  return { goals, json: Object.fromEntries(found.map(({ contender, ...rest }) => [contender.name, rest])) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

const worstOf = (cells: readonly CellResult[]): CellResult => cells.reduce((a, b) => (b.over > a.over ? b : a));

const mostRefused = (cells: readonly CellResult[]): number => Math.max(...cells.map((each) => each.mostRefused));

const meanRefused = (cells: readonly CellResult[]): number =>
  mean(cells.filter(({ cell }) => cell.backlog >= crowded).map(({ refused }) => refused));

const failedOf = (cells: readonly CellResult[]): number => cells.reduce((sum, { failed }) => sum + failed, 0);

function shareOf(cells: readonly CellResult[]): string {
  const failed = failedOf(cells);
  if (failed === 0) return '0';
  const share = (100 * failed) / cells.reduce((sum, { clients }) => sum + clients, 0);
  return `${share < 0.01 ? share.toFixed(4) : share.toFixed(2)} %`;
}

const nameOf = ({ cell: { clients, limit, downFor } }: CellResult): string =>
  `${count(clients)} at ${count(limit.rate)}/s, bucket ${count(limit.size)}, ${seconds(downFor, downFor < 1_000 ? 2 : 0)} s down`;
