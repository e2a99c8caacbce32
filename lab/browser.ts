import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { browserArgs } from '../scripts/find-browser.js';
import { addresses } from './cuts.js';
import type { Namespace } from './namespace.js';
import { ports } from './ports.js';

export const pageUrl = `http://${addresses.server}:${ports.page}/`;

const args: readonly string[] = [
  ...browserArgs,
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--unsafely-treat-insecure-origin-as-secure=${new URL(pageUrl).origin}`,
  // Candidates with addresses instead of names that nobody here resolves.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/**
 * A real Chromium on a machine of the laboratory. It is driven over the pipes that it inherits, which no cut concerns.
 */
export async function openBrowser(executablePath: string, namespace: Namespace): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-lab-'));
  const wrapper = join(folder, 'chromium');
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec '${namespace.name}' '${executablePath}' "$@"\n`);
  chmodSync(wrapper, 0o755);
  try {
    return await chromium.launch({
      executablePath: wrapper,
      args: [...args],
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
