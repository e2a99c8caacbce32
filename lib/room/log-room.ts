import { Subscription, type Observable, type ObservedValueOf } from 'rxjs';
import { aFunction, aStream, aText, readOptions } from '../core/options/options.js';
import { errorText } from './error-text.js';
import { eventText, stateText } from './log-text.js';
import type { Room } from './room.js';

export interface LogRoomOptions {
  /** Begins every line. @defaultValue 'room' */
  readonly name?: string;
  /** Takes a line. What it throws, or rejects with, is dropped. @defaultValue console.debug */
  readonly log?: (line: string) => unknown;
}

type LoggedRoom = Pick<Room<unknown>, 'connectionState$' | 'progress$' | 'events$' | 'errors$'>;

/**
 * Writes what a room does, one readable line for every change of state, health, attempt, wait, verdict, probe, sleep and warning.
 *
 *     room:   d---------c----------------#-----------C-----
 *     lines:  1         2,3              4           5,6
 *
 *     1  call: disconnected
 *     2  call: attempt 1 (join)
 *     3  call: connecting (joinChannel)
 *     4  call: attempt 1 (join) failed: Error: no network — nobody answered; next attempt in 1.2 s, giving up in 39 s
 *     5  call: up after 2.1 s
 *     6  call: connected (joinSucceed)
 *
 * Begins with the current state. A failed attempt and what comes of it are one line. Of an error only the name and the message
 * are written: on one line, not longer than 200 characters, without query, user and password of the addresses in it. Values
 * that are no `Error` are not written, nor is anything of the link: there may be tokens or payloads in them. What `log` throws
 * is dropped, so that it cannot hurt the room. Unsubscribing ends the log and nothing else.
 *
 * @throws {TypeError} at once, for a room that lacks a stream, and for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { concat, NEVER, of } from 'rxjs';
 * import { createRoom, logRoom, UP } from 'rejoin';
 *
 * const up$ = concat(of(UP), NEVER);
 * const room = createRoom({ join: () => concat(of({ signal$: up$, media$: null }), NEVER) });
 * logRoom(room, { name: 'call', log: (line) => console.log(line.replace(/[\d.]+ s$/, 'a moment')) });
 * room.join();
 * setTimeout(() => room.leave(), 10);
 * // => call: disconnected
 * // => call: attempt 1 (join)
 * // => call: connecting (joinChannel)
 * // => call: signal is up
 * // => call: up after a moment
 * // => call: connected (joinSucceed)
 * // => call: disconnected (leaveChannel)
 * ```
 */
export function logRoom(room: LoggedRoom, options: LogRoomOptions = {}): Subscription {
  const { name, log } = readOptions<Required<LogRoomOptions>>('logRoom', options, {
    name: [aText, 'room'],
    // eslint-disable-next-line no-console
    log: [aFunction, console.debug],
  });

  const logging = new Subscription();
  const follow = <S extends keyof LoggedRoom>(
    stream: S,
    next: (value: ObservedValueOf<LoggedRoom[S]>) => void,
  ): void => {
    const source$: Observable<ObservedValueOf<LoggedRoom[S]>> = aStream(
      `logRoom: ${stream}`,
      (Object(room) as LoggedRoom)[stream],
    );
    logging.add(source$.subscribe({ next, error: () => undefined }));
  };

  // A failed attempt and what comes of it are one line. Whatever that is, it is told in the same frame.
  let held = '';
  const say = async (text: string): Promise<void> => {
    const line = `${name}: ${held}${text}`;
    held = '';
    try {
      // Called at once; awaited, so that one that rejects is caught as well.
      await log(line);
    } catch {
      // There is nowhere to write it.
    }
  };

  let deadlineAt = 0;
  follow('progress$', (progress) => {
    deadlineAt = progress?.deadlineAt ?? 0;
  });
  follow('events$', (event) => {
    const text = eventText(event, deadlineAt);
    // A sleep moves the deadline; `progress$` shows where to, after the events.
    if (event.type === 'suspended') deadlineAt = 0;
    if (event.type === 'attemptFailed') held += `${text}; `;
    else void say(text);
  });
  follow('errors$', ({ from, error }) => {
    void say(`warning (${from}): ${errorText(error)}`);
  });
  follow('connectionState$', (state) => {
    void say(stateText(state));
  });
  return logging;
}
