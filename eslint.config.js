import { defineConfig, globalIgnores } from 'eslint/config';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

const pure = 'core is pure: time and chance are arguments, see docs/decisions.md';
const impureGlobals = ['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];

export default defineConfig(
  globalIgnores(['dist/', '.docs-check/', '.mutation/', '.stryker-tmp/', 'examples/', 'docs/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, rxjsX.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'off',
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-console': 'error',
      'rxjs-x/finnish': [
        'error',
        { functions: false, methods: false, parameters: false, variables: false, properties: true, strict: false },
      ],
      'no-restricted-globals': ['error', { name: 'setInterval', message: 'One-shot timers only.' }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'rxjs',
              importNames: ['interval'],
              message: 'One-shot timers only: it re-schedules past a sleepy scheduler.',
            },
            {
              name: 'rxjs',
              importNames: ['queueScheduler'],
              message: 'It is one queue for the whole process; a room has its own.',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='timer'][arguments.length>2]",
          message: 'One-shot timers only: timer(due, scheduler).',
        },
      ],
    },
  },
  {
    files: ['lib/core/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['rxjs', 'rxjs/*'], message: 'core knows no rxjs.' }] }],
      'no-restricted-globals': ['error', ...impureGlobals.map((name) => ({ name, message: pure }))],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: pure },
        ...impureGlobals.map((property) => ({ object: 'globalThis', property, message: pure })),
      ],
    },
  },
  {
    files: ['spec/**/*.ts', 'fuzz/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['fit', 'fdescribe'].map((name) => ({ name, message: 'Focused: the other specs would be left out.' })),
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // A scripted failure may be any value.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      'rxjs-x/throw-error': 'off',
      'rxjs-x/no-ignored-error': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
      'rxjs-x/no-floating-observables': 'off',
    },
  },
);
