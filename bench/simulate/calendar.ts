/**
 * A calendar queue for a crowd: one pending time a client, one page a millisecond, typed arrays throughout. Equal times
 * come out in the order in which they were put in.
 */
export class Calendar {
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #next: Int32Array;
  readonly #times: Float64Array;
  #page = 0;
  #open: number[] = [];
  #at = 0;

  /** Times from 0 to below `horizon` ms; later ones are dropped. */
  constructor(clients: number, horizon: number) {
    this.#heads = new Int32Array(Math.ceil(horizon) + 1).fill(-1);
    this.#tails = new Int32Array(this.#heads.length).fill(-1);
    this.#next = new Int32Array(clients).fill(-1);
    this.#times = new Float64Array(clients);
  }

  time(client: number): number {
    return this.#times[client] ?? NaN;
  }

  /** Of one client at most one time may be waiting. Never earlier than the last one taken. */
  put(client: number, time: number): void {
    const page = Math.floor(time);
    if (!(page < this.#heads.length)) return;
    this.#times[client] = time;
    if (page === this.#page && this.#open.length > 0) {
      this.#putOpen(client, time);
      return;
    }
    const tail = this.#tails[page] ?? -1;
    if (tail === -1) this.#heads[page] = client;
    else this.#next[tail] = client;
    this.#tails[page] = client;
    this.#next[client] = -1;
  }

  /** The client whose time comes first; -1 when nobody is waiting. */
  take(): number {
    while (this.#at >= this.#open.length) {
      this.#open = [];
      this.#at = 0;
      while (this.#page < this.#heads.length && this.#heads[this.#page] === -1) this.#page++;
      if (this.#page >= this.#heads.length) return -1;
      for (let client = this.#heads[this.#page] ?? -1; client !== -1; client = this.#next[client] ?? -1) {
        this.#open.push(client);
      }
      this.#heads[this.#page] = this.#tails[this.#page] = -1;
      this.#open.sort((a, b) => this.time(a) - this.time(b));
    }
    return this.#open[this.#at++] ?? -1;
  }

  #putOpen(client: number, time: number): void {
    let place = this.#open.length;
    while (place > this.#at && this.time(this.#open[place - 1] ?? -1) > time) place--;
    this.#open.splice(place, 0, client);
  }
}
