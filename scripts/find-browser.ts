/** Finds a Chromium for the browser specs. As a command it prints what it found, or exits with 1. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable, isMain, root } from './files.js';

export interface FoundBrowser {
  readonly executablePath: string;
  /** Where it was found, for people. */
  readonly source: string;
}

/** Flags for every start through playwright-core: no sandbox for root, and a browser that keeps to itself. */
export const browserArgs: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What to tell someone who has none. */
export const howToGetABrowser =
  'No browser found: install Chromium or Chrome, or set CHROME_PATH to its executable, to run the browser specs.';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const macPath = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** CHROME_PATH, then the usual names, then the one that npm brings; only one that really starts counts. */
export async function findBrowser(): Promise<FoundBrowser | null> {
  const chosen = process.env['CHROME_PATH'];
  if (chosen !== undefined && chosen !== '') {
    if (await starts(chosen)) return { executablePath: chosen, source: 'CHROME_PATH' };
    throw new Error(`CHROME_PATH names a browser that does not start: ${chosen}`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const usual = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), macPath];
  for (const path of usual) {
    if (isExecutable(path) && (await starts(path))) return { executablePath: path, source: 'this machine' };
  }
  const path = await bundledChromium();
  return path !== null && (await starts(path)) ? { executablePath: path, source: '@sparticuz/chromium' } : null;
}

/**
 * Unpacks the headless Chromium of @sparticuz/chromium (x64 Linux) once, and sets what its package wants set in the
 * environment. It unpacks into the temporary directory and takes any file already there for a whole one: so it gets a
 * directory of its own, which takes its final name only when it is complete.
 */
async function bundledChromium(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const cache = join(root, 'node_modules', '.cache');
  const bare = !hasNss();
  const home = join(cache, bare ? 'chromium-with-libraries' : 'chromium');
  const temporary = process.env['TMPDIR'];
  try {
    // Makes the package bring the libraries that a bare machine lacks. Read while it is imported.
    if (bare) process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs20.x';
    process.env['TMPDIR'] = home;
    const { default: chromium } = await import('@sparticuz/chromium');
    if (!existsSync(home)) {
      mkdirSync(cache, { recursive: true });
      const unpacking = mkdtempSync(join(cache, 'chromium-'));
      process.env['TMPDIR'] = unpacking;
      try {
        await chromium.executablePath();
        if (!existsSync(home)) renameSync(unpacking, home);
      } finally {
        rmSync(unpacking, { recursive: true, force: true });
      }
    }
    return join(home, 'chromium');
  } catch {
    return null; // not installed, or no room to unpack it
  } finally {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
  }
}

const hasNss = (): boolean =>
  ['/usr/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'].some((folder) =>
    existsSync(join(folder, 'libnss3.so')),
  );

const starts = (path: string): Promise<boolean> =>
  promisify(execFile)(path, ['--version'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  );

if (isMain(import.meta.url)) {
  const found = await findBrowser();
  console.log(found === null ? howToGetABrowser : `${found.executablePath} (${found.source})`);
  process.exitCode = found === null ? 1 : 0;
}
