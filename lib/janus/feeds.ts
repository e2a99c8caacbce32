import {
  BehaviorSubject,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  map,
  Subscription,
  tap,
  type Observable,
} from 'rxjs';
import { inTurn } from './in-turn.js';
import type { JanusFrame } from './janus-frame.js';
import { janusPeer, type JanusPeer, type JanusPeerOptions } from './janus-peer.js';
import type { FeedStream, JanusId, RoomRequest } from './janus-request.js';
import type { SubscribedStream } from './room-message.js';

/** A track of somebody in the room. */
export interface JanusTrack {
  /** The `id` of the user. */
  readonly user: string;
  readonly track: MediaStreamTrack;
}

export interface FeedsOptions extends Omit<JanusPeerOptions, 'run' | 'handle' | 'pc' | 'late'> {
  readonly makePeer: () => PeerOf;
  /** Joins as the subscriber of these streams. */
  readonly join: (streams: readonly FeedStream[]) => RoomRequest;
  /** There is a peer connection, for the first time or anew. */
  readonly onPeer: (peer: JanusPeer) => void;
  readonly isLate: () => boolean;
}

type PeerOf = JanusPeerOptions['pc'];

/** What the others publish, all over one peer connection. */
export interface Feeds {
  readonly tracks$: Observable<readonly JanusTrack[]>;
  /** Somebody publishes these mids; all that they have, when the mids are not known. */
  add(feed: JanusId, mids: readonly string[] | undefined): void;
  /** Somebody publishes nothing any more. */
  remove(feed: JanusId): void;
  /** These publish, as the server says after a silence. */
  resync(feeds: readonly JanusId[]): void;
  isDown(): boolean;
  restart(): Observable<unknown>;
}

/**
 * Subscribes to what others publish, the server offering and we answering. One request is out at a time.
 *
 * When somebody leaves, the server offers anew by itself. An offer that was lost with a socket leaves it waiting for our
 * answer for ever: after a claim that may have lost one, the handle is thrown away for a fresh one.
 */
export function feeds(options: FeedsOptions): Feeds {
  const { session, life, onTrouble } = options;
  const run = inTurn(life);
  const wanted = new Map<JanusId, readonly string[] | undefined>();
  const tracks = new BehaviorSubject<readonly JanusTrack[]>([]);
  let subscribed: readonly SubscribedStream[] = [];
  let current: { readonly peer: JanusPeer; readonly handle: JanusId } | null = null;
  let held = new Subscription();
  let unsure = false;

  const trouble = (error: unknown): void => {
    unsure = true;
    onTrouble(error);
  };

  const work = (next$: Observable<unknown>): void => {
    run(next$).subscribe({ error: trouble });
  };

  const missing = (): FeedStream[] =>
    [...wanted].flatMap(([feed, mids]): FeedStream[] => {
      const theirs = subscribed.filter((stream) => stream.active && stream.feed === feed);
      if (mids === undefined) return theirs.length > 0 ? [] : [{ feed }];
      return mids.filter((mid) => !theirs.some(({ feedMid }) => feedMid === mid)).map((mid) => ({ feed, mid }));
    });

  /** What somebody published who has left; one who only stops publishing is taken off by the server itself. */
  const leftover = (): readonly { readonly sub_mid: string }[] =>
    subscribed
      .filter(({ active, feed }) => active && feed !== undefined && !wanted.has(feed))
      .map(({ mid }) => ({ sub_mid: mid }));

  const showTracks = ({ pc }: JanusPeer): void =>
    tracks.next(
      pc
        .getTransceivers()
        .flatMap(({ mid, receiver: { track } }) =>
          subscribed
            .filter((stream) => stream.mid === mid && stream.active && stream.feed !== undefined)
            .map(({ feed }) => ({ user: String(feed), track })),
        ),
    );

  const accept = (peer: JanusPeer, offered: JanusFrame): Observable<unknown> =>
    defer(() => {
      if (offered.janus !== 'event') return EMPTY;
      const { room, jsep } = offered;
      subscribed = room.streams ?? subscribed;
      if (jsep === undefined) return EMPTY;
      const { pc } = peer;
      return defer(() => pc.setRemoteDescription(jsep)).pipe(
        concatMap(() => pc.createAnswer()),
        concatMap((answer) => defer(() => pc.setLocalDescription(answer)).pipe(map(() => answer))),
        concatMap((answer) => peer.ask({ request: 'start' }, answer)),
        tap(() => showTracks(peer)),
      );
    });

  const change = (peer: JanusPeer, body: RoomRequest): Observable<unknown> =>
    peer.ask(body).pipe(concatMap((offered) => accept(peer, offered)));

  const begin = (handle: JanusId): JanusPeer => {
    held = new Subscription();
    life.add(held);
    const peer = janusPeer({ ...options, handle, pc: options.makePeer(), life: held, run, late: options.isLate() });
    current = { peer, handle };
    // Unasked: somebody has left, and the server offers what remains.
    const offers$ = session.news$.pipe(filter((frame) => frame.janus === 'event' && frame.sender === handle));
    held.add(offers$.subscribe({ next: (frame) => work(accept(peer, frame)), error: trouble }));
    options.onPeer(peer);
    return peer;
  };

  const open = (streams: readonly FeedStream[]): Observable<unknown> =>
    session.attach().pipe(
      concatMap((handle) => {
        const peer = begin(handle);
        return peer.ask(options.join(streams)).pipe(
          tap({ error: close }), // they are not here any more: the handle is in no room
          concatMap((offered) => accept(peer, offered)),
        );
      }),
    );

  const update = (): void => {
    const streams$ = defer(() => {
      const streams = missing();
      if (streams.length === 0) return EMPTY;
      return current === null ? open(streams) : change(current.peer, { request: 'subscribe', streams });
    });
    const leftovers$ = defer(() => {
      const streams = leftover();
      if (streams.length === 0 || current === null) return EMPTY;
      return change(current.peer, { request: 'unsubscribe', streams });
    });
    work(concat(leftovers$, streams$));
  };

  const close = (): void => {
    held.unsubscribe();
    if (current !== null) {
      current.peer.pc.close();
      session.tell({ janus: 'detach', handle_id: current.handle });
    }
    current = null;
    subscribed = [];
    unsure = false;
    tracks.next([]);
  };

  const theirs: Feeds = {
    tracks$: tracks.asObservable(),
    add(feed, mids) {
      wanted.set(feed, mids);
      update();
    },
    remove(feed) {
      if (wanted.delete(feed)) update();
    },
    resync(now) {
      const left = [...wanted.keys()].filter((feed) => !now.includes(feed));
      for (const feed of left) wanted.delete(feed);
      for (const feed of now) if (!wanted.has(feed)) wanted.set(feed, undefined);
      if (unsure || left.length > 0) close();
      update();
    },
    isDown: () => current?.peer.isDown() === true,
    restart() {
      const next$ = defer(() => {
        if (current === null) return EMPTY;
        if (unsure) {
          close();
          return open(missing());
        }
        // Its offer may be lost with a socket, and then no other one comes.
        return change(current.peer, { request: 'configure', restart: true }).pipe(
          tap({ error: () => (unsure = true) }),
        );
      });
      return run(next$);
    },
  };
  return theirs;
}
