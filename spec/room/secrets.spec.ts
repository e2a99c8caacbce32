import { inspect } from 'node:util';
import { merge } from 'rxjs';
import type { Attempt, RoomLink, RoomTransport } from '../../lib/index.js';
import { brisk, marbles, watchedRoom } from './room-harness.js';

const secret = 's3cr3t-t0k3n';

interface Ticket {
  readonly token: string;
}

describe('secrets', () => {
  it('X1 what request gives goes to join and nowhere else: not into states, progress, errors or events', () => {
    const told: unknown[] = [];
    const given: string[] = [];
    marbles(({ cold, hot, link, health, command }) => {
      const signal$ = health('  ---u---d           ');
      const ends = ['l', '#', '--|', '-'];
      const transport: RoomTransport<Ticket> = {
        request: () => [{ token: secret }],
        join(_: Attempt<RoomLink>, { token }: Ticket) {
          given.push(token);
          return cold<RoomLink>(ends.shift() ?? '-', { l: link('a', { signal$ }) }, new Error('no route'));
        },
      };
      const room = watchedRoom(transport, { ...brisk, schedule: () => 2, wake$: hot('---w', { w: { suspendedFor: 0 } }) });
      merge(room.connectionState$, room.progress$, room.events$, room.errors$, room.snapshot$).subscribe((value) =>
        told.push(value),
      );
      command(room, '           j 99ms l');
    });
    expect(given.length).toBeGreaterThan(2);
    expect(new Set(given)).toEqual(new Set([secret]));
    expect(told.length).toBeGreaterThan(10);
    expect(inspect(told, { depth: 9, showHidden: true })).not.toContain(secret);
  });
});
