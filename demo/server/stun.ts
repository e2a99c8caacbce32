/** What a relay must know of a STUN packet: all else in it is between the two pages. */
export interface StunPacket {
  readonly kind: 'request' | 'indication' | 'response';
  /** A response carries the id of its request. */
  readonly transaction: string;
}

const headerLength = 20;
const magicCookie = 0x2112a442;
const classBits = 0x0110;

/** The STUN header of a datagram; `null` when it is something else (DTLS, RTP, noise). */
export function readStun(packet: Buffer): StunPacket | null {
  if (packet.length < headerLength || packet.readUInt32BE(4) !== magicCookie) return null;
  const type = packet.readUInt16BE(0);
  if (type >= 0x4000) return null; // the two top bits of STUN are 0
  const bits = type & classBits;
  return {
    kind: bits === 0 ? 'request' : bits === 0x0010 ? 'indication' : 'response',
    transaction: packet.toString('hex', 8, headerLength),
  };
}
