import type { RoomEvent } from '../../lib/index.js';

/** What an event of the room says beside its type and time. */
export function eventText(event: RoomEvent): string {
  return JSON.stringify(event, (key, value: unknown) => {
    if (key === 'at' || key === 'type') return undefined;
    return value instanceof Error ? `${value.name}: ${value.message}` : value;
  });
}
