import { BehaviorSubject, type Observable } from 'rxjs';
import { throughGate } from './candidates.js';
import type { GateState } from './control-api.js';
import { openMediaPath, type MediaPath } from './gate-media.js';
import { openSignalPath, type SignalPath } from './gate-signal.js';
import { mediaHost } from './media-host.js';
import type { RewriteSignal } from './room-server.js';

export interface GateOptions {
  /** The room server's port on `host`. */
  readonly serverPort: number;
  /** Whose networks can be cut. Media between two of them goes through the gate, that of others past it. */
  readonly users: readonly string[];
  /** @defaultValue '127.0.0.1' */
  readonly host?: string;
  /** The port for a user's signalling. @defaultValue any free one */
  readonly portOf?: (user: string) => number;
  /** The address for media. @defaultValue loopback where a socket on another own address reaches it, else that address */
  readonly mediaHost?: string;
  /** Decides which packets get lost. @defaultValue Math.random */
  readonly random?: () => number;
}

export type CutOptions = Readonly<Partial<Record<'signal' | 'media', boolean>>>;

/**
 * One network a user, which can be cut for real: nobody is told, no socket is closed, nothing arrives any more.
 *
 *     page A ── tcp ──┐                         ┌── tcp ── page B
 *                     ├── gate ── room server ──┤
 *     page A ── udp ──┘   gate ── udp ──────────┴───────── page B
 */
export interface Gate {
  /** Port of the user's signalling; `undefined` for a user that has no gate. */
  signalPort(user: string): number | undefined;
  /** Cuts what is named, both when nothing is. `false`: no such user. */
  cut(user: string, what?: CutOptions): boolean;
  /** Loses this share (0 to 1) of the user's media packets, both ways. */
  lose(user: string, share: number): boolean;
  /** Opens both, and loses nothing any more; held signalling bytes flow on. */
  heal(user: string): boolean;
  readonly state: Readonly<Record<string, GateState>>;
  /** Replays the current one. */
  readonly state$: Observable<Readonly<Record<string, GateState>>>;
  /** For the room server: makes the gate the only address of each page that the other learns. */
  readonly rewriteSignal: RewriteSignal;
  close(): Promise<void>;
}

const open: GateState = { signal: 'open', media: 'open', loss: 0 };

export async function openGate(options: GateOptions): Promise<Gate> {
  const { serverPort, users, host = '127.0.0.1', portOf = () => 0, random = Math.random } = options;
  const states$ = new BehaviorSubject<Readonly<Record<string, GateState>>>(
    Object.fromEntries(users.map((user) => [user, open])),
  );
  const stateOf = (user: string): GateState | undefined =>
    Object.hasOwn(states$.value, user) ? states$.value[user] : undefined;
  const passesMedia = (user: string): boolean => {
    const state = stateOf(user);
    return state?.media === 'open' && random() >= state.loss;
  };

  const signals = new Map<string, SignalPath>();
  const media = new Map<string, MediaPath>();
  const close = async (): Promise<void> => {
    states$.complete();
    const paths = [...signals.values(), ...media.values()];
    signals.clear();
    media.clear();
    await Promise.all(paths.map((path) => path.close()));
  };
  try {
    const udpHost = options.mediaHost ?? (await mediaHost(host));
    for (const user of users) signals.set(user, await openSignalPath({ host, port: portOf(user), serverPort }));
    for (const [first, second] of pairs(users)) {
      const passes = (): boolean => passesMedia(first) && passesMedia(second);
      media.set(pairKey(first, second), await openMediaPath({ host: udpHost, passes }));
    }
  } catch (error) {
    await close();
    throw error;
  }

  const set = (user: string, change: Partial<GateState>): boolean => {
    const state = stateOf(user);
    if (state === undefined) return false;
    const next = { ...state, ...change };
    signals.get(user)?.hold(next.signal === 'cut');
    if (next.signal !== state.signal || next.media !== state.media || next.loss !== state.loss)
      states$.next({ ...states$.value, [user]: next });
    return true;
  };

  return {
    signalPort: (user) => signals.get(user)?.port,
    cut: (user, what = {}) => {
      const all = what.signal !== true && what.media !== true;
      return set(user, {
        ...(all || what.signal === true ? { signal: 'cut' } : {}),
        ...(all || what.media === true ? { media: 'cut' } : {}),
      });
    },
    lose: (user, share) => set(user, { loss: share }),
    heal: (user) => set(user, open),
    get state() {
      return states$.value;
    },
    state$: states$.asObservable(),
    rewriteSignal: (data, { from, to }) => {
      const path = media.get(pairKey(from, to));
      if (path === undefined) return data;
      return throughGate(data, path.facing[from < to ? 1 : 0]);
    },
    close,
  };
}

/** Sorted, so that the first of a pair is always the same. */
function pairs(users: readonly string[]): (readonly [string, string])[] {
  const sorted = [...users].sort();
  return sorted.flatMap((first, index) => sorted.slice(index + 1).map((second) => [first, second] as const));
}

const pairKey = (one: string, other: string): string => JSON.stringify(one < other ? [one, other] : [other, one]);
