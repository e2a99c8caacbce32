import { asyncScheduler, defer, EMPTY, map, of, switchMap, take, type Observable } from 'rxjs';
import {
  aFlag,
  aFunction,
  aScheduler,
  aStream,
  aText,
  aTime,
  readOptions,
  type Read,
} from '../core/options/options.js';
import { shownSecret, wrongType } from '../core/options/wrong.js';
import { inputOf } from '../operators/input-of.js';
import { aPeer } from '../webrtc/a-peer.js';
import { peerConnectionHealth } from '../webrtc/peer-connection-health.js';
import { webSocketChannel } from '../websocket/web-socket-channel.js';
import { classifyJanus } from './classify.js';
import { isId } from './guards.js';
import { accessOf, type JanusCredentials } from './janus-credentials.js';
import { janusLink, type JanusLink, type RepairableLink } from './janus-link.js';
import { janusSession, type OpenSessionChannel } from './janus-session.js';
import type { ObservableInput, SchedulerLike } from 'rxjs';
import type { Attempt } from '../core/machine/attempt.js';
import type { RoomTransport } from '../room/transport.js';

import type { PeerConnectionHealthOptions, PeerConnectionLike } from '../webrtc/peer-connection-health.js';
import type { ChannelHeartbeat, WebSocketChannel } from '../websocket/live-channel.js';
import type { WebSocketLike } from '../websocket/web-socket-like.js';
import type { PeerLike } from './janus-peer.js';
import type { JanusId } from './janus-request.js';

export interface JanusTransportOptions {
  /** The WebSocket address of the server, unless the room was given `endpoints`. */
  readonly url: string;
  /** The VideoRoom. */
  readonly room: JanusId;
  /** Our id in the room. @defaultValue one that the server draws, another for every join */
  readonly id?: JanusId;
  /** What the others see us called. */
  readonly display?: string;
  /** Pin, tokens and secrets, asked for anew for every join and every claim. @defaultValue none */
  credentials?(attempt: Attempt): ObservableInput<JanusCredentials>;
  /**
   * Camera and microphone: the first stream is published, and kept subscribed while the link lasts. When there is none, the
   * first join ends with a `PublishError`. @defaultValue none
   */
  readonly stream$?: Observable<MediaStream>;
  /** Whether what the others publish is received. @defaultValue true */
  readonly subscribe?: boolean;
  /** Of the peer connections. */
  readonly configuration?: RTCConfiguration;
  /** Silence is asked about with a keepalive. @defaultValue after 5000 ms, lost after 5000 ms more */
  readonly heartbeat?: Pick<ChannelHeartbeat, 'every' | 'timeout' | 'grace'>;
  /** Milliseconds between two keepalives, whatever comes in. @defaultValue 25000 */
  readonly keepalive?: number;
  /** Milliseconds that a probe waits for a sign of life. @defaultValue 2000 */
  readonly probeLimit?: number;
  /** How the media is judged. @defaultValue that of `peerConnectionHealth`; silence 3500 for what is received */
  readonly watch?: Omit<PeerConnectionHealthOptions, 'scheduler' | 'onDoubt'>;
  /** Makes the socket. @defaultValue (url) => new WebSocket(url, 'janus-protocol') */
  readonly open?: (url: string) => WebSocketLike;
  /** Makes a peer connection. @defaultValue (configuration) => new RTCPeerConnection(configuration) */
  readonly peerConnection?: (configuration?: RTCConfiguration) => PeerLike;
  /** Runs the timers and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * A room in the VideoRoom plugin of a Janus server, over its WebSocket API.
 *
 *     join      socket → create → attach → join → the link; publishing and subscribing follow and show as media$
 *     resume    a fresh socket → claim: same session, same media, nobody notices
 *     restart   new ICE paths for the peer connections that are down, in the order that harms none
 *     rejoin    claim → destroy the old session, if it is there still → join
 *     leave     destroy
 *
 * Any inbound frame is a sign of life; silence is asked about with a keepalive, and so is a probe. `signal$` is the socket,
 * `media$` both peer connections; a link that neither publishes nor subscribes has none. Once both have been up, a lost
 * socket is a dip that a claim repairs, as long as the server keeps the session: set its `reclaim_session_timeout`. The
 * server's notices: kicked, and room destroyed, which is `closed`. The end of the session, of a handle or of a peer connection
 * at the server is the end of the link, and the room rejoins.
 *
 * What an error means is in `classifyJanus`. A server that does not answer keeps its session: it is claimed until the room
 * gives up, or, with several `endpoints`, rejoins at another one.
 *
 * Frames that cannot be used show on the room's `errors$` as `JanusFrameError`, and change nothing.
 *
 * @throws {TypeError} | {RangeError} when called, for an option that is unknown or impossible.
 *
 * @example
 * ```ts no-run
 * import { createRoom } from 'rejoin';
 * import { janusTransport } from 'rejoin/janus';
 * import { defer } from 'rxjs';
 *
 * const camera$ = defer(() => navigator.mediaDevices.getUserMedia({ audio: true, video: true }));
 * const room = createRoom(janusTransport({ url: 'ws://127.0.0.1:8188', room: 1234, display: 'Ann', stream$: camera$ }));
 *
 * room.link$.subscribe((link) => {
 *   link?.tracks$.subscribe((tracks) => {
 *     for (const { user, track } of tracks) console.log(`${user} sends ${track.kind}`);
 *   });
 * });
 * room.join();
 * ```
 */
export function janusTransport(options: JanusTransportOptions): RoomTransport<JanusCredentials, JanusLink> {
  const read = readOptions<Read<JanusTransportOptions, 'id' | 'display' | 'stream$' | 'configuration'>>(
    OWNER,
    options,
    {
      url: [anAddress],
      room: [anId],
      id: [anId, undefined],
      display: [aText, undefined],
      credentials: [aFunction, () => of({})],
      stream$: [aStream, undefined],
      subscribe: [aFlag, true],
      configuration: [anObject, undefined],
      heartbeat: [anObject, {}], // judged by those whose options they are, below
      keepalive: [aTime, 25_000],
      probeLimit: [aTime, 2_000],
      watch: [anObject, {}],
      open: [aFunction, (at) => new WebSocket(at, 'janus-protocol')],
      peerConnection: [aFunction, (configuration) => new RTCPeerConnection(configuration)],
      scheduler: [aScheduler, asyncScheduler],
    },
  );
  const { url, room, id, display, stream$ = null, subscribe, configuration } = read;
  const { heartbeat, keepalive, probeLimit, watch, open, scheduler } = read;
  const repairs = new WeakMap<JanusLink, RepairableLink>();
  const unended = new Map<string, Set<JanusId>>();
  const unendedAt = (server: string): Set<JanusId> => {
    const there = unended.get(server) ?? new Set();
    unended.set(server, there);
    return there;
  };

  const channelTo = (to: string, ping: () => unknown, attempt?: Attempt): Observable<WebSocketChannel> =>
    webSocketChannel({
      url: to,
      open,
      heartbeat: { ...heartbeat, ping },
      ...(attempt && { attempt }),
      probeLimit,
      scheduler,
    });
  // Cold, so only their checks run: an impossible time is refused now.
  void channelTo(url, () => null);
  void peerConnectionHealth(noPeer, watch);

  const channelWith =
    (server: string, attempt: Attempt, known$: ObservableInput<JanusCredentials>): OpenSessionChannel =>
    (ping) =>
      defer(() => known$).pipe(
        take(1),
        map((known) => accessOf(known).server),
        switchMap((access) => channelTo(server, ping, attempt).pipe(map((channel) => ({ channel, access })))),
      );

  const credentialsFor = (attempt: Attempt): ObservableInput<JanusCredentials> => {
    const given: unknown = read.credentials(attempt);
    const input = inputOf(given);
    if (input !== null) return input;
    throw wrongType(`${OWNER}: the return value of credentials`, 'a Promise or an Observable', given, shownSecret);
  };

  const makePeer = (): PeerLike => {
    const pc = read.peerConnection(configuration);
    aPeer(`${OWNER}: the return value of peerConnection`, pc, [
      'createOffer',
      'getSenders',
      'getStats',
      'addEventListener',
    ]);
    return pc;
  };

  const transport: RoomTransport<JanusCredentials, JanusLink> = {
    request: read.credentials,

    join(attempt, known) {
      const server = attempt.endpoint ?? url;
      const previous = attempt.previous?.server === server ? attempt.previous.session : null;
      return janusSession({
        open: channelWith(server, attempt, of(known)),
        previous,
        unended: unendedAt(server),
        keepalive,
        scheduler,
      }).pipe(
        switchMap((session) =>
          janusLink({
            session,
            server,
            room,
            id,
            display,
            access: accessOf(known).room,
            again: previous !== null,
            stream$,
            subscribe,
            makePeer,
            watch,
            scheduler,
          }),
        ),
        map((repairable) => {
          repairs.set(repairable.link, repairable);
          return repairable.link;
        }),
      );
    },

    repair(link, attempt) {
      if (attempt.kind === 'restart') return repairs.get(link)?.restart() ?? EMPTY;
      const opened = channelWith(
        link.server,
        attempt,
        defer(() => credentialsFor(attempt)),
      );
      return repairs.get(link)?.resume(opened) ?? EMPTY;
    },

    classify: classifyJanus,
  };
  return transport;
}

const OWNER = 'janusTransport';

/** Nobody subscribes to its health. */
const noPeer: PeerConnectionLike = {
  connectionState: 'new',
  getStats: () => EMPTY,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};

function anAddress(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrongType(name, 'a string that is not empty', value);
}

function anId(name: string, value: unknown): JanusId {
  if (isId(value)) return value;
  throw wrongType(name, 'an integer from 0, or a string that is not empty', value);
}

function anObject(name: string, value: unknown): never {
  if (typeof value === 'object' && value !== null) return value as never;
  throw wrongType(name, 'an object', value);
}
