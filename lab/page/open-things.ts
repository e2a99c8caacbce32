import type { OpenThings, RawEntry } from '../record.js';

export interface WatchedThings {
  readonly raw: RawEntry[];
  /** Those that are not closed. */
  peerConnections(): readonly RTCPeerConnection[];
  count(): OpenThings;
}

/** Watches what this page opens and starts. To be called once, before anything is. */
export function watchOpenThings(): WatchedThings {
  const connections = new Set<RTCPeerConnection>();
  const sockets = new Set<WebSocket>();
  const timers = new Set<number>();
  const raw: RawEntry[] = [];
  let made = 0;

  const PlatformConnection = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends PlatformConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.add(this);
      const connection = ++made;
      for (const source of ['connectionState', 'iceConnectionState'] as const) {
        this.addEventListener(source.toLowerCase() + 'change', () => {
          raw.push({ at: Date.now(), connection, source, value: this[source] });
        });
      }
    }

    override close(): void {
      super.close();
      connections.delete(this);
    }
  };

  const PlatformSocket = WebSocket;
  globalThis.WebSocket = class extends PlatformSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.add(this);
    }
  };

  const [later, often, never] = [
    window.setTimeout.bind(window),
    window.setInterval.bind(window),
    window.clearTimeout.bind(window),
  ];
  window.setTimeout = ((handler: (...rest: unknown[]) => void, ms?: number, ...rest: unknown[]) => {
    const id = later(() => {
      timers.delete(id);
      handler(...rest);
    }, ms);
    timers.add(id);
    return id;
  }) as unknown as typeof window.setTimeout;
  window.setInterval = ((handler: (...rest: unknown[]) => void, ms?: number, ...rest: unknown[]) => {
    const id = often(handler, ms, ...rest);
    timers.add(id);
    return id;
  }) as unknown as typeof window.setInterval;
  window.clearTimeout = window.clearInterval = ((id?: number) => {
    if (id !== undefined) timers.delete(id);
    never(id);
  }) as typeof window.clearTimeout;

  return {
    raw,
    peerConnections: () => [...connections],
    count: () => {
      for (const socket of sockets) if (socket.readyState === PlatformSocket.CLOSED) sockets.delete(socket);
      return { peerConnections: connections.size, webSockets: sockets.size, timers: timers.size };
    },
  };
}
