/** Which way imports may point: testing → adapters → room → operators → core. See docs/decisions.md. */

const adapters = 'websocket|webrtc|janus|nertc|agora|livekit|angular';

/** `folders` (a regular expression) may import only from the named folders of lib. `main` is lib/index.ts. */
const layer = (name, from, mayImport) => ({
  name,
  severity: 'error',
  comment: `${name}: only ${mayImport} below it`,
  from: { path: from },
  to: { path: '^lib/', pathNot: mayImport },
});

module.exports = {
  forbidden: [
    {
      name: 'core-stands-alone',
      severity: 'error',
      comment: 'core is pure: it imports nothing outside itself, not even rxjs or types',
      from: { path: '^lib/core/' },
      to: { pathNot: '^lib/core/' },
    },
    layer('operators-over-core', '^lib/operators/', '^lib/(core|operators)/'),
    layer('room-over-operators', '^lib/room/', '^lib/(core|operators|room)/'),
    layer('main-over-room', '^lib/index[.]ts$', '^lib/(core|operators|room)/'),
    layer('adapters-over-room', `^lib/(${adapters})/`, `^lib/(index[.]ts$|(core|operators|room|${adapters})/)`),
    {
      name: 'no-unknown-layer',
      severity: 'error',
      comment: 'a new folder of lib needs a place in the order above',
      from: { path: '^lib/', pathNot: `^lib/(index[.]ts$|(core|operators|room|testing|${adapters})/)` },
      to: {},
    },
    {
      name: 'lib-stays-inside',
      severity: 'error',
      comment: 'lib is shipped alone',
      from: { path: '^lib/' },
      to: { path: '^(spec|demo|examples|lab|bench|scripts|docs|dist)/' },
    },
    {
      name: 'lib-imports-rxjs-only',
      severity: 'error',
      comment: 'rxjs is the only peer; Angular is the one of its own entry',
      from: { path: '^lib/' },
      to: { pathNot: '^lib/|node_modules/(rxjs|@angular/core)/|^(spec|demo|examples|lab|bench|scripts|docs|dist)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // type-only imports count
    doNotFollow: { path: 'node_modules' },
  },
};
