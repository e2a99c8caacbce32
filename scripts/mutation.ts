/**
 * Mutation testing: `npm run mutation [-- --force]`. Changes lib/core, lib/operators and lib/room in every small way that
 * Stryker knows, and runs the specs on each change. Keeps the list of those that no spec notices in docs/mutation.md:
 * the reasons there are ours. Fails below the threshold, and when one has no reason.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.js';
import { runNode } from './run.js';

/** What is read of a report (the mutation testing elements schema). */
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

interface Counts {
  killed: number;
  survived: number;
  timedOut: number;
  noCoverage: number;
}

interface Survivor {
  /** The first cells of its row; a change of the line alone keeps its reason. */
  readonly file: string;
  readonly mutant: string;
  readonly line: number;
}

const threshold = 95;
const folders = ['lib/core', 'lib/operators', 'lib/room'];
const reportPath = '.mutation/report.json';
const listPath = 'docs/mutation.md';
const listStart = '<!-- written by npm run mutation; the reasons are kept -->';

rmSync(join(root, reportPath), { force: true });
await runNode(['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', ...process.argv.slice(2)], {
  cwd: root,
  // A spec whose promise a mutant never settles need not wait as long as on a slow machine.
  env: { SPEC_TIMEOUT: '5000' },
  show: true,
});
if (!existsSync(join(root, reportPath))) {
  console.log('mutation: there is no report; see above');
  process.exit(1);
}

const { files } = JSON.parse(readFileSync(join(root, reportPath), 'utf8')) as Report;
const unexplained = writeList();
const { killed, survived, timedOut, noCoverage } = countsOf('lib');
const score = scoreOf(countsOf('lib'));
for (const row of unexplained) console.log(`✗ no reason in ${listPath}: ${row}`);
if (score < threshold) console.log(`✗ the score is below ${threshold} %`);
console.log(
  `mutation: score ${score.toFixed(2)} %, ${killed} killed, ${survived} survived, ${timedOut} timed out, ${noCoverage} no coverage`,
);
process.exitCode = score < threshold || unexplained.length > 0 ? 1 : 0;

function countsOf(folder: string): Counts {
  const counts: Counts = { killed: 0, survived: 0, timedOut: 0, noCoverage: 0 };
  const names: Readonly<Record<string, keyof Counts>> = {
    Killed: 'killed',
    Survived: 'survived',
    Timeout: 'timedOut',
    NoCoverage: 'noCoverage',
  };
  for (const [file, { mutants }] of Object.entries(files)) {
    if (!file.startsWith(`${folder}/`)) continue;
    for (const { status } of mutants) {
      const name = names[status];
      // A mutant that cannot be judged would make the score look better than it is.
      if (name === undefined) throw new Error(`${file}: a mutant is ${status}`);
      counts[name]++;
    }
  }
  return counts;
}

/** Noticed mutants of all, in percent: one that never ends is noticed, one that no spec reaches is not. */
function scoreOf({ killed, survived, timedOut, noCoverage }: Counts): number {
  const noticed = killed + timedOut;
  return (100 * noticed) / (noticed + survived + noCoverage);
}

/** Writes scores and survivors below the mark; gives the rows that have no reason yet. */
function writeList(): string[] {
  const text = readFileSync(join(root, listPath), 'utf8');
  const start = text.indexOf(listStart);
  if (start === -1) throw new Error(`${listPath} has lost the line ${listStart}`);
  const reasons = reasonsIn(text.slice(start));
  const missing: string[] = [];

  const rows = survivors().map(({ file, mutant, line }) => {
    const reason = reasons.get(`${file} ${mutant}`)?.shift() ?? '';
    if (reason === '') missing.push(`${file}:${line} ${mutant}`);
    return `| ${file}:${line} | ${mutant} | ${reason} |`;
  });
  const scores = [...folders, 'lib'].map((folder) => {
    const counts = countsOf(folder);
    const { killed, survived, timedOut, noCoverage } = counts;
    const name = folder === 'lib' ? 'all' : folder;
    return `| ${name} | ${scoreOf(counts).toFixed(2)} % | ${killed} | ${timedOut} | ${survived} | ${noCoverage} |`;
  });
  const list = [
    listStart,
    '',
    '| folder | score | killed | timed out | survived | no coverage |',
    '|---|---|---|---|---|---|',
    ...scores,
    '',
    '| place | mutant | why no spec can notice |',
    '|---|---|---|',
    ...rows,
    '',
  ];
  writeFileSync(join(root, listPath), text.slice(0, start) + list.join('\n'));
  return missing;
}

/** File and mutant → the reasons given, in order: one line may hold the same mutant twice. */
function reasonsIn(list: string): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const [, file = '', mutant = '', reason = ''] of list.matchAll(/^\| (\S+):\d+ \| (.*) \|(?: (.*))? \|$/gm)) {
    const key = `${file} ${mutant}`;
    reasons.set(key, [...(reasons.get(key) ?? []), reason]);
  }
  return reasons;
}

function survivors(): Survivor[] {
  return Object.entries(files)
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([file, { source, mutants }]) => {
      const lines = source.split('\n');
      return mutants
        .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
        .sort(({ location: { start: a } }, { location: { start: b } }) => a.line - b.line || a.column - b.column)
        .map((mutant) => ({ file, mutant: described(lines, mutant), line: mutant.location.start.line }));
    });
}

/** What was there and what took its place. */
function described(lines: readonly string[], { location: { start, end }, replacement = '' }: Mutant): string {
  const original = lines
    .slice(start.line - 1, end.line)
    .map((line, i, { length }) =>
      line.slice(i === 0 ? start.column - 1 : 0, i === length - 1 ? end.column - 1 : undefined),
    )
    .join('\n');
  return `${code(original)} → ${code(replacement)}`;
}

function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return `\`${line.length > 90 ? `${line.slice(0, 89)}…` : line}\``;
}
