import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page imports the library from its sources, so that a change in `lib/` shows at once. */
export default defineConfig({
  root: from('.'),
  base: './',
  resolve: {
    alias: [
      { find: /^rejoin$/, replacement: from('../lib/index.ts') },
      { find: /^rejoin\/([a-z]+)$/, replacement: `${from('../lib/')}$1/index.ts` },
    ],
  },
  server: { host: '127.0.0.1', fs: { allow: [from('..')] } },
  build: { outDir: from('dist'), emptyOutDir: true, target: 'es2022' },
});
