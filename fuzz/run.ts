/** `npm run fuzz -- --runs 20000 --seed 1 --path 3:0:1 --workers 2`: whole fault scripts against the room. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { goals, inOrder, type Coverage } from './coverage.js';
import { diagram } from './diagram.js';
import { fuzz, type FuzzOptions } from './fuzz.js';

/** What a worker tells; plain values only. */
interface Told {
  readonly runs: number;
  readonly seed: number;
  readonly coverage: readonly (readonly [string, number])[];
  readonly failure: string | null;
}

/** From so many scripts on every goal must have been reached. */
const ENOUGH = 20_000;

function work(options: FuzzOptions): Told {
  const { runs, coverage, failure } = fuzz(options);
  const text =
    failure === null
      ? null
      : [
          diagram(failure.recording, failure.violations),
          '',
          `again: npm run fuzz -- --seed ${failure.seed} --path ${failure.path}`,
        ].join('\n');
  return { runs, seed: options.seed, coverage: [...coverage], failure: text };
}

const inWorker = (options: FuzzOptions): Promise<Told> =>
  new Promise((resolve, reject) => {
    // A worker of Node 20 does not inherit tsx.
    const begin = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}); });`;
    const worker = new Worker(begin, { eval: true, workerData: options });
    worker.once('error', reject);
    // At its end, for an error that nobody handled comes a timer later.
    worker.once('message', (told: Told) => worker.once('exit', () => resolve(told)));
  });

const added = (all: readonly (readonly (readonly [string, number])[])[]): Coverage => {
  const sum: Coverage = new Map();
  for (const [what, count] of all.flat()) sum.set(what, (sum.get(what) ?? 0) + count);
  return sum;
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      workers: { type: 'string' },
    },
  });
  const number = (text: string | undefined, fallback: number): number => {
    const value = text === undefined ? fallback : Number(text);
    if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number: ${String(text)}`);
    return value;
  };
  const { path } = values;
  const runs = number(values.runs, ENOUGH);
  const seed = number(values.seed, randomInt(2 ** 31));
  const workers = path === undefined ? Math.max(1, number(values.workers, 1)) : 1;
  const startedAt = performance.now();
  const shares = Array.from({ length: workers }, (_, i) => ({
    runs: Math.ceil(runs / workers),
    seed: seed + i,
    ...(path === undefined ? {} : { path }),
  }));
  const [only] = shares;
  const told = workers === 1 && only !== undefined ? [work(only)] : await Promise.all(shares.map(inWorker));

  const failures = told.flatMap(({ failure }) => failure ?? []);
  for (const failure of failures) console.log(`${failure}\n`);
  const coverage = added(told.map((one) => one.coverage));
  const played = told.reduce((sum, one) => sum + one.runs, 0);
  const missed = inOrder(coverage).filter(([, count]) => count === 0);
  const complete = played < ENOUGH || failures.length > 0 || missed.length === 0;
  if (!complete) console.log(`never reached: ${missed.map(([goal]) => goal).join(', ')}`);
  const seconds = (performance.now() - startedAt) / 1000;
  const counts = goals.map((goal) => `${goal} ${coverage.get(goal) ?? 0}`).join(', ');
  console.log(
    `fuzz: ${played} scripts, ${failures.length} violations, seed ${seed}, ${seconds.toFixed(1)} s, coverage: ${counts}`,
  );
  process.exitCode = failures.length > 0 || !complete ? 1 : 0;
}

if (isMainThread) await main();
else parentPort?.postMessage(work(workerData as FuzzOptions));
