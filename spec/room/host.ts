import { config, map } from 'rxjs';
import type { Failed, Room, RoomError, RoomLink, RoomTransport } from '../../lib/index.js';
import { brisk, marbles, textOf, watchedRoom, type Marbles } from './room-harness.js';

/** What a room told of itself. */
export interface Told {
  readonly room: Room<RoomLink>;
  readonly states: readonly string[];
  readonly errors: readonly RoomError[];
  /** Of `failed`. */
  readonly error: unknown;
}

/** Joins at 1 ms a room whose transport is made in virtual time, leaves at 101 ms, and gives what was told. */
export function lifeOf(make: (t: Marbles) => unknown, more: (t: Marbles) => object = () => ({}), commands = '-j 99ms l'): Told {
  return marbles((t) => {
    const states: string[] = [];
    const errors: RoomError[] = [];
    const room = watchedRoom(make(t) as RoomTransport, { ...brisk, ...more(t) });
    room.connectionState$.pipe(map(textOf)).subscribe((state) => states.push(state));
    room.errors$.subscribe((error) => errors.push(error));
    t.command(room, commands);
    return {
      room,
      states,
      errors,
      get error() {
        return (room.connectionState as Partial<Failed>).error;
      },
    };
  });
}

/** What was wrong, each with its place: `from: message`. */
export const linesOf = ({ errors }: Told): string[] =>
  errors.map(({ from, error }) => `${from}: ${error instanceof Error ? error.message : String(error)}`);

/** Runs something and gives all that would have ended the process, also what comes some turns later. */
export async function uncaughtIn(act: () => void): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const take = (error: unknown): void => void uncaught.push(error);
  const { onUnhandledError } = config;
  config.onUnhandledError = take;
  const others = (['uncaughtException', 'unhandledRejection'] as const).map((type) => {
    const before = process.listeners(type as 'uncaughtException');
    process.removeAllListeners(type);
    process.on(type, take);
    return () => {
      process.removeAllListeners(type);
      for (const listener of before) process.on(type as 'uncaughtException', listener);
    };
  });
  try {
    act();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
  } finally {
    config.onUnhandledError = onUnhandledError;
    for (const giveBack of others) giveBack();
  }
  return uncaught;
}
