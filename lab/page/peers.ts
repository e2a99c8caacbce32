import PartySocket from 'partysocket/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { io } from 'socket.io-client';
import { addresses } from '../cuts.js';
import { ports } from '../ports.js';
import type { PeerRecord } from '../record.js';

/** Milliseconds between two questions to every echo server. */
const pace = 100;

export interface Peers {
  /** Resolves when every peer has heard an echo. */
  ready(): Promise<void>;
  record(): readonly PeerRecord[];
  clear(): void;
}

type Log = { readonly name: string; readonly lost: number[]; readonly opened: number[]; readonly echoes: number[] };

/** What an echo client and a plain WebSocket have in common. */
interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  addEventListener(type: 'open' | 'close' | 'message', listener: () => void): void;
}

/** Its types are those of a CommonJS module, what bundlers take is not. */
const Reconnecting = ReconnectingWebSocket as unknown as new (url: string) => SocketLike;

/** The clients of others, each with its defaults, asking for an echo ten times a second. */
export function openPeers(): Peers {
  const url = `ws://${addresses.server}:${ports.echo}/`;
  const logs = [
    follow('WebSocket', new WebSocket(url)),
    follow('partysocket', new PartySocket(url)),
    follow('reconnecting-websocket', new Reconnecting(url)),
    socketIo(),
  ];
  return {
    ready: async () => {
      while (logs.some(({ echoes }) => echoes.length === 0)) await new Promise((resolve) => setTimeout(resolve, pace));
    },
    record: () => logs,
    clear: () => {
      for (const { lost, opened, echoes } of logs) for (const list of [lost, opened, echoes]) list.length = 0;
    },
  };
}

function follow(name: string, socket: SocketLike): Log {
  const log: Log = { name, lost: [], opened: [], echoes: [] };
  socket.addEventListener('open', () => log.opened.push(Date.now()));
  socket.addEventListener('close', () => log.lost.push(Date.now()));
  socket.addEventListener('message', () => log.echoes.push(Date.now()));
  setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send('echo');
  }, pace);
  return log;
}

function socketIo(): Log {
  const log: Log = { name: 'socket.io-client', lost: [], opened: [], echoes: [] };
  const socket = io(`http://${addresses.server}:${ports.socketIo}`, { transports: ['websocket'] });
  socket.on('connect', () => log.opened.push(Date.now()));
  socket.on('disconnect', () => log.lost.push(Date.now()));
  socket.on('echo', () => log.echoes.push(Date.now()));
  setInterval(() => {
    if (socket.connected) socket.emit('echo', 'echo');
  }, pace);
  return log;
}
