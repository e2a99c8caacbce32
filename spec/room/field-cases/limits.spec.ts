import { concat, map, NEVER, timer, type Observable } from 'rxjs';
import type { Health, RoomOptions } from '../../../lib/index.js';
import { alwaysUp, linkOf, type TestLink } from '../room-harness.js';
import { call, down, hangingFor, joined, logOf, roomOf, story } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

/** The default schedule at its slowest: 500, 750, 1500 ms … */
const slowest: RoomOptions = { random: () => 1 - Number.EPSILON };

/** A transport whose openings take `opening` ms, and keep to the limit that the attempt hands them. */
const opening = (ms: number, options: RoomOptions) =>
  story(30_000, ({ at }) => {
    const limits: number[] = [];
    const room = roomOf(
      {
        join: ({ openingLimit }) => {
          limits.push(openingLimit);
          return openingLimit < ms ? hangingFor(openingLimit) : joined(linkOf('a', alwaysUp), ms);
        },
      },
      options,
    );
    const log = logOf(room);
    room.join();
    at(29_000, () => room.leave());
    return { log, limits };
  });

describe('limits that grow', () => {
  it('R15 let in who opens in 4.4 s, by 7.9 s', () => {
    const { log, limits } = opening(4_400, slowest);
    expect(limits).toEqual([3_000, 6_000]);
    // 3000 + 500 + 4400.
    expect(log.states[1]).toBe('7900 connected/joinSucceed');
  });

  it('R15 let in who opens in 8 s, by 18.3 s', () => {
    const { log, limits } = opening(8_000, slowest);
    // The third begins at 3000 + 500 + 6000 + 750 = 10250, where 9750 ms are left of the join's 20 s.
    expect(limits).toEqual([3_000, 6_000, 9_750]);
    expect(log.states[1]).toBe('18250 connected/joinSucceed');
  });

  it('R15 are 3, 6 and 10 s for an opening, within the limit of the attempt', () => {
    expect(opening(30_000, { ...even, joinDeadline: 29_000 }).limits.slice(0, 3)).toEqual([3_000, 6_000, 10_000]);
  });

  it('R15 begin at what the room was told', () => {
    const { log, limits } = opening(3_500, { ...even, openingLimit: 8_000 });
    expect(limits).toEqual([8_000]);
    expect(log.states[1]).toBe('3500 connected/joinSucceed');
  });

  it('R15 J6 let in whose media takes 11 s, at the second attempt', () => {
    const { log, limits } = story(60_000, ({ at, now }) => {
      const limits: number[] = [];
      const media$: Observable<Health> = concat(timer(11_000).pipe(map((): Health => 'up')), NEVER);
      const room = roomOf(
        {
          join: ({ limitAt }) => {
            limits.push(limitAt - now());
            return joined(linkOf('a', alwaysUp, { media$ }));
          },
        },
        { ...even, joinDeadline: 40_000 },
      );
      const log = logOf(room);
      room.join();
      at(50_000, () => room.leave());
      return { log, limits };
    });
    expect(limits).toEqual([10_000, 20_000]);
    expect(log.states[1]).toBe('21250 connected/joinSucceed');
  });

  it('R15 are doubled no more once a connection was stable', () => {
    const limits = story(90_000, ({ at }) => {
      const limits: number[] = [];
      const a = call('a');
      let joins = 0;
      const room = roomOf(
        {
          join: ({ openingLimit }) => {
            limits.push(openingLimit);
            const n = ++joins;
            if (n === 2) return joined<TestLink>(a);
            return n === 4 ? joined<TestLink>(linkOf('b', alwaysUp)) : hangingFor(openingLimit);
          },
        },
        even,
      );
      room.join();
      at(30_000, () => a.signal$.next(down()));
      at(80_000, () => room.leave());
      return limits;
    });
    expect(limits).toEqual([3_000, 6_000, 3_000, 6_000]);
  });
});
