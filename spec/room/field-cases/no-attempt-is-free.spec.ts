import { interval, NEVER, Observable, of, takeUntil, throwError, timer } from 'rxjs';
import { both, honouringServer, spaced, times, type RoomOptions, type Schedule } from '../../../lib/index.js';
import { alwaysUp, linkOf } from '../room-harness.js';
import { call, down, failureOf, joined, logOf, mostIn, roomOf, signalling, story } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

/** R17 where `random()` gives at least 0.25. */
const MOST_IN_40_S = 25;

describe('no attempt is free', () => {
  describe('media is dead, and every resume brings signalling that dies again 50 ms later', () => {
    const flapping = (options: RoomOptions) =>
      story(62_000, ({ at }) => {
        const a = call('a');
        const room = roomOf(
          {
            join: () => joined(a),
            repair: (_, { kind }) =>
              new Observable(() => {
                if (kind !== 'resume') return;
                timer(30).subscribe(() => a.signal$.next('up'));
                timer(80).subscribe(() => a.signal$.next(down()));
              }),
          },
          options,
        );
        const log = logOf(room);
        room.join();
        at(20_000, () => {
          a.signal$.next(down());
          a.media$.next(down());
        });
        return { room, log };
      });

    it('R17 R3 H8 restarts media at once the first time, and then goes by the schedule', () => {
      const { room, log } = flapping(even);
      // Each resume is over after 30 ms, and the next wait begins there; the one restart of its own is cut 50 ms after that.
      const growing = ['20250 resume', '20280 restart', '20830 resume', '21860 resume', '23890 resume'];
      const capped = Array.from({ length: 12 }, (_, i) => `${String(26_770 + i * 2_880)} resume`);
      expect(log.attempts().slice(1)).toEqual([...growing, ...capped]);
      expect(failureOf(room)).toEqual(jasmine.objectContaining({ reason: 'timeout', attempts: 17 }));
    });

    it('R17 R3 gives up when a schedule of five waits has begun five attempts', () => {
      const { room, log } = flapping({ ...even, schedule: both(times(5), spaced(2_000)) });
      expect(log.attempts().slice(1)).toEqual([
        '22000 resume',
        '22030 restart',
        '24080 resume',
        '26110 resume',
        '28140 resume',
        '30170 resume',
      ]);
      expect(log.states.at(-1)).toBe('30200 failed/joinChannelFailed');
      expect(failureOf(room)).toEqual(jasmine.objectContaining({ attempts: 6, cause: 'media' }));
    });
  });

  describe('media is down, and signalling flaps', () => {
    for (const every of [1, 100])
      for (const probe of ['no probe', 'a probe that is answered at once', 'a probe that is answered after 10 ms'] as const)
        it(`R17 H8 repairs media by the schedule: every ${String(every)} ms, ${probe}`, () => {
          let repairs = 0;
          const { log } = story(62_000, ({ at }) => {
            const answer = { probe: () => (probe.endsWith('once') ? of(1) : timer(10)) };
            const a = call('a', probe === 'no probe' ? {} : answer);
            const room = roomOf(
              {
                join: () => joined(a),
                repair: () => {
                  repairs++;
                  return NEVER;
                },
                classify: () => undefined,
              },
              { random: () => 0.25 },
            );
            const log = logOf(room);
            room.join();
            at(20_000, () => {
              a.media$.next(down());
              interval(every)
                .pipe(takeUntil(timer(39_000)))
                .subscribe((i) => a.signal$.next(i % 2 === 0 ? down() : 'up'));
            });
            return { room, log };
          });
          expect(mostIn(40_000, log.begun(20_000))).toBeLessThanOrEqual(MOST_IN_40_S);
          expect(repairs).toBeLessThanOrEqual(log.begun(20_000).length);
        });
  });

  it('R17 H8 resumes at once in the place of a restart whose probe was dead, the first time', () => {
    const { log } = story(62_000, ({ at }) => {
      const a = call('a', { probe: () => timer(10) });
      const room = roomOf(
        { join: () => joined(a), repair: () => NEVER, classify: () => undefined },
        { random: () => 0.25 },
      );
      const log = logOf(room);
      // Signalling dies while it is being probed, and comes back as soon as it is resumed.
      room.events$.subscribe((event) => {
        if (event.type !== 'attempt' || event.kind === 'join') return;
        timer(5).subscribe(() => a.signal$.next(event.kind === 'restart' ? down() : 'up'));
      });
      room.join();
      at(20_000, () => a.media$.next(down()));
      return { log };
    });
    // A wait of 125 ms, then each shortcut once. After that by the schedule, from the end of what ran: 375, 750 and 1500 ms.
    expect(log.attempts().slice(1, 7)).toEqual([
      '20125 restart',
      '20130 resume',
      '20135 restart',
      '20515 resume',
      '21270 restart',
      '22775 resume',
    ]);
    expect(mostIn(40_000, log.begun(20_000))).toBeLessThanOrEqual(MOST_IN_40_S);
  });

  describe('a server that is always busy, "come back at once"', () => {
    const refusing = (schedule?: Schedule) =>
      story(61_000, ({ at }) => {
        let joins = 0;
        const end = new Observable<never>((subscriber) => timer(20_000).subscribe(() => subscriber.error(new Error('1006'))));
        const room = roomOf(
          {
            join: () => (joins++ === 0 ? joined(linkOf('a', alwaysUp), 0, end) : throwError(() => new Error('503'))),
            classify: (error) => ((error as Error).message === '503' ? { kind: 'busy', retryAfter: 0 } : undefined),
          },
          schedule === undefined ? even : { ...even, schedule },
        );
        const log = logOf(room);
        room.join();
        at(61_000, () => room.leave());
        return log;
      });

    it('R17 R11 waits longer and longer, for all its hints', () => {
      // The first hint shortens: 0 + 100 ms after the attempt at 20250. After that (1 s + half of the time since 20000).
      // Each wait is at most half of what has passed and a second, so that there are about ten in 40 s.
      const begun = refusing().begun(20_000);
      expect(begun.slice(0, 2)).toEqual([20_250, 20_350]);
      const waits = begun.slice(2).map((time, i) => time - begun[i + 1]!);
      // Half of what is left is shorter near the deadline, though never than 600 ms.
      expect(waits.every((wait) => wait >= 600)).toBeTrue();
      expect(begun.length).toBeLessThanOrEqual(MOST_IN_40_S);
    });

    it('R17 R11 lets a schedule that honours the server be shortened once', () => {
      // 5 s by the schedule, 100 ms by the first hint, then by the schedule again. The last chance is random: half of what is left.
      const begun = refusing(honouringServer(spaced(5_000))).begun(20_000);
      expect(begun.slice(0, 8)).toEqual([25_000, 25_100, 30_100, 35_100, 40_100, 45_100, 50_100, 55_100]);
      expect(begun.length).toBeLessThanOrEqual(9);
    });

    it('R17 never shortens a schedule that does not look at hints', () => {
      const begun = refusing(spaced(5_000)).begun(20_000);
      expect(begun.slice(0, 7)).toEqual([25_000, 30_000, 35_000, 40_000, 45_000, 50_000, 55_000]);
    });
  });

  it('R3 D5 counts attempts, not waits: dips that healed do not use up a schedule of three', () => {
    const noRoute = new Error('no route');
    const { room, log } = story(60_000, ({ at }) => {
      let joins = 0;
      const a = signalling('a');
      const room = roomOf(
        { join: () => (joins++ === 0 ? joined(a) : throwError(() => noRoute)) },
        { ...even, schedule: both(times(3), spaced(500)) },
      );
      const log = logOf(room);
      room.join();
      for (const dip of [20_000, 23_000, 26_000]) {
        at(dip, () => a.signal$.next(down()));
        at(dip + 100, () => a.signal$.next('up'));
      }
      at(29_000, () => a.signal$.next(down()));
      return { room, log };
    });
    // A full rejoin waits for the announcement, 1 s after the dip.
    expect(log.begun(20_000)).toEqual([30_000, 30_500, 31_000]);
    expect(log.states.at(-1)).toBe('31000 failed/joinChannelFailed');
    expect(failureOf(room)).toEqual(jasmine.objectContaining({ attempts: 3, error: noRoute, cause: 'signal' }));
  });

  describe('retryNow() from a subscriber of progress$', () => {
    it('R17 R8 begins an attempt every 250 ms', () => {
      const { log } = story(4_000, () => {
        const room = roomOf(
          { join: () => throwError(() => new Error('no route')) },
          { ...even, joinDeadline: 3_000 },
        );
        room.progress$.subscribe((progress) => {
          if (progress?.phase === 'waiting') room.retryNow();
        });
        const log = logOf(room);
        room.join();
        return { log };
      });
      expect(log.begun()).toEqual(Array.from({ length: 12 }, (_, i) => i * 250));
      expect(log.states.at(-1)).toBe('3000 failed/joinChannelFailed');
    });

    it('R17 R8 leaves the process free, in real time', async () => {
      let attempts = 0;
      const room = roomOf(
        {
          join: () => {
            attempts++;
            return throwError(() => new Error('no route'));
          },
        },
        { joinDeadline: 300, schedule: spaced(280) },
      );
      room.progress$.subscribe((progress) => {
        if (progress?.phase === 'waiting') room.retryNow();
      });
      room.join();
      const begun = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 60));
      const elapsed = Date.now() - begun;
      room.leave();
      // The second is due after 250 ms, however late a busy machine runs this timer.
      expect(attempts).toBeLessThanOrEqual(1 + Math.floor((elapsed + 1) / 250));
    });
  });
});
