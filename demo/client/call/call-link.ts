import {
  BehaviorSubject,
  EMPTY,
  Observable,
  ReplaySubject,
  Subject,
  Subscription,
  defer,
  distinctUntilChanged,
  filter,
  map,
  merge,
  of,
  share,
  skip,
  startWith,
  switchMap,
  tap,
  throwError,
} from 'rxjs';
import type { Health } from '../../../lib/index.js';
import type { NetworkQuality } from '../../../lib/webrtc/index.js';
import type { SignalData } from '../../protocol.js';
import { ownMediaHealth } from './own-media-health.js';
import { peerCall, type PeerCall } from './peer-call.js';
import type { SessionLink } from './session-link.js';
import type { SessionSignalling } from './session-signalling.js';
import type { CallUser } from './user-report.js';

/** One session in the call: who is here, their picture, and the two healths. */
export interface CallLink extends SessionLink {
  /** The other user's picture and sound. Replays. */
  readonly remote$: Observable<MediaStream | null>;
  /** Whether anything of it arrives just now, whoever is to blame. Replays. */
  readonly flows$: Observable<boolean>;
  /** How weak the network between us is; `null` while nobody else is here. */
  readonly quality$: Observable<NetworkQuality | null>;
  /** New ICE credentials and paths for the peer connection, over signalling. */
  restart(): Observable<unknown>;
}

export interface CallLinkOptions {
  readonly session: SessionLink;
  readonly signalling: SessionSignalling;
  readonly stream$: Observable<MediaStream>;
  readonly configuration?: RTCConfiguration;
}

/** There is nobody here whose media could be repaired. */
export class NobodyThereError extends Error {
  override readonly name = 'NobodyThereError';
}

/** One peer connection at a time, with the session of the other user it was made for. */
interface Talk {
  readonly peer: CallUser;
  readonly call: PeerCall;
}

/**
 * Cold: emits the link; unsubscribing closes the peer connection.
 *
 *     others$ ── the other ── peer connection ── media$, remote$
 *     frames ─── signals of the other ──┘
 *
 * The peer connection follows who is here and nothing else: losing and resuming signalling does not affect it.
 */
export function callLink({ session, signalling, stream$, configuration }: CallLinkOptions): Observable<CallLink> {
  return new Observable<CallLink>((subscriber) => {
    const { frames$ } = signalling;
    const held = new Subscription();
    const errors = new Subject<unknown>();
    const talk = new BehaviorSubject<Talk | null>(null);
    const users = new BehaviorSubject<readonly CallUser[]>([]);
    // In this order: a frame makes the peer connection before the signals behind it are for that.
    held.add(session.others$.subscribe(users));
    /** Who was here when we came. */
    const first = users.value[0] ?? null;

    const sendTo = (peer: CallUser, data: SignalData) => signalling.send({ type: 'signal', to: peer.id, data });
    const signalsOf = (peer: CallUser): Observable<SignalData> =>
      frames$.pipe(
        filter((frame) => frame.type === 'signal'),
        filter((signal) => signal.from === peer.id && signal.session === peer.session),
        map(({ data }) => data),
      );

    const callTo = (peer: CallUser): Observable<PeerCall> =>
      stream$.pipe(
        switchMap((stream) =>
          peerCall({
            stream,
            // Who was here is called by us; who comes later calls.
            offers: peer === first,
            send: (data) => sendTo(peer, data),
            onDoubt: () => signalling.ask(),
            onTrouble: (error) => errors.next(error),
            ...(configuration && { configuration }),
          }),
        ),
      );
    const talk$ = users.pipe(
      map(([other]) => other ?? null),
      distinctUntilChanged((one, other) => one?.session === other?.session),
      switchMap((peer): Observable<Talk | null> => {
        if (!peer) return of(null);
        return callTo(peer).pipe(
          map((call) => ({ peer, call })),
          startWith(null),
        );
      }),
    );

    const mediaOf = ({ peer, call }: Talk): Observable<Health> =>
      ownMediaHealth({
        joining: peer === first,
        health$: call.health$,
        fromOther$: signalsOf(peer),
        signalUp$: signalling.replaced$,
        complain: () => sendTo(peer, { kind: 'candidate', candidate: null }),
        probe: () => signalling.probe(),
      });
    const media$ = merge(
      // Alone there is no media that could be lost. With somebody here, ours is not proven yet.
      of<Health>(first ? { down: true } : 'up'),
      talk.pipe(switchMap((now) => (now ? mediaOf(now) : []))),
      users.pipe(
        skip(1),
        filter((others) => others.length === 0),
        map((): Health => 'up'),
      ),
    ).pipe(share({ connector: () => new ReplaySubject<Health>(1) }));

    held.add(talk$.subscribe(talk));
    let flowing = false;
    signalling.excuse(() => flowing && talk.value?.call.isLossy() === true);
    // Media that flows again is the first to know that the network is back.
    held.add(
      talk
        .pipe(
          switchMap((now) => now?.call.health$.pipe(map((health) => health === 'up')) ?? of(false)),
          tap((flows) => {
            flowing = flows;
            if (flows) signalling.hurry();
          }),
        )
        .subscribe({ error: (error: unknown) => errors.next(error) }),
    );
    held.add(
      talk
        .pipe(switchMap((now) => (now ? signalsOf(now.peer).pipe(tap((data) => now.call.receive(data))) : EMPTY)))
        .subscribe({ error: (error: unknown) => errors.next(error) }),
    );

    subscriber.next({
      ...session,
      media$,
      errors$: merge(errors, signalling.errors$),
      remote$: talk.pipe(switchMap((now) => now?.call.remote$ ?? of(null))),
      flows$: talk.pipe(switchMap((now) => now?.call.health$.pipe(map((health) => health === 'up')) ?? of(false))),
      quality$: talk.pipe(switchMap((now) => now?.call.quality$ ?? of(null))),
      restart: () =>
        defer(
          () => talk.value?.call.restart() ?? throwError(() => new NobodyThereError('nobody to repair media with')),
        ),
    });
    return held;
  });
}
