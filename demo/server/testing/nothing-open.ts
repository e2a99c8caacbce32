import { setTimeout as pause } from 'node:timers/promises';

const kinds = ['TCPServerWrap', 'TCPSocketWrap', 'UDPWrap'];
const patience = 1000;

/** Resolves when this process has no socket any more; rejects with what is still open after a second. */
export async function nothingOpen(): Promise<void> {
  const open = (): string[] => process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind));
  const end = performance.now() + patience;
  while (open().length > 0) {
    if (performance.now() > end) throw new Error(`still open: ${open().join(', ')}`);
    await pause(5);
  }
}
