import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. All scripts work from there, whatever directory they are called from. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The files below `folder` whose name ends with `suffix`, sorted, as paths from the root; none when there is no such folder. */
export function filesIn(folder: string, suffix: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(folder, name))
    .sort();
}

/** Whether the module of this address is the one that Node was started with. */
export const isMain = (moduleUrl: string): boolean =>
  process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(moduleUrl);

/** Whether a file is there that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
