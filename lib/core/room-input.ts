import type { Health } from './health.js';
import type { Failure } from './plan-retry.js';
import type { ServerNotice } from './verdict.js';

/** What can happen to a room. Those with an id are ignored when that work is no longer the running one. */
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
  | { readonly type: 'health'; readonly id: number; readonly source: 'signal' | 'media'; readonly health: Health }
  | { readonly type: 'sourceEnded'; readonly id: number; readonly source: 'signal' | 'media' }
  | { readonly type: 'notice'; readonly id: number; readonly notice: ServerNotice }
  | { readonly type: 'ended'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'repairFailed'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'probed'; readonly id: number; readonly alive: boolean };
