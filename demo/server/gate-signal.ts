import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SignalPathOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly serverPort: number;
}

/** One user's way to the room server. */
export interface SignalPath {
  readonly port: number;
  /**
   * `true`: bytes stop both ways, nothing is closed, a new connection is taken but never answered. `false`: what was
   * held flows on, ends of connections included.
   */
  hold(held: boolean): void;
  close(): Promise<void>;
}

/** A TCP forwarder that can hold everything. */
export async function openSignalPath({ host, port, serverPort }: SignalPathOptions): Promise<SignalPath> {
  const lines = new Set<Line>();
  let held = false;
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (page) => {
    const line = new Line(
      page,
      () => connect({ host, port: serverPort, noDelay: true }),
      () => lines.delete(line),
    );
    lines.add(line);
    line.hold(held);
  });
  server.listen(port, host);
  await once(server, 'listening');
  server.on('error', () => undefined); // a failed accept: the page sees a failed connection

  return {
    port: (server.address() as AddressInfo).port,
    hold: (next) => {
      held = next;
      for (const line of [...lines]) line.hold(held);
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const line of [...lines]) line.destroy();
      await closed;
    },
  };
}

/** One connection of a page; the one to the server is made when the line is first not held. */
class Line {
  readonly #page: Socket;
  readonly #dial: () => Socket;
  readonly #done: () => void;
  #server: Socket | null = null;
  #held = true;

  constructor(page: Socket, dial: () => Socket, done: () => void) {
    this.#page = page;
    this.#dial = dial;
    this.#done = done;
    this.#watch(page);
  }

  hold(held: boolean): void {
    this.#held = held;
    if (held) {
      this.#unlink(this.#page, this.#server);
      this.#unlink(this.#server, this.#page);
      return;
    }
    if (this.#server === null && !this.#page.destroyed) {
      this.#server = this.#dial();
      this.#watch(this.#server);
    }
    this.#settle();
    this.#link(this.#page, this.#server);
    this.#link(this.#server, this.#page);
  }

  destroy(): void {
    this.#held = false;
    this.#page.destroy();
    this.#server?.destroy();
    this.#done();
  }

  #watch(socket: Socket): void {
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.#settle());
  }

  /** One end is gone: so is the other, but not before the heal. */
  #settle(): void {
    if (this.#held || (!this.#page.destroyed && this.#server?.destroyed !== true)) return;
    this.#page.destroySoon();
    this.#server?.destroySoon();
    this.#done();
  }

  #link(from: Socket | null, to: Socket | null): void {
    if (from === null || to === null || from.destroyed || to.destroyed) return;
    from.unpipe(to); // at most once
    from.pipe(to);
  }

  #unlink(from: Socket | null, to: Socket | null): void {
    if (from === null) return;
    if (to !== null) from.unpipe(to);
    from.pause();
  }
}
