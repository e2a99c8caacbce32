import { fork } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/files.js';

/** Compiles a program as for a user: tsx names every function anew, which takes 256 bytes a closure. */
export async function compile(entry: string): Promise<string> {
  const outfile = join(root, 'bench/results', `${entry.replaceAll('/', '-')}.mjs`);
  await build({
    entryPoints: [join(root, 'bench', `${entry}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  return outfile;
}

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
