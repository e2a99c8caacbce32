import { createControl } from './control.js';
import type { GateState, StateReport } from './control-api.js';
import { freePort } from './free-port.js';
import { openGate, type Gate } from './gate.js';
import { openPageServer } from './page-server.js';
import { createRoomServer, type RoomServer } from './room-server.js';

export interface DemoOptions {
  /** Of the page; any free one when it is taken. @defaultValue 7300 */
  readonly port?: number;
  /** @defaultValue 'demo' */
  readonly room?: string;
  /** @defaultValue ['A', 'B'] */
  readonly users?: readonly string[];
  /** An open page loads anew when a source changes: for people, not for tests. @defaultValue true */
  readonly reload?: boolean;
  readonly onState?: (report: StateReport) => void;
  /** A user's network was cut or healed. */
  readonly onGate?: (user: string, state: GateState) => void;
}

export interface Demo {
  readonly url: string;
  readonly server: RoomServer;
  readonly gate: Gate;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** Room server, gate and the page's own server, all in this process and on this machine only. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const {
    port = 7300,
    room = 'demo',
    users = ['A', 'B'],
    reload = true,
    onState = () => undefined,
    onGate = () => undefined,
  } = options;
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) await part.close();
  };
  try {
    const pagePort = await freePort(port, host);
    // The gate needs the server's port, and the server the gate's rewriting: so it is looked up when it is needed.
    let gate: Gate | null = null;
    const server = await createRoomServer({
      host,
      port: await freePort(port + 1, host),
      allowedOrigins: [`http://${host}:${pagePort}`, `http://localhost:${pagePort}`],
      rewriteSignal: (data, between) => (gate === null ? data : gate.rewriteSignal(data, between)),
    });
    started.push(server);
    const gatePorts = new Map<string, number>();
    for (const [index, user] of users.entries()) gatePorts.set(user, await freePort(port + 2 + index, host));
    const opened = await openGate({ host, serverPort: server.port, users, portOf: (user) => gatePorts.get(user) ?? 0 });
    gate = opened;
    started.push(opened);
    watchGate(opened, onGate);

    const control = createControl({ server, gate: opened, room, users, onState });
    started.push(await openPageServer({ host, port: pagePort, control, reload }));
    return { url: `http://${host}:${pagePort}/`, server, gate: opened, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function watchGate(gate: Gate, onGate: NonNullable<DemoOptions['onGate']>): void {
  let before = gate.state;
  void gate.state$.forEach((states) => {
    for (const [user, state] of Object.entries(states)) if (state !== before[user]) onGate(user, state);
    before = states;
  });
}
