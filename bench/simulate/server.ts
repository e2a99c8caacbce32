import type { Verdict } from '../../lib/core/recovery/verdict.js';

/** A server with room for so many joins a second. */
export interface Server {
  /** `null`: comes in. Otherwise what it hears. `left`: ms until the client's deadline. */
  ask(client: number, now: number, left: number): Verdict | null;
}

export interface Limit {
  /** Joins a second. */
  readonly rate: number;
  /** Joins at once. */
  readonly size: number;
}

const busy: Verdict = { kind: 'busy' };

/** Lets in whom the bucket has a token for; tells the rest nothing but that it is busy. */
export function silentServer({ rate, size }: Limit, from: number): Server {
  let tokens = size;
  let at = from;
  return {
    ask: (_client, now) => {
      tokens = Math.min(size, tokens + ((now - at) * rate) / 1_000);
      at = now;
      // Thousands of additions are rounded.
      if (tokens < 1 - 1e-9) return busy;
      tokens -= 1;
      return null;
    },
  };
}

/** So many crowds that do not know of each other, a silent server for each; the clients are dealt out in turn. */
export const oneServerFor =
  (crowds: number) =>
  (limit: Limit, from: number): Server => {
    const servers = Array.from({ length: crowds }, () => silentServer(limit, from));
    return { ask: (client, now, left) => servers[client % crowds]?.ask(client, now, left) ?? null };
  };
