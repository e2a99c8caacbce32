import { defer, filter, ReplaySubject, startWith, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { Health } from '../core/machine/health.js';
import {
  peerConnectionHealth,
  type PeerConnectionHealthOptions,
  type PeerConnectionLike,
} from '../webrtc/peer-connection-health.js';
import type { RestartablePeer } from '../webrtc/restart-ice.js';
import { JanusEndedError } from './janus-ended-error.js';
import type { JanusFrame } from './janus-frame.js';
import { JanusFrameError } from './janus-frame-error.js';
import type { JanusId, Jsep, RoomRequest } from './janus-request.js';
import type { Answer, JanusSession } from './janus-session.js';

/** An event of a peer connection: the part of the browser's that is read. */
export interface PeerLikeEvent {
  readonly type: string;
  /** Of `icecandidate`; `null` ends them. */
  readonly candidate?: { toJSON(): RTCIceCandidateInit } | null;
}

/** What of an `RTCPeerConnection` is used. */
export interface PeerLike extends PeerConnectionLike, RestartablePeer {
  createOffer(options?: { readonly iceRestart: true }): PromiseLike<RTCSessionDescriptionInit>;
  createAnswer(): PromiseLike<RTCSessionDescriptionInit>;
  addIceCandidate(candidate: RTCIceCandidateInit): PromiseLike<void>;
  addTrack(track: MediaStreamTrack, stream: MediaStream): unknown;
  getSenders(): readonly { replaceTrack(track: null): PromiseLike<void> }[];
  getTransceivers(): readonly {
    readonly mid: string | null;
    readonly receiver: { readonly track: MediaStreamTrack };
  }[];
  addEventListener(
    type: 'icecandidate' | 'connectionstatechange' | 'iceconnectionstatechange',
    listener: (event: PeerLikeEvent) => void,
  ): void;
  close(): void;
}

export interface JanusPeerOptions {
  readonly session: JanusSession;
  readonly handle: JanusId;
  readonly pc: PeerLike;
  /** Ends the connection with it. */
  readonly life: Subscription;
  /** What is done to the connection waits for what is done before. */
  run<T>(work: Observable<T>): Observable<T>;
  readonly watch: PeerConnectionHealthOptions;
  readonly scheduler: SchedulerLike;
  /** It came later: until it is proven dead it counts as up, so that it takes no health from those that are. */
  readonly late: boolean;
  readonly onTrouble: (error: unknown) => void;
}

/** A peer connection with the server, for one handle. */
export interface JanusPeer {
  readonly pc: PeerLike;
  /** Replays. */
  readonly health$: Observable<Health>;
  /** Asks VideoRoom for something, with a description where there is one. */
  ask(body: RoomRequest, jsep?: RTCSessionDescriptionInit): Observable<Answer>;
  /** Whether its media is not proven to be alive. */
  isDown(): boolean;
}

/** Watches a peer connection and carries its candidates, both ways. When the server says that it is over, the session ends. */
export function janusPeer(options: JanusPeerOptions): JanusPeer {
  const { session, handle, pc, life, watch, scheduler, late, onTrouble } = options;
  const health = new ReplaySubject<Health>(1);
  let isUp = false;

  // Nothing of ours is sent any more, but the connection stays until the leave is confirmed: its end would be reported first.
  life.add(() => {
    for (const sender of pc.getSenders()) sender.replaceTrack(null).then(undefined, () => undefined);
    session.atEnd(() => pc.close());
  });
  life.add(health.subscribe({ next: (next) => (isUp = next === 'up'), error: onTrouble }));
  const watched = peerConnectionHealth(pc, { ...watch, onDoubt: () => session.doubt(), scheduler });
  life.add((late ? watched.pipe(startWith<Health>('up')) : watched).subscribe(health));
  pc.addEventListener('icecandidate', ({ candidate }) => {
    if (life.closed) return;
    session.tell({ janus: 'trickle', handle_id: handle, candidate: candidate?.toJSON() ?? { completed: true } });
  });
  const receive = (frame: JanusFrame): void => {
    if (frame.janus === 'hangup' || frame.janus === 'detached') session.fail(new JanusEndedError(frame.janus));
    if (frame.janus !== 'trickle' || 'completed' in frame.candidate) return;
    const { candidate } = frame;
    options.run(defer(() => pc.addIceCandidate(candidate))).subscribe({ error: onTrouble });
  };
  const ours$ = session.news$.pipe(filter(({ sender }) => sender === handle));
  life.add(ours$.subscribe({ next: receive, error: onTrouble }));
  const peer: JanusPeer = {
    pc,
    health$: health.asObservable(),
    ask(body, jsep) {
      return session.ask({ janus: 'message', handle_id: handle, body, ...(jsep && { jsep: sent(jsep) }) });
    },
    isDown: () => !isUp,
  };
  return peer;
}

/** The description that must come with this answer. */
export function jsepOf(answer: Answer): Jsep {
  if (answer.janus === 'event' && answer.jsep !== undefined) return answer.jsep;
  throw new JanusFrameError('event: jsep');
}

const sent = ({ type, sdp = '' }: RTCSessionDescriptionInit): Jsep => ({
  type: type === 'offer' ? type : 'answer',
  sdp,
});
