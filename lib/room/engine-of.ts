import type { Policy } from '../core/machine/policy.js';
import { transition } from '../core/machine/transition.js';
import type { Engine } from './room-runtime.js';
import { runRepair } from './run-repair.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** A room that makes its own attempts. */
export const engineOf = <I, L extends RoomLink>(transport: RoomTransport<I, L, RoomLink>): Engine<L, Policy> => ({
  judge: transition,
  repair: (sink, link, work) => runRepair(sink, transport, link, work),
});
