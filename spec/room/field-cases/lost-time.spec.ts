import { defer, NEVER, Subject, throwError, type Observable } from 'rxjs';
import type { Room, RoomOptions, Verdict, Wake } from '../../../lib/index.js';
import { throttled } from '../clocks.js';
import { alwaysUp, linkOf, type TestLink } from '../room-harness.js';
import { call, down, droppedAfter, failureOf, joined, logOf, roomOf, signalling, story, type Log } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

const noRoute = (): Observable<never> => throwError(() => new Error('no route'));

/** The last state, and the room. */
const last = ({ states }: Log): string | undefined => states.at(-1);

describe('a room and its budget of lost time', () => {
  describe('a server that takes us in and drops us', () => {
    /** Taken in at once by every attempt, dropped after `ms`. */
    const dropping = (ms: number, end: number, { verdict, ...options }: RoomOptions & { verdict?: Verdict } = {}) =>
      story(end, () => {
        const room = roomOf(
          {
            join: () => droppedAfter(linkOf('a', alwaysUp), ms, new Error('dropped')),
            classify: () => verdict,
          },
          { ...even, ...options },
        );
        const log = logOf(room);
        room.join();
        return { room, log };
      });

    // Break k + 1 begins with what break k began with, plus its wait, minus four times (40 s / 10 s) what was connected; not below
    // 0. The room fails in the break in which less than the next wait is left (and less than 3 s, or there is a last chance).

    it('D7 after 30 ms ends the room at 43 s', () => {
      // Break 5 begins with 250 − 120 + 500 − 120 + 1000 − 120 + 2000 − 120 = 3270 ms lost, each later one with 2730 ms more:
      // break 18 with 38760, so that 1240 ms are left. It begins after waits of 3750 + 13 · 2850 and 18 times 30 ms: at 41340.
      const { room, log } = dropping(30, 50_000);
      expect(last(log)).toBe('42580 failed/timeout');
      expect(failureOf(room).error.message).toBe('40000 ms lost since the last stable connection, after 0 attempts');
    });

    it('D7 after 210 ms ends the room at 62 s', () => {
      // 840 ms are earned back each time: breaks 1 to 3 begin with nothing lost, the fourth with 160, the fifth with 1320, each later
      // one with 2010 more: break 23 with 37500. It begins after waits of 3750 + 18 · 2850 and 23 times 210 ms: at 59880.
      expect(last(dropping(210, 70_000).log)).toBe('62380 failed/timeout');
    });

    it('D7 after 1 s, with a refusal, ends the room at 57 s: a refusal earns nothing', () => {
      // Break 17 begins with the waits alone, 3750 + 12 · 2850 = 37950, after them and 17 s: at 54950. 2050 ms are left.
      expect(last(dropping(1_000, 70_000, { verdict: { kind: 'refused' } }).log)).toBe('57000 failed/timeout');
    });

    for (const kind of ['refused', 'busy'] as const)
      it(`D7 after 9.9 s, with "${kind}", ends the room too`, () => {
        // Each break costs 2850 ms: the fifteenth begins with 39900 lost, at 15 · 9900 + 39900, and 100 ms are left. A link that ended is
        // announced at once and gets no more.
        const { log } = dropping(9_900, 200_000, { verdict: { kind }, schedule: () => 2_850 });
        expect(last(log)).toBe('188500 failed/timeout');
      });

    it('D7 D3 after 10 s never ends the room, whatever it says', () => {
      const { log } = dropping(10_000, 600_000, { verdict: { kind: 'refused' } });
      expect(last(log)).toMatch(/reconnecting|connected/);
    });
  });

  describe('a network that comes and goes', () => {
    const TEN_MINUTES = 600_000;

    it('D7 never fails a train: 6 s of network, 2 s of tunnel, for ten minutes', () => {
      const log = story(TEN_MINUTES, ({ now }) => {
        const isTunnel = (): boolean => now() % 8_000 >= 6_000;
        const room = roomOf(
          {
            join: () =>
              defer(() => (isTunnel() ? noRoute() : droppedAfter(linkOf('a', alwaysUp), 6_000 - (now() % 8_000), new Error('1006')))),
          },
          even,
        );
        const log = logOf(room);
        room.join();
        return log;
      });
      expect(log.states.filter((state) => state.includes('rejoinSucceed')).length).toBeGreaterThan(60);
      expect(log.states.some((state) => state.includes('failed'))).toBeFalse();
    });

    /** The same link up and down again and again, until `end`; repairs hang and change nothing. */
    const swinging = (upFor: number, downFor: number, end: number) =>
      story(end, ({ at }) => {
        const a = signalling('a');
        const room = roomOf(
          { join: () => joined(a), repair: () => NEVER, classify: () => undefined },
          even,
        );
        const log = logOf(room);
        room.join();
        for (let begun = 20_000; begun < end; begun += upFor + downFor) {
          at(begun, () => a.signal$.next(down()));
          at(begun + downFor, () => a.signal$.next('up'));
        }
        return log;
      });

    it('D7 never fails who is connected for more than a fifth of the time', () => {
      // 2.1 of 10.1 s: 8400 ms are earned back before the next 8000 are lost.
      expect(last(swinging(2_100, 8_000, 2 * TEN_MINUTES))).toMatch(/ (re)?connect(ed|ing)\//);
    });

    it('D7 fails who is connected for less', () => {
      // 1.9 of 9.9 s: 7600 ms are earned back, so that each break begins with 400 ms more. The 81st begins with 32000 lost, at
      // 20000 + 80 · 9900, and lasts as long as what is left. In the deadline's own frame the deadline wins.
      expect(last(swinging(1_900, 8_000, 2 * TEN_MINUTES))).toBe('820000 failed/timeout');
    });
  });
});

describe('timers that come late', () => {
  const MINUTE = 60_000;

  interface Hidden {
    readonly room: Room<TestLink>;
    readonly log: Log;
  }

  /** A hidden page whose timers fire once in `period`. Its link ends at 70 s: the deadline is at 110 s. */
  const hidden = (period: number, rejoin: () => Observable<TestLink> = noRoute, wake: Wake | null = null): Hidden =>
    story(20 * MINUTE, ({ at }) => {
      const end = new Subject<never>();
      const wake$ = new Subject<Wake>();
      let joins = 0;
      const room = roomOf(
        { join: () => (joins++ === 0 ? joined(linkOf('a', alwaysUp), 0, end) : rejoin()) },
        { ...even, wake$, scheduler: throttled(period) },
      );
      const log = logOf(room);
      room.join();
      at(70_000, () => end.error(new Error('1006')));
      if (wake !== null) at(115_000, () => wake$.next(wake));
      at(10 * MINUTE, () => room.leave());
      return { room, log };
    });

  it('D8 get one attempt after the deadline, once a break', () => {
    // The timers fire at 120 s: 10 s after the deadline, the attempt of 70250 is still to come. The next wait is not over before 180 s.
    const { room, log } = hidden(MINUTE);
    expect(log.begun(70_000)).toEqual([120_000]);
    expect(last(log)).toBe('180000 failed/timeout');
    expect(failureOf(room).attempts).toBe(1);
  });

  it('D8 get a room back whose network is well', () => {
    expect(hidden(MINUTE, () => joined(linkOf('b', alwaysUp))).log.states.slice(-2)).toEqual([
      '120000 connected/rejoinSucceed',
      '600000 disconnected/leaveChannel',
    ]);
  });

  it('D8 get one attempt at 3 minutes after the deadline, and none later', () => {
    expect(hidden(290_000).log.begun(70_000)).toEqual([290_000]);
    const { room, log } = hidden(290_001);
    expect(log.begun(70_000)).toEqual([]);
    expect(last(log)).toBe('290001 failed/timeout');
    expect(failureOf(room).attempts).toBe(0);
  });

  it('D8 Z1 get no attempt when a wake reports a sleep', () => {
    const { room, log } = hidden(MINUTE, noRoute, { suspendedFor: 30_000 });
    expect(log.begun(70_000)).toEqual([]);
    expect(last(log)).toBe('115000 failed/timeout');
    expect(failureOf(room)).toEqual(jasmine.objectContaining({ attempts: 0, suspendedFor: 30_000 }));
  });

  it('D8 get their attempt at a wake that reports none', () => {
    // The attempt limit is granted, 10 s: the timers of 120 s still begin what was due by then, those of 180 s find it over.
    const { log } = hidden(MINUTE, noRoute, { suspendedFor: 0 });
    expect(log.begun(70_000)).toEqual([115_000, 120_000]);
    expect(last(log)).toBe('180000 failed/timeout');
  });

  it('D8 get one attempt when the break itself was found after the deadline', () => {
    const { log } = story(10 * MINUTE, ({ at }) => {
      const a = signalling('a');
      let joins = 0;
      const room = roomOf(
        { join: () => (joins++ === 0 ? joined<TestLink>(a) : noRoute()) },
        { ...even, scheduler: throttled(MINUTE) },
      );
      const log = logOf(room);
      room.join();
      at(120_000, () => a.signal$.next(down(70_000)));
      return { log };
    });
    expect(log.begun(70_000)).toEqual([120_000]);
    expect(log.states.slice(2)).toEqual(['120000 reconnecting/signalDisconnected', '180000 failed/timeout']);
  });
});

describe('when a break began', () => {
  for (const [apart, closedAt, failsAt] of [
    [0, 28_000, 60_000],
    [1, 28_000, 60_000],
    // Ten minutes late: nobody waits for the room any more.
    [0, 620_000, 620_000],
  ] as const)
    it(`D9 D1 dates from the last proof of life: the link ends ${String(apart)} ms after its health, at ${String(closedAt)} ms`, () => {
      const log = story(700_000, ({ at }) => {
        const a = signalling('a');
        const end = new Subject<never>();
        let joins = 0;
        const room = roomOf({ join: () => (joins++ === 0 ? joined<TestLink>(a, 0, end) : NEVER) }, even);
        const log = logOf(room);
        room.join();
        const close = () => end.error(new Error('1006'));
        at(closedAt, () => {
          a.signal$.next(down(20_000));
          if (apart === 0) close();
        });
        if (apart > 0) at(closedAt + apart, close);
        return log;
      });
      expect(last(log)).toBe(`${String(failsAt)} failed/timeout`);
    });

  /** The link of a call ends at 30 s, after `breaks`; nobody answers any more. */
  const callThatEnds = (breaks: (a: ReturnType<typeof call>) => void) =>
    story(100_000, ({ at }) => {
      const a = call('a');
      const end = new Subject<never>();
      let joins = 0;
      const room = roomOf({ join: () => (joins++ === 0 ? joined<TestLink>(a, 0, end) : NEVER) }, even);
      const log = logOf(room);
      room.join();
      at(30_000, () => {
        breaks(a);
        end.error(new Error('1006'));
      });
      return log;
    });

  it('D9 a leg that is up at the end of the link was alive until then', () => {
    expect(last(callThatEnds((a) => a.signal$.next(down(22_000))))).toBe('70000 failed/timeout');
  });

  it('D9 of two legs that are down the later proof of life counts', () => {
    const log = callThatEnds((a) => {
      a.signal$.next(down(22_000));
      a.media$.next(down(26_000));
    });
    expect(last(log)).toBe('66000 failed/timeout');
  });
});
