import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { root } from '../../scripts/files.js';
import type { Baseline, Entry } from './entries.js';

/** By how much an import makes a bundle grow (bytes). */
export interface Size {
  readonly min: number;
  /** Minified and gzipped. */
  readonly gzip: number;
  /** Minified and compressed with brotli. */
  readonly brotli: number;
  /** Minified bytes of each module that the import brings in, the largest first. */
  readonly parts: readonly (readonly [module: string, bytes: number])[];
}

interface Bundle {
  readonly min: number;
  readonly gzip: number;
  readonly brotli: number;
  readonly parts: ReadonlyMap<string, number>;
}

const rxjs = `export * as rxjs from 'rxjs';`;
const rejoin = `export * as rejoin from './lib/index.ts';`;
const room = `export { createRoom } from './lib/index.ts';`;
const websocket = `export * as websocket from './lib/websocket/index.ts';`;
const webrtc = `export * as webrtc from './lib/webrtc/index.ts';`;

/** What the application has before the import is added. All of rxjs is in each, so no part of it is ever counted. */
const baselines: Readonly<Record<Baseline, string>> = {
  rxjs,
  room: rxjs + room,
  core: rxjs + rejoin,
  entries: rxjs + rejoin + websocket + webrtc,
};

// Most imports have the same baseline: bundle each one once.
const bundledBaselines = new Map<Baseline, Promise<Bundle>>();

/**
 * Bundles an application with and without an import, for today's browsers, and takes the difference.
 *
 * @param from - where the packages of the import are installed; rxjs is always the root's, so that there is only one.
 */
export async function measure(
  { code, beside = 'rxjs' }: Pick<Entry, 'code' | 'beside'>,
  from: string = root,
): Promise<Size> {
  const base = bundledBaselines.get(beside) ?? bundle(beside);
  bundledBaselines.set(beside, base);
  const [before, after] = await Promise.all([base, bundle(beside, code, from)]);
  if (after.min === before.min) throw new Error(`nothing is left of ${code}`);
  const parts = [...after.parts]
    .map(([module, bytes]) => [module, bytes - (before.parts.get(module) ?? 0)] as const)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
  return {
    min: after.min - before.min,
    gzip: after.gzip - before.gzip,
    brotli: after.brotli - before.brotli,
    parts,
  };
}

/** The baseline comes first, as the compression of the import profits from what stands before it. */
async function bundle(beside: Baseline, code = '', from: string = root): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * as baseline from 'baseline';\n${code}`, resolveDir: from, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    absWorkingDir: root,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    alias: { rxjs: join(root, 'node_modules/rxjs') },
    plugins: [virtual('baseline', baselines[beside])],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild returned no bundle');
  return {
    min: output.contents.length,
    gzip: gzipSync(output.contents, { level: 9 }).length,
    brotli: brotliCompressSync(output.contents).length,
    parts: new Map(
      Object.values(metafile.outputs)
        .flatMap(({ inputs }) => Object.entries(inputs))
        .map(([module, { bytesInOutput }]) => [module, bytesInOutput]),
    ),
  };
}

/** A module that is in no file; its own imports are found from the root. */
const virtual = (name: string, contents: string): Plugin => ({
  name,
  setup: (bundling) => {
    bundling.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }));
    bundling.onLoad({ filter: /^/, namespace: name }, () => ({ contents, resolveDir: root, loader: 'js' }));
  },
});
