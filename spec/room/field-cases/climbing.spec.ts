import { concat, defer, NEVER, of, throwError } from 'rxjs';
import type { RoomOptions, RoomTransport } from '../../../lib/index.js';
import { watchedRoom, type TestLink } from '../room-harness.js';
import { call, down, failureOf, joined, logOf, roomOf, story, type SwitchedLink } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

type Repair = NonNullable<RoomTransport<void, TestLink>['repair']>;

/** A room whose first link breaks at 20 s; every rejoin would succeed at once, save where `join` says otherwise. */
const broken = (
  leg: 'signal$' | 'media$',
  repair: Repair,
  { options = {}, ...transport }: Partial<RoomTransport<void, TestLink>> & { options?: RoomOptions } = {},
) =>
  story(62_000, ({ at }) => {
    const a = call('a');
    let joins = 0;
    const join = (...args: Parameters<RoomTransport<void, TestLink>['join']>) =>
      joins++ === 0 ? joined<TestLink>(a) : (transport.join?.(...args) ?? joined<TestLink>(call('b')));
    const room = roomOf({ ...transport, join, repair }, { ...even, ...options });
    const log = logOf(room);
    room.join();
    at(20_000, () => a[leg].next(down()));
    return { room, log };
  });

describe('climbing from a repair to a full rejoin', () => {
  it('R1 R20 rejoins at once after the third resume that was answered', () => {
    const { log } = broken('signal$', () => throwError(() => new Error('unknown session')));
    // Waits 250, 500 and 1000 ms. Never two attempts in one millisecond.
    expect(log.attempts().slice(1)).toEqual(['20250 resume', '20750 resume', '21750 resume', '21751 rejoin']);
    expect(log.states.at(-1)).toBe('21751 connected/rejoinSucceed');
  });

  it('R1 R20 rejoins at once after a restart that failed, or that throws', () => {
    const { log } = broken('media$', () => {
      throw new Error('InvalidStateError');
    });
    expect(log.attempts().slice(1)).toEqual(['20250 restart', '20251 rejoin']);
    expect(log.states.at(-1)).toBe('20251 connected/rejoinSucceed');
  });

  it('R1 R20 rejoins at once after a resume that was never answered, cut at its limit of 10 s', () => {
    const { log } = broken('signal$', () => NEVER);
    expect(log.attempts().slice(1)).toEqual(['20250 resume', '30250 rejoin']);
    expect(log.states.at(-1)).toBe('30250 connected/rejoinSucceed');
  });

  it('R1 stays on the rung while nobody answers, to the deadline', () => {
    const unanswered = Object.assign(new Error('closed'), { unanswered: true });
    const { log } = broken('signal$', () => throwError(() => unanswered));
    expect(log.attempts().slice(1).every((attempt) => attempt.endsWith('resume'))).toBeTrue();
    expect(log.states.at(-1)).toBe('60000 failed/timeout');
  });

  it('R1 lets a transport that classifies decide alone', () => {
    const { log } = broken('signal$', () => throwError(() => new Error('unknown session')), { classify: () => undefined });
    expect(log.attempts().slice(1).every((attempt) => attempt.endsWith('resume'))).toBeTrue();
    expect(log.states.at(-1)).toBe('60000 failed/timeout');
  });

  describe('with two endpoints, the first of which is dead', () => {
    const fallback = {
      options: { endpoints: ['A', 'B'] },
      join: ({ endpoint }: { endpoint: string | null }) =>
        endpoint === 'A' ? throwError(() => new Error('dead')) : joined<TestLink>(call('b')),
    };

    it('R1 R13 reaches the second after a resume that hung to its limit', () => {
      const { log } = broken('signal$', () => NEVER, fallback);
      // The resume and the first rejoin took two positions: the next wait is the third, of 1 s. In the second slot B follows A at once.
      expect(log.attempts().slice(1)).toEqual(['20250 resume A', '30250 rejoin A', '31250 rejoin A', '31251 rejoin B']);
      expect(log.states.at(-1)).toBe('31251 connected/rejoinSucceed');
    });

    it('R1 R13 climbs once resumes have reached nobody for longer than the attempt limit', () => {
      const unanswered = Object.assign(new Error('closed'), { unanswered: true });
      const { log } = broken('signal$', () => throwError(() => unanswered), fallback);
      // At 29450 the break is 9450 ms old, at 32300 it is 12300 ms old. Then two waits of 2850 ms.
      const resumes = [20_250, 20_750, 21_750, 23_750, 26_600, 29_450, 32_300].map((time) => `${String(time)} resume A`);
      expect(log.attempts().slice(1)).toEqual([...resumes, '35150 rejoin A', '38000 rejoin A', '38001 rejoin B']);
    });
  });

  it('R20 rejoins at once only the first time since a connection was stable', () => {
    const { log } = story(90_000, ({ at }) => {
      const links: SwitchedLink[] = [];
      const room = roomOf(
        {
          join: () => {
            const link = call(`link ${String(links.length + 1)}`);
            links.push(link);
            return joined<TestLink>(link);
          },
          repair: () => throwError(() => new Error('no')),
        },
        even,
      );
      const log = logOf(room);
      room.join();
      for (const time of [20_000, 25_000, 50_000]) at(time, () => links.at(-1)?.media$?.next(down()));
      at(80_000, () => room.leave());
      return { log };
    });
    expect(log.attempts().slice(1)).toEqual([
      '20250 restart',
      '20251 rejoin',
      // 5 s later: the third position of the schedule (1 s), and after it the fourth (2 s).
      '26000 restart',
      '28000 rejoin',
      // Stable in between.
      '50250 restart',
      '50251 rejoin',
    ]);
  });
});

describe('credentials for a repair', () => {
  const tokens = () => {
    let asked = 0;
    return { request: () => defer(() => of(`token ${String(++asked)}`)), asked: () => asked };
  };

  it('R19 are asked for at every subscription to info$, and not before', () => {
    const { request, asked } = tokens();
    const seen = story(26_000, ({ at }) => {
      const a = call('a');
      const seen: unknown[] = [];
      const room = watchedRoom<string, TestLink>(
        {
          request,
          join: (_, token) => {
            seen.push(token);
            return joined<TestLink>(a);
          },
          repair: (_, { number }, info$) => {
            if (number > 1) concat(info$, info$).subscribe((token) => seen.push(token));
            else seen.push(`attempt 1: ${String(asked())} asked`);
            return throwError(() => Object.assign(new Error('closed'), { unanswered: true }));
          },
        },
        even,
      );
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(21_000, () => room.leave());
      return seen;
    });
    expect(seen).toEqual(['token 1', 'attempt 1: 1 asked', 'token 2', 'token 3']);
  });

  /** A room whose request fails from 20 s on, when this leg breaks. */
  const withoutCredentials = (leg: 'signal$' | 'media$', transport: Partial<RoomTransport<string, TestLink>> = {}) =>
    story(62_000, ({ at, now }) => {
      const a = call('a');
      const room = watchedRoom<string, TestLink>(
        {
          request: () => (now() < 20_000 ? of('token') : throwError(() => new Error('no token'))),
          join: () => joined<TestLink>(a),
          repair: (_link, _attempt, info$) => info$,
          ...transport,
        },
        even,
      );
      const log = logOf(room);
      room.join();
      at(20_000, () => a[leg].next(down()));
      return { room, log };
    });

  for (const [leg, kind] of [
    ['signal$', 'resume'],
    ['media$', 'restart'],
  ] as const)
    it(`R19 R1 that cannot be had are unreachable: a ${kind} does not climb`, () => {
      const { room, log } = withoutCredentials(leg);
      const attempts = log.attempts().slice(1);
      expect(attempts.length).toBeGreaterThan(3);
      expect(attempts.every((attempt) => attempt.endsWith(kind))).toBeTrue();
      expect(log.states.at(-1)).toBe('60000 failed/timeout');
      expect(failureOf(room).error.cause).toEqual(new Error('no token'));
    });

  it('R19 D5 that are refused for good end the room as requestChannelFailed', () => {
    const { room, log } = withoutCredentials('media$', { classify: () => ({ kind: 'fatal' }) });
    expect(log.states.at(-1)).toBe('20250 failed/requestChannelFailed');
    expect(failureOf(room)).toEqual(
      jasmine.objectContaining({ error: new Error('no token'), attempts: 1, cause: 'media' }),
    );
  });

  it('R19 D5 J1 name the stage of the last attempt, not of an earlier one', () => {
    const { room, log } = withoutCredentials('media$', {
      repair: (_link, { number }, info$) => (number === 1 ? info$ : throwError(() => new Error('forbidden'))),
      classify: (error) => ((error as Error).message === 'forbidden' ? { kind: 'fatal' } : undefined),
    });
    expect(log.attempts().slice(1)).toEqual(['20250 restart', '20750 restart']);
    expect(log.states.at(-1)).toBe('20750 failed/joinChannelFailed');
    expect(failureOf(room)).toEqual(jasmine.objectContaining({ attempts: 2, error: new Error('forbidden') }));
  });
});
