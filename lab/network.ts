import { addresses, dropsOf, type Cut, type Machine } from './cuts.js';
import { createNamespace, namespaceNames, removeNamespace, type Namespace } from './namespace.js';

/** Three machines on one wire, and a hand on it. */
export interface Network {
  readonly namespaces: Readonly<Record<Machine, Namespace>>;
  /** Resolves with the moment (ms, wall clock) at which it began; all of it is in force when this resolves. */
  cut(cut: Cut): Promise<number>;
  /** Undoes every cut; resolves with the moment at which that began. */
  heal(): Promise<number>;
  remove(): void;
}

const machines: readonly Machine[] = ['server', 'A', 'B'];
const prefix = 'rejoin-lab';

/**
 * Makes a namespace a machine and joins them by veth pairs at a bridge in the server's. What goes between A and B crosses
 * the bridge, not the server, so the media of a call is as direct as on any wire.
 */
export async function createNetwork(): Promise<Network> {
  sweep();
  const made: Namespace[] = [];
  const remove = (): void => {
    process.off('exit', remove);
    for (const namespace of made.splice(0)) namespace.remove();
  };
  process.on('exit', remove);
  const create = (machine: Machine): Namespace => {
    const namespace = createNamespace(`${prefix}-${process.pid}-${machine.toLowerCase()}`);
    made.push(namespace);
    return namespace;
  };
  try {
    const namespaces = { server: create('server'), A: create('A'), B: create('B') };
    await wire(namespaces);
    const inAll = async (commandsOf: (machine: Machine) => readonly string[]): Promise<number> => {
      const at = Date.now();
      await Promise.all(machines.map((machine) => namespaces[machine].run(...commandsOf(machine))));
      return at;
    };
    return {
      namespaces,
      cut: (cut) => {
        const drops = dropsOf(cut);
        return inAll((machine) => drops[machine].map((condition) => `iptables -A INPUT ${condition} -j DROP`));
      },
      heal: () => inAll(() => ['iptables -F INPUT']),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function wire(namespaces: Network['namespaces']): Promise<void> {
  const { server } = namespaces;
  for (const machine of machines) {
    await namespaces[machine].run(
      // Host candidates of the other family would go around the cuts.
      'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
      'ip link set lo up',
    );
  }
  await server.run(
    'ip link add bridge type bridge forward_delay 0',
    'ip link set bridge up',
    `ip address add ${addresses.server}/24 dev bridge`,
  );
  for (const machine of machines.filter((one) => one !== 'server')) {
    const port = `to-${machine.toLowerCase()}`;
    await server.run(
      `ip link add ${port} type veth peer name eth0 netns ${namespaces[machine].name}`,
      `ip link set ${port} master bridge up`,
    );
    await namespaces[machine].run(
      `ip address add ${addresses[machine]}/24 dev eth0`,
      'ip link set eth0 up',
      `ip route add default via ${addresses.server}`,
    );
  }
}

/** Removes what a run left that was killed too hard to clean up. */
function sweep(): void {
  for (const name of namespaceNames()) {
    const pid = Number(new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isRunning(pid)) removeNamespace(name);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
