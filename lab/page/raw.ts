import type { FlowEntry } from '../record.js';
import type { Situation } from '../situation.js';
import { watchFlow } from './flow.js';
import { grantedMedia } from './media.js';

/** One end of a peer connection as it is without a room: nobody repairs it. */
export interface Raw {
  offer(): Promise<string>;
  answer(offer: string): Promise<string>;
  accept(answer: string): Promise<void>;
  /** Resolves when media comes in. */
  begun(): Promise<void>;
  /** The bytes that have come, ten times a second. */
  flow(): readonly FlowEntry[];
}

export function openRaw(situation: Situation): Raw {
  const connection = new RTCPeerConnection();
  const watched = watchFlow(() => connection);
  const granted = grantedMedia(situation);

  const withTracks = async (): Promise<void> => {
    const stream = await granted;
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
  };
  const gathered = (): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (connection.iceGatheringState === 'complete') resolve(connection.localDescription?.sdp ?? '');
      };
      connection.addEventListener('icegatheringstatechange', look);
      look();
    });

  return {
    offer: async () => {
      await withTracks();
      await connection.setLocalDescription(await connection.createOffer());
      return gathered();
    },
    answer: async (sdp) => {
      await connection.setRemoteDescription({ type: 'offer', sdp });
      await withTracks();
      await connection.setLocalDescription(await connection.createAnswer());
      return gathered();
    },
    accept: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
    begun: () => watched.begun(),
    flow: () => watched.flow,
  };
}
