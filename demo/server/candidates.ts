import type { SignalData } from '../protocol.js';

/** Where a page shall send the media that it means for the other one. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Makes the gate's address the only one that a relayed description or candidate tells; `null` when nothing is left.
 *
 * A page's own candidates (mDNS names, other addresses, TCP) are dropped: a path around the gate could not be cut.
 */
export function throughGate(data: SignalData, gate: MediaAddress): SignalData | null {
  if (data.kind === 'description') {
    const { type, sdp } = data.description;
    return { kind: 'description', description: { type, sdp: sdpThroughGate(sdp, gate) } };
  }
  const line = data.candidate?.candidate;
  if (data.candidate === null || line === undefined || line === '') return data; // the end of the candidates
  const candidate = candidateThroughGate(line, gate);
  return candidate === null ? null : { kind: 'candidate', candidate: { ...data.candidate, candidate } };
}

/**
 * `candidate:… 1 udp …` → one UDP host candidate at the gate, with the same ufrag. Every candidate of one ICE
 * generation becomes the same line, and the other page takes a repeated one for the one it has.
 */
export function candidateThroughGate(line: string, { address, port }: MediaAddress): string | null {
  const [, component, protocol] = line.trim().split(/\s+/);
  // Component 2 is RTCP on a port of its own: pages multiplex.
  if (component !== '1' || protocol?.toLowerCase() !== 'udp') return null;
  const ufrag = /\sufrag\s+(\S+)/.exec(line)?.[1];
  const base = `candidate:1 1 udp 2122260223 ${address} ${port} typ host generation 0`;
  return ufrag === undefined ? base : `${base} ufrag ${ufrag}`;
}

/** The same for a whole SDP: one candidate for each section that had any, and no address of the page in `c=` and `a=rtcp:`. */
export function sdpThroughGate(sdp: string, gate: MediaAddress): string {
  let sectionHasCandidate = false;
  return sdp
    .split(/\r?\n/)
    .flatMap((line) => {
      if (line.startsWith('m=')) sectionHasCandidate = false;
      if (line.startsWith('c=')) return ['c=IN IP4 0.0.0.0'];
      if (line.startsWith('a=rtcp:')) return ['a=rtcp:9 IN IP4 0.0.0.0'];
      if (!line.startsWith('a=candidate:')) return [line];
      const candidate = sectionHasCandidate ? null : candidateThroughGate(line.slice('a='.length), gate);
      if (candidate === null) return [];
      sectionHasCandidate = true;
      return [`a=${candidate}`];
    })
    .join('\r\n');
}
