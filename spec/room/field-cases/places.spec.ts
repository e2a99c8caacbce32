import { defer, NEVER, Subject, throwError, type Observable } from 'rxjs';
import type { RoomOptions, ServerNotice } from '../../../lib/index.js';
import { alwaysUp, linkOf, type TestLink } from '../room-harness.js';
import { hangingFor, joined, logOf, roomOf, story, type Stage } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

const nearAndFar: RoomOptions = { ...even, endpoints: ['near', 'far'] };

describe('endpoints', () => {
  describe('a place that the server once sent us to', () => {
    const DAY = 86_400_000;

    for (const [gone, answer] of [
      ['does not know the room any more', () => throwError(() => new Error('404'))],
      ['is switched off', () => NEVER],
    ] as const)
      for (const end of ['leave()', 'failed'] as const)
        it(`R13 R14 J7 is forgotten after ${end}, and then it ${gone}`, () => {
          const { told, log } = story(DAY + 30_000, ({ at, now }: Stage) => {
            const notice$ = new Subject<ServerNotice>();
            const told: string[] = [];
            const cut = new Subject<never>();
            let isGone = false;
            const room = roomOf(
              {
                join: ({ endpoint, previous }) => {
                  told.push(`${String(now())} ${String(endpoint)}, instead of ${previous?.name ?? 'nobody'}`);
                  if (now() > 5_000 && now() < DAY) return throwError(() => new Error('no route'));
                  return endpoint === 'X' && isGone ? answer() : joined(linkOf(String(endpoint), alwaysUp, { notice$ }), 0, isGone ? NEVER : cut);
                },
                classify: (error) => ((error as Error).message === '404' ? { kind: 'fatal' } : undefined),
              },
              even,
            );
            const log = logOf(room);
            room.join();
            at(1_000, () => notice$.next({ kind: 'redispatch', endpoint: 'X' }));
            at(5_000, () => {
              isGone = true;
              if (end === 'leave()') room.leave();
              else cut.error(new Error('1006'));
            });
            at(DAY, () => room.join());
            at(DAY + 20_000, () => room.leave());
            return { told, log };
          });
          expect(told.slice(0, 2)).toEqual(['0 null, instead of nobody', '1000 X, instead of null']);
          expect(told.at(-1)).toBe(`${String(DAY)} null, instead of ${end === 'leave()' ? 'nobody' : 'X'}`);
          expect(log.states.slice(-2)).toEqual([
            `${String(DAY)} connected/joinSucceed`,
            `${String(DAY + 20_000)} disconnected/leaveChannel`,
          ]);
        });
  });

  it('R13 a place that was down during one join is the first again in the next', () => {
    const { log } = story(3_602_000, ({ at, now }) => {
      const room = roomOf(
        {
          join: ({ endpoint }) =>
            endpoint === 'near' && now() < 1_000
              ? throwError(() => new Error('ECONNREFUSED'))
              : joined(linkOf(String(endpoint), alwaysUp)),
        },
        nearAndFar,
      );
      const log = logOf(room);
      room.join();
      at(3_600_000, () => {
        room.leave();
        room.join();
      });
      at(3_601_000, () => room.leave());
      return { log };
    });
    // In the second slot the other place follows at once.
    expect(log.attempts()).toEqual(['0 join near', '250 join near', '251 join far', '3600000 join near']);
  });

  /** Connected near at first; at 20 s the link ends, and `join` says what can be reached. */
  const cutAt20s = (join: (endpoint: string | null, now: number) => Observable<TestLink>, options: RoomOptions = nearAndFar) =>
    story(81_000, ({ at, now }) => {
      const end = new Subject<never>();
      let joins = 0;
      const room = roomOf(
        {
          join: ({ endpoint }) =>
            joins++ === 0 ? joined(linkOf('first', alwaysUp), 0, end) : defer(() => join(endpoint, now())),
        },
        options,
      );
      const log = logOf(room);
      room.join();
      at(20_000, () => end.error(new Error('1006')));
      at(80_000, () => room.leave());
      return log;
    });

  for (const outage of [400, 1_000, 3_000, 6_000, 20_000])
    it(`R13 an outage of our own of ${String(outage)} ms ends at the near place`, () => {
      const log = cutAt20s((endpoint, now) =>
        now < 20_000 + outage ? throwError(() => new Error('ENETUNREACH')) : joined(linkOf(String(endpoint), alwaysUp)),
      );
      expect(log.states.filter((state) => state.includes('rejoinSucceed')).length).toBe(1);
      expect(log.attempts().at(-1)).toMatch(/ near$/);
    });

  describe('the far place, when near is dead', () => {
    const slowest: RoomOptions = { ...nearAndFar, random: () => 1 - Number.EPSILON };

    it('R13 is tried after 1.3 s at the latest, where errors are instant', () => {
      const log = cutAt20s(
        (endpoint) => (endpoint === 'near' ? throwError(() => new Error('ECONNREFUSED')) : joined(linkOf('far', alwaysUp))),
        slowest,
      );
      // 500 ms to the first slot and 750 ms to the second, where far follows at once.
      const rejoins = log.begun(20_000).map(Math.round);
      expect(rejoins).toEqual([20_500, 21_250, 21_251]);
    });

    it('R13 R15 is tried after 5.8 s at the latest, where openings hang', () => {
      const limits: number[] = [];
      const log = story(40_000, ({ at }) => {
        const end = new Subject<never>();
        let joins = 0;
        const room = roomOf(
          {
            join: ({ endpoint, openingLimit }) => {
              if (joins++ === 0) return joined(linkOf('first', alwaysUp), 0, end);
              if (endpoint === 'far') return joined(linkOf('far', alwaysUp));
              limits.push(openingLimit);
              return hangingFor(openingLimit);
            },
          },
          slowest,
        );
        const log = logOf(room);
        room.join();
        at(20_000, () => end.error(new Error('1006')));
        at(39_000, () => room.leave());
        return log;
      });
      // 500 ms, 3 s, 750 ms, and half of the opening limit in the slot that tries every place.
      expect(limits).toEqual([3_000, 1_500]);
      expect(log.begun(20_000).map(Math.round)).toEqual([20_500, 24_250, 25_750]);
    });
  });
});
