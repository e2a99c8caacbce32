import { resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { root } from '../../scripts/files.js';
import type { Entry } from './entries.js';

export interface Size {
  readonly min: number;
  /** Minified and gzipped. */
  readonly gzip: number;
  /** Minified bytes of each module, the largest first. */
  readonly parts: readonly (readonly [module: string, bytes: number])[];
}

const folders = {
  rxjs: [],
  core: ['core', 'operators', 'room'],
  entries: ['core', 'operators', 'room', 'websocket', 'webrtc'],
} as const;

/** Bundles for browsers of the day and weighs the result (bytes). rxjs is never part of it. */
export async function measure({ code, beside = 'rxjs' }: Pick<Entry, 'code' | 'beside'>, from = root): Promise<Size> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: from, loader: 'js' },
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
    plugins: [besides(folders[beside])],
  });
  const [output] = outputFiles;
  if (output === undefined || output.contents.length === 0) throw new Error(`nothing is left of ${code}`);
  const parts = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([module, { bytesInOutput }]) => [module, bytesInOutput] as const)
    .sort(([, a], [, b]) => b - a);
  return { min: output.contents.length, gzip: gzipSync(output.contents, { level: 9 }).length, parts };
}

/** Leaves out rxjs, and these folders of lib as far as they are imported from others. */
const besides = (left: readonly string[]): Plugin => ({
  name: 'besides',
  setup: (bundling) => {
    bundling.onResolve({ filter: /^rxjs(\/|$)/ }, ({ path }) => ({ path, external: true }));
    bundling.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const target = resolve(resolveDir, path);
      const folder = left.find((each) => target.startsWith(resolve(root, 'lib', each) + sep));
      const own = resolveDir === root || folder === undefined || resolveDir.startsWith(resolve(root, 'lib', folder));
      return own
        ? null
        : { path: folder === 'websocket' || folder === 'webrtc' ? `rejoin/${folder}` : 'rejoin', external: true };
    });
  },
});
