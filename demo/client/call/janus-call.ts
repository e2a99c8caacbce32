import { map, of, type Observable } from 'rxjs';
import type { Health, RoomLink, RoomTransport, User, UserReport } from '../../../lib/index.js';
import type { NetworkQuality } from '../../../lib/webrtc/index.js';
import { janusTransport, type JanusCredentials, type JanusLink } from '../../../lib/janus/index.js';

/** Somebody as the page calls them. */
export interface ShownUser extends User {
  /** Where the id is no name. */
  readonly display?: string;
}

/** What the stage shows of a link, whichever server it is from. */
export interface ShownLink extends RoomLink {
  readonly users$: Observable<UserReport<ShownUser>>;
  /** The other user's picture and sound. Replays. */
  readonly remote$: Observable<MediaStream | null>;
  /** Whether anything of it arrives just now. Replays. */
  readonly flows$: Observable<boolean>;
  /** How weak the network is, where it is measured; `null` while there is no media. */
  readonly quality$?: Observable<NetworkQuality | null>;
}

export type JanusCallLink = ShownLink & JanusLink;

export interface JanusCallOptions {
  readonly url: string;
  readonly user: string;
  /** The number of a VideoRoom; 1234, as Debian has it, for any other name. */
  readonly room: string;
  readonly stream$: Observable<MediaStream>;
}

/** The same call over a Janus server: of several others in the room, the first one that publishes is shown. */
export function janusCall({
  url,
  user,
  room,
  stream$,
}: JanusCallOptions): RoomTransport<JanusCredentials, JanusCallLink> {
  const number = Number(room);
  const transport = janusTransport({ url, room: number > 0 ? number : 1234, display: user, stream$ });
  return {
    ...transport,
    join: (attempt, known) => transport.join(attempt, known).pipe(map(shown)),
    repair: (link, attempt, info$) => transport.repair?.(link, attempt, info$) ?? of(null),
  };
}

/** In place: the transport knows its links by themselves. */
function shown(link: JanusLink): JanusCallLink {
  let stream: MediaStream | null = null;
  const remote$ = link.tracks$.pipe(
    map((tracks) => {
      const theirs = tracks.filter((one) => one.user === tracks[0]?.user).map(({ track }) => track);
      const same =
        stream?.getTracks().length === theirs.length && theirs.every((track) => stream?.getTracks().includes(track));
      if (!same) stream = theirs.length > 0 ? new MediaStream(theirs) : null;
      return stream;
    }),
  );
  return Object.assign(link, {
    remote$,
    flows$: (link.media$ ?? of<Health>('up')).pipe(map((health) => health === 'up')),
  });
}
