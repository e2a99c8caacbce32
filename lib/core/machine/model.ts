import type { Standing } from '../recovery/standing.js';
import { newStanding } from '../recovery/standing.js';
import type { ConnectionState } from './connection-state.js';
import type { Episode } from './episode.js';
import { newPlaces, type Places } from './places.js';
import type { RoomEvent } from './room-event.js';
import type { Session } from './session.js';

/** All that a room knows. A plain value; times are fields of it, running work is named by ids. Each field has one owner. */
export interface Model<L> {
  /** derivation.ts */
  readonly state: ConnectionState<L>;
  /** What earlier breaks left over: derivation.ts. */
  readonly standing: Standing;
  /** The join that runs, or the link that it gave: session.ts. */
  readonly session: Session<L> | null;
  /** The link that the next join replaces, once its session is gone: session.ts. */
  readonly previous: L | null;
  /** From a join or a first sign of trouble until both healths are up, or the end: episode.ts. */
  readonly episode: Episode<L> | null;
  /** Where to join: places.ts. */
  readonly places: Places;
  /** The last id that was given to a piece of work: this file. */
  readonly lastId: number;
}

/** A room before any join. */
export const initialModel = (endpoints: readonly string[]): Model<never> => ({
  state: { state: 'disconnected', reason: null },
  standing: newStanding(0),
  session: null,
  previous: null,
  episode: null,
  places: newPlaces(endpoints),
  lastId: 0,
});

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
