import { firstValueFrom } from 'rxjs';
import { restartIce } from '../../lib/webrtc/index.js';
import { addresses } from '../cuts.js';
import { ports } from '../ports.js';
import type { Situation } from '../situation.js';
import { delaySockets, sending } from './delayed-socket.js';
import { credentialsOf, watchFlow } from './flow.js';
import { grantedMedia } from './media.js';

/** How an ICE restart is done: ours, or as usual with the local description before the offer travels. */
export type RestartOrder = 'ours' | 'usual';

/** A call with the echo test of Janus: what is sent comes back. Nobody watches it, nobody repairs it. */
export interface EchoCall {
  /** Resolves when media flows. */
  join(): Promise<void>;
  /** Restarts ICE, the signalling being late by up to so many ms; whether media flows on. */
  restart(order: RestartOrder, mostDelay: number): Promise<boolean>;
}

interface Frame {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly jsep?: RTCSessionDescriptionInit;
}

const answerLimit = 10_000;

export function openEchoCall(situation: Situation): EchoCall {
  delaySockets();
  const granted = grantedMedia(situation);
  const connection = new RTCPeerConnection();
  const media = watchFlow(() => connection);
  const socket = new WebSocket(`ws://${addresses.server}:${ports.janus}`, 'janus-protocol');
  const opened = new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('close', reject);
  });
  const waiting = new Map<string, (frame: Frame) => void>();
  let asked = 0;
  let place: { readonly session_id?: number; readonly handle_id?: number } = {};

  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.janus === 'ack' || frame.transaction === undefined) return;
    waiting.get(frame.transaction)?.(frame);
    waiting.delete(frame.transaction);
  });

  const ask = (request: object): Promise<Frame> =>
    new Promise((resolve, reject) => {
      const transaction = String(++asked);
      waiting.set(transaction, resolve);
      setTimeout(() => reject(new Error(`Janus did not answer: ${JSON.stringify(request)}`)), answerLimit);
      socket.send(JSON.stringify({ ...request, ...place, transaction }));
    });
  const exchange = async (jsep: RTCSessionDescriptionInit): Promise<RTCSessionDescriptionInit> => {
    const frame = await ask({ janus: 'message', body: { audio: true, video: true }, jsep });
    if (frame.jsep === undefined) throw new Error(`Janus did not answer the offer: ${JSON.stringify(frame)}`);
    return frame.jsep;
  };
  connection.addEventListener('icecandidate', ({ candidate }) => {
    // What Janus says of a candidate is of no interest.
    void ask({ janus: 'trickle', candidate: candidate ?? { completed: true } }).catch(() => undefined);
  });

  const restarts: Readonly<Record<RestartOrder, () => Promise<unknown>>> = {
    ours: () => firstValueFrom(restartIce(connection, exchange), { defaultValue: null }),
    usual: async () => {
      const offer = await connection.createOffer({ iceRestart: true });
      await connection.setLocalDescription(offer);
      await connection.setRemoteDescription(await exchange(offer));
    },
  };

  return {
    join: async () => {
      const stream = await granted;
      await opened;
      place = { session_id: (await ask({ janus: 'create' })).data?.id ?? 0 };
      place = { ...place, handle_id: (await ask({ janus: 'attach', plugin: 'janus.plugin.echotest' })).data?.id ?? 0 };
      for (const track of stream.getTracks()) connection.addTrack(track, stream);
      await restarts.usual();
      await media.begun();
    },
    restart: async (order, mostDelay) => {
      const delay = Math.random() * mostDelay;
      const old = credentialsOf(connection);
      sending.delay = () => delay;
      await restarts[order]().finally(() => (sending.delay = () => 0));
      if (credentialsOf(connection) === old) return false;
      return media.isAlive();
    },
  };
}
