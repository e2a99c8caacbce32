import { setTimeout } from 'node:timers/promises';
import type { Pair } from '../pair.js';
import type { MemberLook } from '../record.js';

const pace = 200;
/** Milliseconds for which it must last: a glimpse is no agreement. */
const lasting = 1_000;

/** Everybody is connected, lists exactly the other, has the other's tracks, and their bytes come. */
export async function agreementOf(pair: Pair, limit: number): Promise<Agreement> {
  const end = Date.now() + limit;
  let before = await lookAt(pair);
  let since: number | null = null;
  for (;;) {
    await setTimeout(pace);
    const now = await lookAt(pair);
    const missing = disagreement(now, before);
    if (missing !== null) since = null;
    else if (since === null) since = now.at;
    else if (now.at - since >= lasting) return { since, missing: null };
    if (Date.now() > end && since === null) return { since: null, missing };
    before = now;
  }
}

export interface Agreement {
  /** When it began (ms, wall clock); `null`: not within the limit. */
  readonly since: number | null;
  /** What was missing at the end. */
  readonly missing: string | null;
}

interface Looks {
  readonly at: number;
  readonly A: MemberLook;
  readonly B: MemberLook;
}

async function lookAt({ A, B }: Pair): Promise<Looks> {
  const [a, b] = await Promise.all([A.look(), B.look()]);
  return { at: Date.now(), A: a, B: b };
}

function disagreement(now: Looks, before: Looks): string | null {
  for (const [me, other] of [
    ['A', 'B'],
    ['B', 'A'],
  ] as const) {
    const { state, reason, users, tracks, bytes } = now[me];
    const { self } = now[other];
    if (state !== 'connected') return `${me} is ${state}/${String(reason)}`;
    if (users.length !== 1 || users[0] !== self) return `${me} lists ${users.length} others, or not ${other}`;
    if (tracks.length !== 1 || tracks[0] !== self) return `${me} has tracks of ${tracks.length}, or not of ${other}`;
    if (bytes <= before[me].bytes) return `no media comes to ${me}`;
  }
  return null;
}
