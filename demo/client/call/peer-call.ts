import {
  BehaviorSubject,
  Observable,
  ReplaySubject,
  Subject,
  Subscription,
  concatMap,
  from,
  share,
  startWith,
} from 'rxjs';
import {
  heavyLoss,
  networkQuality,
  peerConnectionHealth,
  restartIce,
  type NetworkQuality,
} from '../../../lib/webrtc/index.js';
import type { Health } from '../../../lib/index.js';
import type { SignalData } from '../../protocol.js';
import { taggedSdp, untaggedSdp } from './offer-tag.js';

export interface PeerCallOptions {
  /** Our picture and sound. Not ours to stop. */
  readonly stream: MediaStream;
  /** The later joiner makes the first offer; in a glare its offer is the one that counts. */
  readonly offers: boolean;
  readonly send: (data: SignalData) => void;
  /** Nothing comes, and if that lasts it is a loss. */
  readonly onDoubt: () => void;
  /** Signalling of the other user that could not be used. */
  readonly onTrouble: (error: unknown) => void;
  readonly configuration?: RTCConfiguration;
}

/** The peer connection with one session of the other user. */
export interface PeerCall {
  readonly remote$: Observable<MediaStream | null>;
  readonly health$: Observable<Health>;
  /** Cold. */
  readonly quality$: Observable<NetworkQuality>;
  /** Whether many packets get lost just now while some get through. */
  isLossy(): boolean;
  receive(data: SignalData): void;
  /** New ICE credentials and paths. Unsubscribing stops waiting for it, see below. */
  restart(): Observable<unknown>;
}

type Description = Extract<SignalData, { kind: 'description' }>['description'];

/** An offer of ours that waits for its answer. */
interface Pending {
  readonly tag: string;
  /** Resolves when the answer is in effect. */
  readonly answered: (answer: Description) => Promise<unknown>;
}

/**
 * Cold: subscribing makes the connection, unsubscribing closes it.
 *
 * One signal is handled after the other, an answer until it is in effect: a candidate that came behind it belongs to
 * the new credentials and would be refused before.
 *
 * A restart whose subscriber has gone goes on: the other side may have taken our offer already, and to drop its answer
 * would leave the two with credentials that do not match.
 */
export function peerCall(options: PeerCallOptions): Observable<PeerCall> {
  return new Observable<PeerCall>((subscriber) => {
    const { stream, offers, onTrouble } = options;
    const pc = new RTCPeerConnection(options.configuration);
    const remote = new BehaviorSubject<MediaStream | null>(null);
    const incoming = new Subject<SignalData>();
    const held = new Subscription();
    let restarting = new Subscription();
    let pending: Pending | null = null;
    let offersMade = 0;
    let lossy = false;
    /** The candidates of an offer that we ignored belong to nothing. */
    let ignoring = false;

    const send = (data: SignalData) => {
      if (pc.signalingState !== 'closed') options.send(data);
    };
    const sendDescription = (type: 'offer' | 'answer', sdp: string, tag: string) =>
      send({ kind: 'description', description: { type, sdp: taggedSdp(sdp, tag) } });
    const nextTag = () => String(++offersMade);

    const offerFirst = async () => {
      await pc.setLocalDescription();
      const tag = nextTag();
      pending = { tag, answered: (answer) => pc.setRemoteDescription(answer) };
      sendDescription('offer', pc.localDescription?.sdp ?? '', tag);
    };

    const takeOffer = async (description: Description) => {
      ignoring = pending !== null && offers;
      if (ignoring) return;
      pending = null; // overtaken: the restart that the other side began serves us both
      const { sdp, tag } = untaggedSdp(description.sdp);
      await pc.setRemoteDescription({ type: 'offer', sdp });
      await pc.setLocalDescription();
      sendDescription('answer', pc.localDescription?.sdp ?? '', tag ?? '');
    };

    const takeAnswer = async (description: Description) => {
      const { sdp, tag } = untaggedSdp(description.sdp);
      const mine = pending;
      if (mine === null || tag !== mine.tag) return; // the answer to an offer of before
      pending = null;
      ignoring = false;
      await mine.answered({ type: 'answer', sdp });
    };

    const handle = async (data: SignalData): Promise<void> => {
      try {
        if (data.kind === 'candidate') {
          if (data.candidate && !ignoring) await pc.addIceCandidate(data.candidate);
        } else if (data.description.type === 'offer') await takeOffer(data.description);
        else await takeAnswer(data.description);
      } catch (error) {
        if (!held.closed) onTrouble(error);
      }
    };

    const restart = (): Observable<unknown> => {
      restarting.unsubscribe();
      const done = new Subject<unknown>();
      let finished: () => void = () => undefined;
      const inEffect = new Promise<void>((resolve) => (finished = resolve));
      const exchange = (offer: RTCSessionDescriptionInit) =>
        new Promise<RTCSessionDescriptionInit>((resolve) => {
          const tag = nextTag();
          const answered = (answer: Description) => {
            resolve(answer);
            return inEffect;
          };
          pending = { tag, answered };
          sendDescription('offer', offer.sdp ?? '', tag);
        });
      restarting = restartIce(pc, exchange).subscribe(done);
      restarting.add(finished);
      held.add(restarting);
      return done.asObservable();
    };

    pc.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate) send({ kind: 'candidate', candidate: candidate.toJSON() });
    });
    pc.addEventListener('track', ({ streams: [first] }) => {
      if (first && first !== remote.value) remote.next(first);
    });
    for (const track of stream.getTracks()) pc.addTrack(track, stream);
    held.add(incoming.pipe(concatMap((data) => from(handle(data)))).subscribe());
    held.add(heavyLoss(pc).subscribe({ next: (now) => (lossy = now), error: onTrouble }));
    if (offers) offerFirst().catch((error: unknown) => held.closed || onTrouble(error));

    const watched$ = peerConnectionHealth(pc, { onDoubt: options.onDoubt }).pipe(
      share({ connector: () => new ReplaySubject(1) }),
    );

    subscriber.next({
      remote$: remote.asObservable(),
      // It says nothing before the first proof of life; for us that is down too.
      health$: watched$.pipe(startWith<Health>({ down: true }), share({ connector: () => new ReplaySubject(1) })),
      quality$: networkQuality(pc, { health$: watched$ }),
      isLossy: () => lossy,
      receive: (data) => incoming.next(data),
      restart,
    });
    return () => {
      held.unsubscribe();
      remote.next(null);
      pc.close();
    };
  });
}
