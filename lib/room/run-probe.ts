import { defer, EMPTY, take, type Subscription } from 'rxjs';
import type { RoomSink } from './room-sink.js';
import type { RoomLink } from './transport.js';

/** Asks a link for a sign of life: the first value or a completion is one, an error means dead. */
export const runProbe = <L>(sink: RoomSink<L>, link: RoomLink, id: number): Subscription => {
  const answer = (alive: boolean): void => {
    sink.push({ type: 'probed', id, alive });
  };
  return defer(() => link.probe?.() ?? EMPTY)
    .pipe(take(1))
    .subscribe({
      error: () => {
        answer(false);
      },
      complete: () => {
        answer(true);
      },
    });
};
