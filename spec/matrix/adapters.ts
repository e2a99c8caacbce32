import { concat, delay, NEVER, of, tap, type Observable } from 'rxjs';
import { createRoom, type Health } from '../../lib/index.js';
import * as janus from '../../lib/janus/index.js';
import * as webrtc from '../../lib/webrtc/index.js';
import * as websocket from '../../lib/websocket/index.js';
import { FakeServer } from '../janus/fake-janus.js';
import { fakePeer } from '../janus/fake-peer.js';
import { FakeSocket } from '../websocket/fake-socket.js';
import { loose, optionsOf, type Places } from './pieces.js';
import type { Watch } from './watch.js';
import type { WebSocketChannel, WebSocketLike } from '../../lib/websocket/index.js';

type Members = Readonly<Record<string, unknown>>;

const soon = <T>(value: T): Observable<T> => concat(of(value).pipe(delay(50)), NEVER);
const through = (source: Observable<unknown>, operator: unknown, watch: Watch): void =>
  watch.see(source.pipe(operator as (source: Observable<unknown>) => Observable<unknown>));

/** A socket that opens after 10 ms, and says this after 20. */
const opening = (watch: Watch, said: unknown = '{}'): WebSocketLike => {
  const socket = new FakeSocket();
  watch.at(10, () => socket.opens());
  watch.at(20, () => socket.receives(said));
  return socket;
};

const url = 'wss://host/?token=s3cret';

const channels = (options: unknown, watch: Watch, use: (channel: WebSocketChannel) => void = () => undefined): void => {
  const channel$ = loose(websocket.webSocketChannel)(options) as Observable<WebSocketChannel>;
  watch.see(
    channel$.pipe(
      tap((channel) => {
        for (const part of [channel.messages$, channel.errors$, channel.health$]) watch.see(part);
        watch.at(30, () => use(channel));
        watch.at(40, () => watch.see(channel.probe()));
      }),
    ),
  );
};

const channelOptions = [
  'url', 'open', 'attempt', 'attempt.openingLimit', 'openingLimit', 'heartbeat', 'heartbeat.ping', 'heartbeat.every',
  'heartbeat.timeout', 'heartbeat.grace', 'probeLimit', 'doubtLimit', 'maxFrame', 'scheduler',
];

const dips$ = concat(of<Health>('up'), of<Health>({ down: true }).pipe(delay(50)), NEVER);
const excusing = (options: unknown, watch: Watch): void => through(dips$, loose(websocket.excuseLoss)(options), watch);
const reopening = (options: unknown, watch: Watch): void => through(NEVER, loose(websocket.reopen)(options), watch);

const websocketPieces: Readonly<Record<string, Places>> = {
  webSocketChannel: {
    options: (value, watch) => channels(value, watch),
    ...Object.fromEntries(
      channelOptions.map((name) => [
        `options.${name}`,
        (value: unknown, watch: Watch) =>
          optionsOf([name], (options) => channels(options, watch), { url, open: () => opening(watch) })[`options.${name}`]?.(
            value,
            watch,
          ),
      ]),
    ),
    'what open gives': (value, watch) => channels({ url, open: () => value }, watch),
    'what ping gives': (value, watch) =>
      channels({ url, open: () => opening(watch), heartbeat: { ping: () => value, every: 100 } }, watch),
    'what the socket receives': (value, watch) => channels({ url, open: () => opening(watch, value) }, watch),
    'message of send': (value, watch) =>
      channels({ url, open: () => opening(watch) }, watch, (channel) => void channel.send(value)),
    'code of close': (value, watch) =>
      channels({ url, open: () => opening(watch) }, watch, (channel) => channel.close(value as number)),
    'reason of close': (value, watch) =>
      channels({ url, open: () => opening(watch) }, watch, (channel) => channel.close(1000, value as string)),
  },
  excuseLoss: {
    ...optionsOf(['when', 'meanwhile$', 'limit', 'scheduler'], excusing, { when: () => true }),
    'what when answers': (value, watch) => excusing({ when: () => value }, watch),
    'what the source emits': (value, watch) => through(soon(value), loose(websocket.excuseLoss)({ when: () => true }), watch),
  },
  reopen: {
    ...optionsOf(['turns', 'hint$', 'scheduler'], reopening),
    'options.turns[1]': (value, watch) => reopening({ turns: [100, value] }, watch),
    'what hint$ emits': (value, watch) => reopening({ hint$: soon(value) }, watch),
  },
};

const peer = (more: Members = {}): unknown => fakePeer(more);
const stats = (...entries: readonly unknown[]): unknown => of(new Map(entries.map((entry, at) => [String(at), entry])));
const peerPlaces = (watches: unknown, ...names: readonly string[]): Places => ({
  pc: (value, watch) => watch.see(loose(watches)(value)),
  'pc.connectionState': (value, watch) => watch.see(loose(watches)(peer({ connectionState: value }))),
  'what getStats gives': (value, watch) => watch.see(loose(watches)(peer({ getStats: () => value }))),
  'what getStats emits': (value, watch) => watch.see(loose(watches)(peer({ getStats: () => of(value) }))),
  'an entry of the statistics': (value, watch) => watch.see(loose(watches)(peer({ getStats: () => stats(value) }))),
  ...optionsOf(names, (options, watch) => watch.see(loose(watches)(peer(), options))),
});

const webrtcPieces: Readonly<Record<string, Places>> = {
  peerConnectionHealth: peerPlaces(
    webrtc.peerConnectionHealth, 'poll', 'silence', 'sparseSilence', 'unanswered', 'onDoubt', 'scheduler',
  ),
  networkQuality: {
    ...peerPlaces(webrtc.networkQuality, 'every', 'health$', 'scheduler'),
    'what health$ emits': (value, watch) => watch.see(loose(webrtc.networkQuality)(peer(), { health$: soon(value) })),
  },
  heavyLoss: peerPlaces(webrtc.heavyLoss, 'scheduler'),
  restartIce: {
    pc: (value, watch) => watch.see(loose(webrtc.restartIce)(value, () => NEVER)),
    exchange: (value, watch) => watch.see(loose(webrtc.restartIce)(instantPeer(), value)),
    'what exchange gives': (value, watch) => watch.see(loose(webrtc.restartIce)(instantPeer(), () => value)),
  },
};

/** One whose promises are streams, so that virtual time holds for them. */
const instantPeer = (more: Members = {}): unknown =>
  peer({ createOffer: () => of({ type: 'offer', sdp: 'v=0' }), setLocalDescription: () => of(undefined), ...more });

/** Joins a room of it; its media is lost after a while, and then its socket. */
const rooms = (options: unknown, watch: Watch): void => {
  const transport = loose(janus.janusTransport)(options);
  watch.see(loose(createRoom)(transport));
};

const serverOf = (watch: Watch): { readonly server: FakeServer; readonly open: () => WebSocketLike } => {
  const server = new FakeServer();
  const open = (): WebSocketLike => {
    const socket = server.open();
    watch.at(10, () => socket.opens());
    watch.at(1_000, () => socket.closesWith(1006));
    return socket;
  };
  return { server, open };
};

const janusValid = (watch: Watch, more: Members = {}): Members => ({
  url,
  room: 1234,
  open: serverOf(watch).open,
  peerConnection: () => peer(),
  ...more,
});

const janusOptions = [
  'url', 'room', 'id', 'display', 'credentials', 'stream$', 'subscribe', 'configuration', 'heartbeat', 'heartbeat.every',
  'keepalive', 'probeLimit', 'watch', 'watch.poll', 'open', 'peerConnection', 'scheduler',
];

const stream = { getTracks: () => [] };

const janusPieces: Readonly<Record<string, Places>> = {
  janusTransport: {
    options: (value, watch) => rooms(value, watch),
    ...Object.fromEntries(
      janusOptions.map((name) => [
        `options.${name}`,
        (value: unknown, watch: Watch) =>
          optionsOf([name], (options) => rooms(options, watch), janusValid(watch))[`options.${name}`]?.(value, watch),
      ]),
    ),
    'what credentials gives': (value, watch) => rooms(janusValid(watch, { credentials: () => value }), watch),
    'what credentials emits': (value, watch) => rooms(janusValid(watch, { credentials: () => of(value) }), watch),
    'a credential': (value, watch) => rooms(janusValid(watch, { credentials: () => of({ pin: value, apiToken: value }) }), watch),
    'what open gives': (value, watch) => rooms(janusValid(watch, { open: () => value }), watch),
    'what peerConnection gives': (value, watch) =>
      rooms(janusValid(watch, { peerConnection: () => value, stream$: soon(stream) }), watch),
    'what stream$ emits': (value, watch) => rooms(janusValid(watch, { stream$: soon(value) }), watch),
    'a frame of the server': (value, watch) => {
      const { server, open } = serverOf(watch);
      const text = toJson(value);
      watch.at(100, () => {
        for (const socket of server.sockets) socket.receives(text);
      });
      rooms(janusValid(watch, { open }), watch);
    },
    'an answer of the server': (value, watch) => {
      const { server, open } = serverOf(watch);
      server.replies['join'] = ({ handle_id }) => ({ janus: 'event', sender: handle_id, plugindata: { data: value } });
      rooms(janusValid(watch, { open }), watch);
    },
  },
  classifyJanus: { error: (value) => void loose(janus.classifyJanus)(value) },
};

function toJson(value: unknown): unknown {
  try {
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

/** The public functions of the adapters, each with the places of its parameters. */
export const adapterPieces = { websocket: websocketPieces, webrtc: webrtcPieces, janus: janusPieces };
