import type { Model } from './model.js';
import type { RoomEvent } from './room-event.js';

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** While one frame is judged: the only mutable thing in the core, and it never leaves it unfinished. */
export interface Draft<L, P> {
  /** Before the frame. */
  readonly before: Model<L>;
  /** Becomes the next model. It has a session and an episode of its own, which only their files write to. */
  readonly model: Writable<Model<L>>;
  readonly now: number;
  readonly policy: P;
  readonly events: RoomEvent[];
}

export const draftOf = <L, P>(before: Model<L>, now: number, policy: P): Draft<L, P> => ({
  before,
  model: {
    ...before,
    session: before.session && { ...before.session },
    episode: before.episode && { ...before.episode },
  },
  now,
  policy,
  events: [],
});

export const nextId = <L>({ model }: Draft<L, unknown>): number => (model.lastId += 1);
