import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/files.js';
import { run } from '../../scripts/run.js';

/** The peers have a package of their own, so that a newcomer's `npm test` need not fetch their 150 MB. */
export const peersFolder = join(root, 'bench/peers');

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Installs the peers where they are missing or of other versions.
 *
 * @returns whether they are there: without a network a measurement goes on without them, and says so.
 */
export async function installPeers(): Promise<boolean> {
  if (missingPeers().length === 0) return true;
  console.log('Installing the peers into bench/peers, once …');
  // None of them needs its install script for what is asked of it here.
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: peersFolder,
  });
  if (code !== 0) console.log(`${output}\nThe peers could not be installed: going on without them.`);
  return code === 0;
}

function missingPeers(): string[] {
  const { dependencies } = read(join(peersFolder, 'package.json'));
  return Object.entries(dependencies).flatMap(([name, wanted]) => {
    const manifest = join(peersFolder, 'node_modules', name, 'package.json');
    return existsSync(manifest) && wanted.endsWith(read(manifest).version) ? [] : [name];
  });
}

const read = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;
