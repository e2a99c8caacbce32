import typescript from '@rollup/plugin-typescript';

/** One output file per source file, so that each class exists once however the entries are mixed. */
export default {
  input: {
    index: 'lib/index.ts',
    'websocket/index': 'lib/websocket/index.ts',
    'webrtc/index': 'lib/webrtc/index.ts',
    'janus/index': 'lib/janus/index.ts',
  },
  external: /^rxjs/,
  output: {
    dir: 'dist',
    format: 'es',
    preserveModules: true,
    preserveModulesRoot: 'lib',
    sourcemap: true,
  },
  plugins: [
    typescript({
      tsconfig: 'tsconfig.build.json',
      // The declarations are written by tsc (scripts/build.ts).
      compilerOptions: { module: 'NodeNext', declaration: false, emitDeclarationOnly: false, sourceMap: true },
    }),
  ],
  onLog: (level, log, handle) => {
    // A module of types alone leaves an empty file; every other warning is an error.
    handle(level === 'warn' && log.code !== 'EMPTY_BUNDLE' ? 'error' : level, log);
  },
};
