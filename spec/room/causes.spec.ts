import { concat, NEVER, of, throwError } from 'rxjs';
import type { Health, Room, RoomEvent, ServerNotice, Verdict } from '../../lib/index.js';
import { alwaysUp, brisk, joins, marbles, watchedRoom, type TestLink } from './room-harness.js';

const gone = new Error('1012: the server restarts');
const stats = new Error('getStats failed');

/** What a room showed while it was reconnecting, as `error` and `since`. */
const breaksOf = (room: Room<TestLink>): [error: unknown, since: number][] => {
  const seen: [unknown, number][] = [];
  room.connectionState$.subscribe((state) => {
    if (state.state === 'reconnecting') seen.push([state.error, state.since]);
  });
  return seen;
};

const eventsOf = (room: Room<TestLink>, type: RoomEvent['type']): RoomEvent[] => {
  const seen: RoomEvent[] = [];
  room.events$.subscribe((event) => {
    if (event.type === type) seen.push(event);
  });
  return seen;
};

describe('why a room is where it is:', () => {
  it('S11 a break by the end of its link carries the error of the link, and when it was last alive', () => {
    let seen: unknown;
    marbles(({ cold, link, command }) => {
      const room = watchedRoom(joins(cold('l----#', { l: link('a') }, gone), NEVER));
      seen = breaksOf(room);
      command(room, 'j');
    });
    expect(seen).toEqual([[gone, 5]]);
  });

  it('S11 a break by a health alone has no error, and dates from the last proof of life', () => {
    let seen: unknown;
    marbles(({ cold, hot, link, command }) => {
      const signal$ = hot<Health>('-u---d', { u: 'up', d: { down: true, aliveAt: 3 } });
      const room = watchedRoom(joins(cold('l', { l: link('a', { signal$ }) }), NEVER));
      seen = breaksOf(room);
      command(room, 'j');
    });
    expect(seen).toEqual([[null, 3]]);
  });

  it('S11 a break by a health source that errors carries its error', () => {
    let seen: unknown;
    marbles(({ cold, hot, link, command }) => {
      const media$ = hot<Health>('-u---#', { u: 'up' }, stats);
      const room = watchedRoom(joins(cold('l', { l: link('a', { media$ }) }), NEVER));
      seen = breaksOf(room);
      command(room, 'j');
    });
    expect(seen).toEqual([[stats, 5]]);
  });

  it('S11 an error that comes after the announcement shows in events$ only', () => {
    let seen: unknown;
    let ended: unknown;
    marbles(({ cold, health, link, command }) => {
      const signal$ = health('-u---d');
      const room = watchedRoom(joins(cold('l------#', { l: link('a', { signal$ }) }, gone), NEVER));
      seen = breaksOf(room);
      ended = eventsOf(room, 'linkEnded');
      command(room, 'j');
    });
    expect(seen).toEqual([[null, 5]]);
    expect(ended).toEqual([{ type: 'linkEnded', at: 7, error: gone, verdict: { kind: 'unreachable' } }]);
  });

  it('S11 a dip that is still settling when its link ends carries the error of the link', () => {
    let seen: unknown;
    marbles(({ cold, health, link, command }) => {
      const signal$ = health('-u---d');
      const options = { ...brisk, settle: { signal: 9 } };
      const room = watchedRoom(joins(cold('l------#', { l: link('a', { signal$ }) }, gone), NEVER), options);
      seen = breaksOf(room);
      command(room, 'j');
    });
    expect(seen).toEqual([[gone, 5]]);
  });

  it('S11 linkEnded tells of a link that was lost, and never of an attempt', () => {
    let ended: unknown;
    marbles(({ cold, link, command }) => {
      const b = concat(of(link('b', { signal$: NEVER })), NEVER);
      const lost = throwError(() => gone);
      const room = watchedRoom(joins(cold('l----#', { l: link('a') }, gone), lost, b), { ...brisk, attemptLimit: 4 });
      ended = eventsOf(room, 'linkEnded');
      command(room, 'j---------------l');
    });
    expect(ended).toEqual([{ type: 'linkEnded', at: 5, error: gone, verdict: { kind: 'unreachable' } }]);
  });

  const kicked = { kind: 'kicked', message: 'banned for an hour' } as const satisfies ServerNotice & Verdict;

  it('T4 the message of a kick shows in the state', () => {
    let room!: Room<TestLink>;
    marbles(({ cold, hot, link, command }) => {
      const notice$ = hot<ServerNotice>('---k', { k: kicked });
      room = watchedRoom(joins(cold('l', { l: link('a', { notice$ }) })));
      command(room, 'j');
    });
    expect(room.connectionState).toEqual({
      state: 'disconnected',
      reason: 'serverKicked',
      message: 'banned for an hour',
    });
  });

  it('T4 so does that of a verdict, and what is no text does not', () => {
    for (const [message, shown] of [
      ['banned', { message: 'banned' }],
      [42, {}],
      [undefined, {}],
    ] as const) {
      let room!: Room<TestLink>;
      marbles(({ cold, command }) => {
        const classify = (): Verdict => ({ kind: 'kicked', message: message as string });
        room = watchedRoom({ ...joins(cold<never>('-#', undefined, gone)), classify });
        command(room, 'j');
      });
      expect(room.connectionState).toEqual({ state: 'disconnected', reason: 'serverKicked', ...shown });
    }
  });

  it('H15 a health that completes under a living link is reported with the cure', () => {
    const errors: unknown[] = [];
    marbles(({ cold, hot, link, command }) => {
      const signal$ = hot<Health>('-u---|', { u: 'up' });
      const room = watchedRoom(joins(cold('l', { l: link('a', { signal$ }) }), NEVER));
      room.errors$.subscribe(({ from, error }) => errors.push([from, (error as Error).message]));
      command(room, 'j');
    });
    expect(errors).toEqual([
      ['signal$', 'signal$ completed; it must stay open while the link lives, e.g. concat(health$, NEVER)'],
    ]);
  });

  it('H15 a health that completes with its link is not', () => {
    const errors: unknown[] = [];
    marbles(({ cold, hot, link, command }) => {
      const signal$ = hot<Health>('-u---|', { u: 'up' });
      const room = watchedRoom(joins(cold('l----#', { l: link('a', { signal$ }) }, gone), NEVER));
      room.errors$.subscribe((error) => errors.push(error));
      command(room, 'j');
    });
    expect(errors).toEqual([]);
  });

  it('R21 retryNow() while connected asks signalling for a sign of life', () => {
    marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
      const dead = cold<never>('    -#      ', undefined, gone);
      const asked = '           -----^!     ';
      const a = link('a', { signal$: alwaysUp, probe: () => dead });
      const room = watchedRoom(joins(cold('l', { l: a }), NEVER), { ...brisk, schedule: () => 15 });
      command(room, '          j----r     ');
      expectStates(room, '     -^          ')
        .toBe('                -C----s------------------t');
      expectSubscriptions(dead.subscriptions).toBe(asked);
    });
  });
});

describe('a room for frameworks:', () => {
  it('M7 snapshot is one object until something of it changes, and the one that snapshot$ emits', () => {
    marbles(({ cold, hot, link, command, call }) => {
      const signal$ = hot<Health>('-u--uu---d', { u: 'up', d: { down: true } });
      const room = watchedRoom(joins(cold('l', { l: link('a', { signal$ }) }), NEVER));
      const emitted: unknown[] = [];
      room.snapshot$.subscribe((snapshot) => emitted.push(snapshot));
      const read: unknown[] = [];
      command(room, '              j');
      call('                       --x-x--x---x', { x: () => read.push(room.snapshot, room.snapshot) });
      call('                       ------------y', {
        y: () => {
          expect(new Set(read.slice(0, 6)).size).toBe(1);
          expect(new Set(read).size).toBe(2);
          for (const snapshot of read) expect(emitted).toContain(snapshot);
        },
      });
    });
  });

  it('M6 a later subscriber gets the last value, then the completion; failed stays failed', () => {
    const seen: unknown[] = [];
    marbles(({ cold, command, call }) => {
      const room = watchedRoom({ ...joins(cold<never>('-#', undefined, gone)), classify: () => ({ kind: 'fatal' }) });
      command(room, 'j');
      call('         ---x', {
        x: () => {
          room.dispose();
          room.connectionState$.subscribe({ next: ({ state }) => seen.push(state), complete: () => seen.push('over') });
          room.progress$.subscribe({ next: (progress) => seen.push(progress), complete: () => seen.push('over') });
        },
      });
    });
    expect(seen).toEqual(['failed', 'over', null, 'over']);
  });

  it('M6 Symbol.dispose is the same where the realm has it', () => {
    const room = watchedRoom(joins(NEVER));
    const states: string[] = [];
    room.connectionState$.subscribe({ complete: () => states.push('over') });
    room[Symbol.dispose]();
    expect(states).toEqual(['over']);
    expect(Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(room)))).not.toContain('undefined');
  });

  it('R5 all times that a room shows are whole milliseconds', () => {
    const times: (number | null)[] = [];
    marbles(({ cold, hot, link, command }) => {
      const signal$ = hot<Health>('-u---d', { u: 'up', d: { down: true, aliveAt: 3.7 } });
      const busy = cold<never>('-#', undefined, gone);
      const transport = { ...joins(cold('l', { l: link('a', { signal$ }) }), busy), classify: (): Verdict => ({ kind: 'busy', retryAfter: 1.3 }) };
      const room = watchedRoom(transport, { ...brisk, schedule: () => 2.4, random: () => 0.77 });
      room.progress$.subscribe((progress) => {
        if (progress !== null) times.push(progress.nextRetryAt, progress.hintAt, progress.deadlineAt);
      });
      room.connectionState$.subscribe((state) => {
        if (state.state === 'reconnecting') times.push(state.since);
      });
      command(room, 'j');
    });
    expect(times.length).toBeGreaterThan(8);
    expect(times.filter((time) => time !== null && !Number.isInteger(time))).toEqual([]);
  });
});
