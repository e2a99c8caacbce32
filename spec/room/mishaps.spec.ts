import { expectTypeOf } from 'expect-type';
import { concat, NEVER, of, type Observable } from 'rxjs';
import {
  createRoom,
  roomConnection,
  type Attempt,
  type ConnectionState,
  type Health,
  type Room,
  type RoomLink,
  type ServerNotice,
} from '../../lib/index.js';
import { brisk, marbles, watchedRoom, type TestLink } from './room-harness.js';

const unreachable = new Error('unreachable');

describe('mishaps', () => {
  it('R13 R14 a server that sends us to a dead one is not the only one: the place before it comes with the second try there', () => {
    const asked: (string | null)[] = [];
    marbles(({ cold, hot, link, command, expectStates }) => {
      const notice$ = hot<ServerNotice>('------w', { w: { kind: 'redispatch', endpoint: 'wss://dead' } });
      const a = cold('-a', { a: link('a', { notice$ }) });
      const dead = cold<TestLink>('#', undefined, unreachable);
      const b = cold('-b', { b: link('b') });
      const joins: Observable<TestLink>[] = [a, dead, dead, b];
      const transport = {
        join(attempt: Attempt<RoomLink>) {
          asked.push(attempt.endpoint);
          return joins.shift() ?? NEVER;
        },
      };
      const room = watchedRoom(transport, { ...brisk, schedule: () => 2 });
      command(room, '   -j');
      expectStates(room).toBe('dcC---r---R');
    });
    expect(asked).toEqual([null, 'wss://dead', 'wss://dead', null]);
  });

  it('R14 goes straight to the named endpoint without asking the schedule, and tells of no wait', () => {
    let asked = 0;
    const waits: unknown[] = [];
    marbles(({ cold, hot, link, command, expectStates }) => {
      const notice$ = hot<ServerNotice>('------w', { w: { kind: 'redispatch', endpoint: 'wss://other' } });
      const joins = [cold('-a', { a: link('a', { notice$ }) }), cold('-b', { b: link('b') })];
      const schedule = (): number => {
        asked++;
        return Infinity;
      };
      const room = watchedRoom({ join: () => joins.shift() ?? NEVER }, { ...brisk, schedule });
      room.events$.subscribe((event) => {
        if (event.type === 'waiting') waits.push(event);
      });
      command(room, '   -j');
      expectStates(room).toBe('dcC---rR');
    });
    expect(asked).toBe(0);
    expect(waits).toEqual([]);
  });

  it('R7 attempts are made after a clock that was set back while connected', () => {
    const starts: number[] = [];
    marbles(({ cold, hot, link, command, call, scheduler, expectStates }) => {
      let skew = 3_600_000;
      const setBack = {
        now: () => scheduler.now() + skew,
        schedule: scheduler.schedule.bind(scheduler),
      };
      const signal$ = hot<Health>('---u----d', { u: 'up', d: { down: true } });
      const joins = [cold('-a', { a: link('a', { signal$ }) }), cold('-b', { b: link('b') })];
      const transport = {
        join() {
          starts.push(scheduler.now());
          return joins.shift() ?? NEVER;
        },
      };
      const room = watchedRoom(transport, { ...brisk, settle: { signal: 1 }, schedule: () => 2, scheduler: setBack });
      command(room, '          -j');
      call('                   -----x', { x: () => void (skew = 0) });
      expectStates(room).toBe('dc-C-----s-R');
    });
    expect(starts).toEqual([1, 10]);
  });

  it('O1 a transport that cannot join is refused when the room is created', () => {
    for (const [transport, text] of [
      [{}, 'transport.join must be a function, got undefined'],
      [{ join: 1 }, 'transport.join must be a function, got 1'],
      [null, 'transport must be an object with a join function, got null'],
      [undefined, 'transport must be an object with a join function, got undefined'],
    ] as const) {
      const wrong = transport as { join(): Observable<RoomLink> };
      expect(() => createRoom(wrong)).toThrowError(TypeError, `createRoom: ${text}`);
      expect(() => roomConnection(wrong)).toThrowError(TypeError, `roomConnection: ${text}`);
    }
  });

  it('the link type comes from what join gives, whatever join and its neighbours take', () => {
    interface MyLink extends RoomLink {
      readonly channel: number;
    }
    const open = (): Observable<MyLink> => concat(of({ channel: 1, signal$: NEVER, media$: null }), NEVER);
    const one = createRoom({ join: (attempt) => (attempt.number > 0 ? open() : NEVER) });
    expectTypeOf(one).toEqualTypeOf<Room<MyLink>>();
    const two = createRoom({
      request: (attempt) => Promise.resolve(String(attempt.number)),
      join: (_, info) => (info === '' ? NEVER : open()),
      repair: (link) => of(link.channel),
    });
    expectTypeOf(two).toEqualTypeOf<Room<MyLink>>();
    const three = roomConnection({ join: (attempt) => (attempt.number > 0 ? open() : NEVER) });
    expectTypeOf(three).toEqualTypeOf<Observable<ConnectionState<MyLink>>>();
    class Transport {
      join(attempt: Attempt<MyLink>): Observable<MyLink> {
        return attempt.previous === null ? open() : of(attempt.previous);
      }
    }
    expectTypeOf(createRoom(new Transport())).toEqualTypeOf<Room<MyLink>>();
  });
});
