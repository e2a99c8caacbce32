import type { RawEntry } from '../record.js';
import type { Situation } from '../situation.js';

export interface WatchedConnections {
  readonly raw: RawEntry[];
  /** The newest. */
  readonly current: RTCPeerConnection | null;
}

/** What the other side can take is what we do: DTX of its wish, or nothing at all while it holds the call. */
const heard: Readonly<Partial<Record<Situation, (sdp: string) => string>>> = {
  dtx: (sdp) => sdp.replace(/useinbandfec=1/g, 'useinbandfec=1;usedtx=1'),
  held: (sdp) => sdp.replace(/^a=sendrecv/gm, 'a=inactive'),
};

/**
 * Puts a peer connection in the place of the platform's that writes down what the platform says, and has what the
 * situation asks for and the demo's call does not: DTX, a hold, or a data channel instead of media. To be called once a page,
 * before anything is connected.
 */
export function watchPeerConnections(situation: Situation): WatchedConnections {
  const Platform = RTCPeerConnection;
  const watched = { raw: [] as RawEntry[], current: null as RTCPeerConnection | null };
  let made = 0;

  class Watched extends Platform {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      const connection = ++made;
      watched.current = this;
      for (const source of ['connectionState', 'iceConnectionState'] as const) {
        this.addEventListener(
          source === 'connectionState' ? 'connectionstatechange' : 'iceconnectionstatechange',
          () => {
            watched.raw.push({ at: Date.now(), connection, source, value: this[source] });
          },
        );
      }
      if (situation === 'data') this.createDataChannel('idle', { negotiated: true, id: 0 });
    }

    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const { type, sdp = '' } = description;
      return super.setRemoteDescription({ type, sdp: heard[situation]?.(sdp) ?? sdp });
    }
  }

  globalThis.RTCPeerConnection = Watched;
  return watched;
}
