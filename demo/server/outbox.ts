export interface OutboxOptions {
  /** The most that is kept; older frames are forgotten first. */
  readonly bytes: number;
}

/** The latest room frames of one session, numbered from its start, so that a resume can go on where the page is. */
export class Outbox {
  readonly #most: number;
  #kept: { readonly text: string; readonly bytes: number }[] = [];
  #bytes = 0;
  #total = 0;

  constructor({ bytes }: OutboxOptions) {
    this.#most = bytes;
  }

  /** Frames ever put in. */
  get total(): number {
    return this.#total;
  }

  get bytes(): number {
    return this.#bytes;
  }

  put(text: string): void {
    const entry = { text, bytes: Buffer.byteLength(text) };
    this.#kept.push(entry);
    this.#bytes += entry.bytes;
    this.#total++;
    while (this.#bytes > this.#most) this.#bytes -= this.#kept.shift()?.bytes ?? this.#bytes;
  }

  /** All frames after the first `count`; `null` when some of them are forgotten, or there never were so many. */
  after(count: number): readonly string[] | null {
    const missing = this.#total - count;
    if (missing < 0 || missing > this.#kept.length) return null;
    return missing === 0 ? [] : this.#kept.slice(-missing).map(({ text }) => text);
  }
}
