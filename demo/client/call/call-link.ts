import {
  BehaviorSubject,
  Observable,
  ReplaySubject,
  Subject,
  Subscription,
  concat,
  defer,
  distinctUntilChanged,
  filter,
  map,
  merge,
  of,
  scan,
  share,
  skip,
  startWith,
  switchMap,
  take,
  tap,
  throwError,
} from 'rxjs';
import type { CloseReason, Down, Health, RoomLink } from '../../../lib/index.js';
import { roomFrames, type ServerFrame, type SignalData, type UserInfo } from '../../protocol.js';
import { enter } from './enter.js';
import { ownMediaHealth } from './own-media-health.js';
import { peerCall, type PeerCall } from './peer-call.js';
import { presence } from './presence.js';
import { wordOf } from './refusal.js';
import type { SignalChannel } from './signal-channel.js';

/** One session in the call: who is here, their picture, and the two healths. */
export interface CallLink extends RoomLink {
  readonly session: string;
  /** The others in the room. Replays. */
  readonly users$: Observable<readonly UserInfo[]>;
  /** The other user's picture and sound. Replays. */
  readonly remote$: Observable<MediaStream | null>;
  /** Puts a fresh channel under the session. The peer connection is not touched. */
  resume(channel$: Observable<SignalChannel>): Observable<unknown>;
  /** New ICE credentials and paths for the peer connection, over signalling. */
  restart(): Observable<unknown>;
}

export interface CallLinkOptions {
  readonly user: string;
  readonly channel: SignalChannel;
  /** Closes that channel; called when a resume has put another in its place, and at the end. */
  readonly closeChannel: () => void;
  readonly joined: Extract<ServerFrame, { type: 'joined' }>;
  readonly stream$: Observable<MediaStream>;
  readonly configuration?: RTCConfiguration;
}

/** There is nobody here whose media could be repaired. */
export class NobodyThereError extends Error {
  override readonly name = 'NobodyThereError';
}

/** One peer connection at a time, with the session of the other user it was made for. */
interface Talk {
  readonly peer: UserInfo;
  readonly call: PeerCall;
}

/**
 * Everything that lives as long as a session does. Subscribing emits the link; unsubscribing closes the peer connection
 * and the newest channel.
 *
 *     frames of the newest channel ─┬─ presence ── the peer ── peer connection ── media$, remote$
 *                                   └─ words, signals
 *     channel health ── signal$        signalling may come and go: nothing below the peer ever hears of it
 */
export function callLink({
  user,
  channel,
  closeChannel,
  joined,
  stream$,
  configuration,
}: CallLinkOptions): Observable<CallLink> {
  return new Observable<CallLink>((subscriber) => {
    const held = new Subscription();
    const channels = new BehaviorSubject(channel);
    const errors = new Subject<unknown>();
    /** The newest channel did not answer a question. */
    const silent = new Subject<Down>();
    const frames = new Subject<ServerFrame>();
    const talk = new BehaviorSubject<Talk | null>(null);
    const users = new BehaviorSubject<readonly UserInfo[]>(joined.users.filter((one) => one.user !== user));
    /** Keeps the newest channel open. */
    let keptOpen = new Subscription(closeChannel);
    let received = 0;
    let heardAt = Date.now();
    const first = users.value[0] ?? null;

    const sendTo = (peer: UserInfo, data: SignalData) => channels.value.send({ type: 'signal', to: peer.user, data });
    const peer$ = users.pipe(
      map(([first]) => first ?? null),
      distinctUntilChanged((one, other) => one?.session === other?.session),
    );
    const talk$ = peer$.pipe(
      switchMap((peer, index) => {
        if (!peer) return of(null);
        // Who was here when we came is called by us; who comes later calls.
        const offers = index === 0;
        return stream$.pipe(
          switchMap((stream) =>
            peerCall({
              stream,
              offers,
              send: (data) => sendTo(peer, data),
              onTrouble: (error) => errors.next(error),
              ...(configuration && { configuration }),
            }),
          ),
          map((call) => ({ peer, call })),
          startWith(null),
        );
      }),
    );

    const signalsOf = (peer: UserInfo): Observable<SignalData> =>
      frames.pipe(
        filter((frame) => frame.type === 'signal'),
        filter(({ from, session }) => from === peer.user && session === peer.session),
        map(({ data }) => data),
      );
    const mediaWith = ({ peer, call }: Talk, joining: boolean): Observable<Health> =>
      ownMediaHealth({
        joining,
        health$: call.health$,
        heard$: signalsOf(peer),
        signalUp$: channels.pipe(skip(1)),
        complain: () => sendTo(peer, { kind: 'candidate', candidate: null }),
        probe: () => channels.value.probe().pipe(tap({ error: () => silent.next({ down: true, aliveAt: heardAt }) })),
      });
    const media$ = merge(
      // Alone there is no media that could be lost. With somebody here, ours is not proven yet.
      of<Health>(first ? { down: true } : 'up'),
      talk.pipe(switchMap((now) => (now ? mediaWith(now, now.peer === first) : []))),
      users.pipe(
        skip(1),
        filter((others) => others.length === 0),
        map((): Health => 'up'),
      ),
    ).pipe(share({ connector: () => new ReplaySubject<Health>(1) }));

    const healthOf = ({ health$, frames$ }: SignalChannel): Observable<Health> =>
      merge(
        health$,
        silent.pipe(
          switchMap((down) =>
            concat(
              of(down),
              frames$.pipe(
                take(1),
                map((): Health => 'up'),
              ),
            ),
          ),
        ),
      );

    const word$ = frames.pipe(
      map(wordOf),
      filter((word) => word !== undefined),
    );

    held.add(
      frames.pipe(scan(presence, users.value)).subscribe((next) => {
        if (next !== users.value) users.next(next);
      }),
    );
    held.add(talk$.subscribe(talk));
    held.add(
      frames.subscribe((frame) => {
        heardAt = Date.now();
        if ((roomFrames as readonly string[]).includes(frame.type)) received++;
        if (frame.type === 'signal' && frame.session === talk.value?.peer.session) talk.value.call.receive(frame.data);
      }),
    );
    held.add(channels.pipe(switchMap(({ errors$ }) => errors$)).subscribe(errors));
    held.add(channels.pipe(switchMap(({ frames$ }) => frames$)).subscribe(frames));
    held.add(() => keptOpen.unsubscribe());

    const resume = (channel$: Observable<SignalChannel>): Observable<unknown> =>
      new Observable((repair) => {
        const opening = new Subscription();
        let adopted = false;
        opening.add(
          channel$
            .pipe(
              switchMap((fresh) =>
                enter(fresh, { type: 'resume', session: joined.session, key: joined.key, received }, 'resumed').pipe(
                  tap(() => {
                    adopted = true;
                    const old = keptOpen;
                    keptOpen = opening;
                    // In this very turn: the frames that were missed come right behind the answer.
                    channels.next(fresh);
                    old.unsubscribe();
                  }),
                ),
              ),
            )
            // Not the subscriber itself: the channel outlives the repair.
            .subscribe({
              next: (frame) => repair.next(frame),
              error: (error: unknown) => adopted || repair.error(error),
            }),
        );
        return () => {
          if (!adopted) opening.unsubscribe();
        };
      });

    subscriber.next({
      session: joined.session,
      signal$: channels.pipe(switchMap(healthOf)),
      media$,
      word$,
      errors$: errors.asObservable(),
      users$: users.asObservable(),
      remote$: talk.pipe(switchMap((now) => now?.call.remote$ ?? of(null))),
      probe: () => defer(() => channels.value.probe()),
      close: (why: CloseReason) => {
        if (why === 'left') channels.value.send({ type: 'leave' });
      },
      resume,
      restart: () =>
        defer(
          () => talk.value?.call.restart() ?? throwError(() => new NobodyThereError('nobody to repair media with')),
        ),
    });
    return held;
  });
}
