import { concat, delay, NEVER, of, throwError, VirtualTimeScheduler } from 'rxjs';
import { enter, openQueue } from '../../demo/server/ticket-queue.js';
import type { Health } from '../../lib/core/machine/health.js';
import { createRoom } from '../../lib/room/create-room.js';
import type { RoomLink } from '../../lib/room/transport.js';
import { seeded } from './random.js';
import type { Limit, Server } from './server.js';

/** The demo server's queue with tickets; each client shows the last ticket that it was given. */
export function ticketServer(limit: Limit, from: number): Server {
  let queue = openQueue(limit, from);
  let issued = 0;
  const tickets: (string | undefined)[] = [];
  return {
    ask: (client, now, left) => {
      const ticket = tickets[client];
      const entered = enter(
        queue,
        ticket === undefined ? { maxWait: left } : { ticket, maxWait: left },
        limit,
        now,
        String(issued++),
      );
      queue = entered.queue;
      if (entered.decision.admitted) return null;
      tickets[client] = entered.decision.ticket;
      return { kind: 'busy', retryAfter: entered.decision.retryAfter };
    },
  };
}

export interface PastDeadline {
  /** When the room tried to come back. */
  readonly attempts: readonly number[];
  /** When the hint said to come back. */
  readonly hintAt: number | null;
  readonly failedAt: number | null;
  readonly reason: string | null;
}

/** A real room in virtual time, cut off from a server whose hint lies past its deadline. Times in ms since the cut. */
export function hintPastDeadline(seed: number, hint = 60_000): PastDeadline {
  const scheduler = new VirtualTimeScheduler();
  const cutAt = 15_000;
  const attempts: number[] = [];
  let hintAt: number | null = null;
  let failedAt: number | null = null;
  let reason: string | null = null;
  const busy = new Error('busy');
  const sinceCut = (): number => scheduler.now() - cutAt;
  const link: RoomLink = {
    signal$: concat(of<Health>('up'), of<Health>({ down: true }).pipe(delay(cutAt, scheduler)), NEVER),
    media$: null,
    notice$: NEVER,
  };
  const room = createRoom(
    {
      join: ({ kind }) => {
        if (kind === 'join') return concat(of(link), NEVER);
        attempts.push(sinceCut());
        return throwError(() => busy);
      },
      classify: () => ({ kind: 'busy', retryAfter: hint }),
    },
    { scheduler, random: seeded(seed) },
  );
  room.snapshot$.subscribe({
    next: ({ progress, connectionState: state }) => {
      if (progress?.hintAt != null) hintAt ??= progress.hintAt - cutAt;
      if (state.state !== 'failed') return;
      failedAt = sinceCut();
      reason = state.reason;
    },
    error: (error: unknown) => {
      throw error; // it never comes
    },
  });
  room.join();
  scheduler.flush();
  room[Symbol.dispose]();
  return { attempts, hintAt, failedAt, reason };
}
