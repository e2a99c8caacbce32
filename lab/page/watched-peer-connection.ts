import type { RawEntry } from '../record.js';
import type { Situation } from '../situation.js';

export interface WatchedConnections {
  readonly raw: RawEntry[];
  /** The newest. */
  readonly current: RTCPeerConnection | null;
}

/**
 * Puts a peer connection in the place of the platform's that writes down what the platform says, and has what the
 * situation asks for and the demo's call does not: DTX, tracks that are kept back, or a data channel instead of media. To be
 * called once a page, before anything is connected.
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

    override addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
      const sender = super.addTrack(track, ...streams);
      if (situation === 'held') void sender.replaceTrack(null);
      return sender;
    }

    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const { type, sdp } = description;
      // What the other side can take is what our encoder does.
      if (situation !== 'dtx' || sdp === undefined) return super.setRemoteDescription(description);
      return super.setRemoteDescription({ type, sdp: sdp.replace(/useinbandfec=1/g, 'useinbandfec=1;usedtx=1') });
    }
  }

  globalThis.RTCPeerConnection = Watched;
  return watched;
}
