/**
 * `npm run bench`: what a room takes of memory, processor and timers, beside the same job written by hand in RxJS and in
 * XState, in one run. `--quick`: growth to 10,000 rooms only; `--write`: also the tables of docs/performance.md. Exit code
 * 1 when a goal is missed.
 */
import { compile, runCase } from '../report/case.js';
import { atLeast, atMost } from '../report/goals.js';
import { Report } from '../report/report.js';
import { count } from '../simulate/table.js';
import type { Case } from './case.js';
import { contenderNames, type ContenderName } from './contenders.js';
import type { HeapResult } from './heap.js';
import type { Rates } from './rates.js';
import type { Timers } from './timers.js';

const quick = process.argv.includes('--quick');
const report = new Report('bench');

const kibibytes = (bytes: number): string => `${(bytes / 1_024).toFixed(2)} KiB`;
const millions = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} M`;
const rounded = (value: number): string => count(Math.round(value));

interface Found {
  readonly heap: HeapResult;
  readonly full: HeapResult;
  readonly rates: Rates;
  readonly timers: Timers;
}

const program = await compile('overhead/case');
const found = new Map<ContenderName, Found>();
for (const name of contenderNames) {
  found.set(name, {
    heap: await measure<HeapResult>({ kind: 'heap', name, rooms: 20_000, full: false }),
    full: await measure<HeapResult>({ kind: 'heap', name, rooms: 20_000, full: true }),
    rates: await measure<Rates>({ kind: 'rates', name }),
    timers: await measure<Timers>({ kind: 'timers', name }),
  });
}
const ours = found.get('rejoin');
if (ours === undefined) throw new Error('ours was not measured');

/** What is measured, and how it is written. */
const rows: readonly (readonly [string, (of: Found) => number, (value: number) => string])[] = [
  ['heap of a connected room', ({ heap }) => heap.bytes, kibibytes],
  ['the same, its link with notices, errors and a probe', ({ full }) => full.bytes, kibibytes],
  ['health changes a second, 1,000 in one frame', ({ rates }) => rates.together, millions],
  ['health changes a second, each judged by itself', ({ rates }) => rates.apart, millions],
  ['repeated "up" a second', ({ rates }) => rates.repeated, millions],
  ['joins and leaves a second', ({ rates }) => rates.joins, rounded],
  ['timers of an idle room', ({ timers }) => timers.idle, String],
  ['most timers at once', ({ timers }) => timers.most, String],
];
report.show(
  'side-by-side',
  'One room, side by side; in brackets, how many times ours',
  ['', ...contenderNames],
  rows.map(([title, read, show]) => [
    title,
    ...[...found].map(([name, result]) => {
      const value = read(result);
      const ratio = name === 'rejoin' || read(ours) === 0 ? '' : ` (${(value / read(ours)).toFixed(2)})`;
      return `${show(value)}${ratio}`;
    }),
  ]),
);

const sizes = [1, 10, 100, 1_000, 10_000, ...(quick ? [] : [100_000])];
const growth: { rooms: number; bytes: number; join: number }[] = [];
for (const rooms of sizes) {
  growth.push({ rooms, ...(await measure<HeapResult>({ kind: 'heap', name: 'rejoin', rooms, full: false })) });
}
report.show(
  'growth',
  'Each of so many rooms in one process',
  ['rooms', 'heap', 'join, µs'],
  // A collection leaves a few hundred kilobytes more or less: of few rooms that says nothing.
  growth.map(({ rooms, bytes, join }) => [count(rooms), rooms < 1_000 ? '–' : kibibytes(bytes), join.toFixed(1)]),
);
const largest = growth.at(-1);
const thousand = growth.find(({ rooms }) => rooms === 1_000);

report.finish(
  [
    atMost('heap of a connected room', ours.heap.bytes, 5.3 * 1_024, kibibytes),
    atLeast('health changes a second, many in a frame', ours.rates.together, 1e6, millions),
    atLeast('repeated "up" a second', ours.rates.repeated, 10e6, millions),
    atMost('timers while idle', ours.timers.idle, 0),
    atMost('timers while anything waits', ours.timers.most, 1),
    atMost(
      `heap a room at ${count(largest?.rooms ?? NaN)}, times that at 1,000`,
      (largest?.bytes ?? NaN) / (thousand?.bytes ?? NaN),
      1.2,
      (ratio) => ratio.toFixed(2),
    ),
  ],
  { sideBySide: Object.fromEntries(found), growth, node: process.version },
);

function measure<T>(asked: Case): Promise<T> {
  return runCase<T>(program, asked);
}
