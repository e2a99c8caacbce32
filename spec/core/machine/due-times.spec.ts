import fc from 'fast-check';
import type { RoomInput } from '../../../lib/core/machine/room-input.js';
import { announceAt, attemptAt, nextAt } from '../../../lib/core/machine/due-times.js';
import { workOf } from '../../../lib/core/machine/episode.js';
import { initialModel } from '../../../lib/core/machine/initial-model.js';
import type { Model } from '../../../lib/core/machine/model.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import { dueAt } from '../../../lib/core/recovery/recovery.js';
import { exponential, giveUp, immediate, spaced } from '../../../lib/core/schedule/schedule.js';
import type { Verdict } from '../../../lib/core/recovery/verdict.js';
import {
  connected,
  down,
  ended,
  join,
  joining,
  leave,
  linked,
  notice,
  Played,
  policy,
  probed,
  repairFailed,
  requested,
  retryNow,
  Said,
  sourceEnded,
  up,
  wake,
  type Happening,
  type Link,
} from './models.js';

const announced = ({ model, policy: by }: Played): number => announceAt(model, by);
const attempted = ({ model, policy: by }: Played): number => attemptAt(model, by);
const next = ({ model, policy: by }: Played): number => nextAt(model, by);
const gone = ended({ kind: 'unreachable' });

describe('announceAt', () => {
  it('is never while there is nothing to announce', () => {
    expect(announced(connected())).toBe(Infinity);
    expect(announced(connected().frame(20_000, gone))).toBe(Infinity);
    expect(announced(joining())).toBe(Infinity);
    expect(announceAt(initialModel([]), policy())).toBe(Infinity);
  });

  it('H2 is a settle time after the dip was reported', () => {
    const settle = { signal: 1_000, media: 300 };
    expect(announced(connected({ settle }).frame(20_000, down('signal', 18_000)))).toBe(21_000);
    expect(announced(connected({ settle }).frame(20_000, down('media')))).toBe(20_300);
  });

  it('H2 S6 of two dips is that of the first to have lasted', () => {
    const both = (media: number): Played =>
      connected({ settle: { signal: 1_000, media } }).frame(20_000, down('signal')).frame(20_400, down('media'));
    expect([announced(both(500)), announced(both(800))]).toEqual([20_900, 21_000]);
  });

  it('S6 waits half a second for the probe that may name the true cause of a media loss', () => {
    const probing = (changes: Partial<Policy>): Played => connected(changes, { canProbe: true }).frame(20_000, down('media'));
    expect(announced(probing({}))).toBe(20_500);
    expect(announced(probing({ settle: { signal: 1_000, media: 700 } }))).toBe(20_700);
    // Where nothing is held, it is announced in its own frame.
    expect(probing({ probeHold: 0 }).says).toBe('reconnecting/mediaConnectionDisconnected');
  });

  it('R14 S6 is at once for a redispatch and for a link that is gone', () => {
    expect(connected().frame(20_000, notice({ kind: 'redispatch', endpoint: 'b' })).says).toBe('reconnecting/redispatch');
    expect(connected().frame(20_000, gone).says).toBe('reconnecting/signalDisconnected');
  });
});

describe('attemptAt', () => {
  it('R7 is the planned time', () => {
    expect(attempted(connected().frame(20_000, gone))).toBe(20_100);
  });

  it('is never while one runs, when only the deadline is waited for, and when all is given up', () => {
    expect(attempted(joining())).toBe(Infinity);
    expect(attempted(connected({ schedule: spaced(60_000), lastChanceFrom: 60_000 }).frame(20_000, gone))).toBe(Infinity);
    expect(attempted(connected({ schedule: giveUp }).frame(20_000, down('signal')))).toBe(Infinity);
    expect(attempted(connected())).toBe(Infinity);
  });

  it('H1 of a repair is inside the settle time, of a full rejoin never', () => {
    expect(attempted(connected().frame(20_000, down('signal')))).toBe(20_100);
    expect(attempted(connected({ repairs: false }).frame(20_000, down('signal')))).toBe(21_000);
    expect(attempted(connected({ repairs: false, schedule: spaced(1_500) }).frame(20_000, down('signal')))).toBe(21_500);
  });
});

describe('nextAt', () => {
  it('L4 is never in a room that nobody joined, in a healthy one and in one that has ended', () => {
    expect(nextAt(initialModel([]), policy())).toBe(Infinity);
    expect(next(connected())).toBe(Infinity);
    expect(next(connected().frame(20_000, down('signal')).frame(20_050, leave))).toBe(Infinity);
  });

  it('is the earliest of all that is waited for', () => {
    const slow = { schedule: spaced(5_000) };
    expect(next(connected({}, { canProbe: true }).frame(20_000, wake()))).toBe(22_000); // the probe
    expect(next(connected().frame(20_000, down('signal')))).toBe(20_100); // the attempt
    expect(next(connected(slow).frame(20_000, down('signal')))).toBe(21_000); // the announcement
    expect(next(connected(slow).frame(20_000, gone).frame(25_000))).toBe(35_000); // the limit of the attempt
    expect(next(connected({ schedule: spaced(60_000), lastChanceFrom: 60_000 }).frame(20_000, gone))).toBe(60_000); // the deadline
  });
});

describe('whatever happens to a room', () => {
  const newLink = (): Link => ({ name: 'new' });
  const said = fc.constantFrom<Verdict>(
    { kind: 'unreachable' },
    { kind: 'refused' },
    { kind: 'busy' },
    { kind: 'busy', retryAfter: 700 },
    { kind: 'busy', retryAfter: 1e9 },
    { kind: 'fatal' },
    { kind: 'redispatch', endpoint: 'b' },
  );
  const source = fc.constantFrom('signal' as const, 'media' as const);
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    fc.constantFrom<Happening>(join, retryNow, requested),
    fc.nat(3_000).map(wake),
    { weight: 3, arbitrary: fc.record({ media: fc.boolean(), canProbe: fc.boolean() }).map((one) => linked({ ...one, as: newLink() })) },
    { weight: 6, arbitrary: fc.tuple(source, fc.boolean()).map(([leg, isUp]) => (isUp ? up(leg) : down(leg))) },
    source.map(sourceEnded),
    fc.constantFrom('b', 'c').map((endpoint) => notice({ kind: 'redispatch', endpoint })),
    said.map(ended),
    fc.tuple(said, fc.constantFrom('request' as const, 'join' as const)).map(([verdict, stage]) => repairFailed(verdict, stage)),
    fc.boolean().map(probed),
  );
  const frame = fc.record({
    after: fc.oneof(fc.nat(50), fc.nat(2_000), fc.nat(60_000)),
    punctual: fc.boolean(),
    happenings: fc.array(happening, { maxLength: 3 }),
  });
  const anyPolicy = fc
    .record({
      schedule: fc.constantFrom(spaced(100), immediate, exponential(), giveUp, () => NaN),
      settle: fc.record({ signal: fc.constantFrom(0, 1_000), media: fc.constantFrom(0, 600) }),
      repairs: fc.boolean(),
      probeHold: fc.constantFrom(0, 500),
      lateGrace: fc.constantFrom(0, 10_000),
    })
    .map(policy);

  interface Step {
    readonly before: Model<Link>;
    readonly room: Played;
    readonly after: Model<Link>;
    readonly now: number;
    /** Whether a sleep was told of in this frame. */
    readonly slept: boolean;
    /** Whether something came that may bring an attempt forward: a wake, a command, a redispatch, signalling or a link. */
    readonly hurried: boolean;
  }

  const hurries = (input: RoomInput<Link>): boolean => {
    switch (input.type) {
      case 'wake':
      case 'retryNow':
      case 'notice':
      case 'linked':
        return true;
      case 'health':
        return input.source === 'signal' && input.health === 'up';
      case 'ended':
      case 'repairFailed':
        return input.error instanceof Said && input.error.verdict.kind === 'redispatch';
      default:
        return false;
    }
  };

  /** Plays a script, time's own frames in between; `see` looks at every step. */
  function play(script: readonly (typeof frame extends fc.Arbitrary<infer T> ? T : never)[], by: Policy, see: (step: Step) => void): void {
    const room = new Played(by, initialModel(['a', 'b']));
    let now = 1_000;
    const step = (happenings: readonly Happening[]): void => {
      const before = room.model;
      const inputs = happenings.map((happens) => happens(before));
      const slept = inputs.some((input) => input.type === 'wake' && input.suspendedFor > 0);
      const hurried = inputs.some(hurries);
      room.frame(now, ...happenings);
      see({ before, room, after: room.model, now, slept, hurried });
    };
    const due = (): void => {
      for (let frames = 0; nextAt(room.model, by) <= now; frames++) {
        if (frames === 20) throw new Error(`still due at ${now}`);
        step([]);
      }
    };
    step([join]);
    for (const { after, punctual, happenings } of script) {
      const until = now + after;
      while (punctual && nextAt(room.model, by) <= until) {
        now = Math.max(now, nextAt(room.model, by));
        due();
      }
      now = until;
      step(happenings);
      due();
    }
  }

  const holds = (see: (step: Step) => boolean): void => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 25 }), anyPolicy, (script, by) => {
        play(script, by, (step) => {
          if (!see(step)) throw new Error(`${JSON.stringify(step.before)}\n→ at ${step.now}\n${JSON.stringify(step.after)}`);
        });
      }),
      { numRuns: 800 },
    );
    expect().nothing();
  };

  const isOver = ({ state: { state } }: Model<Link>): boolean => state === 'failed' || state === 'disconnected';
  const isBegun = ({ before, after }: Step): boolean => {
    const work = workOf(after.episode);
    return work !== null && work.id !== workOf(before.episode)?.id;
  };

  it('Z3 what is due is done in a few frames, so a room never spins', () => {
    holds(() => true);
  });

  it('S3 S5 every change of state is an edge of the table', () => {
    const edges: Readonly<Record<string, readonly string[]>> = {
      disconnected: ['connecting'],
      connecting: ['connected', 'failed', 'disconnected'],
      connected: ['reconnecting', 'disconnected', 'failed', 'connected'],
      reconnecting: ['connected', 'failed', 'disconnected'],
      failed: ['connecting'],
    };
    holds(({ before: { state: from }, after: { state: to } }) => {
      if (from === to) return true;
      if (!edges[from.state]!.includes(to.state)) return false;
      if (from.state === 'connected' && to.state === 'connected') return from.link !== to.link;
      if (from.state === 'connecting' && to.state === 'connected') return to.reason === 'joinSucceed';
      return from.state !== 'reconnecting' || to.state !== 'connected' || to.reason === 'rejoinSucceed';
    });
  });

  it('D1 nobody is still on the way at the deadline, and no break outlives it', () => {
    holds(({ after: { episode }, now }) => episode === null || now < episode.loss.deadlineAt);
  });

  it('D1 no attempt begins at the deadline or later, nor is one limited to later', () => {
    holds((step) => {
      const work = workOf(step.after.episode);
      if (work === null || !isBegun(step)) return true;
      const { deadlineAt, limitAt, openingLimit } = work.attempt;
      return step.now < deadlineAt && limitAt <= deadlineAt && step.now + openingLimit <= limitAt;
    });
  });

  it('D1 D8 Z2 the deadline of a break never moves, but back for a sleep, and once on for late timers', () => {
    holds(({ before, after, slept }) => {
      if (before.episode === null || after.episode === null || isOver(before)) return true;
      const [from, to] = [before.episode.loss, after.episode.loss];
      if (to.extended && !from.extended) return to.spent === 0 && !slept;
      return slept ? to.deadlineAt <= from.deadlineAt : to === from;
    });
  });

  it('D3 D7 what is spent lies within the budget', () => {
    const isWithin = (spent: number | undefined): boolean => spent === undefined || (spent >= 0 && spent <= 40_000);
    holds(({ after: { standing, episode } }) => isWithin(standing.spent) && isWithin(episode?.loss.spent));
  });

  it('R3 the position only grows, one for an attempt at most, until a connection was stable', () => {
    holds((step) => {
      const { before, after } = step;
      if (before.episode === null || after.episode === null || isOver(before)) return true;
      const grown = after.episode.recovery.tally.position - before.episode.recovery.tally.position;
      return grown === 0 || (grown === 1 && isBegun(step));
    });
  });

  it('R7 no time is brought forward but by a wake, a command, a redispatch or signalling that is back', () => {
    holds(({ before, after, now, hurried }) => {
      if (before.episode === null || after.episode === null || hurried || isOver(before)) return true;
      const { phase } = before.episode.recovery;
      if (phase.kind !== 'waiting') return true;
      return workOf(after.episode) === null ? dueAt(after.episode.recovery) >= phase.until : now >= phase.until;
    });
  });

  it('R7 Z3 an attempt begins when it is told, at most one a frame, and never two in one millisecond', () => {
    holds((step) => {
      const { before, after, room, now } = step;
      const told = room.events.filter(({ type }) => type === 'attempt').length;
      if (told !== (isBegun(step) ? 1 : 0)) return false;
      if (told === 0 || after.episode === null) return true;
      const { beganAt } = after.episode.recovery.tally;
      const earlier = before.episode?.recovery.tally.beganAt ?? before.standing.tally.beganAt;
      return beganAt === now && (isOver(before) || earlier < now);
    });
  });

  it('R7 whenever the time of the next attempt changes, a waiting event says so', () => {
    holds(({ before, after, room }) => {
      const phase = after.episode?.recovery.phase;
      if (phase === undefined || phase.kind === 'attempting' || phase.kind === 'givenUp') return true;
      const at = attemptAt(after, room.policy);
      const was = before.episode?.recovery.phase.kind === phase.kind ? attemptAt(before, room.policy) : NaN;
      const told = room.events.findLast(({ type }) => type === 'waiting');
      return at === was || (told?.type === 'waiting' && told.nextRetryAt === (at === Infinity ? null : at));
    });
  });

  it('S8 S2 connected has both healths up, or a dip that is still settling', () => {
    holds(({ before, after, room }) => {
      const { state, session, episode } = after;
      if (state.state !== 'connected') return true;
      const isWell = session?.link != null && session.signal.up && session.media.up;
      if (before.state !== state) return isWell;
      return isWell || (episode !== null && announceAt(after, room.policy) > -Infinity);
    });
  });

  it('L4 a room that has ended keeps nothing', () => {
    holds(({ after }) => !isOver(after) || (after.session === null && after.episode === null && after.standing.spent === 0));
  });

  it('H1 a full rejoin never begins while the room is still connected', () => {
    holds((step) => !isBegun(step) || workOf(step.after.episode)?.attempt.kind !== 'rejoin' || step.after.state.state !== 'connected');
  });

  it('Z3 leaves nothing due for ever when a schedule gives up in the settle time and somebody asks for a retry', () => {
    const room = connected({ schedule: giveUp }).frame(20_000, down('signal')).frame(20_200, retryNow);
    expect([room.says, next(room)]).toEqual(['connected/joinSucceed', 21_000]);
  });
});
