/**
 * What the page and the process behind it say to each other beside the call: plain HTTP on the page's own origin, outside
 * the gate, so that a page that is cut off can still heal itself. Types only; the page imports them.
 *
 *     GET  /config   → DemoConfig
 *     POST /control  ControlCommand → ControlAnswer
 *     POST /state    StateReport → 204
 */
import type { ReasonName, StateName } from '../../lib/core/machine/connection-state.js';

/** One user's network: whether each half of it is open, and how much of the media gets lost, 0 to 1. */
export interface GateState {
  readonly signal: 'open' | 'cut';
  readonly media: 'open' | 'cut';
  readonly loss: number;
}

/** Where one user's page reaches the room server: through that user's own gate, the token request too. */
export interface UserEndpoints {
  /** `ws://127.0.0.1:<port>/` */
  readonly signal: string;
  /** `POST {room, user}` → `{token, expiresAt}` (ms, wall clock). Another origin than the page's; CORS allows it. */
  readonly token: string;
}

export interface DemoConfig {
  readonly room: string;
  /** By user: 'A' and 'B' unless started otherwise. */
  readonly users: Readonly<Record<string, UserEndpoints>>;
  readonly gate: Readonly<Record<string, GateState>>;
  /** Each session draws its own from this range (ms). `joined` says which. */
  readonly resumeWindow: { readonly from: number; readonly to: number };
  /** The server drops a socket after so many ms without a frame or an answer to its ping. */
  readonly silenceLimit: number;
}

/** `room` is the configured one unless given. */
export type ControlCommand =
  /** Cuts what is named; both when nothing is. The other half is left as it is. */
  | { readonly command: 'cut'; readonly user: string; readonly signal?: boolean; readonly media?: boolean }
  /** Loses this share of the media packets, both ways, at random. 0 ends it. */
  | { readonly command: 'lose'; readonly user: string; readonly share: number }
  /** Opens both halves; nothing gets lost any more. */
  | { readonly command: 'heal'; readonly user: string }
  | { readonly command: 'kick'; readonly user: string; readonly room?: string }
  | { readonly command: 'closeRoom'; readonly room?: string }
  /** Milliseconds; 2 s unless given. Answered at once. */
  | { readonly command: 'restart'; readonly downFor?: number }
  | { readonly command: 'busy'; readonly on: boolean; readonly retryAfter?: number }
  /** To the user's own endpoint unless given. */
  | { readonly command: 'redispatch'; readonly user: string; readonly endpoint?: string; readonly room?: string };

export interface ControlAnswer {
  /** `false`: there was nobody to do it to. */
  readonly done: boolean;
  readonly gate: DemoConfig['gate'];
}

/** One `connectionState$` value of one user, for the terminal. `navigator.sendBeacon` may send it. */
export interface StateReport {
  readonly user: string;
  readonly state: StateName;
  readonly reason: ReasonName | null;
}
