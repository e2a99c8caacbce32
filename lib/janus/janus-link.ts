import {
  BehaviorSubject,
  catchError,
  defer,
  filter,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  ReplaySubject,
  share,
  startWith,
  Subject,
  Subscription,
  switchMap,
  take,
  throwIfEmpty,
  type SchedulerLike,
} from 'rxjs';
import type { Health } from '../core/machine/health.js';
import type { UserReport } from '../core/users/users.js';
import type { ServerNotice } from '../core/recovery/verdict.js';
import { hasMethod } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';
import { combineHealth } from '../operators/combine-health.js';
import type { RoomLink } from '../room/transport.js';
import type { PeerConnectionHealthOptions } from '../webrtc/peer-connection-health.js';
import { feeds, type JanusTrack } from './feeds.js';
import { JanusEndedError } from './janus-ended-error.js';
import { JanusError } from './janus-error.js';
import type { JanusFrame } from './janus-frame.js';
import { JanusFrameError } from './janus-frame-error.js';
import type { JanusId } from './janus-request.js';
import type { JanusSession, OpenSessionChannel } from './janus-session.js';
import type { PeerLike } from './janus-peer.js';
import { PublishError } from './publish-error.js';
import { publisher, type Publisher } from './publisher.js';
import type { Person, RoomMessage } from './room-message.js';
import { nobody, usersAfter, type Here, type JanusUser } from './users-after.js';

/** One session in a VideoRoom. */
export interface JanusLink extends RoomLink {
  /** The address of the server that has the session. */
  readonly server: string;
  /** The id of the session. It stays through a claim and changes with a rejoin. Whoever knows it can claim it. */
  readonly session: JanusId;
  /** Our own id in the room. */
  readonly user: string;
  /** The others: who is here, first of all, then who comes and goes. A late subscriber begins with who is here then. */
  readonly users$: Observable<UserReport<JanusUser>>;
  /** What the others publish. Replays. */
  readonly tracks$: Observable<readonly JanusTrack[]>;
  /** The peer connection of what we publish, for `replaceTrack` and the like; `null` while there is none. Replays. */
  readonly publisher$: Observable<PeerLike | null>;
}

/** The link, and the repairs of it that are the transport's alone. */
export interface RepairableLink {
  readonly link: JanusLink;
  resume(open: OpenSessionChannel): Observable<unknown>;
  restart(): Observable<unknown>;
}

export interface JanusLinkOptions {
  readonly session: JanusSession;
  readonly server: string;
  readonly room: JanusId;
  readonly id: JanusId | undefined;
  readonly display: string | undefined;
  /** Members of every join: `pin`, `token`. */
  readonly access: Readonly<Record<string, string>>;
  /** We have been in this room, on this server. */
  readonly again: boolean;
  /** What we publish; its first value. `null`: nothing. */
  readonly stream$: Observable<MediaStream> | null;
  readonly subscribe: boolean;
  readonly makePeer: () => PeerLike;
  readonly watch: PeerConnectionHealthOptions;
  readonly scheduler: SchedulerLike;
}

/**
 * Joins a room in a session. Cold: emits the link once the room has taken us; unsubscribing closes its peer connections.
 *
 *     attach ── join ── joined ──┬── publish ───────── publisher ─┐
 *                                ├── subscribe, when needed ──────┴─ media$
 *                                └── listparticipants ── users$
 */
export function janusLink(options: JanusLinkOptions): Observable<RepairableLink> {
  const { session, room, id, display, access, again } = options;
  const body = {
    request: 'join' as const,
    ptype: 'publisher' as const,
    room,
    ...access,
    ...(id !== undefined && { id }),
    ...(display !== undefined && { display }),
  };
  return session.attach().pipe(
    switchMap((handle) =>
      session.ask({ janus: 'message', handle_id: handle, body }).pipe(
        switchMap(({ room: joined }) => {
          if (joined?.id === undefined) throw new JanusFrameError('event: joined');
          return joinedLink(options, handle, joined.id, joined);
        }),
      ),
    ),
    catchError((error: unknown) => {
      throw again && error instanceof JanusError ? new JanusError(error.code, error.request, again) : error;
    }),
  );
}

function joinedLink(
  { session, server, room, access, again, stream$, subscribe, makePeer, watch, scheduler }: JanusLinkOptions,
  handle: JanusId,
  self: JanusId,
  joined: RoomMessage,
): Observable<RepairableLink> {
  return new Observable<RepairableLink>((subscriber) => {
    const life = new Subscription();
    const errors = new Subject<unknown>();
    const reports = new Subject<UserReport<JanusUser>>();
    const ours = new BehaviorSubject<Publisher | null>(null);
    const oursHealth = new ReplaySubject<Health>(1);
    const theirsHealth = new ReplaySubject<Health>(1);
    let here = nobody;
    let counted = false;
    let settled = false;

    const onTrouble = (error: unknown): void => errors.next(error);
    const fail = (error: unknown): void => session.fail(error);
    const peerOptions = { session, life, scheduler, onTrouble };
    const theirs = feeds({
      ...peerOptions,
      // A server relays what others send: when they send nothing, only STUN answers come, every 2.7 s.
      watch: { silence: 3500, sparseSilence: 3500, ...watch },
      makePeer,
      isLate: () => settled,
      join: (streams) => ({
        request: 'join',
        ptype: 'subscriber',
        room,
        ...access,
        ...(joined.privateId !== undefined && { private_id: joined.privateId }),
        streams,
      }),
      onPeer(peer) {
        life.add(peer.health$.subscribe({ next: (health) => theirsHealth.next(health), error: fail }));
      },
    });

    const collect = (message: RoomMessage): void => {
      const { publishers = [], unpublished, leaving, kicked } = message;
      if (subscribe) {
        for (const { id, mids } of publishers) theirs.add(id, mids);
        for (const id of [unpublished, leaving, kicked]) if (id !== undefined) theirs.remove(id);
      }
      const after = usersAfter(here, message, self);
      here = after.here;
      if (counted) after.reports.forEach((report) => reports.next(report));
    };
    const count = (): void => {
      if (!counted) reports.next(snapshotOf(here));
      counted = true;
    };
    /** Everybody, also those that no message named. */
    const list = (then: (participants: readonly Person[]) => void): void => {
      const listed$ = session.ask({ janus: 'message', handle_id: handle, body: { request: 'listparticipants', room } });
      life.add(
        listed$.subscribe({
          next: ({ room: listed }) => {
            if (listed) collect(listed);
            then(listed?.participants ?? []);
            count();
          },
          error: (error: unknown) => {
            onTrouble(error);
            count();
          },
        }),
      );
    };

    const events$ = session.news$.pipe(filter(({ sender }) => sender === handle));
    const media$ =
      stream$ === null && !subscribe
        ? null
        : combineHealth([...(stream$ === null ? [] : [oursHealth]), ...(subscribe ? [theirsHealth] : [])], {
            scheduler,
          }).pipe(share({ connector: () => new ReplaySubject<Health>(1) }));

    const publish = (stream: MediaStream): void => {
      if (!hasMethod(stream, 'getTracks'))
        throw wrongType('janusTransport: stream$', 'an Observable of a MediaStream', stream);
      const peer = publisher(stream, { ...peerOptions, handle, pc: makePeer(), watch, late: false });
      life.add(peer.health$.subscribe(oursHealth));
      life.add(peer.published$.subscribe({ error: fail }));
      ours.next(peer);
    };

    life.add(
      events$.subscribe({
        next: (frame) => {
          if (frame.janus === 'event') collect(frame.room);
          if (frame.janus === 'detached') fail(new JanusEndedError('detached'));
        },
        error: fail,
      }),
    );
    life.add(
      session.resumed$.subscribe({
        next: () =>
          list((now) => {
            ours.value?.resync();
            if (subscribe) theirs.resync(now.filter((one) => one.publisher && one.id !== self).map(({ id }) => id));
          }),
        error: fail,
      }),
    );
    life.add(
      (media$ ?? of<Health>('up'))
        .pipe(
          filter((health) => health === 'up'),
          take(1),
        )
        .subscribe({
          next: () => {
            settled = true;
            session.settle();
          },
          error: fail,
        }),
    );
    if ((joined.publishers ?? []).length === 0) theirsHealth.next('up');
    collect(joined);
    if (joined.attendees) count();
    else list(() => undefined);
    if (stream$ !== null) {
      const failed = (error: unknown): void =>
        ours.value === null ? fail(new PublishError(error, again)) : onTrouble(error);
      const given$ = new Observable<MediaStream>((given) => stream$.subscribe(given));
      life.add(
        given$.pipe(throwIfEmpty()).subscribe({
          next: (stream) => {
            try {
              if (ours.value === null) publish(stream);
            } catch (error) {
              failed(error);
            }
          },
          error: failed,
        }),
      );
    }

    const restart = (): Observable<unknown> => {
      const peers = [...(ours.value ? [ours.value] : []), theirs];
      const down = peers.filter((peer) => peer.isDown());
      return merge(...(down.length > 0 ? down : peers).map((peer) => peer.restart()));
    };
    subscriber.next({
      link: {
        server,
        session: session.id,
        user: String(self),
        signal$: session.health$,
        media$,
        notice$: events$.pipe(mergeMap(noticesOf)),
        errors$: merge(session.errors$, errors),
        users$: defer(() => (counted ? reports.pipe(startWith(snapshotOf(here))) : reports)),
        tracks$: theirs.tracks$,
        publisher$: ours.pipe(map((peer) => peer?.pc ?? null)),
        probe() {
          return session.probe();
        },
        close: () => session.leave(handle),
      },
      resume: (open) => session.resume(open),
      restart() {
        return defer(restart);
      },
    });
    return life;
  });
}

const snapshotOf = ({ users }: Here): UserReport<JanusUser> => ({ type: 'snapshot', users: [...users.values()] });

/** The notices in a frame of our handle. */
function noticesOf(frame: JanusFrame): readonly ServerNotice[] {
  if (frame.janus !== 'event') return [];
  const { videoroom, leaving, reason } = frame.room;
  if (videoroom === 'destroyed') return [{ kind: 'closed' }];
  return leaving === 'ok' && reason === 'kicked' ? [{ kind: 'kicked' }] : [];
}
