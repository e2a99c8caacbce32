import type { RoomInput } from '../core/room-input.js';
import type { Verdict } from '../core/verdict.js';
import type { RoomError } from './room.js';

/** What running work tells its room. */
export interface Hearer<L> {
  hear(input: RoomInput<L>): void;
  report(from: RoomError['from'], error: unknown): void;
  classify(error: unknown): Verdict;
  /** Runs a call of the transport so that no command given inside it is judged before it has returned. */
  inTurn(work: () => void): void;
}
