import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** `preferred` when it is free on `host`, else any that is. */
export async function freePort(preferred: number, host: string): Promise<number> {
  return (await tryPort(preferred, host)) ?? (await tryPort(0, host)) ?? 0;
}

async function tryPort(port: number, host: string): Promise<number | null> {
  const server = createServer();
  try {
    const listening = once(server, 'listening');
    server.listen(port, host);
    await listening;
    return (server.address() as AddressInfo).port;
  } catch {
    return null;
  } finally {
    if (server.listening) {
      const closed = once(server, 'close');
      server.close();
      await closed;
    }
  }
}
