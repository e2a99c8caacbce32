/** Fills dist/: rollup writes the JavaScript, tsc the declarations next to it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.js';
import { runNode } from './run.js';

rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const args of [
  ['node_modules/rollup/dist/bin/rollup', '-c', '--silent'],
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
]) {
  const { code } = await runNode(args, { cwd: root, show: true });
  if (code !== 0) process.exit(1);
}
