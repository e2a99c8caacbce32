/**
 * `npm run lab [-- short | ab detect heal signalling oneway restart loss] [--repetitions 5] [--minutes 10] [--slack 1] [--write]`,
 * `npm run lab -- chaos [--cycles 100] [--seed S] [--write]`: the bad-network laboratory. Exit code 1 when a target is missed,
 * 2 when there can be no laboratory here, 64 for words it does not know.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { writePictures } from './chart.js';
import { widened, type Finding } from './finding.js';
import { detect, parts, short } from './parts.js';
import { chaos } from './parts/chaos.js';
import type { Part } from './parts/part.js';
import { writeChaos } from './chaos/table.js';
import { asText, countMet, keep, kept, lastLine, writePage } from './report.js';
import { keptChaos, keptScenes } from './results.js';
import { NO_LAB, whyNoLab } from './requirements.js';
import { writeScenes } from './scene-chart.js';
import { openStage } from './stage.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repetitions: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    slack: { type: 'string', default: '1' },
    cycles: { type: 'string', default: '100' },
    seed: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const isShort = positionals.includes('short');
const known: Readonly<Record<string, Part>> = { ...parts, detect, chaos, ...(isShort ? short : {}) };
const asked = positionals.flatMap((name) => (name === 'loss' ? ['loss-10', 'loss-20', 'loss-40'] : [name]));
const names = isShort ? Object.keys(short) : asked.length > 0 ? asked : Object.keys(parts);
const repetitions = atLeast('--repetitions', values.repetitions ?? (isShort ? '1' : '5'), 1);
const slack = atLeast('--slack', values.slack, 1);
const cycles = atLeast('--cycles', values.cycles, 1);
const seed = Math.floor(atLeast('--seed', values.seed ?? String(randomInt(1_000_000)), 0));
const lossMinutes = atLeast('--minutes', values.minutes, 0.1);
for (const name of names)
  if (!(name in known)) end(64, `There is no part ${name}: ${Object.keys(known).join(', ')}, short.`);
const reason = whyNoLab({ withJanus: !isShort && names.some((name) => ['ab', 'chaos', 'restart'].includes(name)) });
if (reason !== null) end(NO_LAB, reason);

// The stage cleans up when this process exits, however that comes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const found: Finding[] = [];
const stage = await openStage();
try {
  for (const name of names) {
    const part = known[name];
    if (part === undefined) continue;
    console.log(`\n${name}`);
    const findings = await part(stage, {
      repetitions,
      short: isShort,
      lossMinutes,
      cycles,
      seed,
      say: (line) => console.log(`  ${line}`),
    });
    if (!isShort) keep(name, findings);
    found.push(...findings.map((finding) => widened(finding, slack)));
  }
} finally {
  await stage.close();
}
console.log(`\n${asText(found)}\n`);
if (values.write) {
  const all = kept(Object.keys(parts));
  writePage(all);
  writePictures(all);
  writeScenes(keptScenes());
  const run = keptChaos();
  if (run !== null) writeChaos(run);
}
console.log(lastLine(found));
process.exit(countMet(found).missed > 0 ? 1 : 0);

function atLeast(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!(value >= least) || value > 1_000_000) end(64, `${option} wants a number from ${least} to 1000000.`);
  return value;
}

function end(code: number, words: string): never {
  console.log(words);
  process.exit(code);
}
