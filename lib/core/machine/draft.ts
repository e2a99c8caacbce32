import type { Model } from './model.js';
import type { RoomEvent } from './room-event.js';

/** While one frame is judged: the only mutable thing in the core, and it never leaves `transition` unfinished. */
export interface Draft<L, P> {
  /** Before the frame. */
  readonly before: Model<L>;
  /** The copy that becomes the next model. Its fields are replaced; what they hold is never written to. */
  readonly model: { -readonly [K in keyof Model<L>]: Model<L>[K] };
  readonly now: number;
  readonly policy: P;
  readonly events: RoomEvent[];
}

export const nextId = <L>({ model }: Draft<L, unknown>): number => (model.lastId += 1);
