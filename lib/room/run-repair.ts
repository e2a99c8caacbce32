import { defer, EMPTY, tap, type Subscription } from 'rxjs';
import type { Work } from '../core/machine/model.js';
import { wrongType } from '../core/options/wrong.js';
import { inputOf } from '../operators/input-of.js';
import { isMistake, mistake } from './mistake.js';
import { requestOf } from './request-of.js';
import type { RoomSink } from './room-sink.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** Runs one repair of a link. Only a failure is reported: success shows as health. */
export function runRepair<I, L extends RoomLink>(
  sink: RoomSink<L>,
  transport: RoomTransport<I, L, RoomLink>,
  link: L,
  { id, attempt }: Work<L>,
): Subscription {
  const requestErrors: unknown[] = [];
  const info$ = requestOf(transport, attempt).pipe(
    tap({
      error: (error: unknown) => {
        requestErrors.push(error);
      },
    }),
  );
  return defer(() => {
    const given: unknown = transport.repair?.(link, attempt, info$) ?? EMPTY;
    const input = inputOf(given);
    if (input !== null) return input;
    throw mistake(wrongType('repair: the return value', 'an Observable', given));
  }).subscribe({
    error: (error: unknown) => {
      const stage = requestErrors.includes(error) ? 'request' : 'join';
      sink.push({ type: 'repairFailed', id, error, stage, mistake: isMistake(error) });
    },
  });
}
