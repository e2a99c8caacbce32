import { follow } from '../../demo/client/page/follow.js';
import type { Room, RoomLink } from '../../lib/index.js';
import type { EventEntry, StateEntry } from '../record.js';
import { eventText } from './event-text.js';

/** Writes down what a room says. */
export function logRoom<L extends RoomLink>(
  room: Room<L>,
): { readonly states: StateEntry[]; readonly events: EventEntry[] } {
  const states: StateEntry[] = [];
  const events: EventEntry[] = [];
  follow(room.connectionState$, ({ state, reason }) => states.push({ at: Date.now(), state, reason }));
  follow(room.events$, (event) => events.push({ at: event.at, type: event.type, text: eventText(event) }));
  follow(room.errors$, ({ at, from, error }) =>
    events.push({ at, type: 'error', text: `${from}: ${error instanceof Error ? error.message : String(error)}` }),
  );
  return { states, events };
}
