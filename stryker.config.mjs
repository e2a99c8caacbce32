/** Mutation testing: `npm run mutation`, see docs/mutation.md. */

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['lib/core/**/*.ts', 'lib/operators/**/*.ts', 'lib/room/**/*.ts'],
  testRunner: 'jasmine',
  jasmineConfigFile: 'jasmine.mutation.json',
  testRunnerNodeArgs: ['--import', 'tsx'],
  // Each mutant is judged by the specs that reach it. What runs while a module loads is judged by all, in a new process.
  coverageAnalysis: 'perTest',
  dryRunTimeoutMinutes: 15,
  concurrency: 2,
  // A busy machine is no infinite loop; those are mostly found by counting, long before this.
  timeoutMS: 10_000,
  timeoutFactor: 2,
  tempDirName: '.stryker-tmp',
  incremental: true,
  incrementalFile: '.mutation/incremental.json',
  reporters: ['json', 'html', 'progress'],
  jsonReporter: { fileName: '.mutation/report.json' },
  htmlReporter: { fileName: '.mutation/report.html' },
  ignorePatterns: [
    '/*',
    '!/lib',
    '!/spec',
    '!/fuzz',
    '!/scripts',
    '!/bench',
    '!/tsconfig.json',
    '!/package.json',
    '!/jasmine.mutation.json',
  ],
};
