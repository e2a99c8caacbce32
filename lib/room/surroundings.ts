import { catchError, EMPTY, map, merge, type Observable } from 'rxjs';
import type { RoomInput } from '../core/room-input.js';
import type { Wake } from './browser.js';
import type { Report } from './session-inputs.js';

/** What a room hears from its device: wakes, and the wish to leave. Never errors. */
export function surroundings(
  wake$: Observable<Wake>,
  leave$: Observable<unknown>,
  report: Report,
): Observable<RoomInput<never>> {
  return merge(
    wake$.pipe(
      map((wake: Partial<Wake> | undefined): RoomInput<never> => ({
        type: 'wake',
        suspendedFor: msOf(wake?.suspendedFor),
      })),
      catchError((error: unknown) => {
        report('wake$', error);
        return EMPTY;
      }),
    ),
    leave$.pipe(
      map((): RoomInput<never> => ({ type: 'leave' })),
      catchError((error: unknown) => {
        report('leave$', error);
        return EMPTY;
      }),
    ),
  );
}

const msOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);
