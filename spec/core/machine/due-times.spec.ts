import fc from 'fast-check';
import { initialModel, type Model } from '../../../lib/core/machine/model.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import type { RoomInput } from '../../../lib/core/machine/room-input.js';
import { exponential, giveUp, immediate, spaced } from '../../../lib/core/schedule/schedule.js';
import { announceAt, attemptAt, nextAt } from '../../../lib/core/machine/due-times.js';
import { transition } from '../../../lib/core/machine/transition.js';
import { UNREACHABLE, type Verdict } from '../../../lib/core/recovery/verdict.js';
import { attempt, connected, downSince, episode, link, policy, reconnecting, session, type Link } from './models.js';

const probe = { id: 8, limitAt: 3_000, aliveAt: 900 };
const dip = (changes: Partial<Model<Link>>): Model<Link> => connected({ episode: episode(), ...changes });

describe('announceAt', () => {
  it('is never while there is nothing to announce', () => {
    expect(announceAt(connected(), policy())).toBe(Infinity);
    expect(announceAt(reconnecting(), policy())).toBe(Infinity);
    expect(announceAt(initialModel([]), policy())).toBe(Infinity);
  });

  it('H2 is a settle time after the dip was reported', () => {
    expect(announceAt(dip({ session: session({ signal: downSince(1_000) }) }), policy())).toBe(2_000);
    expect(announceAt(dip({ session: session({ media: downSince(1_000) }) }), policy())).toBe(1_000);
    const slow = policy({ settle: { signal: 1_000, media: 300 } });
    expect(announceAt(dip({ session: session({ media: downSince(1_000) }) }), slow)).toBe(1_300);
  });

  it('H2 S6 of two dips is that of the first to have lasted', () => {
    const both = dip({ session: session({ signal: downSince(1_000), media: downSince(1_600) }) });
    expect(announceAt(both, policy())).toBe(1_600);
    expect(announceAt(both, policy({ settle: { signal: 1_000, media: 500 } }))).toBe(2_000);
  });

  it('S6 waits half a second for the probe that may name the true cause of a media loss', () => {
    const media = dip({ session: session({ media: downSince(1_000) }), probe });
    expect(announceAt(media, policy())).toBe(1_500);
    expect(announceAt(media, policy({ probeHold: 0 }))).toBe(1_000);
    expect(announceAt(media, policy({ settle: { signal: 1_000, media: 700 } }))).toBe(1_700);
  });

  it('R14 is at once for a redispatch and for a link that is gone', () => {
    expect(announceAt(dip({ episode: episode({ cause: 'redispatch' }) }), policy())).toBe(-Infinity);
    expect(announceAt(dip({ session: null }), policy())).toBe(-Infinity);
  });
});

describe('attemptAt', () => {
  it('R7 is the planned time', () => {
    expect(attemptAt(reconnecting(), policy())).toBe(1_100);
    expect(attemptAt(reconnecting({ episode: episode({ rung: 'link' }) }), policy())).toBe(1_100);
  });

  it('is never while one runs, when only the deadline is waited for, and when all is given up', () => {
    const work = { id: 5, attempt: attempt() };
    expect(attemptAt(reconnecting({ episode: episode({ work }) }), policy())).toBe(Infinity);
    expect(attemptAt(reconnecting({ episode: episode({ retryAt: null }) }), policy())).toBe(Infinity);
    expect(attemptAt(reconnecting({ episode: episode({ givenUp: { error: 'no' } }) }), policy())).toBe(Infinity);
    expect(attemptAt(connected(), policy())).toBe(Infinity);
  });

  it('H1 of a repair is inside the settle time, of a full rejoin never', () => {
    const signal = session({ signal: downSince(1_000) });
    expect(attemptAt(dip({ session: signal }), policy())).toBe(1_100);
    expect(attemptAt(dip({ session: signal, episode: episode({ rung: 'link' }) }), policy())).toBe(2_000);
    expect(attemptAt(dip({ session: signal, episode: episode({ rung: 'link', retryAt: 2_500 }) }), policy())).toBe(2_500);
  });
});

describe('nextAt', () => {
  it('is never in a room that nobody joined, in a healthy one and in one that has ended', () => {
    expect(nextAt(initialModel([]), policy())).toBe(Infinity);
    expect(nextAt(connected(), policy())).toBe(Infinity);
    const { model } = transition(reconnecting(), [{ type: 'leave' }], 1_050, policy());
    expect(nextAt(model, policy())).toBe(Infinity);
  });

  it('is the earliest of all that is waited for', () => {
    const work = { id: 5, attempt: attempt({ limitAt: 8_000 }) };
    expect(nextAt(connected({ probe }), policy())).toBe(3_000);
    expect(nextAt(reconnecting(), policy())).toBe(1_100);
    expect(nextAt(reconnecting({ episode: episode({ work, retryAt: null }) }), policy())).toBe(8_000);
    expect(nextAt(reconnecting({ episode: episode({ work, retryAt: null }), probe }), policy())).toBe(3_000);
    expect(nextAt(reconnecting({ episode: episode({ retryAt: null }) }), policy())).toBe(41_000);
    expect(nextAt(dip({ session: session({ media: downSince(1_000) }), episode: episode({ retryAt: 1_400 }), probe }), policy())).toBe(1_400);
  });

  /** Lets time do all that it has to do now; how many frames that took. */
  function runDue(model: Model<Link>, now: number, by: Policy): { readonly model: Model<Link>; readonly frames: number } {
    let frames = 0;
    let after = model;
    while (nextAt(after, by) <= now && frames < 20) {
      ({ model: after } = transition(after, [], now, by));
      frames++;
    }
    return { model: after, frames };
  }

  it('R12 leaves nothing due for ever when a schedule gives up in the settle time and somebody asks for a retry', () => {
    const by = policy({ schedule: giveUp });
    const down: RoomInput<Link> = { type: 'health', id: 1, source: 'signal', health: { down: true } };
    let { model } = transition(connected(), [down], 1_000, by);
    ({ model } = transition(model, [{ type: 'retryNow' }], 1_200, by));
    const { model: after, frames } = runDue(model, 1_200, by);
    expect(frames).withContext('frames at 1,200').toBeLessThan(20);
    expect(after.state.state).toBe('connected');
  });

  describe('whatever happens to a room', () => {
    const verdicts: readonly Verdict[] = [
      UNREACHABLE,
      { kind: 'refused' },
      { kind: 'busy' },
      { kind: 'busy', retryAfter: 700 },
      { kind: 'busy', retryAfter: 1e9 },
      { kind: 'fatal' },
      { kind: 'redispatch', endpoint: 'b' },
    ];
    const failure = fc.constantFrom(...verdicts).map((verdict) => ({ error: 'failed', verdict }));
    const source = fc.constantFrom('signal' as const, 'media' as const);
    /** The input, given the model: ids are those of the running work, now and then of older. */
    type Happening = (model: Model<Link>) => RoomInput<Link>;
    const newLink = (): Link => ({ ...link });
    const happening: fc.Arbitrary<Happening> = fc.oneof(
      fc.constant<Happening>(() => ({ type: 'join' })),
      fc.constant<Happening>(() => ({ type: 'retryNow' })),
      fc.nat(3_000).map((suspendedFor): Happening => () => ({ type: 'wake', suspendedFor })),
      fc.constant<Happening>(({ session: s }) => ({ type: 'requested', id: s?.id ?? 0 })),
      {
        weight: 3,
        arbitrary: fc.tuple(fc.boolean(), fc.boolean()).map(([media, canProbe]): Happening => ({ session: s }) => ({
          type: 'linked',
          id: s?.link == null ? (s?.id ?? 0) : 0,
          link: newLink(),
          media,
          canProbe,
        })),
      },
      {
        weight: 6,
        arbitrary: fc.tuple(source, fc.boolean()).map(([which, isUp]): Happening => ({ session: s }) => ({
          type: 'health',
          id: s?.link == null ? 0 : s.id,
          source: which,
          health: isUp ? 'up' : { down: true },
        })),
      },
      source.map((which): Happening => ({ session: s }) => ({ type: 'sourceEnded', id: s?.link == null ? 0 : s.id, source: which })),
      fc.constantFrom('b', 'c').map((endpoint): Happening => ({ session: s }) => ({
        type: 'notice',
        id: s?.id ?? 0,
        notice: { kind: 'redispatch', endpoint },
      })),
      failure.map((why): Happening => ({ session: s }) => ({ type: 'ended', id: s?.id ?? 0, failure: why })),
      failure.map((why): Happening => ({ episode: e, session: s }) => ({
        type: 'repairFailed',
        id: e?.work != null && e.work.id !== s?.id ? e.work.id : 0,
        failure: why,
      })),
      fc.boolean().map((alive): Happening => ({ probe: p }) => ({ type: 'probed', id: p?.id ?? 0, alive })),
    );
    const frame = fc.record({
      after: fc.oneof(fc.nat(50), fc.nat(2_000), fc.nat(60_000)),
      punctual: fc.boolean(),
      happenings: fc.array(happening, { maxLength: 3 }),
    });
    const anyPolicy = fc
      .record({
        schedule: fc.constantFrom(spaced(100), immediate, exponential(), giveUp, spaced(NaN)),
        settle: fc.record({ signal: fc.constantFrom(0, 1_000), media: fc.constantFrom(0, 600) }),
        repairs: fc.boolean(),
        attempts: fc.boolean(),
        probeHold: fc.constantFrom(0, 500),
      })
      .map(policy);

    /** Plays a script, time's own frames in between; `see` looks at every step. */
    function play(
      script: readonly { readonly after: number; readonly punctual: boolean; readonly happenings: readonly Happening[] }[],
      by: Policy,
      see: (before: Model<Link>, after: Model<Link>, now: number) => void,
    ): void {
      let model: Model<Link> = initialModel(['a', 'b']);
      let now = 1_000;
      const step = (inputs: readonly RoomInput<Link>[]): void => {
        const before = model;
        ({ model } = transition(before, inputs, now, by));
        see(before, model, now);
      };
      const due = (): void => {
        for (let frames = 0; nextAt(model, by) <= now; frames++) {
          if (frames === 20) throw new Error(`still due at ${now}: ${JSON.stringify(model)}`);
          step([]);
        }
      };
      step([{ type: 'join' }]);
      for (const { after, punctual, happenings } of script) {
        const until = now + after;
        while (punctual && nextAt(model, by) <= until) {
          now = Math.max(now, nextAt(model, by));
          due();
        }
        now = until;
        step(happenings.map((happen) => happen(model)));
        due();
      }
    }

    const holds = (see: (before: Model<Link>, after: Model<Link>, now: number, by: Policy) => void): void => {
      fc.assert(
        fc.property(fc.array(frame, { maxLength: 25 }), anyPolicy, (script, by) => {
          play(script, by, (before, after, now) => see(before, after, now, by));
        }),
        { numRuns: 800 },
      );
      expect().nothing();
    };

    const check = (truth: boolean, model: Model<Link>): void => {
      if (!truth) throw new Error(JSON.stringify(model));
    };

    it('what is due is done in a few frames, so a room never spins', () => {
      holds(() => {});
    });

    it('S3 every change of state is an edge of the table', () => {
      const edges: Readonly<Record<string, readonly string[]>> = {
        disconnected: ['connecting'],
        connecting: ['connected', 'failed', 'disconnected'],
        connected: ['reconnecting', 'disconnected', 'failed', 'connected'],
        reconnecting: ['connected', 'failed', 'disconnected'],
        failed: ['connecting'],
      };
      holds(({ state: from }, after) => {
        const { state: to } = after;
        if (from === to) return;
        check(edges[from.state]!.includes(to.state), after);
        if (from.state === 'connected' && to.state === 'failed') check(to.reason === 'timeout', after);
        if (from.state === 'connected' && to.state === 'connected') check(from.link !== to.link, after);
        if (from.state === 'connecting' && to.state === 'connected') check(to.reason === 'joinSucceed', after);
        if (from.state === 'reconnecting' && to.state === 'connected') check(to.reason === 'rejoinSucceed', after);
      });
    });

    it('D1 nobody is still on the way at the deadline, and no break outlives it', () => {
      holds((_, after, now) => {
        if (after.episode !== null) check(now < after.episode.deadlineAt, after);
      });
    });

    it('D1 Z2 the deadline of a break never moves, but back to before a sleep that is told of', () => {
      holds((before, after) => {
        if (before.episode !== null && after.episode !== null && after.state.state !== 'connected') {
          check(after.episode.deadlineAt <= before.episode.deadlineAt, after);
          const moved = after.episode.deadlineAt !== before.episode.deadlineAt;
          check(!moved || after.episode.deadlineAt - after.episode.aliveAt === before.episode.deadlineAt - before.episode.aliveAt, after);
        }
      });
    });

    it('R7 no attempt begins before its time, and at most one a frame', () => {
      holds((before, after, now) => {
        const begun = after.episode?.attempts ?? 0;
        const had = before.episode?.attempts ?? 0;
        if (begun <= had || before.episode === null) return;
        check(begun === had + 1, after);
        check(after.beganAt === now, after);
      });
    });

    it('S8 S2 connected has both healths up, or a dip that is still settling', () => {
      holds((before, after, _, by) => {
        const { state, session: s, episode: e } = after;
        if (state.state !== 'connected') return;
        const well = s?.link != null && s.signal.up && s.media.up;
        check(well || (e !== null && announceAt(after, by) > -Infinity), after);
        if (before.state !== state) check(well, after);
      });
    });

    it('a room that has ended keeps nothing', () => {
      holds((_, { state, session: s, episode: e, probe: p, ...rest }) => {
        if (state.state !== 'failed' && state.state !== 'disconnected') return;
        check(s === null && e === null && p === null, { state, session: s, episode: e, probe: p, ...rest });
      });
    });

    it('H1 a full rejoin never begins while the room is still connected', () => {
      holds((before, after) => {
        if (before.session?.id !== after.session?.id && after.session?.attempt.kind === 'rejoin') {
          check(after.state.state !== 'connected', after);
        }
      });
    });
  });
});
