/** Runs one group of specs: `node --import tsx scripts/specs.ts unit|node|browser [jasmine options]`. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, isMain, root } from './files.js';
import { runNode } from './run.js';
import type { SpecReport } from './spec-reporter.js';

export type SpecGroup = 'unit' | 'node' | 'browser';

export interface SpecResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
}

/** How long one spec of a group may take, in milliseconds. */
const timeouts: Readonly<Record<SpecGroup, number>> = { unit: 20_000, node: 60_000, browser: 180_000 };

/** A spec that blocks the process is beyond Jasmine's own limit: so much later the process is killed. */
const grace = 10_000;

/** The spec files of a group; unit is everything that is not one of the other two. */
export const specFiles = (group: SpecGroup): string[] =>
  filesIn('spec', '.spec.ts').filter((file) => {
    const folder = file.split(/[\\/]/)[1];
    return group === 'unit' ? folder !== 'node' && folder !== 'browser' : folder === group;
  });

/** Runs a group in a process of its own; `show` prints its output as it comes. */
export async function runSpecs(
  group: SpecGroup,
  options: { show?: boolean; jasmine?: readonly string[] } = {},
): Promise<SpecResult> {
  const files = specFiles(group);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0, output: 'no specs yet\n' };

  const folder = join(root, '.spec-report');
  const path = join(folder, `${group}-${process.pid}.json`);
  mkdirSync(folder, { recursive: true });

  const startedAt = Date.now();
  const watched = new AbortController();
  const watchdog = setInterval(() => {
    const lastSign = existsSync(path) ? statSync(path).mtimeMs : startedAt;
    if (Date.now() - lastSign > timeouts[group] + grace) watched.abort();
  }, 1000);

  const { code, output } = await runNode(
    [
      'node_modules/jasmine/bin/jasmine.js',
      '--config=jasmine.json',
      '--reporter=./scripts/spec-reporter.ts',
      ...(options.jasmine ?? []),
      ...files,
    ],
    {
      cwd: root,
      env: { SPEC_REPORT: path, SPEC_TIMEOUT: String(timeouts[group]) },
      show: options.show ?? false,
      signal: watched.signal,
    },
  );
  clearInterval(watchdog);

  const report: SpecReport = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as SpecReport)
    : { passed: 0, failed: 0, skipped: 0, running: null, done: false };
  rmSync(path, { force: true });

  const { passed, skipped } = report;
  if (report.done) return { passed, failed: report.failed, skipped, output };
  const ending = watched.signal.aborted
    ? 'hung and was killed'
    : `ended with code ${code ?? 'none'} before its last spec`;
  const place = report.running === null ? '' : ` in: ${report.running}`;
  const message = `\n✗ the ${group} run ${ending}${place}\n`;
  if (options.show === true) process.stdout.write(message);
  return { passed, failed: report.failed + 1, skipped, output: output + message };
}

if (isMain(import.meta.url)) {
  const [group, ...jasmine] = process.argv.slice(2);
  if (group !== 'unit' && group !== 'node' && group !== 'browser')
    throw new Error('Say which specs: unit, node or browser.');
  const { failed, passed, skipped, output } = await runSpecs(group, { show: true, jasmine });
  if (passed + failed + skipped === 0) process.stdout.write(output);
  process.exitCode = failed > 0 ? 1 : 0;
}
