import { NEVER, ReplaySubject, share, Subscription } from 'rxjs';
import { syntheticMedia } from '../../../demo/client/media/synthetic-media.js';
import { createRoom, usersOf, type Room } from '../../../lib/index.js';
import { janusTransport, type JanusLink } from '../../../lib/janus/index.js';
import type { Attempt } from '../../../lib/index.js';

export interface JoinOptions {
  readonly url: string;
  readonly room: number;
  /** Whether we publish. @defaultValue true */
  readonly publish?: boolean;
  /** Milliseconds that every frame travels, each way. @defaultValue 0 */
  readonly delay?: number;
}

/** A socket whose frames travel for so long, each way. */
function slowSocket(url: string, delay: number): WebSocket {
  const socket = new WebSocket(url, 'janus-protocol');
  if (delay === 0) return socket;
  const send = socket.send.bind(socket);
  socket.send = (data: string) => void setTimeout(() => socket.readyState === WebSocket.OPEN && send(data), delay);
  const listen = socket.addEventListener.bind(socket);
  socket.addEventListener = (type: string, listener: (event: Event) => void) =>
    listen(type, type === 'message' ? (event: Event) => void setTimeout(() => listener(event), delay) : listener);
  return socket;
}

class Member {
  readonly states: string[] = [];
  readonly events: string[] = [];
  readonly errors: string[] = [];
  readonly failures: string[] = [];
  readonly left: (string | null)[] = [];
  readonly peers: RTCPeerConnection[] = [];
  readonly sockets: WebSocket[] = [];
  users: string[] = [];
  readonly room: Room<JanusLink>;
  readonly #videos = new Map<string, HTMLVideoElement>();
  readonly #transport: ReturnType<typeof janusTransport>;
  #tracks = new Subscription();

  constructor(name: string, { url, room, publish = true, delay = 0 }: JoinOptions) {
    const stream$ = syntheticMedia(name).pipe(
      share({ connector: () => new ReplaySubject<MediaStream>(1), resetOnRefCountZero: true }),
    );
    this.#transport = janusTransport({
      url,
      room,
      display: name,
      ...(publish && { stream$ }),
      open: (at) => {
        const socket = slowSocket(at, delay);
        this.sockets.push(socket);
        return socket;
      },
      peerConnection: (configuration) => {
        const pc = new RTCPeerConnection(configuration);
        this.peers.push(pc);
        return pc;
      },
    });
    this.room = createRoom(this.#transport);
    this.room.connectionState$.subscribe(({ state, reason }) => this.states.push(`${state}/${String(reason)}`));
    this.room.errors$.subscribe(({ from, error }) => this.errors.push(`${from}: ${String(error)}`));
    this.room.events$.subscribe((event) =>
      this.events.push(
        'kind' in event ? `${event.type} ${event.kind}` : 'up' in event ? `${event.type} ${String(event.up)}` : event.type,
      ),
    );
    this.room.events$.subscribe((event) => {
      if (event.type === 'attemptFailed') this.failures.push(`${event.verdict.kind}: ${(event.error as Error).message}`);
    });
    usersOf(this.room).subscribe(({ users, changes }) => {
      this.users = users.map(({ id }) => id);
      for (const change of changes) if (change.type === 'userLeave') this.left.push(change.reason);
    });
    this.room.link$.subscribe((link) => {
      this.#tracks.unsubscribe();
      this.#tracks = new Subscription();
      this.#tracks.add(link?.tracks$.subscribe((tracks) => this.#show(tracks)));
    });
  }

  /** Each user's tracks in a video of their own. */
  #show(tracks: readonly { readonly user: string; readonly track: MediaStreamTrack }[]): void {
    const users = [...new Set(tracks.map(({ user }) => user))];
    for (const [user, video] of this.#videos) {
      if (users.includes(user)) continue;
      video.remove();
      this.#videos.delete(user);
    }
    for (const user of users) {
      const theirs = tracks.filter((one) => one.user === user).map(({ track }) => track);
      const video = this.#videos.get(user) ?? document.body.appendChild(document.createElement('video'));
      this.#videos.set(user, video);
      video.muted = true;
      const before = video.srcObject instanceof MediaStream ? video.srcObject.getTracks() : [];
      if (before.length === theirs.length && before.every((track) => theirs.includes(track))) continue;
      video.srcObject = new MediaStream(theirs);
      video.play().catch(() => undefined);
    }
  }

  /** Pictures that have come, of each user. */
  pictures(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#videos].map(([user, video]) => [user, video.getVideoPlaybackQuality().totalVideoFrames]),
    );
  }

  /** Restarts the ICE of every peer connection through the transport, whatever their health. */
  async restart(): Promise<void> {
    const link = this.link();
    const attempt: Attempt<JanusLink> = {
      number: 1,
      kind: 'restart',
      cause: 'media',
      endpoint: null,
      previous: link,
      openingLimit: 3_000,
      limitAt: 0,
      deadlineAt: 0,
    };
    await this.#transport.repair!(link, attempt, NEVER).forEach(() => undefined);
  }

  link(): JanusLink {
    const { connectionState } = this.room;
    if (!('link' in connectionState) || connectionState.link === null) throw new Error('no link');
    return connectionState.link;
  }

  /** ICE user fragments of the peer connections that are open: another one after a restart. */
  fragments(): string[] {
    return this.peers
      .filter(({ connectionState }) => connectionState !== 'closed')
      .map(({ localDescription }) => /a=ice-ufrag:(\S+)/.exec(localDescription?.sdp ?? '')?.[1] ?? '');
  }
}

const members = new Map<string, Member>();

const page = {
  join(name: string, options: JoinOptions): void {
    const member = new Member(name, options);
    members.set(name, member);
    member.room.join();
  },
  leave: (name: string): void => of(name).room.leave(),
  restart: (name: string): Promise<void> => of(name).restart(),
  /** What can be told over the wire to the spec. */
  look(name: string) {
    const { states, events, errors, failures, users, left, peers, sockets, room } = of(name);
    const link = 'link' in room.connectionState ? room.connectionState.link : null;
    return {
      states,
      events,
      errors,
      failures,
      users,
      left,
      pictures: of(name).pictures(),
      fragments: of(name).fragments(),
      peers: peers.map(({ connectionState }) => connectionState),
      sockets: sockets.length,
      session: link?.session ?? null,
      user: link?.user ?? null,
      progress: room.connectionState.state,
    };
  },
  dropSocket: (name: string): void => of(name).sockets.at(-1)?.close(),
};

function of(name: string): Member {
  const member = members.get(name);
  if (member === undefined) throw new Error(`nobody is called ${name}`);
  return member;
}

export type JanusPage = typeof page;

declare global {
  interface Window {
    janusPage?: JanusPage;
  }
}

window.janusPage = page;
