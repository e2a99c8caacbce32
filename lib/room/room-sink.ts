import type { RoomInput } from '../core/machine/room-input.js';
import type { RoomError } from './room.js';

/** Where running work reports to its room. */
export interface RoomSink<L> {
  push(input: RoomInput<L>): void;
  report(from: RoomError['from'], error: unknown): void;
  /** Runs a call of the transport so that no command given inside it is judged before it has returned. */
  inTurn(work: () => void): void;
}
