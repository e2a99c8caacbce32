import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/files.js';
import type { ChaosRun } from './chaos/table.js';
import type { Scene } from './scene.js';

const folder = join(root, 'lab', 'results');

/** Keeps something as JSON, for a page that is written later. */
export function keepResult(name: string, result: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** What was kept; `null`: nothing was. */
export function keptResult(name: string): unknown {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : null;
}

export const keepScenes = (scenes: readonly Scene[]): void => keepResult('ab-scenes', scenes);
export const keptScenes = (): readonly Scene[] => (keptResult('ab-scenes') ?? []) as readonly Scene[];

export const keepChaos = (run: ChaosRun): void => keepResult('chaos-run', run);
export const keptChaos = (): ChaosRun | null => keptResult('chaos-run') as ChaosRun | null;
