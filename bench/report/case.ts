import { fork } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { root } from '../../scripts/files.js';

/**
 * Compiles a program as for a user: tsx names every function anew, which takes 256 bytes a closure.
 *
 * @param other - another checkout: its `lib` is measured instead, by this program and with these packages.
 */
export async function compile(entry: string, other?: string): Promise<string> {
  const suffix = other === undefined ? '' : '-other';
  const outfile = join(root, 'bench/results', `${entry.replaceAll('/', '-')}${suffix}.mjs`);
  await build({
    entryPoints: [join(root, 'bench', `${entry}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    plugins: other === undefined ? [] : [libOf(other)],
  });
  return outfile;
}

/** Takes what is imported from our `lib` out of that of another checkout. */
const libOf = (checkout: string): Plugin => ({
  name: 'lib-of',
  setup: (bundling) => {
    bundling.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const file = relative(join(root, 'lib'), resolve(resolveDir, path));
      return file.startsWith('..') ? null : { path: resolve(checkout, 'lib', file.replace(/\.js$/, '.ts')) };
    });
  },
});

/** Runs a compiled program in a process of its own, with these arguments as JSON, until it has told what it found. */
export function runCase<T>(program: string, ...asked: readonly unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(
      program,
      asked.map((each) => JSON.stringify(each)),
      { execArgv: ['--expose-gc'] },
    );
    let told: T | undefined;
    child.on('message', (message) => {
      told = message as T;
      child.kill();
    });
    child.on('close', (code) => {
      if (told === undefined) reject(new Error(`${JSON.stringify(asked)} ended with ${String(code)}`));
      else resolve(told);
    });
  });
}
