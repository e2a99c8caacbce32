import type { ServerNotice } from '../recovery/verdict.js';
import type { Health } from './health.js';

/** What can happen to a room. Inputs with an id are ignored when that work is not the running one any more. */
export type RoomInput<L> =
  | { readonly type: 'join' }
  | { readonly type: 'leave' }
  | { readonly type: 'retryNow' }
  | { readonly type: 'wake'; readonly suspendedFor: number }
  | { readonly type: 'requested'; readonly id: number }
  | {
      readonly type: 'linked';
      readonly id: number;
      readonly link: L;
      readonly media: boolean;
      readonly canProbe: boolean;
    }
  | { readonly type: 'health'; readonly id: number; readonly source: Leg; readonly health: Health }
  /** `error`: what it ended with, `undefined` when it completed. */
  | { readonly type: 'sourceEnded'; readonly id: number; readonly source: Leg; readonly error?: unknown }
  | { readonly type: 'notice'; readonly id: number; readonly notice: ServerNotice }
  /** A join, or the link that it gave, ended. */
  | { readonly type: 'ended'; readonly id: number; readonly error: unknown }
  /** `stage`: whether the repair itself failed, or the request for what it needs. */
  | { readonly type: 'repairFailed'; readonly id: number; readonly error: unknown; readonly stage: Stage }
  | { readonly type: 'probed'; readonly id: number; readonly alive: boolean };

/** One of the two things that a room stands on. */
export type Leg = 'signal' | 'media';

/** What an attempt is at: asking for the room's information, or joining (repairing) with it. */
export type Stage = 'request' | 'join';
