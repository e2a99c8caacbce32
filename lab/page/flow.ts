import type { FlowEntry } from '../record.js';

const pace = 100;

export interface Flow {
  readonly flow: FlowEntry[];
  /** Bytes that have come by now; `null` without a connection that is open. */
  received(): Promise<number | null>;
  /** Whether bytes still come in when a fault would have shown, with the credentials that it has now. */
  isAlive(): Promise<boolean>;
  /** Resolves when media comes in. */
  begun(): Promise<void>;
}

/** Bytes that are media and not a handshake. */
const some = 20_000;
const beginLimit = 15_000;

/** What an ICE restart kills goes silent 10.3 s after it at most, measured. */
const untilDead = 12_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Of ICE: a restart has others. */
export const credentialsOf = (connection: RTCPeerConnection | null): string | undefined =>
  /^a=ice-ufrag:(.+)$/m.exec(connection?.localDescription?.sdp ?? '')?.[1];

/** Writes down ten times a second how many bytes a peer connection has received. */
export function watchFlow(current: () => RTCPeerConnection | null): Flow {
  const flow: FlowEntry[] = [];
  const received = async (): Promise<number | null> => {
    const connection = current();
    if (connection === null || connection.connectionState === 'closed') return null;
    let bytes: number | null = null;
    (await connection.getStats()).forEach((stats: { type: string; bytesReceived?: number }) => {
      if (stats.type === 'transport') bytes = stats.bytesReceived ?? null;
    });
    return bytes;
  };
  setInterval(() => {
    void received().then((bytes) => {
      if (bytes !== null) flow.push({ at: Date.now(), bytes });
    });
  }, pace);
  return {
    flow,
    received,
    isAlive: async () => {
      const connection = current();
      const credentials = credentialsOf(connection);
      await sleep(untilDead);
      const before = await received();
      await sleep(1_000);
      const after = await received();
      const same = current() === connection && credentialsOf(connection) === credentials;
      return same && before !== null && after !== null && after > before;
    },
    begun: async () => {
      const end = Date.now() + beginLimit;
      while (((await received()) ?? 0) < some) {
        if (Date.now() > end) throw new Error('no media came');
        await sleep(100);
      }
    },
  };
}
