/** The three machines of the laboratory. */
export type Machine = 'server' | 'A' | 'B';

export const addresses: Readonly<Record<Machine, string>> = { server: '10.77.0.1', A: '10.77.0.2', B: '10.77.0.3' };

/** What can happen to A's network. */
export type Cut =
  | { readonly kind: 'everything' | 'udp' | 'tcp' }
  /** Nothing that A sends arrives, all that is sent to A does. */
  | { readonly kind: 'outbound' }
  /** The other way round. */
  | { readonly kind: 'inbound' }
  /** Each packet from and to A is lost with this probability. */
  | { readonly kind: 'loss'; readonly probability: number };

/** What to drop at the entrance of each machine, as conditions of iptables. */
export type Drops = Readonly<Record<Machine, readonly string[]>>;

/**
 * Drops are made where packets come in: a drop on the way out would be told to the sender as an error, which no
 * network does.
 */
export function dropsOf(cut: Cut): Drops {
  const fromA = `-s ${addresses.A}`;
  // Not what a machine says to itself.
  const fromOthers = '! -i lo';
  const both = (condition: string): Drops => ({
    A: [`${fromOthers} ${condition}`],
    server: [`${fromA} ${condition}`],
    B: [`${fromA} ${condition}`],
  });
  switch (cut.kind) {
    case 'everything':
      return both('');
    case 'udp':
    case 'tcp':
      return both(`-p ${cut.kind}`);
    case 'outbound':
      return { A: [], server: [fromA], B: [fromA] };
    case 'inbound':
      return { A: [fromOthers], server: [], B: [] };
    case 'loss':
      return both(`-m statistic --mode random --probability ${cut.probability}`);
  }
}
