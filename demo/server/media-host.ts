import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

const limit = 300;

/**
 * Where the gate's media sockets can stand. A browser's media sockets may be bound to the machine's own address, and not
 * every system delivers from there to loopback. So it is tried, there and back.
 */
export async function mediaHost(loopback: string): Promise<string> {
  const own = ownAddress();
  if (own === null) return loopback;
  return (await delivers(own, loopback)) ? loopback : own;
}

function ownAddress(): string | null {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}

async function delivers(from: string, to: string): Promise<boolean> {
  const page = createSocket('udp4');
  const gate = createSocket('udp4');
  try {
    page.bind(0, from);
    gate.bind(0, to);
    await Promise.all([once(page, 'listening'), once(gate, 'listening')]);
    gate.on('message', (packet, { address, port }) => gate.send(packet, port, address, () => undefined));
    page.send('there and back', gate.address().port, to, () => undefined);
    await once(page, 'message', { signal: AbortSignal.timeout(limit) });
    return true;
  } catch {
    return false;
  } finally {
    page.close();
    gate.close();
  }
}
