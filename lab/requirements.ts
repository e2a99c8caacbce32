import { spawnSync } from 'node:child_process';
import { findJanus, howToGetJanus } from '../spec/janus/janus-server.js';

/** The exit code of a run that finds no laboratory possible. */
export const NO_LAB = 2;

/** Why there can be no laboratory here, in one sentence; `null` when there can. */
export function whyNoLab({ withJanus = false } = {}): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'The laboratory needs Linux and root, for its network namespaces.';
  }
  const missing = ['ip', 'iptables', 'sysctl', 'bash'].filter((command) => spawnSync(command, ['--version']).error);
  if (missing.length > 0) return `The laboratory needs ${missing.join(', ')}: install iproute2, iptables and procps.`;
  if (withJanus && findJanus() === null) return howToGetJanus;
  const name = `rejoin-lab-${process.pid}-try`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'delete', name]);
  return made.status === 0 ? null : `The laboratory may not make network namespaces here: ${made.stderr.trim()}.`;
}
