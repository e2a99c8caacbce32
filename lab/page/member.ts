import { ReplaySubject, Subscription, map, share, type Observable } from 'rxjs';
import type { CallLink } from '../../demo/client/call/call-link.js';
import { follow } from '../../demo/client/page/follow.js';
import { createRoom, usersOf, type Room, type RoomLink, type UserReport } from '../../lib/index.js';
import { janusTransport, type JanusLink } from '../../lib/janus/index.js';
import { addresses } from '../cuts.js';
import { ports } from '../ports.js';
import type { MemberLook, MemberRecord, OpenThings, UserEntry } from '../record.js';
import { demoRoom } from './demo-room.js';
import { mediaOf } from './media.js';
import { watchOpenThings, type WatchedThings } from './open-things.js';
import { logRoom } from './room-log.js';
import { watchStalls } from './stalls.js';
import { until } from './until.js';

/** Whose room it is: the demo's server, or Janus. */
export type ServerKind = 'demo' | 'janus';

const picturePace = 250;

/** One user of a room, with the library's defaults, and all that they see. */
export interface Member {
  join(): void;
  leave(): void;
  /** Waits until the state is this one, as of now. */
  until(state: string, limit: number): Promise<void>;
  look(): Promise<MemberLook>;
  record(): MemberRecord;
  /** Forgets what was written down so far. */
  clear(): void;
  count(): OpenThings;
}

export function openMember(server: ServerKind, user: string, room: string): Member {
  const stream$ = mediaOf('active').pipe(share({ connector: () => new ReplaySubject(1) }));
  // The camera stays on, whatever the room does.
  follow(stream$, () => undefined);
  return server === 'janus' ? watched(user, inJanus(user, stream$)) : watched(user, inDemo(user, room, stream$));
}

type MemberLink = RoomLink & { readonly users$: Observable<UserReport> };

/** Where a member is, and what of its links is not in every link. */
interface Place<L extends MemberLink> {
  readonly things: WatchedThings;
  readonly room: Room<L>;
  readonly self: (link: L) => string;
  readonly tracks: (link: L) => Observable<readonly string[]>;
}

function watched<L extends MemberLink>(user: string, { things, room, self, tracks }: Place<L>): Member {
  const stalls = watchStalls();
  const { states, events } = logRoom(room);
  const changes: UserEntry[] = [];
  const pictures: { readonly at: number; readonly count: number }[] = [];
  let users: readonly string[] = [];
  let seen: readonly string[] = [];
  let links = 0;
  let deadlineAt: number | null = null;

  follow(room.progress$, (progress) => (deadlineAt = progress?.deadlineAt ?? deadlineAt));
  follow(usersOf(room), (here) => {
    users = here.users.map(({ id }) => id);
    for (const change of here.changes) {
      const { reason, code } = change.type === 'userLeave' ? change : { reason: null, code: null };
      changes.push({ at: Date.now(), type: change.type, id: change.user.id, reason, code });
    }
  });
  let theirs = new Subscription();
  follow(room.link$, (link) => {
    theirs.unsubscribe();
    seen = [];
    if (link === null) return;
    links++;
    theirs = follow(tracks(link), (now) => (seen = now));
  });

  /** Sums what the stats of every open connection say of what comes in. */
  const inbound = async (member: 'bytesReceived' | 'framesDecoded'): Promise<number> => {
    let sum = 0;
    for (const connection of things.peerConnections()) {
      (await connection.getStats()).forEach(
        (stats: { type: string; bytesReceived?: number; framesDecoded?: number }) => {
          if (stats.type === 'inbound-rtp') sum += stats[member] ?? 0;
        },
      );
    }
    return sum;
  };
  setInterval(() => {
    void inbound('framesDecoded').then((count) => pictures.push({ at: Date.now(), count }));
  }, picturePace);

  return {
    join: () => room.join(),
    leave: () => room.leave(),
    until: (wanted, limit) => until(room.connectionState$, { user, wanted, limit }),
    look: async () => {
      const { connectionState } = room;
      const { state, reason } = connectionState;
      const link = 'link' in connectionState ? connectionState.link : null;
      const bytes = await inbound('bytesReceived');
      return { state, reason, self: link && self(link), users, tracks: seen, bytes };
    },
    record: () => ({
      states,
      events,
      users: changes,
      pictures,
      raw: things.raw,
      links,
      deadlineAt,
      stalls: stalls.stalls,
      late: stalls.late,
    }),
    clear: () => {
      for (const list of [states, events, changes, pictures, things.raw]) list.length = 0;
      deadlineAt = null;
      stalls.clear();
    },
    count: () => things.count(),
  };
}

const { server: host } = addresses;

function inJanus(user: string, stream$: Observable<MediaStream>): Place<JanusLink> {
  return {
    things: watchOpenThings(),
    room: createRoom(janusTransport({ url: `ws://${host}:${ports.janus}`, room: 1234, display: user, stream$ })),
    self: (link) => link.user,
    tracks: ({ tracks$ }) => tracks$.pipe(map((tracks) => [...new Set(tracks.map((track) => track.user))])),
  };
}

function inDemo(user: string, room: string, stream$: Observable<MediaStream>): Place<CallLink> {
  return {
    things: watchOpenThings(),
    room: demoRoom(user, room, stream$),
    self: () => user,
    tracks: ({ remote$ }) => remote$.pipe(map((remote) => (remote === null ? [] : ['the other']))),
  };
}
