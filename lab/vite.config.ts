import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The page is built once a run: no dev server stands between the network and what is measured. */
export default defineConfig({
  root: fileURLToPath(new URL('page', import.meta.url)),
  base: './',
  logLevel: 'warn',
  build: { target: 'es2022', emptyOutDir: true, minify: false },
});
