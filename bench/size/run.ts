/**
 * `npm run size`: by how much an import makes the bundle of an application that has rxjs grow, beside the peers'. Exit
 * code 1 when a goal is missed. `--check` (in `npm test`): ours alone, exit code 1 above a budget. `--parts`: also each
 * module's share. `--write`: also the tables of docs/performance.md.
 */
import { installPeers, peersFolder } from '../peers/install.js';
import { atMost, type Goal } from '../report/goals.js';
import { Report } from '../report/report.js';
import { count } from '../simulate/table.js';
import { entries, peerEntries } from './entries.js';
import { measure, type Size } from './measure.js';

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(2)} kB`;

type Measured = Size & { readonly name: string };

const columns = ['min', 'gzip', 'brotli'] as const;
const cells = (measured: Measured): string[] => [
  measured.name,
  ...columns.map((column) => kilobytes(measured[column])),
];

const ours = await Promise.all(entries.map(async (entry) => ({ ...entry, ...(await measure(entry)) })));

if (process.argv.includes('--check')) check();
else await compare();

function check(): void {
  const over = ours.filter(({ gzip, budget }) => gzip > budget);
  for (const { name, gzip, budget } of over) {
    console.log(`✗ ${name} adds ${count(gzip)} bytes gzipped; its budget in bench/size/entries.ts is ${count(budget)}`);
  }
  const [room] = ours;
  console.log(
    `size: ${ours.length - over.length} of ${ours.length} within budget, createRoom ${kilobytes(room?.gzip ?? NaN)}`,
  );
  process.exitCode = over.length === 0 ? 0 : 1;
}

async function compare(): Promise<void> {
  const report = new Report('size');
  const goals: Goal[] = ours.flatMap(({ name, gzip, goal }) =>
    goal === undefined ? [] : [atMost(name, gzip, goal, kilobytes)],
  );
  report.show(
    'ours',
    'What each import adds to a bundle that has rxjs; goal and budget are for gzip',
    ['import', ...columns, 'goal', 'budget'],
    ours.map(({ goal, budget, ...entry }) => [
      ...cells(entry),
      goal === undefined ? '' : kilobytes(goal),
      kilobytes(budget),
    ]),
  );
  if (process.argv.includes('--parts')) showParts();
  const peers = (await installPeers()) ? await measurePeers() : [];
  report.show(
    'peers',
    'The peers, measured in the same way',
    ['import', ...columns],
    peers.map(cells),
  );
  report.finish(goals, {
    ours: ours.map(({ name, min, gzip, brotli, goal, budget }) => ({ name, min, gzip, brotli, goal, budget })),
    peers: peers.map(({ name, min, gzip, brotli }) => ({ name, min, gzip, brotli })),
  });
}

function showParts(): void {
  for (const { name, parts } of ours) {
    console.log(`\n${name}, minified`);
    for (const [module, bytes] of parts) console.log(`${count(bytes).padStart(8)}  ${module}`);
  }
}

function measurePeers(): Promise<readonly Measured[]> {
  return Promise.all(peerEntries.map(async (entry) => ({ name: entry.name, ...(await measure(entry, peersFolder)) })));
}
