import { inspect } from 'node:util';
import { asyncScheduler, filter, map, merge, NEVER, of, switchMap, throwError, type Observable } from 'rxjs';
import {
  both,
  capped,
  defaultSchedule,
  either,
  exponential,
  giveUp,
  honouringServer,
  immediate,
  jittered,
  ScheduleError,
  spaced,
  times,
  whenBusy,
  whenUnreachable,
  type Attempt,
  type AttemptContext,
  type Failed,
  type Health,
  type Progress,
  type Room,
  type RoomOptions,
  type RoomTransport,
  type Schedule,
  type ServerNotice,
  type Verdict,
  type Wake,
} from '../../lib/index.js';
import { early, recording, throttled } from './clocks.js';
import { brisk, joins, marbles, watchedRoom, type Joins, type TestLink } from './room-harness.js';

/** Errors are their own verdicts. */
const verdicts = { classify: (error: unknown) => error as Verdict };

const unreachable: Verdict = { kind: 'unreachable' };
const refused: Verdict = { kind: 'refused' };

interface Mending extends Joins {
  /** What every call of `repair` was told. */
  readonly repairs: Attempt<TestLink>[];
}

/** The n-th repair is the n-th source; the last serves all that follow. */
function mending(transport: Joins, ...sources: readonly Observable<unknown>[]): Mending {
  const repairs: Attempt<TestLink>[] = [];
  const repair: RoomTransport<void, TestLink>['repair'] = (_, attempt) =>
    sources[Math.min(repairs.push(attempt), sources.length) - 1] ?? NEVER;
  return { ...verdicts, ...transport, repair, repairs };
}

/** A schedule that remembers the positions it was asked for. */
function remembered(schedule: Schedule): { readonly schedule: Schedule; readonly positions: number[] } {
  const positions: number[] = [];
  return {
    positions,
    schedule: (context) => {
      positions.push(context.position);
      return schedule(context);
    },
  };
}

interface Starting extends RoomTransport<void, TestLink> {
  /** When each attempt was begun, first join included (ms). */
  readonly starts: number[];
  readonly attempts: Attempt<TestLink>[];
}

/** Every attempt is what `outcome` makes of it; when each began is remembered. */
function starting(outcome: (attempt: Attempt<TestLink>, index: number) => Observable<TestLink>): Starting {
  const starts: number[] = [];
  const attempts: Attempt<TestLink>[] = [];
  return {
    ...verdicts,
    starts,
    attempts,
    join: (attempt) => {
      attempts.push(attempt);
      starts.push(asyncScheduler.now());
      return outcome(attempt, starts.length - 1);
    },
  };
}

const waits = (room: Pick<Room<unknown>, 'progress$'>): Observable<Progress> =>
  room.progress$.pipe(filter((progress): progress is Progress => progress?.phase === 'waiting'));

const steps = (attempts: readonly Attempt<TestLink>[]): string[] =>
  attempts.map(({ number, kind, endpoint }) => `${number} ${kind}${endpoint === null ? '' : ` ${endpoint}`}`);

describe('reconnecting', () => {
  describe('the ladder', () => {
    it('R1 R13 R20 resumes again when nobody answers, rejoins at once when refused, and goes to the next endpoint when refused there', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d                     ');
        const a = cold('          l                          ', { l: link('a', { signal$ }) });
        const b = cold<never>('                   -#         ', undefined, refused);
        const c = cold('                             -l      ', { l: link('c') });
        const lost = cold<never>('       -#                  ', undefined, unreachable);
        const denied = cold<never>('           -#            ', undefined, refused);
        const subs = '            ^-------------!            ';
        const tries = [
          '                       -------^!                  ',
          '                       ----------^!               ',
        ];
        const third = '           -------------^!            ';
        const fourth = '          --------------^!           '; // at once
        const fifth = '           -----------------^         ';
        transport = mending(joins(a, b, c), lost, lost, denied);
        const room = watchedRoom(transport, { ...brisk, endpoints: ['x', 'y'] });
        command(room, '           j                          ');
        expectStates(room, '      --^                        ')
          .toBe('                 --C--s------------R        ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(lost.subscriptions).toBe(tries);
        expectSubscriptions(denied.subscriptions).toBe(third);
        expectSubscriptions(b.subscriptions).toBe(fourth);
        expectSubscriptions(c.subscriptions).toBe(fifth);
      });
      expect(steps(transport.repairs).map((step) => step.slice(0, 8))).toEqual(['1 resume', '2 resume', '3 resume']);
      expect(steps(transport.attempts)).toEqual(['1 join x', '4 rejoin x', '5 rejoin y']);
    });

    it('R1 resumes again when cut at the limit', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d--------u');
        const a = cold('          l              ', { l: link('a', { signal$ }) });
        const resume = cold<never>('     -       ');
        const resumed = [
          '                       -------^---!   ',
          '                       -------------^!',
        ];
        transport = mending(joins(a), resume);
        const room = watchedRoom(transport, { ...brisk, attemptLimit: 4 });
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C--s--------R');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe(resumed);
      });
      expect(steps(transport.repairs)).toEqual(['1 resume', '2 resume']);
    });

    it('R1 R20 restarts media again when nobody answers, and rejoins at once when refused', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const media$ = health('   -u---d           ');
        const a = cold('          l                ', { l: link('a', { media$ }) });
        const b = cold('                       -l  ', { l: link('b') });
        const lost = cold<never>('       -#        ', undefined, unreachable);
        const denied = cold<never>('        -#     ', undefined, refused);
        const first = '           -------^!        ';
        const second = '          ----------^!     ';
        const third = '           -----------^     ';
        transport = mending(joins(a, b), lost, denied);
        const room = watchedRoom(transport);
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C--m------R    ');
        expectSubscriptions(lost.subscriptions).toBe(first);
        expectSubscriptions(denied.subscriptions).toBe(second);
        expectSubscriptions(b.subscriptions).toBe(third);
      });
      expect(steps(transport.repairs)).toEqual(['1 restart', '2 restart']);
      expect(steps(transport.attempts)).toEqual(['1 join', '3 rejoin']);
    });

    it('R1 R20 climbs at once from a media repair that is cut while the signalling is well', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const media$ = health('   -u---d           ');
        const a = cold('          l                ', { l: link('a', { media$ }) });
        const b = cold('                       -l  ', { l: link('b') });
        const restart = cold<never>('    -         ');
        const subs = '            ^----------!     ';
        const cut = '             -------^---!     ';
        const next = '            -----------^     ';
        transport = mending(joins(a, b), restart);
        const room = watchedRoom(transport, { ...brisk, attemptLimit: 4 });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C--m------R    ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(restart.subscriptions).toBe(cut);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(steps(transport.repairs)).toEqual(['1 restart']);
    });

    it('R1 rejoins again when nobody answers and when cut at the limit', () => {
      let transport!: Mending;
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const a = cold('          l----#                     ', { l: link('a') }, unreachable);
        const b = cold<never>('          -#                  ', undefined, unreachable);
        const c = cold<never>('             -                ');
        const d = cold('                          -l         ', { l: link('d') });
        const second = '          -------^!                  ';
        const third = '           ----------^---!            ';
        const fourth = '          ----------------^          ';
        transport = mending(joins(a, b, c, d));
        const room = watchedRoom(transport, { ...brisk, attemptLimit: 4 });
        command(room, '           j                          ');
        expectStates(room, '      -^                         ')
          .toBe('                 -C---s-----------R         ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
        expectSubscriptions(d.subscriptions).toBe(fourth);
      });
      expect(steps(transport.attempts)).toEqual(['1 join', '1 rejoin', '2 rejoin', '3 rejoin']);
      expect(transport.repairs).toEqual([]);
    });

    it('R1 names what broke and what it replaces', () => {
      let transport!: Mending;
      let old!: TestLink;
      marbles(({ cold, health, link, command, expectStates }) => {
        const media$ = health('   -u---d      ');
        old = link('a', { media$ });
        const a = cold('          l           ', { l: old });
        const b = cold('                   l  ', { l: link('b') });
        const denied = cold<never>('     -#   ', undefined, refused);
        transport = mending(joins(a, b), denied);
        const room = watchedRoom(transport);
        command(room, '           j           ');
        expectStates(room, '      --^         ')
          .toBe('                 --C--m--R   ');
      });
      const about = { cause: 'media', deadlineAt: 25 } as const;
      expect(transport.repairs[0]).toEqual(jasmine.objectContaining(about));
      expect(transport.attempts[1]).toEqual(jasmine.objectContaining({ ...about, previous: old }));
    });
  });

  describe('healing', () => {
    it('R2 comes back at once when the old link heals during a wait', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d---u-----');
        const a = cold('          l              ', { l: link('a', { signal$ }) });
        const b = cold<never>('   -              ');
        room = watchedRoom(joins(a, b), { ...brisk, schedule: () => 6 });
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C--s---R     ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(b.subscriptions).toBe([]);
      });
      expect(room.connectionState).toEqual(jasmine.objectContaining({ link: jasmine.objectContaining({ name: 'a' }) }));
    });

    it('R2 comes back at once when the old link heals in the frame in which the rejoin was due', () => {
      marbles(({ cold, health, scheduler, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d---u-----');
        const a = cold('          l              ', { l: link('a', { signal$ }) });
        const b = cold<never>('   -              ');
        const room = watchedRoom(joins(a, b), { ...brisk, scheduler, schedule: () => 4 });
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C--s---R     ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(b.subscriptions).toBe([]);
      });
    });

    it('R2 comes back at once when the old link heals during a repair or between two, which is cancelled', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d--u---d----u-');
        const a = cold('          l                  ', { l: link('a', { signal$ }) });
        const resume = cold<never>('     --#         ', undefined, unreachable);
        const resumed = [
          '                       -------^!          ',
          '                       --------------^-!  ',
        ];
        const room = watchedRoom(mending(joins(a), resume));
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C--s--R---s----R ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe(resumed);
      });
    });

    it('R2 wants both healths back', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d--u------');
        const media$ = health('   -u---d-----u---');
        const a = cold('          l              ', { l: link('a', { signal$, media$ }) });
        const room = watchedRoom(joins(a), { ...brisk, schedule: () => 8 });
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C--s-----R   ');
        expectSubscriptions(a.subscriptions).toBe('^');
      });
    });

    it('R2 does not believe the old link once a full rejoin has started, nor after that one failed', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const values: Record<string, Health> = { u: 'up', d: { down: true } };
        const signal$ = hot('     -u---d--u--u--------', values);
        const a = cold('          l                   ', { l: link('a', { signal$ }) });
        const b = cold<never>('          ---#         ', undefined, unreachable);
        const c = cold('                      --l     ', { l: link('c') });
        const subs = '            ^------!            ';
        const second = '          -------^--!         ';
        const third = '           ------------^       ';
        const room = watchedRoom(joins(a, b, c));
        command(room, '           j                   ');
        expectStates(room, '      --^                 ')
          .toBe('                 --C--s--------R     ');
        for (const gone of [a, signal$]) expectSubscriptions(gone.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
    });
  });

  describe('the position in the schedule', () => {
    it('R3 counts on while connections drop before they are stable', () => {
      const { schedule, positions } = remembered(({ position }) => 100 * position);
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const join = cold('       l 999ms                                  #', { l: link('a') }, unreachable);
        const subs = [
          '                       ^ 999ms                                   !',
          '                       1100ms                              ^ 999ms !', // waited 100
          '                       2300ms                              ^ 999ms !', // waited 200
          '                       3600ms                              ^ 999ms !', // waited 300
          '                       5000ms                              ^ 499ms !', // waited 400
        ];
        const room = watchedRoom(joins(join), { schedule });
        command(room, '           j 5499ms                                 l');
        expectStates(room, '      -^')
          .toBe('                 -C 998ms s 99ms R 999ms s 199ms R 999ms s 299ms R 999ms s 399ms R 499ms l');
        expectSubscriptions(join.subscriptions).toBe(subs);
      });
      expect(positions).toEqual([1, 2, 3, 4]);
    });

    it('R3 begins anew after a connection of ten seconds, and not a millisecond earlier', () => {
      const { schedule, positions } = remembered(() => 1_000);
      let transport!: Starting;
      marbles(({ cold, link, command }) => {
        const lasting = ['l 999ms #', 'l 9998ms #', 'l 9999ms #', 'l 999ms #', 'l'];
        transport = starting((_, index) => cold(lasting[index] ?? '-', { l: link(`${index}`) }, unreachable));
        const room = watchedRoom(transport, { schedule });
        command(room, '           j');
      });
      expect(transport.starts).toEqual([0, 2_000, 12_999, 23_999, 25_999]);
      expect(positions).toEqual([1, 2, 1, 2]);
    });

    it('R3 counts the waits of quiet repairs', () => {
      const { schedule, positions } = remembered(() => 200);
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u 19998ms d 299ms u 699ms d 299ms u 699ms d 299ms u 9998ms d 299ms u 9999ms d 299ms u');
        const a = cold('          l', { l: link('a', { signal$ }) });
        const resume = cold<never>('-');
        const room = watchedRoom(mending(joins(a), resume), { schedule });
        command(room, '           j');
        expectStates(room, '      --^')
          .toBe('                 --C');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe([
          '20200ms ^ 99ms !',
          '21200ms ^ 99ms !',
          '22200ms ^ 99ms !',
          '32499ms ^ 99ms !', // 9.999 s after it was healed
          '42799ms ^ 99ms !', // 10 s after it was healed
        ]);
      });
      expect(positions).toEqual([1, 2, 3, 4, 1]);
    });

    it('R3 counts the waits of joining, as long as no connection lasted', () => {
      const { schedule, positions } = remembered(() => 100);
      marbles(({ cold, link, command, expectStates }) => {
        const lost = cold<never>('#', undefined, unreachable);
        const short = cold('      l 999ms #', { l: link('a') }, unreachable);
        const room = watchedRoom(joins(lost, lost, short, cold('l', { l: link('b') })), { schedule });
        command(room, '           j');
        expectStates(room, '      -^')
          .toBe('                 -c 198ms C 999ms s 99ms R');
      });
      expect(positions).toEqual([1, 2, 3]);
    });

    it('R3 never spins on connections that drop at once, whatever chance says', () => {
      let transport!: Starting;
      marbles(({ cold, link, command }) => {
        transport = starting((_, index) => cold('l#', { l: link(`${index}`) }, unreachable));
        const room = watchedRoom(transport, { random: () => 0 });
        command(room, '           j 29998ms l');
      });
      // The least waits of the default schedule: 0, 250, 500, 1000, then 1425.
      expect(transport.starts.slice(0, 6)).toEqual([0, 1, 252, 753, 1_754, 3_180]);
      expect(transport.starts.length).toBe(24);
    });

    it('R3 never spins on joins that say they succeeded and drop in the same frame', () => {
      let transport!: Starting;
      marbles(({ cold, link, command }) => {
        transport = starting((_, index) => cold('(l#)', { l: link(`${index}`) }, unreachable));
        const room = watchedRoom(transport, { random: () => 0, joinDeadline: 100_000 });
        command(room, '           j 29998ms l');
      });
      expect(transport.starts.length).toBeLessThan(26);
    });

    it('R4 meets the third of three outages hours apart with a fresh budget', () => {
      const { schedule, positions } = remembered(() => 9_000);
      let transport!: Starting;
      const deadlines = new Set<number>();
      marbles(({ cold, hot, link, command, expectStates }) => {
        // Each outage: attempts after 9, 18, 27, 36 s, and the last chance after 38, which succeeds.
        const outages = hot('     60m x 60m x 60m x');
        const broken = outages.pipe(switchMap(() => throwError(() => unreachable)));
        transport = starting((attempt, index) =>
          attempt.kind === 'join' || attempt.number === 5
            ? merge(of(link(`${index}`)), broken)
            : cold<never>('       #', undefined, unreachable),
        );
        const room = watchedRoom(transport, { schedule, random: () => 0.5 });
        room.progress$.subscribe((progress) => {
          if (progress !== null) deadlines.add(progress.deadlineAt);
        });
        command(room, '           j');
        expectStates(room, '      -^')
          .toBe('                 -C 3599998ms s 37999ms R 3562000ms s 37999ms R 3562000ms s 37999ms R');
      });
      const outage = [9_000, 18_000, 27_000, 36_000, 38_000];
      const breaks = [3_600_000, 7_200_001, 10_800_002];
      expect(transport.starts).toEqual([0, ...breaks.flatMap((at) => outage.map((ms) => at + ms))]);
      expect([...deadlines]).toEqual([20_000, ...breaks.map((at) => at + 40_000)]);
      // The fifth wait would end too late: it is asked for, and gives way to the last chance.
      expect(positions).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    });
  });

  describe('delays', () => {
    const context = (position: number, random: number, more: Partial<AttemptContext> = {}): AttemptContext => ({
      position,
      error: undefined,
      verdict: unreachable,
      busyCount: 0,
      sinceUnreachable: 0,
      elapsed: 0,
      remaining: 40_000,
      random: () => random,
      ...more,
    });
    const places = [...Array.from({ length: 2_000 }, (_, i) => i + 1), 10_000, 100_000, 999_999, 1_000_000];
    const chances = [0, 0.5, 1 - Number.EPSILON];
    const busyAt = (busyCount: number): Partial<AttemptContext> => ({ verdict: { kind: 'busy' }, busyCount });

    const schedules: Readonly<Record<string, readonly [schedule: Schedule, least: number, most: number]>> = {
      defaultSchedule: [defaultSchedule, 0, 4_275],
      whenUnreachable: [whenUnreachable, 0, 4_275],
      whenBusy: [whenBusy, 500, 1_500], // 1 s × U(0.5, 1.5), the last "unreachable" being now
      'spaced(3000)': [spaced(3_000), 3_000, 3_000],
      immediate: [immediate, 0, 0],
      'exponential()': [exponential(), 500, 2 ** 31 - 1],
      'exponential, huge': [exponential({ first: 1e300, factor: 1e300 }), 2 ** 31 - 1, 2 ** 31 - 1],
      'exponential, factor 1': [exponential({ first: 7, factor: 1 }), 7, 7],
      'exponential, first 0': [exponential({ first: 0 }), 0, 0],
      'capped(5000, exponential())': [capped(5_000, exponential()), 500, 5_000],
      'jittered(capped(5000, exponential()))': [jittered(capped(5_000, exponential())), 250, 7_500],
      'jittered(exponential())': [jittered(exponential()), 250, Number.MAX_SAFE_INTEGER],
      'both(spaced(100), exponential())': [both(spaced(100), exponential()), 500, 2 ** 31 - 1],
      'either(spaced(100), exponential())': [either(spaced(100), exponential()), 100, 100],
      'both(times(1e6), spaced(9))': [both(times(1e6), spaced(9)), 9, 9],
      'honouringServer(spaced(5))': [honouringServer(spaced(5)), 5, 5],
    };
    for (const [name, [schedule, least, most]] of Object.entries(schedules)) {
      it(`R5 keeps every delay of ${name} finite and within its bounds up to the millionth`, () => {
        for (const random of chances) {
          const wrong = places.filter((n) => {
            const delay = schedule(context(n, random));
            return !(Number.isFinite(delay) && delay >= least && delay <= most);
          });
          expect(wrong).withContext(`random ${random}`).toEqual([]);
        }
      });
    }

    it('R5 keeps every delay of a busy server without a hint finite and positive', () => {
      // (1 s + half of the time since the last "unreachable", at most half of the 40 s that are left) × U(0.5, 1.5).
      for (const random of chances) {
        for (const n of places) {
          for (const schedule of [defaultSchedule, whenBusy]) {
            for (const sinceUnreachable of [0, 1_000 * n, 1e12]) {
              const delay = schedule(context(n, random, { ...busyAt(n), sinceUnreachable }));
              if (!(delay >= 500 && delay <= 31_500)) fail(`the ${n}th delay is ${delay}`);
            }
          }
        }
      }
    });

    it('R5 gives up where that was asked for, and never turns it into a number', () => {
      const tired = [giveUp, both(giveUp, spaced(1)), capped(1_000, giveUp), jittered(giveUp), honouringServer(giveUp)];
      for (const schedule of [...tired, both(times(999_999), spaced(9))]) expect(schedule(context(1e6, 0))).toBe(Infinity);
      expect(either(giveUp, spaced(1))(context(1e6, 0))).toBe(1);
    });

    it('R5 spreads the first delay too, and caps before it spreads', () => {
      const [least, , most] = chances as [number, number, number];
      expect([whenUnreachable(context(1, least)), whenUnreachable(context(1, most))].map(Math.round)).toEqual([0, 500]);
      const far = [whenUnreachable(context(1e6, least)), whenUnreachable(context(1e6, most))];
      expect(far.map(Math.round)).toEqual([1_425, 4_275]);
      expect([2, 3, 4, 5, 6].map((n) => whenUnreachable(context(n, 0.5)))).toEqual([500, 1_000, 2_000, 2_850, 2_850]);
    });

    const longest = 2 ** 31 - 1;
    const vast: RoomOptions = { deadline: longest, joinDeadline: longest, attemptLimit: longest, openingLimit: longest };
    const extremes: Readonly<Record<string, readonly [options: RoomOptions, verdict: Verdict]>> = {
      'the longest of limits': [{ ...vast, schedule: spaced(1_000_000_000) }, unreachable],
      'a schedule without bounds': [{ ...vast, schedule: () => Number.MAX_VALUE }, unreachable],
      'a schedule just past the longest timer': [{ ...vast, schedule: () => longest + 1 }, unreachable],
      'a hint without bounds': [vast, { kind: 'busy', retryAfter: 1e300 }],
      'a hint just past the longest timer': [vast, { kind: 'busy', retryAfter: longest + 1 }],
      'an infinite hint': [vast, { kind: 'busy', retryAfter: Infinity }],
      'the longest wake floor': [{ ...vast, wakeFloor: longest, schedule: spaced(1_000_000_000) }, unreachable],
    };
    for (const [name, [options, verdict]] of Object.entries(extremes)) {
      for (const first of ['join', 'drop'] as const) {
        it(`R6 hands no delay above 2³¹−1 ms to a scheduler, with ${name} (${first})`, () => {
          const scheduler = recording();
          let transport!: Starting;
          marbles(({ cold, hot, link, command }) => {
            transport = starting((_, index) =>
              first === 'drop' && index === 0
                ? cold('          l----#', { l: link('a') }, verdict)
                : cold<never>('   -#', undefined, verdict),
            );
            const wake$ = hot<Wake>('----------------w', { w: { suspendedFor: 0 } });
            const room = watchedRoom(transport, { ...options, scheduler, wake$, random: () => 0.999 });
            command(room, '       j 20ms r');
          });
          expect(scheduler.delays.filter((delay) => !(delay >= 0 && delay <= longest))).toEqual([]);
          expect(scheduler.delays.length).toBeGreaterThan(2);
          expect(transport.starts.length).toBeLessThan(20);
        });
      }
    }

    it('R6 waits out the longest deadline that there is', () => {
      const scheduler = recording();
      let transport!: Starting;
      marbles(({ cold, hot, link, command, expectStates }) => {
        // The last proof of life is reported late: the deadline itself stays where it was.
        const values: Record<string, Health> = { u: 'up', d: { down: true, aliveAt: 3 } };
        const signal$ = hot('     -u---d', values);
        transport = starting((_, index) =>
          index === 0 ? cold('l', { l: link('a', { signal$ }) }) : cold<never>('#', undefined, unreachable),
        );
        const room = watchedRoom(transport, { ...vast, scheduler, schedule: spaced(longest), lastChanceFrom: longest });
        command(room, '           j');
        expectStates(room, '      --^')
          .toBe(`                 --C-- 1000ms s ${3 + longest - 1_006}ms t`);
      });
      expect(Math.max(...scheduler.delays)).toBeLessThanOrEqual(longest);
    });

    const sequence = (): (() => number) => {
      const values = [0.13, 0.71, 0.02, 0.999, 0.4];
      let next = 0;
      return () => values[next++ % values.length]!;
    };

    it('R7 begins each attempt exactly when it said', () => {
      let transport!: Starting;
      const told: number[] = [];
      marbles(({ cold, link, command }) => {
        transport = starting((_, index) =>
          index === 0 ? cold('l----#', { l: link('a') }, unreachable) : cold<never>('-#', undefined, unreachable),
        );
        const room = watchedRoom(transport, { random: sequence() });
        waits(room).subscribe(({ nextRetryAt }) => {
          if (nextRetryAt !== null) told.push(nextRetryAt);
        });
        command(room, '           j');
      });
      expect(told.length).toBeGreaterThan(10);
      expect(transport.starts.slice(1)).toEqual(told);
    });

    it('R7 begins no attempt before it said, even when timers fire early', () => {
      let transport!: Starting;
      const told: number[] = [];
      marbles(({ cold, link, command }) => {
        transport = starting((_, index) =>
          index === 0 ? cold('l----#', { l: link('a') }, unreachable) : cold<never>('-#', undefined, unreachable),
        );
        const room = watchedRoom(transport, { random: sequence(), scheduler: early(1) });
        waits(room).subscribe(({ nextRetryAt }) => {
          if (nextRetryAt !== null) told.push(nextRetryAt);
        });
        command(room, '           j 9999ms l');
      });
      expect(transport.starts.length).toBeGreaterThan(4);
      transport.starts.slice(1).forEach((at, i) => expect(at).toBeGreaterThanOrEqual(told[i]!));
    });

    it('R7 says the number, kind and cause of the attempt to come', () => {
      const seen: Partial<Progress>[] = [];
      marbles(({ cold, link, command }) => {
        const a = cold('          l----#', { l: link('a') }, unreachable);
        const b = cold<never>('          -#', undefined, unreachable);
        const room = watchedRoom(joins(a, b));
        room.progress$.subscribe((progress) => {
          if (progress !== null) seen.push(progress);
        });
        command(room, '           j---------l');
      });
      const about = { cause: jasmine.anything(), hintAt: null, deadlineAt: 25, kind: 'rejoin' } as const;
      expect(seen.slice(-3)).toEqual([
        { ...about, phase: 'waiting', attempt: 1, nextRetryAt: 7 },
        { ...about, phase: 'attempting', attempt: 1, nextRetryAt: null },
        { ...about, phase: 'waiting', attempt: 2, nextRetryAt: 10 },
      ] as never);
    });
  });

  describe('wakes', () => {
    const wake: Record<string, Wake> = { w: { suspendedFor: 0 } };
    const patient: RoomOptions = { ...brisk, schedule: () => 15, wakeFloor: 5, deadline: 60, joinDeadline: 60 };

    it('R8 shortens a wait, to no less than the floor after the last attempt began, and replaces the queued attempt', () => {
      const { schedule, positions } = remembered(() => 15);
      marbles(({ cold, hot, link, command, expectStates, expectObservable, expectSubscriptions }) => {
        const wake$ = hot('       --------------w-w--------------------------', wake);
        const a = cold('          l---------#                                ', { l: link('a') }, unreachable);
        const b = cold<never>('                 -#                           ', undefined, unreachable);
        const c = cold<never>('                      -#                      ', undefined, unreachable);
        const d = cold('                                             l       ', { l: link('d') });
        const second = '          --------------^!                           ';
        const third = '           -------------------^!                      ';
        const fourth = '          -----------------------------------^       ';
        const room = watchedRoom(joins(a, b, c, d), { ...patient, schedule, wake$ });
        command(room, '           j                                          ');
        expectStates(room, '      -^                                         ')
          .toBe('                 -C--------s------------------------R       ');
        expectObservable(waits(room).pipe(map(({ nextRetryAt }) => nextRetryAt)))
          .toBe('                 ----------a----bc---d                      ', { a: 25, b: 30, c: 19, d: 35 });
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
        expectSubscriptions(d.subscriptions).toBe(fourth);
      });
      expect(positions).toEqual([1, 2, 3]);
    });

    it('R8 keeps a second between attempts unless told otherwise', () => {
      let transport!: Starting;
      marbles(({ cold, hot, link, command }) => {
        const wake$ = hot('       20s w 99ms w', wake);
        transport = starting((_, index) =>
          index === 0 ? cold('    l 19s #', { l: link('a') }, unreachable) : cold<never>('#', undefined, unreachable),
        );
        const room = watchedRoom(transport, { schedule: spaced(15_000), wake$ });
        command(room, '           j 23s l');
      });
      expect(transport.starts).toEqual([0, 20_000, 21_000]);
    });

    it('R8 never lengthens a wait', () => {
      marbles(({ cold, hot, link, command, expectSubscriptions }) => {
        const wake$ = hot('       --------------w---', wake);
        const a = cold('          l---------#       ', { l: link('a') }, unreachable);
        const b = cold<never>('                -#  ', undefined, unreachable);
        const c = cold('                           l', { l: link('c') });
        const second = '          -------------^!   ';
        const third = '           -----------------^';
        const room = watchedRoom(joins(a, b, c), { ...patient, schedule: () => 3, wakeFloor: 9, wake$ });
        command(room, '           j                ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
    });

    it('R8 leaves a running attempt alone, and the wait after it', () => {
      const { schedule, positions } = remembered(() => 5);
      marbles(({ cold, hot, link, command, expectSubscriptions }) => {
        const wake$ = hot('       ----------------ww-----------', wake);
        const a = cold('          l---------#                 ', { l: link('a') }, unreachable);
        const b = cold<never>('                  ----#        ', undefined, unreachable);
        const c = cold('                                  l   ', { l: link('c') });
        const second = '          ---------------^---!        ';
        const third = '           ------------------------^   ';
        const room = watchedRoom(joins(a, b, c), { ...patient, schedule, wake$ });
        command(room, '           j-----------------r         ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
      expect(positions).toEqual([1, 2]);
    });

    it('R8 tears nothing down while healthy', () => {
      marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       ----w--w-----', wake);
        const signal$ = health('  -u-----------');
        const a = cold('          l            ', { l: link('a', { signal$, probe: () => cold<never>('-|') }) });
        const b = cold('          l            ', { l: link('b') });
        const one = watchedRoom(joins(a), { ...patient, wake$ });
        const two = watchedRoom(joins(b), { ...patient, wake$ });
        command(one, '            j-------r    ');
        command(two, '            j-------r    ');
        expectStates(one, '       --^          ')
          .toBe('                 --C          ');
        expectStates(two, '       --^          ')
          .toBe('                 --C          ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(b.subscriptions).toBe('^');
      });
    });

    it('R8 stays left, and stays failed', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       -----w--w-----', wake);
        const left = '            ^--!          ';
        const a = cold('          l             ', { l: link('a') });
        const b = cold<never>('   -#            ', undefined, { kind: 'fatal' });
        const one = watchedRoom(joins(a), { ...patient, wake$ });
        const two = watchedRoom({ ...verdicts, ...joins(b) }, { ...patient, wake$ });
        command(one, '            j--l---r      ');
        command(two, '            j------r      ');
        expectStates(one, '       -^            ')
          .toBe('                 -C-l          ');
        expectStates(two, '       --^           ')
          .toBe('                 --f           ');
        expectSubscriptions(a.subscriptions).toBe(left);
        expectSubscriptions(b.subscriptions).toBe('^!');
        expectSubscriptions(wake$.subscriptions).toBe([left, '^!']);
      });
    });

    it('R8 shortens the waits of a first join too', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       ---w--------', wake);
        const a = cold<never>('   -#          ', undefined, unreachable);
        const b = cold('               l      ', { l: link('b') });
        const second = '          -----^      ';
        const room = watchedRoom(joins(a, b), { ...patient, wake$ });
        command(room, '           j           ');
        expectStates(room, '      -^          ')
          .toBe('                 -c---C      ');
        expectSubscriptions(b.subscriptions).toBe(second);
      });
    });

    it('R8 keeps the floor from the attempt that had connected', () => {
      marbles(({ cold, hot, link, command, expectSubscriptions }) => {
        const wake$ = hot('       ---w--------', wake);
        const a = cold('          l-#         ', { l: link('a') }, unreachable);
        const b = cold('               l      ', { l: link('b') });
        const second = '          -----^      ';
        const room = watchedRoom(joins(a, b), { ...patient, wake$ });
        command(room, '           j           ');
        expectSubscriptions(b.subscriptions).toBe(second);
      });
    });

    it('R8 brings a repair forward inside the settle time, and no rejoin before the announcement', () => {
      marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       ------------w----------', wake);
        const signal$ = health('  -u--------d------------');
        const a = cold('          l                      ', { l: link('a', { signal$ }) });
        const b = cold('          l                      ', { l: link('b', { signal$ }) });
        const c = cold('                            --l  ', { l: link('c') });
        const resume = cold<never>('          -          ');
        const resumed = '         ------------^          ';
        const next = '            ------------------^    ';
        const options = { ...patient, settle: { signal: 8, media: 0 }, attemptLimit: 99, deadline: 30, wake$ };
        const one = watchedRoom(mending(joins(a), resume), options);
        const two = watchedRoom(joins(b, c), options);
        command(one, '            j-----------------l    ');
        command(two, '            j                      ');
        expectStates(two, '       --^                    ')
          .toBe('                 --C---------------s-R  ');
        expectSubscriptions(resume.subscriptions).toBe(`${resumed.trimEnd()}-----!`);
        expectSubscriptions(c.subscriptions).toBe(next);
      });
    });

    it('R8 has a floor for retryNow() too, which counts once and does nothing when there is nothing to bring forward', () => {
      const { schedule, positions } = remembered(() => 15);
      marbles(({ cold, link, command, expectSubscriptions }) => {
        const a = cold('          l---------#                 ', { l: link('a') }, unreachable);
        const b = cold<never>('              -#               ', undefined, unreachable);
        const c = cold<never>('                   --#         ', undefined, unreachable);
        const d = cold('                                           l', { l: link('d') });
        const second = '          -----------^!               ';
        // The shorter of 250 ms and the wake floor (5) after the second began.
        const third = '           ----------------^-!         ';
        const fourth = '          ---------------------------------^';
        const room = watchedRoom(joins(a, b, c, d), { ...patient, schedule });
        command(room, '           j----r-----r--(rr)          ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
        expectSubscriptions(d.subscriptions).toBe(fourth);
      });
      expect(positions).toEqual([1, 2, 3]);
    });

    it('R8 begins one more attempt with retryNow() when only the deadline is left to wait for; a wake does nothing then', () => {
      const { schedule, positions } = remembered(() => 50);
      marbles(({ cold, hot, link, command, expectSubscriptions }) => {
        const wake$ = hot('       --------------w---', wake);
        const a = cold('          l---------#       ', { l: link('a') }, unreachable);
        const b = cold<never>('                   -#', undefined, unreachable);
        // The second comes five milliseconds after the first began: the floor.
        const tries = ['          ------------------^!', '-----------------------^!'];
        const room = watchedRoom(joins(a, b), { ...patient, deadline: 20, schedule, wake$, lastChanceFrom: 99 });
        command(room, '           j-----------------r-r');
        expectSubscriptions(b.subscriptions).toBe(tries);
      });
      expect(positions).toEqual([1, 2, 3]);
    });

    it('R8 survives a source of wakes that errors or completes', () => {
      const errors: unknown[] = [];
      marbles(({ cold, hot, link, command, expectStates }) => {
        const wake$ = hot('       ---#        ', wake, 'boom');
        const ended$ = hot('      ---|        ', wake);
        for (const hints$ of [wake$, ended$]) {
          const a = cold('        l----#      ', { l: link('a') }, unreachable);
          const b = cold('               l    ', { l: link('b') });
          const room = watchedRoom(joins(a, b), { ...brisk, wake$: hints$ });
          room.errors$.subscribe((error) => errors.push(error));
          command(room, '         j           ');
          expectStates(room, '    -^          ')
            .toBe('               -C---s-R    ');
        }
      });
      expect(errors).toEqual([{ at: 3, from: 'wake$', error: 'boom' }]);
    });

    it('R9 counts several wakes at once as one', () => {
      marbles(({ cold, hot, link, command, expectSubscriptions }) => {
        const wake$ = hot('       ------------(wwww)           ', wake);
        const a = cold('          l---------#                  ', { l: link('a') }, unreachable);
        const b = cold<never>('               #                ', undefined, unreachable);
        const c = cold('                                     l ', { l: link('c') });
        const second = '          ------------(^!)             ';
        const third = '           ---------------------------^ ';
        const room = watchedRoom(joins(a, b, c), { ...patient, wake$ });
        command(room, '           j                            ');
        expectSubscriptions(b.subscriptions).toBe(second);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
    });

    it('R9 lets ten wakes a second for ten seconds make one attempt a second, and neither number nor deadline begin anew', () => {
      const { schedule, positions } = remembered(() => 30_000);
      let transport!: Starting;
      const deadlines = new Set<number>();
      const numbers: number[] = [];
      marbles(({ cold, hot, link, command, expectStates }) => {
        const wake$ = hot(`      60s ${'w 99ms '.repeat(100)}`, wake);
        transport = starting((_, index) =>
          index === 0 ? cold('    l 59949ms #', { l: link('a') }, unreachable) : cold<never>('#', undefined, unreachable),
        );
        const room = watchedRoom(transport, { schedule, wake$, random: () => 0.5 });
        room.progress$.subscribe((progress) => {
          if (progress === null || progress.cause === null) return;
          deadlines.add(progress.deadlineAt);
          numbers.push(progress.attempt);
        });
        command(room, '           j');
        expectStates(room, '      -^')
          .toBe('                 -C 59948ms s 39999ms t');
      });
      const flapping = transport.starts.filter((at) => at >= 60_000 && at < 70_000);
      expect(flapping).toEqual(Array.from({ length: 10 }, (_, i) => 60_000 + 1_000 * i));
      // The wake of 69.9 s brings one more forward, then there is the last chance.
      expect(transport.starts.length).toBeLessThanOrEqual(13);
      expect([...deadlines]).toEqual([99_950]);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(positions.slice(0, 11)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });

    it('R9 lets wakes make no spin of connections that drop at once', () => {
      let transport!: Starting;
      marbles(({ cold, hot, link, command }) => {
        const wake$ = hot('50ms w 49ms '.repeat(100), wake);
        transport = starting((_, index) => cold('l#', { l: link(`${index}`) }, unreachable));
        const room = watchedRoom(transport, { schedule: spaced(15_000), wake$ });
        command(room, '           j 9998ms l');
      });
      expect(transport.starts.length).toBeLessThanOrEqual(11);
    });

    it('R9 lets flapping during long attempts cut none of them', () => {
      let transport!: Starting;
      marbles(({ cold, hot, link, command, expectStates }) => {
        const wake$ = hot(`      20s ${'w 99ms '.repeat(100)}`, wake);
        transport = starting((_, index) =>
          index === 0 ? cold('    l 19s #', { l: link('a') }, unreachable) : cold('3s l', { l: link('b') }),
        );
        const room = watchedRoom(transport, { schedule: spaced(30_000), wake$ });
        command(room, '           j');
        expectStates(room, '      -^')
          .toBe('                 -C 18999ms s 3998ms R');
      });
      expect(transport.starts).toEqual([0, 20_000]);
    });

    it('R10 reconnects in a hidden page', () => {
      const page = Object.assign(new EventTarget(), { visibilityState: 'hidden', hidden: true });
      const world = globalThis as { window?: unknown; document?: unknown };
      const before = { window: world.window, document: world.document };
      world.document = page;
      world.window = Object.assign(new EventTarget(), { document: page });
      try {
        let transport!: Starting;
        marbles(({ cold, link, command }) => {
          transport = starting((_, index) =>
            index === 0 ? cold('  l 19999ms #', { l: link('a') }, unreachable) : cold<never>('#', undefined, unreachable),
          );
          // Once a minute is what a hidden page's timers do after a while.
          const once = watchedRoom(transport, { schedule: spaced(1_000), scheduler: throttled(1_000), deadline: 5_000 });
          command(once, '         j');
        });
        expect(transport.starts).toEqual([0, 21_000, 22_000, 23_000, 24_000]);

        marbles(({ cold, link, command, expectStates }) => {
          const a = cold('        l 99999ms #', { l: link('a') }, unreachable);
          const b = cold('        l', { l: link('b') });
          const room = watchedRoom(joins(a, b), { schedule: spaced(1_000), scheduler: throttled(60_000), deadline: 90_000 });
          command(room, '         j');
          expectStates(room, '    -^')
            .toBe('               -C 99998ms s 19999ms R');
        });
      } finally {
        if (before.window === undefined) delete world.window;
        else world.window = before.window;
        if (before.document === undefined) delete world.document;
        else world.document = before.document;
      }
    });
  });

  describe('busy servers', () => {
    /** A link that drops after a second, then these answers; the last serves all that follow. */
    function dropped(
      answers: readonly Verdict[],
      options: RoomOptions,
      commands = 'j',
    ): { starts: number[]; progress: Progress[]; end: Failed | null } {
      let transport!: Starting;
      const progress: Progress[] = [];
      let room!: Room<TestLink>;
      marbles(({ cold, link, command }) => {
        transport = starting((_, index) =>
          index === 0
            ? cold('              l 999ms #', { l: link('a') }, unreachable)
            : cold<never>('       #', undefined, answers[Math.min(index, answers.length) - 1]),
        );
        room = watchedRoom(transport, options);
        room.progress$.subscribe((value) => {
          if (value?.phase === 'waiting') progress.push(value);
        });
        command(room, commands);
      });
      const state = room.connectionState;
      return { starts: transport.starts, progress, end: state.state === 'failed' ? state : null };
    }

    const busy = (retryAfter?: unknown): Verdict => ({ kind: 'busy', ...(retryAfter === undefined ? {} : { retryAfter: retryAfter as number }) });

    for (const [random, spread] of [
      [0, 0],
      [0.5, 100],
      [0.999, 199.8],
    ] as const) {
      it(`R11 comes back when it was told to, never earlier and at most 200 ms later (chance ${random})`, () => {
        const { starts, progress } = dropped([busy(3_000), busy(5_000), unreachable], { random: () => random }, 'j 15s l');
        const [, first, second, third] = starts as [number, number, number, number];
        // Whole milliseconds, rounded up: never early.
        expect(second).toBe(Math.ceil(first + 3_000 + spread));
        expect(third).toBe(Math.ceil(second + 5_000 + spread));
        expect(progress.filter(({ hintAt }) => hintAt !== null).map(({ hintAt }) => hintAt)).toEqual([
          first + 3_000,
          second + 5_000,
        ]);
        // An answer that is not "busy" takes the hint back.
        expect(progress.at(-1)?.hintAt).toBeNull();
      });
    }

    it('R11 obeys a hint of nothing at all, without a spin', () => {
      const { starts } = dropped([busy(0)], { random: () => 0.5 }, 'j 2s l');
      expect(starts.length).toBeLessThan(12);
      starts.slice(2).forEach((at, i) => expect(at - starts[i + 1]!).toBeCloseTo(100, 6));
    });

    it('R11 takes a hint that makes no sense for none', () => {
      const options = { random: () => 0.5 };
      const without = dropped([busy()], options);
      expect(without.starts.length).toBeGreaterThan(2);
      for (const hint of [NaN, -1, -Infinity, '3000', null, {}, [3_000], true, 5n]) {
        const { starts, progress } = dropped([busy(hint)], options);
        expect(starts).withContext(inspect(hint)).toEqual(without.starts);
        expect(progress.every(({ hintAt }) => hintAt === null)).withContext(inspect(hint)).toBe(true);
      }
    });

    for (const hint of [60_000, 39_000_000, 1e15]) {
      it(`R11 shows a hint past the deadline (${hint}), probes once in what is left, and fails on time`, () => {
        const { starts, progress, end } = dropped([busy(hint)], { random: () => 0.5 });
        const [, first, chance, ...more] = starts as [number, number, number, ...number[]];
        expect(more).toEqual([]);
        expect(chance).toBeGreaterThan(first);
        expect(chance).toBeLessThan(41_000);
        const shown = progress.find(({ hintAt }) => hintAt !== null);
        expect(shown?.hintAt).toBe(first + Math.min(hint, 2 ** 31 - 1));
        expect(shown?.nextRetryAt).toBe(chance);
        expect(progress.at(-1)?.nextRetryAt).toBeNull();
        expect(new Set(progress.map(({ deadlineAt }) => deadlineAt))).toEqual(new Set([41_000]));
        expect(end).toEqual(jasmine.objectContaining({ reason: 'timeout', attempts: 2 }));
      });
    }

    it('R11 fails exactly at the deadline after a hint past it', () => {
      marbles(({ cold, link, command, expectStates }) => {
        const a = cold('          l 999ms #', { l: link('a') }, unreachable);
        const b = cold<never>('   #', undefined, busy(600_000));
        const room = watchedRoom({ ...verdicts, ...joins(a, b) }, {});
        command(room, '           j');
        expectStates(room, '      -^')
          .toBe('                 -C 998ms s 39999ms t');
      });
    });

    it('R11 shows and obeys a hint during a first join, within the join deadline', () => {
      const seen: (number | null)[] = [];
      let transport!: Starting;
      marbles(({ cold, command, expectStates }) => {
        transport = starting(() => cold<never>('-#', undefined, busy(60_000)));
        const room = watchedRoom(transport, { random: () => 0.5 });
        waits(room).subscribe(({ hintAt }) => seen.push(hintAt));
        command(room, '           j');
        expectStates(room, '      -^')
          .toBe('                 -c 19998ms f');
      });
      expect(seen[0]).toBe(60_001);
      expect(transport.starts.length).toBe(2);
    });

    it('R11 does not come before the hint when its spread would end after the deadline', () => {
      // Met at once, busy for 39.9 s of the 40 that are left; the spread would end 99.8 ms after the deadline.
      const chance = [0, 0.999];
      const { starts, end } = dropped([busy(39_900)], { random: () => chance.shift() ?? 0.3 });
      const [, first, ...more] = starts as [number, number, ...number[]];
      for (const at of more) expect(at).toBeGreaterThanOrEqual(first + 39_400);
      expect(end?.reason).toBe('timeout');
    });

    it('R11 comes before the hint neither for a wake nor for retryNow()', () => {
      let transport!: Starting;
      marbles(({ cold, hot, link, command }) => {
        const wake$ = hot<Wake>(' 4s w', { w: { suspendedFor: 0 } });
        transport = starting((_, index) =>
          index === 0 ? cold('    l 999ms #', { l: link('a') }, unreachable) : cold<never>('#', undefined, busy(10_000)),
        );
        const room = watchedRoom(transport, { random: () => 0, wake$ });
        command(room, '           j 4999ms r 6s l');
      });
      expect(transport.starts).toEqual([0, 1_000, 11_000]);
    });

    it('R11 keeps the hint whatever the schedule says', () => {
      const { starts } = dropped([busy(3_000)], { schedule: spaced(500), random: () => 0.5 }, 'j 5s l');
      // Met after 500 ms; from there never before the hint.
      expect(starts.slice(0, 2)).toEqual([0, 1_500]);
      expect(starts[2]).toBeGreaterThanOrEqual(4_500);
      expect(starts[2]).toBeLessThanOrEqual(4_700);
    });

    it('R11 spreads over half of the time since anybody was unreachable, without a hint', () => {
      const window = (answers: readonly Verdict[]): number => {
        const [soonest, latest] = [0, 0.999].map((random) => {
          // All waits but the last are the shortest.
          let asked = 0;
          const { starts } = dropped(answers, { random: () => (asked++ === answers.length ? random : 0) });
          return starts[answers.length + 1]! - starts[answers.length]!;
        });
        return latest! - soonest!;
      };
      // Busy at once: (1 s + 0) × U(0.5, 1.5); the second time, 500 ms later: (1 s + 250 ms) × U(0.5, 1.5).
      expect(window([busy()])).toBeCloseTo(999, 0);
      expect(window([busy(), busy()])).toBeCloseTo(1_250 * 0.999, 0);
    });
  });

  describe('bad schedules', () => {
    const boom = new Error('boom');
    const answers: Readonly<Record<string, () => unknown>> = {
      throws: () => {
        throw boom;
      },
      'returns NaN': () => NaN,
      'returns a negative': () => -1,
      'returns minus infinity': () => -Infinity,
      'returns a string': () => '5',
      'returns undefined': () => undefined,
      'returns null': () => null,
      'returns a bigint': () => 5n,
      'returns an object': () => ({ valueOf: () => 5 }),
      'returns a promise': () => Promise.resolve(5),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const schedule = answer as Schedule;

      it(`R12 fails with the cause when the schedule ${name}, while joining`, () => {
        let room!: Room<TestLink>;
        marbles(({ cold, command, expectStates, expectSubscriptions }) => {
          const a = cold<never>(' --#   ', undefined, unreachable);
          const subs = '          ^-!   ';
          room = watchedRoom(joins(a), { ...brisk, schedule });
          command(room, '         j     ');
          expectStates(room, '    -^    ')
            .toBe('               -cf   ');
          expectSubscriptions(a.subscriptions).toBe(subs);
        });
        expect(room.connectionState).toEqual(jasmine.objectContaining({ attempts: 1, error: jasmine.any(ScheduleError) }));
        if (name === 'throws') expect((room.connectionState as Failed).error).toEqual(jasmine.objectContaining({ cause: boom }));
      });

      it(`R12 fails with the cause when the schedule ${name}, while reconnecting`, () => {
        let room!: Room<TestLink>;
        marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
          const a = cold('        l----#  ', { l: link('a') }, unreachable);
          const b = cold<never>('        -#', undefined, unreachable);
          const next = '          -------^!';
          room = watchedRoom(joins(a, b), {
            ...brisk,
            schedule: (context) => (context.position === 1 ? 2 : schedule(context)),
          });
          command(room, '         j        ');
          expectStates(room, '    -^       ')
            .toBe('               -C---s--f');
          expectSubscriptions(b.subscriptions).toBe(next);
        });
        expect(room.connectionState).toEqual(jasmine.objectContaining({ attempts: 1, error: jasmine.any(ScheduleError) }));
      });
    }

    it('R12 D5 fails in one emission, when the break would be announced, if the schedule throws at the first sign', () => {
      const schedule: Schedule = () => {
        throw boom;
      };
      let room!: Room<TestLink>;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d---     ');
        const a = cold('          l             ', { l: link('a', { signal$ }) });
        const subs = '            ^--------!    ';
        room = watchedRoom(joins(a), { ...brisk, settle: { signal: 4, media: 0 }, schedule });
        command(room, '           j             ');
        expectStates(room, '      --^           ')
          .toBe('                 --C------f    ');
        expectSubscriptions(a.subscriptions).toBe(subs);
      });
      expect((room.connectionState as Failed).error).toEqual(jasmine.objectContaining({ cause: boom }));
    });

    it('R12 names the stage of the last attempt', () => {
      marbles(({ cold, command, expectStates }) => {
        const room = watchedRoom(
          { ...joins(NEVER), request: () => cold<never>('--#') as Observable<void> },
          { ...brisk, schedule: () => NaN },
        );
        command(room, '           j     ');
        expectStates(room, '      -^    ')
          .toBe('                 -cq   ');
      });
    });

    it('R12 says what was wrong', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, command }) => {
        room = watchedRoom(joins(cold<never>('#')), { ...brisk, schedule: () => -1 });
        command(room, 'j');
      });
      expect(String((room.connectionState as Failed).error)).toBe(
        'ScheduleError: schedule: expected milliseconds ≥ 0 or Infinity, but it returned -1',
      );
    });
  });

  describe('endpoints', () => {
    const three = { ...brisk, endpoints: ['a', 'b', 'c'], deadline: 60, joinDeadline: 60 };

    it('R13 begins at the first place until a server refuses there, and tries all others at once in the second', () => {
      let transport!: Joins;
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const lost = cold<never>('-#                       ', undefined, unreachable);
        const again = cold<never>('  -#                    ', undefined, unreachable);
        const denied = cold<never>('  -#                   ', undefined, refused);
        const fine = cold('                   l----#       ', { l: link('l') }, unreachable);
        const last = cold('                          -l    ', { l: link('m') });
        const first = '           ^!                       ';
        const second = '          ---^!                    ';
        const third = '           ----^!                   '; // at once
        const fourth = '          -------^----!            ';
        const fifth = '           --------------^          ';
        transport = { ...verdicts, ...joins(lost, again, denied, fine, last) };
        const room = watchedRoom(transport, three);
        command(room, '           j                        ');
        expectStates(room, '      -^                       ')
          .toBe('                 -c-----C----s--R         ');
        expectSubscriptions(lost.subscriptions).toBe(first);
        expectSubscriptions(again.subscriptions).toBe(second);
        expectSubscriptions(denied.subscriptions).toBe(third);
        expectSubscriptions(fine.subscriptions).toBe(fourth);
        expectSubscriptions(last.subscriptions).toBe(fifth);
      });
      // Nobody at a, twice; the second time b at once, which refuses: c. It dropped, and a new break begins at the first place.
      expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'a', 'b', 'c', 'a']);
    });

    it('R13 keeps the place whatever repairs do, and passes on when it refuses', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates }) => {
        const signal$ = health('  -u---d            ');
        const a = cold('          l                 ', { l: link('l', { signal$ }) });
        const b = cold<never>('              #      ', undefined, refused);
        const c = cold('                       l    ', { l: link('m') });
        const lost = cold<never>('       -#         ', undefined, unreachable);
        const denied = cold<never>('        -#      ', undefined, refused);
        transport = mending(joins(a, b, c), lost, denied);
        const room = watchedRoom(transport, three);
        command(room, '           j                 ');
        // Resumes at 7 and 10, refused at 11: a at once, refused there; b two later.
        expectStates(room, '      --^               ')
          .toBe('                 --C--s-------R    ');
      });
      expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'a', 'b']);
    });

    for (const [state, when] of [
      ['connected', '---w'],
      ['reconnecting', '------w'],
    ] as const) {
      it(`R13 replaces the list by the one that the server gives, ${state}`, () => {
        let transport!: Joins;
        marbles(({ cold, hot, health, link, command, expectStates }) => {
          const notice$ = hot(when, { w: { kind: 'endpoints', list: ['x', 'y'] } as ServerNotice });
          const signal$ = health('-u---d          ');
          const a = cold('        l               ', { l: link('l', { signal$, notice$ }) });
          const b = cold<never>('        #        ', undefined, unreachable);
          const c = cold<never>('          #      ', undefined, unreachable);
          const d = cold('                  l     ', { l: link('m') });
          transport = joins(a, b, c, d);
          const room = watchedRoom(transport, three);
          command(room, '         j               ');
          // x at 7 and again at 9, then y a millisecond later.
          expectStates(room, '    --^             ')
            .toBe('               --C--s----R     ');
        });
        expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'x', 'x', 'y']);
      });
    }

    for (const [ending, how] of [
      ['leave()', 'l'],
      ['failed', '-'],
    ] as const) {
      it(`R13 forgets the list of the server at ${ending}`, () => {
        let transport!: Joins;
        marbles(({ cold, hot, link, command }) => {
          const notice$ = hot('    ---w', { w: { kind: 'endpoints', list: ['x', 'y'] } as ServerNotice });
          const fatal = cold<never>('#', undefined, { kind: 'fatal' });
          transport = { ...verdicts, ...joins(cold('l----#', { l: link('l', { notice$ }) }, unreachable), fatal, NEVER) };
          const room = watchedRoom(transport, three);
          command(room, `          j------${how}--j`);
        });
        const expected = ending === 'failed' ? ['a', 'x', 'a'] : ['a', 'a'];
        expect(transport.attempts.slice(0, expected.length).map(({ endpoint }) => endpoint)).toEqual(expected);
      });
    }

    it('R13 stays in the queue of a busy endpoint', () => {
      let transport!: Joins;
      marbles(({ cold, link, command, expectSubscriptions }) => {
        const full = cold<never>('-#         ', undefined, { kind: 'busy' });
        const fine = cold('          l       ', { l: link('a') });
        const next = '            ---^       ';
        transport = { ...verdicts, ...joins(full, fine) };
        command(watchedRoom(transport, three), 'j');
        expectSubscriptions(full.subscriptions).toBe('^!');
        expectSubscriptions(fine.subscriptions).toBe(next);
      });
      expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'a']);
    });

    it('R13 hands out none where there are none', () => {
      let transport!: Joins;
      marbles(({ cold, link, command }) => {
        transport = joins(cold<never>('#'), cold('l', { l: link('a') }));
        command(watchedRoom(transport), 'j');
      });
      expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual([null, null]);
    });

    it('R13 refuses a list that is none', () => {
      for (const endpoints of ['a', [''], [1], [null], {}, null]) {
        expect(() => watchedRoom(joins(NEVER), { endpoints: endpoints as string[] }))
          .withContext(JSON.stringify(endpoints))
          .toThrowError(TypeError);
      }
    });
  });

  describe('redispatch', () => {
    const to = (endpoint: string): ServerNotice & Verdict => ({ kind: 'redispatch', endpoint });

    it('R14 goes straight to the named endpoint when connected', () => {
      let transport!: Mending;
      let old!: TestLink;
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const notice$ = hot('       -----w    ', { w: to('z') as ServerNotice });
        old = link('l', { notice$ });
        const a = cold('          l         ', { l: old });
        const b = cold('               --l  ', { l: link('m') });
        const subs = '            ^----!    ';
        const next = '            -----^    ';
        transport = mending(joins(a, b));
        const room = watchedRoom(transport, {
          ...brisk,
          endpoints: ['a', 'b'],
          settle: { signal: 8, media: 8 },
          stableAfter: 2,
          schedule: () => 9,
        });
        command(room, '           j         ');
        expectStates(room, '      -^        ')
          .toBe('                 -C---r-R  ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(transport.attempts[1]).toEqual(
        jasmine.objectContaining({
          number: 1,
          kind: 'rejoin',
          cause: 'redispatch',
          endpoint: 'z',
          previous: old,
          deadlineAt: 25,
        } as const),
      );
      expect(old.closes).toEqual(['superseded']);
      expect(transport.repairs).toEqual([]);
    });

    it('R14 R13 goes on by the schedule when the named endpoint fails, and to the list behind it', () => {
      let transport!: Joins;
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const notice$ = hot('       -----w         ', { w: to('z') as ServerNotice });
        const a = cold('          l              ', { l: link('l', { notice$ }) });
        const b = cold<never>('        -#        ', undefined, unreachable);
        const c = cold('                    l    ', { l: link('m') });
        const second = '          -----^!        ';
        const again = '           ---------^!    ';
        const third = '           ----------^    ';
        transport = joins(a, b, b, c);
        const room = watchedRoom(transport, { ...brisk, endpoints: ['a', 'b'], schedule: () => 3 });
        command(room, '           j              ');
        expectStates(room, '      -^             ')
          .toBe('                 -C---r----R    ');
        expectSubscriptions(b.subscriptions).toBe([second, again]);
        expectSubscriptions(c.subscriptions).toBe(third);
      });
      expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'z', 'z', 'a']);
    });

    it('R14 goes straight to the named endpoint while connecting, as the answer of an attempt', () => {
      let transport!: Joins;
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const a = cold<never>('   --#    ', undefined, to('z'));
        const b = cold('            --l  ', { l: link('m') });
        const first = '           ^-!    ';
        const second = '          --^    ';
        transport = { ...verdicts, ...joins(a, b) };
        const room = watchedRoom(transport, { ...brisk, endpoints: ['a'], schedule: () => 9 });
        command(room, '           j      ');
        expectStates(room, '      -^     ')
          .toBe('                 -c--C  ');
        expectSubscriptions(a.subscriptions).toBe(first);
        expectSubscriptions(b.subscriptions).toBe(second);
      });
      expect(steps(transport.attempts)).toEqual(['1 join a', '2 join z']);
    });

    it('R14 goes straight to the named endpoint while connecting, as the word of a link not yet up', () => {
      let transport!: Joins;
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const notice$ = cold('      --w    ', { w: to('z') as ServerNotice });
        const a = cold('          l      ', { l: link('l', { signal$: NEVER, notice$ }) });
        const b = cold('            --l  ', { l: link('m') });
        const first = '           ^-!    ';
        const second = '          --^    ';
        transport = joins(a, b);
        const room = watchedRoom(transport, { ...brisk, endpoints: ['a'], schedule: () => 9 });
        command(room, '           j      ');
        expectStates(room, '      -^     ')
          .toBe('                 -c--C  ');
        expectSubscriptions(a.subscriptions).toBe(first);
        expectSubscriptions(b.subscriptions).toBe(second);
      });
      expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'z']);
    });

    it('R14 goes straight to the named endpoint while reconnecting, during a wait; the reason stays, the cause is news', () => {
      let transport!: Joins;
      const causes: unknown[] = [];
      marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
        const notice$ = hot('       -------w    ', { w: to('z') as ServerNotice });
        const signal$ = health('  -u---d      ');
        const a = cold('          l           ', { l: link('l', { signal$, notice$ }) });
        const b = cold('                 --l  ', { l: link('m') });
        const subs = '            ^------!    ';
        const next = '            -------^    ';
        transport = joins(a, b);
        const room = watchedRoom(transport, { ...brisk, stableAfter: 2, schedule: () => 9 });
        room.progress$.subscribe((progress) => {
          if (progress?.cause) causes.push(progress.cause);
        });
        command(room, '           j           ');
        expectStates(room, '      --^         ')
          .toBe('                 --C--s---R  ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(transport.attempts[1]?.endpoint).toBe('z');
      expect([causes[0], causes.at(-1)]).toEqual(['signal', 'redispatch']);
    });

    it('R14 goes straight to the named endpoint while reconnecting, as the answer of an attempt or of a repair', () => {
      for (const repairs of [true, false]) {
        let transport!: Joins;
        marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
          const signal$ = health('-u---d        ');
          const a = cold('        l             ', { l: link('l', { signal$ }) });
          const moved = cold<never>('    -#     ', undefined, to('z'));
          const b = cold('                 --l  ', { l: link('m') });
          const second = '        -------^!     ';
          const third = '         --------^     ';
          transport = repairs ? mending(joins(a, b), moved) : { ...verdicts, ...joins(a, moved, b) };
          const room = watchedRoom(transport, { ...brisk, schedule: ({ position }) => (position === 1 ? 2 : 9) });
          command(room, '         j             ');
          expectStates(room, '    --^           ')
            .toBe('               --C--s----R   ');
          expectSubscriptions(moved.subscriptions).toBe(second);
          expectSubscriptions(b.subscriptions).toBe(third);
        });
        expect(transport.attempts.at(-1)?.endpoint).toBe('z');
      }
    });

    it('R14 does not spin while two servers send a joining room to each other', () => {
      let transport!: Starting;
      marbles(({ cold, command, expectStates }) => {
        transport = starting(({ endpoint }) => cold<never>('#', undefined, to(endpoint === 'y' ? 'x' : 'y')));
        const room = watchedRoom(transport, { ...brisk, schedule: () => 3, joinDeadline: 20 });
        command(room, '           j                   ');
        expectStates(room, '      -^                  ')
          .toBe('                 -c------------------f');
      });
      // Never two in one millisecond.
      expect(transport.starts).toEqual([0, 1, 4, 7, 10, 13, 16, 19]);
    });

    it('R14 does not spin while two servers send a connected room to each other', () => {
      const { schedule, positions } = remembered(({ position }) => 10 * position);
      let transport!: Starting;
      marbles(({ cold, link, command }) => {
        transport = starting(({ endpoint }) =>
          cold('l', {
            l: link('l', { notice$: cold('-w', { w: to(endpoint === 'y' ? 'x' : 'y') as ServerNotice }) }),
          }),
        );
        const room = watchedRoom(transport, { schedule });
        command(room, '           j 199ms l');
      });
      // Straight to y, which takes the first position unasked; whence by the schedule: after 20, 30 … ms.
      expect(transport.starts.length).toBeLessThanOrEqual(8);
      expect(positions.length).toBeGreaterThan(2);
      expect(positions).toEqual(positions.map((_, i) => i + 2));
    });

    it('R14 fails at the deadline of the redispatch', () => {
      marbles(({ cold, hot, link, command, expectStates }) => {
        const notice$ = hot('       -----w                   ', { w: to('z') as ServerNotice });
        const a = cold('          l                        ', { l: link('l', { notice$ }) });
        const room = watchedRoom(joins(a, cold<never>('#', undefined, unreachable)));
        command(room, '           j                        ');
        expectStates(room, '      -^                       ')
          .toBe('                 -C---r-------------------t');
      });
    });
  });

  describe('openings', () => {
    const told = (options: RoomOptions): Attempt<TestLink>[] => {
      let transport!: Joins;
      marbles(({ cold, link, command }) => {
        transport = joins(cold('l 19999ms #', { l: link('a') }, unreachable), cold<never>('-'));
        command(watchedRoom(transport, { random: () => 0, ...options }), 'j');
      });
      return transport.attempts;
    };

    it('R15 hands every attempt the limit for opening a connection', () => {
      // The second hung to its limit of 10 s: the third may open for twice as long.
      expect(told({ schedule: spaced(15_000) }).map(({ openingLimit }) => openingLimit)).toEqual([3_000, 3_000, 6_000]);
      expect(told({ schedule: spaced(15_000), openingLimit: 700 })[1]?.openingLimit).toBe(700);
      expect(told({ schedule: spaced(15_000), attemptLimit: 2_000 })[1]?.openingLimit).toBe(2_000);
    });

    it('R15 lets no opening outlive its attempt, nor an attempt the deadline', () => {
      // The attempt begins 1.5 s before the deadline.
      const attempts = told({ schedule: spaced(18_500), deadline: 20_000 });
      expect(attempts[1]).toEqual(jasmine.objectContaining({ limitAt: 40_000, deadlineAt: 40_000, openingLimit: 1_500 }));
    });

    it('R15 hands repairs the limit too', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command }) => {
        const signal$ = health('-u---d');
        transport = mending(joins(cold('l', { l: link('a', { signal$ }) })));
        command(watchedRoom(transport, { ...brisk, openingLimit: 4 }), 'j');
      });
      expect(transport.repairs[0]?.openingLimit).toBe(4);
    });

    it('R15 refuses an opening that is longer than an attempt, or no time at all', () => {
      const refuse = (options: RoomOptions): jasmine.Matchers<unknown> =>
        expect(() => watchedRoom(joins(NEVER), options));
      refuse({ attemptLimit: 2_000, openingLimit: 2_001 }).toThrowError(RangeError);
      for (const openingLimit of [0, -1, NaN, Infinity, 2 ** 31]) refuse({ openingLimit }).toThrowError(RangeError);
      refuse({ openingLimit: '3000' as unknown as number }).toThrowError(TypeError);
      expect(() => watchedRoom(joins(NEVER), { attemptLimit: 2_000, openingLimit: 2_000 })).not.toThrow();
    });
  });
});
