import { newStanding } from '../recovery/standing.js';
import type { Model } from './model.js';
import { newPlaces } from './places.js';

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
