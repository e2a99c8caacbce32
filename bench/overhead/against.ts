/**
 * `npm run bench:against -- <folder>`: compares the rates of a room with those of another checkout of rejoin, in turns and in
 * one run: the figures of two runs differ by more than what a change costs.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile, runCase } from '../report/case.js';
import { count, table } from '../simulate/table.js';
import type { Case } from './case.js';
import type { Rates } from './rates.js';

const rounds = 5;

const names: readonly (readonly [keyof Rates, string])[] = [
  ['apart', 'health changes, each judged by itself'],
  ['together', 'health changes, 1,000 in one frame'],
  ['repeated', 'repeated "up"'],
  ['joins', 'joins and leaves'],
];

const checkout = resolve(process.argv[2] ?? '');
const needed = 'lib/room/create-room.ts';
if (process.argv[2] === undefined || !existsSync(join(checkout, needed))) {
  console.log(`Name the folder of another checkout; there is no ${needed} in ${checkout}`);
  process.exit(1);
}

const asked: Case = { kind: 'rates', name: 'rejoin' };
const programs = [await compile('overhead/case'), await compile('overhead/case', checkout)];
const found: Rates[][] = [[], []];
for (let round = 0; round < rounds; round++) {
  for (const [at, program] of programs.entries()) found[at]?.push(await runCase<Rates>(program, asked));
}
const [here = [], there = []] = found;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const rounded = (value: number): string => count(Math.round(value));

console.log(`A second of processor time, median of ${rounds} rounds\n`);
console.log(
  table(
    ['', 'here', 'there', 'here / there', 'from – to'],
    names.map(([key, name]) => {
      const ratios = here.map((rates, round) => rates[key] / (there[round]?.[key] ?? NaN)).sort((a, b) => a - b);
      return [
        name,
        rounded(median(here.map((rates) => rates[key]))),
        rounded(median(there.map((rates) => rates[key]))),
        median(ratios).toFixed(2),
        `${ratios[0]?.toFixed(2) ?? ''} – ${ratios.at(-1)?.toFixed(2) ?? ''}`,
      ];
    }),
  ),
);
