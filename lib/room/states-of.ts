import { Observable, skip, takeWhile } from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import type { Room } from './room.js';

/** Joins a room of its own for every subscriber: its states up to the terminal one; unsubscribing leaves. */
export const statesOf = <L>(create: () => Room<L>): Observable<ConnectionState<L>> =>
  new Observable((subscriber) => {
    const room = create();
    const states$ = room.connectionState$.pipe(
      skip(1),
      takeWhile(({ state }) => state !== 'disconnected' && state !== 'failed', true),
    );
    // The states first, so that leaving emits nothing.
    subscriber.add(states$.subscribe(subscriber));
    subscriber.add(() => {
      room.leave();
    });
    room.join();
  });
