import { setTimeout as pause } from 'node:timers/promises';
import type { Subscription } from 'rxjs';
import type { SignalData } from '../../demo/protocol.js';
import { openGate, type Gate } from '../../demo/server/gate.js';
import type { Down } from '../../lib/index.js';
import { peerConnectionHealth, restartIce } from '../../lib/webrtc/index.js';
import { until } from '../until.js';

/** `null` where there is no binary of it, as with musl. */
const wrtc = await import('@roamhq/wrtc').then(
  (found) => found.default,
  () => null,
);

/** Far more than anything here takes, in milliseconds. */
const limit = 30_000;

/** Real peer connections in Node, and the demo's gate as the network between them. */
(wrtc === null ? xdescribe : describe)('WebRTC in Node', () => {
  let gate: Gate;
  let peers: Peer[];
  let talking: NodeJS.Timeout[];

  interface Peer {
    readonly name: 'A' | 'B';
    readonly pc: RTCPeerConnection;
    /** What its health and its `connectionState` said, in order. */
    readonly said: (string | Down)[];
    readonly watching: Subscription;
  }

  const peer = (name: 'A' | 'B'): Peer => {
    const pc = new wrtc!.RTCPeerConnection();
    const said: (string | Down)[] = [];
    const watching = peerConnectionHealth(pc).subscribe((health) => said.push(health));
    pc.addEventListener('connectionstatechange', () => said.push(pc.connectionState));
    const made = { name, pc, said, watching };
    peers.push(made);
    return made;
  };

  /** As the other hears it: with the gate for an address. */
  const told = (data: SignalData, { name }: Peer): SignalData | null =>
    gate.rewriteSignal(data, { from: name === 'A' ? 'B' : 'A', to: name });

  const heard = ({ type, sdp = '' }: RTCSessionDescriptionInit, by: Peer): RTCSessionDescriptionInit => {
    const data = told({ kind: 'description', description: { type: type as 'offer' | 'answer', sdp } }, by);
    if (data?.kind !== 'description') throw new Error('the gate lost a description');
    return data.description;
  };

  const trickle = (one: Peer, other: Peer): void =>
    one.pc.addEventListener('icecandidate', ({ candidate: found }) => {
      if (found === null) return;
      const { candidate, sdpMid, sdpMLineIndex } = found;
      const data = told({ kind: 'candidate', candidate: { candidate, sdpMid, sdpMLineIndex } }, other);
      if (data?.kind === 'candidate' && data.candidate !== null) void other.pc.addIceCandidate(data.candidate);
    });

  const answer = async (offer: RTCSessionDescriptionInit, by: Peer): Promise<RTCSessionDescriptionInit> => {
    await by.pc.setRemoteDescription(heard(offer, by));
    const made = await by.pc.createAnswer();
    await by.pc.setLocalDescription(made);
    return made;
  };

  /** Something of each kind that a call may have to say, every so often. */
  const talks: Readonly<Record<string, (one: Peer, other: Peer) => void>> = {
    'audio both ways': (...both) => {
      const samples = Int16Array.from({ length: 480 }, (_, index) => 2000 * Math.sin(index / 10));
      for (const { pc } of both) {
        const source = new wrtc!.nonstandard.RTCAudioSource();
        pc.addTrack(source.createTrack());
        talking.push(setInterval(() => source.onData({ samples, sampleRate: 48_000 }), 10));
      }
    },
    'data all the time': ({ pc }) => {
      const channel = pc.createDataChannel('data');
      talking.push(setInterval(() => channel.readyState === 'open' && channel.send('something'), 20));
    },
    'an idle data channel': ({ pc }) => void pc.createDataChannel('data'),
  };

  const call = async (talk = 'audio both ways'): Promise<readonly [Peer, Peer]> => {
    const [a, b] = [peer('A'), peer('B')];
    trickle(a, b);
    trickle(b, a);
    talks[talk]!(a, b);
    const offer = await a.pc.createOffer();
    await a.pc.setLocalDescription(offer);
    await a.pc.setRemoteDescription(heard(await answer(offer, b), a));
    await bothSay(['up']);
    return [a, b];
  };

  const healthsOf = ({ said }: Peer): string[] =>
    said.flatMap((word) => (word === 'up' ? ['up'] : typeof word === 'string' ? [] : ['down']));

  /** These and no others, so far. */
  const bothSay = (healths: readonly string[]): Promise<void> =>
    until(() => Promise.resolve(peers.every((one) => healthsOf(one).length >= healths.length)), {
      limit,
      otherwise: () => JSON.stringify(peers.map(({ name, said }) => [name, said])),
    }).then(() => {
      for (const one of peers) expect(healthsOf(one)).withContext(one.name).toEqual([...healths]);
    });

  const ufragOf = ({ pc }: Peer): string | undefined => /^a=ice-ufrag:(.+)$/m.exec(pc.localDescription?.sdp ?? '')?.[1];

  beforeEach(async () => {
    peers = [];
    talking = [];
    gate = await openGate({ serverPort: 9, users: ['A', 'B'] });
  });

  afterEach(async () => {
    for (const timer of talking) clearInterval(timer);
    for (const { pc, watching } of peers) {
      watching.unsubscribe();
      pc.close();
    }
    await gate.close();
  });

  for (const talk of Object.keys(talks)) {
    it(`H3 is told dead with ${talk} long before Node's WebRTC says disconnected, and alive when bytes come again`, async () => {
      await call(talk);
      await pause(3000); // a steady flow
      const cutAt = Date.now();
      gate.cut('A', { media: true });
      await bothSay(['up', 'down']);
      console.log(`node: ${talk}: both told dead ${((Date.now() - cutAt) / 1000).toFixed(1)} s after the cut`);
      for (const { name, said } of peers) {
        expect(said).withContext(name).not.toContain('disconnected');
        const down = said.find((word) => typeof word === 'object');
        expect(down?.aliveAt).withContext(name).toBeGreaterThan(cutAt - 3500);
        expect(down?.aliveAt).withContext(name).toBeLessThan(cutAt + 1000);
      }
      gate.heal('A');
      await bothSay(['up', 'down', 'up']);
    });
  }

  it('H12 restarts ICE in place while it is healthy: nothing is told, and what comes after is noticed again', async () => {
    const [a, b] = await call();
    const before = [a, b].map(ufragOf);
    await new Promise<void>((complete, error) => {
      restartIce(a.pc, async (offer) => {
        await pause(300);
        return heard(await answer(offer, b), a);
      }).subscribe({ complete, error });
    });
    for (const [index, one] of [a, b].entries()) expect(ufragOf(one)).not.toBe(before[index]);
    await pause(12_000); // what a restart kills falls silent after ten seconds
    await bothSay(['up']);
    gate.cut('A', { media: true });
    await bothSay(['up', 'down']);
    gate.heal('A');
    await bothSay(['up', 'down', 'up']);
  });
});
