import { defer, EMPTY, take, type Subscription } from 'rxjs';
import type { Work } from '../core/model.js';
import type { Hearer } from './hearer.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** Runs one repair of a link. Only a failure is told: success shows as health. */
export const runRepair = <I, L extends RoomLink>(
  hearer: Hearer<L>,
  transport: RoomTransport<I, L, RoomLink>,
  link: L,
  { id, attempt }: Work<L>,
): Subscription =>
  defer(() => transport.repair?.(link, attempt) ?? EMPTY).subscribe({
    error: (error: unknown) => {
      hearer.hear({ type: 'repairFailed', id, failure: { error, verdict: hearer.classify(error) } });
    },
  });

/** Asks a link for a sign of life: the first value or a completion is one, an error is none. */
export const runProbe = <L>(hearer: Hearer<L>, link: RoomLink, id: number): Subscription => {
  const answer = (alive: boolean): void => {
    hearer.hear({ type: 'probed', id, alive });
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
