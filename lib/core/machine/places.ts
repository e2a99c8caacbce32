import type { Draft } from './draft.js';
import type { Places } from './model.js';

/** The slots in which every other place is tried after the first. */
const SWEEPS: readonly number[] = [2, 5, 11];

export function newPlaces(endpoints: readonly string[]): Places {
  const list = endpoints.length === 0 ? [null] : endpoints;
  return { list, own: list, cursor: 0, slot: 0, offset: 0 };
}

type At<L> = Pick<Draft<L, unknown>, 'model'>;

const change = <L>({ model }: At<L>, changes: Partial<Places>): void => {
  model.places = { ...model.places, ...changes };
};

/** Where an attempt that begins now goes. */
export const placeOf = ({ list, cursor, offset }: Places): string | null =>
  list[(cursor + offset) % list.length] ?? null;

/** A join or rejoin begins. */
export function enterPlace<L>(at: At<L>): void {
  const { slot, offset } = at.model.places;
  if (offset === 0) change(at, { slot: slot + 1 });
}

/** Whether the running join or rejoin is the first of a sweep: it may take only half of the opening limit. */
export const beginsSweep = ({ list, slot, offset }: Places): boolean =>
  list.length > 1 && offset === 0 && SWEEPS.includes(slot);

/** The running join or rejoin reached nobody. Answers whether another place is to be tried at once. */
export function leavePlace<L>(at: At<L>): boolean {
  const { list, slot, offset } = at.model.places;
  const more = SWEEPS.includes(slot) && offset + 1 < list.length;
  change(at, { offset: more ? offset + 1 : 0 });
  return more;
}

/** The server at this place answered: "busy" keeps the place (and our turn in its queue), "refused" passes on to the next. */
export function answeredAt<L>(at: At<L>, endpoint: string | null, verdict: 'busy' | 'refused'): void {
  const { list, cursor } = at.model.places;
  const place = list.indexOf(endpoint);
  const next = verdict === 'busy' ? place : (place + 1) % list.length;
  change(at, { cursor: place === -1 ? cursor : next, offset: 0 });
}

/** The server names other places. */
export function takeList<L>(at: At<L>, list: readonly string[]): void {
  change(at, { list, cursor: 0, offset: 0 });
}

/** The server sends us to one place; the others stay behind it. */
export function putFirst<L>(at: At<L>, endpoint: string): void {
  const others = at.model.places.list.filter((other) => other !== endpoint);
  change(at, { list: [endpoint, ...others], cursor: 0, offset: 0 });
}

/** The next break, or join, begins at the first place of this list. */
export function resetPlaces<L>(at: At<L>, list: Places['list']): void {
  change(at, { list, cursor: 0, slot: 0, offset: 0 });
}
