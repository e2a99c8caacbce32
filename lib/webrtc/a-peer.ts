import { hasMethod } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';

/** Refuses what is no peer connection: a mistake that would show as silence much later. */
export function aPeer(name: string, pc: unknown, methods: readonly string[]): void {
  if (!methods.every((method) => hasMethod(pc, method))) throw wrongType(name, 'an RTCPeerConnection', pc);
}
