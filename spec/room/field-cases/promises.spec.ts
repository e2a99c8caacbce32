import { NEVER, Subject, throwError } from 'rxjs';
import type { Health, RoomEvent, RoomOptions, Verdict } from '../../../lib/index.js';
import { alwaysUp, linkOf, type TestLink } from '../room-harness.js';
import { call, down, joined, logOf, roomOf, signalling, story, type Log } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

/** The error of an attempt, or of a link, that says what it means. */
class Said extends Error {
  constructor(readonly verdict: Verdict) {
    super(verdict.kind);
  }
}

const classify = (error: unknown): Verdict | undefined => (error instanceof Said ? error.verdict : undefined);

/** `waiting` and `attempt`, with the time that was told. */
const told = ({ events }: Log, from: number): string[] =>
  events
    .filter(({ at }) => at >= from)
    .flatMap((event: RoomEvent) =>
      event.type === 'waiting'
        ? [`${String(event.at)} waiting until ${String(event.nextRetryAt)}`]
        : event.type === 'attempt'
          ? [`${String(event.at)} attempt`]
          : [],
    );

describe('the time of the next attempt', () => {
  it('R7 is told anew when media breaks too and the break is announced before its time', () => {
    const log = story(24_000, ({ at }) => {
      const a = call('a');
      const room = roomOf({ join: () => joined(a) }, even);
      const log = logOf(room);
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(20_600, () => a.media$.next(down()));
      at(22_000, () => room.leave());
      return log;
    });
    expect(log.states[2]).toBe('20600 reconnecting/signalDisconnected');
    expect(told(log, 20_000).slice(0, 3)).toEqual([
      '20000 waiting until 21000',
      '20600 waiting until 20600',
      '20600 attempt',
    ]);
  });

  it('R7 is told anew when the link ends and the break is announced before its time', () => {
    const log = story(24_000, ({ at }) => {
      const a = signalling('a');
      const end = new Subject<never>();
      const room = roomOf({ join: () => joined(a, 0, end) }, even);
      const log = logOf(room);
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(20_600, () => end.error(new Error('1006')));
      at(22_000, () => room.leave());
      return log;
    });
    expect(log.states[2]).toBe('20600 reconnecting/signalDisconnected');
    expect(told(log, 20_000).slice(0, 3)).toEqual([
      '20000 waiting until 21000',
      '20600 waiting until 20600',
      '20600 attempt',
    ]);
  });

  it('R7 R8 is told anew when retryNow() brings it forward, and then comes', () => {
    const log = story(24_000, ({ at }) => {
      const a = signalling('a');
      const room = roomOf({ join: () => joined(a), repair: () => NEVER }, { ...even, schedule: () => 5_000 });
      const log = logOf(room);
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(22_000, () => room.retryNow());
      at(23_000, () => room.leave());
      return log;
    });
    expect(told(log, 20_000)).toEqual(['20000 waiting until 25000', '22000 waiting until 22000', '22000 attempt']);
  });

  it('R7 R11 is kept when the link ends as busy in a wait', () => {
    const log = story(45_000, ({ at }) => {
      const a = signalling('a');
      const end = new Subject<never>();
      const schedule = ({ verdict }: { verdict: Verdict }): number => (verdict.kind === 'busy' ? 1_000 : 15_000);
      const room = roomOf({ join: () => joined(a, 0, end), classify }, { ...even, schedule });
      const log = logOf(room);
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(32_000, () => end.error(new Said({ kind: 'busy' })));
      at(36_000, () => room.leave());
      return log;
    });
    expect(told(log, 20_000).slice(0, 2)).toEqual(['20000 waiting until 35000', '35000 attempt']);
  });

  it('R7 R11 is put off by a hint, and told anew', () => {
    const log = story(45_000, ({ at }) => {
      const a = signalling('a');
      const end = new Subject<never>();
      const room = roomOf(
        { join: () => joined(a, 0, end), classify },
        { ...even, schedule: () => 5_000 },
      );
      const log = logOf(room);
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(24_000, () => end.error(new Said({ kind: 'busy', retryAfter: 10_000 })));
      at(36_000, () => room.leave());
      return log;
    });
    expect(told(log, 20_000).slice(0, 3)).toEqual([
      '20000 waiting until 25000',
      '24000 waiting until 34000',
      '34000 attempt',
    ]);
  });

  it("R11 a busy server's hint outlives a heal, and is used up by the attempt that follows it", () => {
    const log = story(50_000, ({ at }) => {
      const a = signalling('a');
      let repairs = 0;
      const room = roomOf(
        {
          join: () => joined(a),
          repair: () =>
            throwError(() => new Said(repairs++ === 0 ? { kind: 'busy', retryAfter: 15_000 } : { kind: 'unreachable' })),
          classify,
        },
        even,
      );
      const log = logOf(room);
      room.join();
      const health = (ms: number, value: Health) => at(ms, () => a.signal$.next(value));
      health(20_000, down());
      health(20_700, 'up');
      health(20_750, down());
      at(40_000, () => room.leave());
      return log;
    });
    // Busy at 20250: not before 35250, whatever the schedule says. Then by the schedule again: the third wait is 1 s, the fourth 2 s.
    expect(log.begun(20_000)).toEqual([20_250, 35_250, 36_250, 38_250]);
  });
});

describe('the verdict at the end of a link', () => {
  interface Ended {
    readonly log: Log;
    readonly joinedAt: readonly string[];
  }

  /** Connected near; the link ends with this verdict, `settled` ms after it was found down (0: it was well). */
  const endedWith = (verdict: Verdict, settled = 0): Ended =>
    story(62_000, ({ at, now }) => {
      const end = new Subject<never>();
      const a = signalling('a');
      const joinedAt: string[] = [];
      const room = roomOf(
        {
          join: ({ endpoint }) => {
            joinedAt.push(`${String(now())} ${String(endpoint)}`);
            return joinedAt.length === 1 ? joined<TestLink>(a, 0, end) : joined(linkOf('b', alwaysUp));
          },
          classify,
        },
        { ...even, endpoints: ['near', 'far'], schedule: () => 3_000 },
      );
      const log = logOf(room);
      room.join();
      if (settled > 0) at(20_000 - settled, () => a.signal$.next(down()));
      at(20_000, () => end.error(new Said(verdict)));
      at(60_000, () => room.leave());
      return { log, joinedAt };
    });

  it('R18 fatal is one emission from connected to failed, with that error', () => {
    const { log } = endedWith({ kind: 'fatal' });
    expect(log.states).toEqual(['0 connecting/joinChannel', '0 connected/joinSucceed', '20000 failed/joinChannelFailed']);
    expect(log.begun(20_000)).toEqual([]);
  });

  it('R18 fatal ends a room that is already reconnecting', () => {
    const { log } = endedWith({ kind: 'fatal' }, 2_000);
    expect(log.states.slice(2)).toEqual(['19000 reconnecting/signalDisconnected', '20000 failed/joinChannelFailed']);
  });

  it('R18 fatal ends a room whose dip is not announced yet', () => {
    const { log } = endedWith({ kind: 'fatal' }, 500);
    expect(log.states.slice(2)).toEqual(['20000 failed/joinChannelFailed']);
  });

  it('R18 fatal ends a room that a server takes in and then forbids, at the first time', () => {
    const { log, joins } = story(600_000, ({ at }) => {
      let joins = 0;
      const room = roomOf(
        {
          join: () => {
            joins++;
            const end = new Subject<never>();
            at(500, () => end.error(new Said({ kind: 'fatal' })));
            return joined(linkOf('a', alwaysUp), 100, end);
          },
          classify,
        },
        even,
      );
      const log = logOf(room);
      room.join();
      return { log, joins: () => joins };
    });
    expect(log.states).toEqual([
      '0 connecting/joinChannel',
      '100 connected/joinSucceed',
      '500 failed/joinChannelFailed',
    ]);
    expect(joins()).toBe(1);
  });

  it('R18 R13 refused goes to the next endpoint, by the schedule', () => {
    for (const settled of [0, 500, 2_000]) {
      const { joinedAt, log } = endedWith({ kind: 'refused' }, settled);
      expect(joinedAt[1]).withContext(`${String(settled)} ms`).toBe(`${String(23_000 - settled)} far`);
      expect(log.states.at(-2)).toBe(`${String(23_000 - settled)} connected/rejoinSucceed`);
    }
  });

  it('R18 R13 busy waits for the same endpoint until the server said to come back', () => {
    expect(endedWith({ kind: 'busy', retryAfter: 7_000 }).joinedAt[1]).toBe('27000 near');
  });

  it('R18 R13 unreachable begins at the first endpoint again', () => {
    expect(endedWith({ kind: 'unreachable' }).joinedAt[1]).toBe('23000 near');
  });

  it('R18 R14 redispatch goes straight to where the server says', () => {
    const { log, joinedAt } = endedWith({ kind: 'redispatch', endpoint: 'X' });
    expect(joinedAt[1]).toBe('20000 X');
    expect(log.states.slice(2, 4)).toEqual(['20000 reconnecting/redispatch', '20000 connected/rejoinSucceed']);
  });

  for (const [kind, reason] of [
    ['closed', 'channelClosed'],
    ['kicked', 'serverKicked'],
    ['duplicateUser', 'duplicateUser'],
  ] as const)
    it(`R18 T1 ${kind} is disconnected/${reason}, without an attempt`, () => {
      const { log } = endedWith({ kind });
      expect(log.states.slice(2)).toEqual([`20000 disconnected/${reason}`]);
      expect(log.begun(20_000)).toEqual([]);
    });

  it('R18 H8 fatal ends a repair that runs, and with it the room', () => {
    const log = story(40_000, ({ at }) => {
      const end = new Subject<never>();
      const a = call('a');
      const room = roomOf(
        { join: () => joined(a, 0, end), repair: () => NEVER, classify },
        even,
      );
      const log = logOf(room);
      room.join();
      at(20_000, () => a.media$.next(down()));
      at(21_000, () => end.error(new Said({ kind: 'fatal' })));
      return log;
    });
    expect(log.attempts().slice(1)).toEqual(['20250 restart']);
    expect(log.states.slice(2)).toEqual(['20000 reconnecting/mediaConnectionDisconnected', '21000 failed/joinChannelFailed']);
  });
});
