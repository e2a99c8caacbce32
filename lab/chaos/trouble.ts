import type { LabJanus } from '../janus.js';
import type { Network } from '../network.js';
import type { TroubleKind } from './plan.js';

/** How a trouble is made and undone. */
export interface Trouble {
  /** Whether it concerns B as well. */
  readonly concernsB: boolean;
  begin(): unknown;
  /** All is well when this resolves. */
  end(): unknown;
}

export function troubleOf(kind: TroubleKind, network: Network, janus: LabJanus): Trouble {
  switch (kind) {
    case 'server stopped':
      return {
        concernsB: true,
        begin: () => janus.stop(),
        end: () => janus.continue(),
      };
    case 'server restarted':
      return { concernsB: true, begin: () => janus.kill(), end: () => janus.startAgain() };
    default:
      return { concernsB: false, begin: () => network.cut({ kind }), end: () => network.heal() };
  }
}
