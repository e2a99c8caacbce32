/**
 * `npm test`: every check in order, then one line with the counts. REQUIRE_BROWSER=1 or CI makes a missing browser a
 * failure; FUZZ=20000 adds so many fault scripts, SIMULATE=1 the short simulation, LAB=1 the short laboratory.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.js';
import { findBrowser, howToGetABrowser } from './find-browser.js';
import { NO_LAB } from '../lab/requirements.js';
import { run, runNode } from './run.js';
import { runSpecs, specFiles, type SpecGroup, type SpecResult } from './specs.js';

const total = { passed: 0, failed: 0, skipped: 0 };
const browserRequired = isSet('REQUIRE_BROWSER') || isSet('CI');

await check('type-check', 'typecheck');
await check('lint');
await check('dependency rule', 'deps');
const built = await check('build');
if (built) await check('publint');
else skip('publint', 'no build');
await check('size', 'size:check');
await specs('unit');
await specs('node');
if (built) await check('docs', 'docs:check');
else skip('docs', 'no build');
await check('contract');
await browser();
// A fixed seed: what is found must be about the change. New ones are for `npm run fuzz`.
if (isSet('FUZZ'))
  await check('fuzz', 'fuzz', '--runs', process.env['FUZZ'] ?? '', '--seed', '268676388', '--workers', '2');
// Busy servers at every scale: who comes back when, and how often they were refused.
if (isSet('SIMULATE')) await check('simulate', 'simulate', '--quick');
if (isSet('LAB')) await lab();

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** A step of its own npm script: one check, its output shown when it fails, else only its closing line. */
async function check(name: string, script = name, ...args: readonly string[]): Promise<boolean> {
  const { code, output } = await run('npm', ['run', '--silent', script, '--', ...args], { cwd: root });
  const passed = code === 0;
  if (passed) total.passed++;
  else total.failed++;
  const summary = output.trimEnd().split('\n').at(-1) ?? '';
  console.log(
    `${passed ? '✓' : '✗'} ${name}${passed && summary.startsWith(`${name}:`) ? summary.slice(name.length) : ''}`,
  );
  if (!passed) console.log(output);
  return passed;
}

async function specs(group: SpecGroup): Promise<void> {
  count(group, await runSpecs(group));
}

async function browser(): Promise<void> {
  const files = specFiles('browser');
  const found = files.length === 0 ? null : await findBrowser().catch((error: unknown) => error as Error);
  if (files.length === 0 || (found !== null && !(found instanceof Error))) return specs('browser');
  const titles = files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\bit\(/g) ?? []).length;
  const notRun = Math.max(1, titles);
  console.log(found?.message ?? howToGetABrowser);
  count('browser', {
    passed: 0,
    failed: browserRequired ? notRun : 0,
    skipped: browserRequired ? 0 : notRun,
    output: '',
  });
}

/** The short laboratory: every target is a check, with three times the time, for whose machine this is nobody knows. */
async function lab(): Promise<void> {
  const { code, output } = await runNode(['lab/run.ts', 'short', '--slack', '3'], { cwd: root, cleansUp: true });
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const [, met, missed] = /^lab: (\d+) targets met, (\d+) missed/.exec(last) ?? [];
  if (code === NO_LAB) {
    skip('lab', last);
    return;
  }
  const failed = missed === undefined ? 1 : Number(missed);
  total.passed += Number(met ?? 0);
  total.failed += failed;
  console.log(`${failed > 0 ? '✗' : '✓'} ${missed === undefined ? 'lab: it broke off' : last}`);
  if (failed > 0) console.log(output);
}

function count(name: string, { passed, failed, skipped, output }: SpecResult): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const counts =
    passed + failed + skipped === 0 ? output.trimEnd() : `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${failed > 0 ? '✗' : passed > 0 ? '✓' : '-'} ${name} specs: ${counts}`);
  if (failed > 0) console.log(output);
}

function skip(name: string, why: string): void {
  total.skipped++;
  console.log(`- ${name}: skipped, ${why}`);
}

function isSet(name: string): boolean {
  const value = process.env[name];
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
