import { defer, EMPTY, take, throwError, type Subscription } from 'rxjs';
import { wrongType } from '../core/options/wrong.js';
import { inputOf } from '../operators/input-of.js';
import type { RoomSink } from './room-sink.js';
import type { RoomLink } from './transport.js';

/** Asks a link for a sign of life: the first value or a completion is one, an error means dead. */
export const runProbe = <L>(sink: RoomSink<L>, link: RoomLink, id: number): Subscription => {
  const answer = (alive: boolean): void => {
    sink.push({ type: 'probed', id, alive });
  };
  return defer(() => {
    const given: unknown = link.probe?.() ?? EMPTY;
    const input = inputOf(given);
    if (input !== null) return input;
    const error = wrongType('probe: the return value', 'an Observable or a Promise', given);
    sink.report('probe', error);
    return throwError(() => error);
  })
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
