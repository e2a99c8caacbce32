import { EMPTY } from 'rxjs';
import type { PeerLike } from '../../lib/janus/index.js';

/** A peer connection with a server: it is told things, and nothing comes of it. */
export const fakePeer = (more: Partial<PeerLike>): PeerLike => ({
  connectionState: 'connected',
  signalingState: 'stable',
  getStats: () => EMPTY,
  getSenders: () => [],
  getTransceivers: () => [],
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  addTrack: () => undefined,
  addIceCandidate: () => Promise.resolve(),
  createOffer: () => Promise.resolve({ type: 'offer', sdp: 'v=0' }),
  createAnswer: () => Promise.resolve({ type: 'answer', sdp: 'v=0' }),
  setLocalDescription: () => Promise.resolve(),
  setRemoteDescription: () => Promise.resolve(),
  close: () => undefined,
  ...more,
});
