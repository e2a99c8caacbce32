import { AttemptLimitError } from '../../../lib/core/recovery/attempt-limit-error.js';
import type { Model } from '../../../lib/core/machine/model.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import type { RoomEvent } from '../../../lib/core/machine/room-event.js';
import type { RoomInput } from '../../../lib/core/machine/room-input.js';
import { giveUp, immediate } from '../../../lib/core/schedule/schedule.js';
import { transition, type Transition } from '../../../lib/core/machine/transition.js';
import type { ServerNotice, Verdict } from '../../../lib/core/recovery/verdict.js';
import { attempt, connected, downSince, episode, link, policy, reconnecting, session, up, type Link } from './models.js';

type Input = RoomInput<Link>;

/** One frame. */
const frame = (model: Model<Link>, now: number, inputs: readonly Input[] = [], by: Policy = policy()): Transition<Link> =>
  transition(model, inputs, now, by);
const eventsOf = (...args: Parameters<typeof frame>): readonly RoomEvent[] => frame(...args).events;

const down = (source: 'signal' | 'media'): Input => ({ type: 'health', id: 1, source, health: { down: true } });
const back = (source: 'signal' | 'media'): Input => ({ type: 'health', id: 1, source, health: 'up' });
const ended = (verdict: Verdict): Input => ({ type: 'ended', id: 1, failure: { error: 'gone', verdict } });
const repairFailed = (verdict: Verdict): Input => ({ type: 'repairFailed', id: 5, failure: { error: 'no', verdict } });

/** A media repair under way, over signalling that is well. */
const restart = { id: 5, attempt: attempt({ number: 1, kind: 'restart', cause: 'media' }) };
const restarting = (changes: Partial<Model<Link>> = {}): Model<Link> =>
  reconnecting({
    state: { state: 'reconnecting', reason: 'mediaConnectionDisconnected', link },
    session: session({ media: downSince(1_000), canProbe: true }),
    episode: episode({ cause: 'media', work: restart, attempts: 1, retryAt: null }),
    position: { waits: 1, busyCount: 0, unreachableAt: 1_000, lastChanceTaken: false },
    ...changes,
  });

/** A rejoin under way whose session has no link yet. */
const rejoin = { id: 1, attempt: attempt({ number: 2 }) };
const rejoining = (changes: Partial<Model<Link>> = {}): Model<Link> =>
  reconnecting({
    session: session({ attempt: rejoin.attempt, link: null, signal: downSince(1_100), media: downSince(1_100) }),
    episode: episode({ rung: 'link', work: rejoin, attempts: 2, retryAt: null }),
    ...changes,
  });

describe('what a room tells of its work', () => {
  it('H1 R7 of a break: what went down, and when the first attempt comes', () => {
    expect(eventsOf(connected(), 1_000, [down('signal')])).toEqual([
      { type: 'signal', at: 1_000, up: false, aliveAt: 1_000 },
      { type: 'waiting', at: 1_000, nextRetryAt: 1_100, hintAt: null },
    ]);
  });

  it('R7 of an attempt: its number, kind, cause and place', () => {
    expect(eventsOf(reconnecting({ endpoints: ['b.example'] }), 1_100)).toEqual([
      { type: 'attempt', at: 1_100, number: 1, kind: 'resume', cause: 'signal', endpoint: 'b.example' },
    ]);
  });

  it('R1 R13 of a failed attempt: what failed, and what is next', () => {
    expect(eventsOf(rejoining(), 1_500, [ended({ kind: 'refused' })])).toEqual([
      { type: 'attemptFailed', at: 1_500, number: 2, kind: 'rejoin', error: 'gone', verdict: { kind: 'refused' } },
      { type: 'waiting', at: 1_500, nextRetryAt: 1_600, hintAt: null },
    ]);
  });

  it('R1 J6 of an attempt that was cut at its limit: that nobody answered', () => {
    expect(eventsOf(rejoining(), 11_000)[0]).toEqual({
      type: 'attemptFailed',
      at: 11_000,
      number: 2,
      kind: 'rejoin',
      error: new AttemptLimitError(10_000),
      verdict: { kind: 'unreachable' },
    });
  });

  it('R11 of a busy server: its hint, which may lie past the deadline', () => {
    const busy = (retryAfter: number): RoomEvent | undefined =>
      eventsOf(rejoining(), 1_500, [ended({ kind: 'busy', retryAfter })]).at(-1);
    expect(busy(3_000)).toEqual({ type: 'waiting', at: 1_500, nextRetryAt: 4_500, hintAt: 4_500 });
    expect(busy(99_000)).toEqual(jasmine.objectContaining({ type: 'waiting', hintAt: 100_500 }));
  });

  it('D4 of a wait that only the deadline ends: no time', () => {
    const position = { waits: 3, busyCount: 0, unreachableAt: 1_000, lastChanceTaken: true };
    expect(eventsOf(rejoining({ position }), 1_500, [ended({ kind: 'unreachable' })]).at(-1)).toEqual({
      type: 'waiting',
      at: 1_500,
      nextRetryAt: null,
      hintAt: null,
    });
  });

  it('H8 of a media repair whose signalling died: it was cut', () => {
    expect(eventsOf(restarting(), 1_500, [down('signal')])).toEqual([
      { type: 'signal', at: 1_500, up: false, aliveAt: 1_500 },
      { type: 'attemptCut', at: 1_500, number: 1, kind: 'restart' },
      { type: 'waiting', at: 1_500, nextRetryAt: 1_600, hintAt: null },
    ]);
  });

  it('R2 of a return: whether anybody was told of the break, its cause, and how long nothing was alive', () => {
    const healed = { type: 'healed', at: 1_700, cause: 'signal', after: 700 };
    const signal = { type: 'signal', at: 1_700, up: true, aliveAt: 1_700 };
    const dip = connected({ session: session({ signal: downSince(1_000) }), episode: episode({ retryAt: 5_000 }) });
    expect(eventsOf(reconnecting(), 1_700, [back('signal')])).toEqual([signal, { ...healed, quiet: false }] as RoomEvent[]);
    expect(eventsOf(dip, 1_700, [back('signal')])).toEqual([signal, { ...healed, quiet: true }] as RoomEvent[]);
  });

  it('Z2 of a sleep and of a probe: that it was asked, and what came of it', () => {
    const probing = connected({ session: session({ canProbe: true }) });
    const { model, events } = frame(probing, 10_000, [{ type: 'wake', suspendedFor: 5_000 }]);
    expect(events).toEqual([
      { type: 'suspended', at: 10_000, for: 5_000 },
      { type: 'probe', at: 10_000 },
    ]);
    expect(eventsOf(model, 10_100, [{ type: 'probed', id: 10, alive: true }])).toEqual([
      { type: 'probed', at: 10_100, alive: true },
    ]);
    expect(eventsOf(model, 12_000).slice(0, 2)).toEqual([
      { type: 'probed', at: 12_000, alive: false },
      { type: 'signal', at: 12_000, up: false, aliveAt: 5_000 },
    ]);
  });

  it('Z1 of a wake that tells of no sleep: nothing', () => {
    expect(eventsOf(connected(), 10_000, [{ type: 'wake', suspendedFor: 0 }])).toEqual([]);
  });

  it('H6 of what changes nothing: nothing', () => {
    expect(eventsOf(connected(), 1_000, [back('signal')])).toEqual([]);
    expect(eventsOf(connected(), 1_000, [{ ...down('signal'), id: 7 } as Input])).toEqual([]);
    expect(eventsOf(restarting(), 1_500, [{ ...repairFailed({ kind: 'refused' }), id: 4 } as Input])).toEqual([]);
  });
});

describe('a link that is gone', () => {
  it('T1 with a goodbye ends the room at once, connected and reconnecting', () => {
    for (const model of [connected(), reconnecting()]) {
      expect(frame(model, 1_050, [ended({ kind: 'kicked' })]).model.state).toEqual({
        state: 'disconnected',
        reason: 'serverKicked',
      });
    }
  });

  it('R14 with a word to go elsewhere goes there at once', () => {
    const { model } = frame(connected(), 20_000, [ended({ kind: 'redispatch', endpoint: 'b.example' })]);
    expect(model.state).toEqual(jasmine.objectContaining({ state: 'reconnecting', reason: 'redispatch' }));
    expect(model.session?.attempt).toEqual(
      jasmine.objectContaining({ kind: 'rejoin', cause: 'redispatch', endpoint: 'b.example', previous: link }),
    );
    expect(model.position).toEqual({ waits: 1, busyCount: 0, unreachableAt: null, lastChanceTaken: false });
  });

  it('R14 while it was left for elsewhere stays a redispatch', () => {
    const leaving = connected({ episode: episode({ cause: 'redispatch', rung: 'link', retryAt: 5_000 }) });
    expect(frame(leaving, 1_500, [ended({ kind: 'unreachable' })]).model.episode?.cause).toBe('redispatch');
  });

  it('S7 names what it had: both legs, or signal where there is no media', () => {
    const causes = [true, false].map(
      (hasMedia) => frame(connected({ session: session({ hasMedia }) }), 1_000, [ended({ kind: 'unreachable' })]).model.episode?.cause,
    );
    expect(causes).toEqual(['both', 'signal']);
  });

  it('R11 because its server is busy waits for the hint, and for an older hint when it gives none', () => {
    const waiting = (hintAt: number | null): Model<Link> => reconnecting({ episode: episode({ hintAt, retryAt: hintAt ?? 1_100 }) });
    const retryAt = (hintAt: number | null, verdict: Verdict, now = 1_050): number | null | undefined =>
      frame(waiting(hintAt), now, [ended(verdict)]).model.episode?.retryAt;
    expect(retryAt(null, { kind: 'busy', retryAfter: 3_000 })).toBe(4_050);
    expect(retryAt(4_000, { kind: 'busy' })).toBe(4_000);
    expect(retryAt(4_000, { kind: 'busy', retryAfter: 500 })).toBe(1_550);
    expect(retryAt(null, { kind: 'busy' })).toBe(1_150);
    // It was not busy that it said: what was planned stays planned.
    expect(retryAt(4_000, { kind: 'unreachable' })).toBe(4_000);
  });
});

describe('a redispatch', () => {
  const word = (endpoint: string): Input => ({ type: 'notice', id: 1, notice: { kind: 'redispatch', endpoint } });

  it('R14 said twice in a frame is said once, last, and over the list that comes with it', () => {
    const word = (notice: ServerNotice): Input => ({ type: 'notice', id: 1, notice });
    const words = [{ kind: 'redispatch', endpoint: 'x' }, { kind: 'redispatch', endpoint: 'b' }, { kind: 'endpoints', list: ['a', 'b'] }] as const;
    const { model, events } = frame(connected(), 1_000, words.map(word));
    expect(model.endpoints).toEqual(['b', 'a']);
    expect(events.map(({ type }) => type)).toEqual(['attempt']);
  });

  it('R14 T2 is carried out by the close that comes with it, whatever that says', () => {
    const sent: Input = { type: 'notice', id: 1, notice: { kind: 'redispatch', endpoint: 'b' } };
    for (const verdict of [{ kind: 'unreachable' }, { kind: 'redispatch', endpoint: 'c' }, { kind: 'busy', retryAfter: 8_000 }] as const) {
      const { model, events } = frame(connected(), 1_000, [sent, ended(verdict)]);
      expect(events.map(({ type }) => type)).toEqual(['attempt']);
      expect([model.endpoints[0], model.episode?.hintAt]).toEqual(['b', null]);
    }
  });

  it('T1 ends the room whoever says it, beside whatever else', () => {
    const kicked: Verdict = { kind: 'kicked' };
    const sent: Input = { type: 'notice', id: 1, notice: { kind: 'redispatch', endpoint: 'b' } };
    const newer: Input = { type: 'linked', id: 1, link, media: true, canProbe: false };
    for (const { model } of [
      frame(rejoining(), 1_500, [sent, ended(kicked)]),
      frame(restarting(), 1_500, [sent, repairFailed(kicked)]),
      frame(restarting(), 1_500, [newer, repairFailed(kicked)]),
    ])
      expect(model.state).toEqual({ state: 'disconnected', reason: 'serverKicked' });
  });

  it('R14 puts the named place first, once', () => {
    const { model } = frame(connected({ endpoints: ['a', 'b'] }), 20_000, [word('b')]);
    expect(model.endpoints).toEqual(['b', 'a']);
  });

  it('R14 waits by the schedule before a connection held, and upon another', () => {
    const soon = connected({ connectedAt: 500, position: { waits: 2, busyCount: 0, unreachableAt: null, lastChanceTaken: false } });
    const first = frame(soon, 1_000, [word('b')]).model;
    expect([first.episode?.retryAt, first.episode?.work]).toEqual([1_100, null]);
    const again = rejoining({ episode: episode({ cause: 'redispatch', rung: 'link', work: rejoin, attempts: 2, retryAt: null }) });
    const second = frame(again, 1_500, [ended({ kind: 'redispatch', endpoint: 'c' })]).model;
    expect([second.episode?.retryAt, second.episode?.work, second.session]).toEqual([1_600, null, null]);
  });

  it('R14 in mid join ends that join, in mid repair the repair', () => {
    const joining = frame(rejoining({ session: session({ attempt: rejoin.attempt, signal: downSince(1_100) }) }), 1_500, [word('b')]).model;
    expect([joining.session?.id, joining.session?.attempt.endpoint]).toEqual([10, 'b']);
    const repairing = frame(restarting(), 1_500, [repairFailed({ kind: 'redispatch', endpoint: 'b' })]).model;
    expect([repairing.session?.id, repairing.session?.attempt.endpoint, repairing.session?.attempt.previous]).toEqual([10, 'b', link]);
  });

  it('R14 upon another ends a join that runs, and leaves the old link until the rejoin', () => {
    const cause = 'redispatch' as const;
    const joining = rejoining({ episode: episode({ cause, rung: 'link', work: rejoin, attempts: 2, retryAt: null }) });
    expect(frame(joining, 1_500, [word('c')]).model.session).toBeNull();
    const waiting = reconnecting({ session: session(), episode: episode({ cause, rung: 'link', retryAt: 5_000 }) });
    expect(frame(waiting, 1_500, [word('c')]).model.session?.link).toBe(link);
  });

  it('T2 R14 in mid join ends it for that, and not for the close in the same frame', () => {
    const words: Input[] = [{ type: 'notice', id: 1, notice: { kind: 'redispatch', endpoint: 'b' } }, ended({ kind: 'unreachable' })];
    const { model, events } = frame(rejoining({ session: session({ attempt: rejoin.attempt }) }), 1_500, words);
    expect(events.map(({ type }) => type)).toEqual(['attempt']);
    expect(model.episode?.last).toBeNull();
  });

  it('R14 of a first join is no break: the next attempt has no cause', () => {
    let { model } = frame(connected({ state: { state: 'disconnected', reason: null }, session: null }), 1_000, [{ type: 'join' }]);
    const id = model.lastId;
    ({ model } = frame(model, 1_100, [{ type: 'ended', id, failure: { error: 'gone', verdict: { kind: 'redispatch', endpoint: 'b' } } }]));
    expect([model.state.state, model.session?.attempt.cause, model.session?.attempt.endpoint]).toEqual(['connecting', null, 'b']);
  });

  it('R13 leaves a list that the server has replaced as it is, though an attempt at an older place fails', () => {
    const old = { id: 1, attempt: attempt({ number: 2, endpoint: 'old' }) };
    const model = rejoining({ endpoints: ['a', 'b'], episode: episode({ rung: 'link', work: old, attempts: 2, retryAt: null }) });
    expect(frame(model, 1_500, [ended({ kind: 'unreachable' })]).model.endpoints).toEqual(['a', 'b']);
  });

  it('P5 begins nothing where attempts are somebody else\'s', () => {
    const by = policy({ attempts: false, repairs: false });
    const once = frame(connected(), 20_000, [word('b')], by).model;
    expect([once.episode?.retryAt, once.episode?.work, once.state.state]).toEqual([null, null, 'reconnecting']);
    const twice = frame(once, 20_500, [word('c')], by).model;
    expect([twice.episode?.retryAt, twice.episode?.work]).toEqual([null, null]);
    const broken = frame(reconnecting({ episode: episode({ retryAt: null }) }), 1_500, [word('b')], by).model;
    expect([broken.episode?.retryAt, broken.episode?.work]).toEqual([null, null]);
  });
});

describe('a media repair', () => {
  it('H8 that is cut with its signalling takes neither a number nor a position', () => {
    const { model } = frame(restarting(), 1_500, [down('signal')]);
    expect([model.episode?.attempts, model.position.waits, model.episode?.work]).toEqual([0, 1, null]);
  });

  it('H8 whose error comes in the frame of that cut is not a failure of its own', () => {
    const { model, events } = frame(restarting(), 1_500, [repairFailed({ kind: 'refused' }), down('signal')]);
    expect(events.map(({ type }) => type)).toEqual(['signal', 'attemptCut', 'waiting']);
    expect([model.episode?.rung, model.episode?.attempts]).toEqual(['repair', 0]);
  });

  it('J2 T1 R14 whose server says something final in that frame is heard', () => {
    const after = (verdict: Verdict): Model<Link> => frame(restarting(), 1_500, [repairFailed(verdict), down('signal')]).model;
    expect(after({ kind: 'fatal' }).state).toEqual(jasmine.objectContaining({ state: 'failed', error: 'no' }));
    expect(after({ kind: 'kicked' }).state).toEqual({ state: 'disconnected', reason: 'serverKicked' });
    expect(after({ kind: 'redispatch', endpoint: 'b' }).endpoints[0]).toBe('b');
  });

  describe('whose link ends in that frame', () => {
    const after = (failed: Verdict, end: Verdict): Model<Link> =>
      frame(restarting(), 1_500, [ended(end), repairFailed(failed)]).model;
    const dropped: Verdict = { kind: 'unreachable' };

    it('T1 J2 has heard what no retry undoes', () => {
      expect(after({ kind: 'kicked' }, dropped).state).toEqual({ state: 'disconnected', reason: 'serverKicked' });
      expect(after({ kind: 'kicked' }, { kind: 'redispatch', endpoint: 'b' }).state.reason).toBe('serverKicked');
      expect(after({ kind: 'fatal' }, dropped).state).toEqual(jasmine.objectContaining({ state: 'failed', error: 'no' }));
      expect(after({ kind: 'fatal' }, { kind: 'closed' }).state.reason).toBe('channelClosed');
    });

    it('J2 is announced by what was lost before it fails', () => {
      const quiet = restarting({ state: connected().state });
      const first = frame(quiet, 1_500, [repairFailed({ kind: 'fatal' }), ended(dropped)], policy({ settle: { signal: 9_000, media: 9_000 } }));
      expect(first.model.state).toEqual({ state: 'reconnecting', reason: 'signalDisconnected', link: null });
      expect(frame(first.model, 1_500).model.state).toEqual(jasmine.objectContaining({ state: 'failed', error: 'no' }));
    });

    it('R14 goes where it was sent', () => {
      const there = (model: Model<Link>): unknown => [model.endpoints[0], model.episode?.work?.attempt.kind];
      expect(there(after({ kind: 'redispatch', endpoint: 'b' }, dropped))).toEqual(['b', 'rejoin']);
      expect(there(after({ kind: 'redispatch', endpoint: 'b' }, { kind: 'busy', retryAfter: 1_000 }))).toEqual(['b', 'rejoin']);
      expect(there(after({ kind: 'fatal' }, { kind: 'redispatch', endpoint: 'b' }))).toEqual(['b', 'rejoin']);
    });

    it('R11 keeps the hint that it was given', () => {
      const { episode } = after({ kind: 'busy', retryAfter: 8_000 }, dropped);
      expect([episode?.hintAt, episode?.rung]).toEqual([9_500, 'link']);
      expect(episode?.retryAt).toBeGreaterThanOrEqual(9_500);
    });

    it('H8 has failed with that, and not by itself', () => {
      const { model, events } = frame(restarting(), 1_500, [repairFailed({ kind: 'refused' }), ended(dropped)]);
      expect(events.map(({ type }) => type)).toEqual(['waiting']);
      expect([model.episode?.rung, model.episode?.cause, model.episode?.last?.error]).toEqual(['link', 'both', 'gone']);
    });
  });

  it('R1 that is cut at its limit climbs to a rejoin; a resume is tried again', () => {
    const rungAfter = (model: Model<Link>): unknown => frame(model, 11_000).model.episode?.rung;
    expect(rungAfter(restarting())).toBe('link');
    const resume = { id: 5, attempt: attempt({ kind: 'resume' }) };
    expect(rungAfter(reconnecting({ episode: episode({ work: resume, attempts: 1, retryAt: null }) }))).toBe('repair');
  });

  it('H12 begins with a probe where the link can be probed, and with none where it cannot', () => {
    const due = (canProbe: boolean, changes: Partial<Model<Link>> = {}): Model<Link> =>
      restarting({ session: session({ media: downSince(1_000), canProbe }), episode: episode({ cause: 'media' }), ...changes });
    expect(frame(due(true), 1_100).model.probe).toEqual({ id: 11, limitAt: 3_100, aliveAt: 1_100 });
    expect(frame(due(false), 1_100).model.probe).toBeNull();
    const probe = { id: 8, limitAt: 2_500, aliveAt: 900 };
    expect(frame(due(true, { probe }), 1_100).model.probe).toEqual(probe);
  });

  it('H8 begins at once when signalling is back and media is not, but never before the hint of a busy server', () => {
    const both = (hintAt: number | null): Model<Link> =>
      reconnecting({
        session: session({ signal: downSince(1_000), media: downSince(1_000) }),
        episode: episode({ cause: 'both', retryAt: 9_000, hintAt }),
      });
    const kindAt = (hintAt: number | null): unknown => {
      const { model } = frame(both(hintAt), 1_500, [back('signal')]);
      return model.episode?.work?.attempt.kind ?? model.episode?.retryAt;
    };
    expect(kindAt(null)).toBe('restart');
    expect(kindAt(4_000)).toBe(4_000);
    expect(kindAt(41_000)).toBe('restart'); // no hint that can be kept
  });
});

describe('a wake and retryNow()', () => {
  const waiting = (changes: Parameters<typeof episode>[0]): Model<Link> => reconnecting({ beganAt: 1_000, episode: episode(changes) });
  const after = (model: Model<Link>, input: Input, now = 1_500): readonly [unknown, number] => {
    const { episode: left, position } = frame(model, now, [input]).model;
    return [left?.work === null ? left.retryAt : 'begun', position.waits];
  };
  const wake: Input = { type: 'wake', suspendedFor: 0 };

  it('R8 bring an attempt forward: a wake to a second after the last one, retryNow() to now', () => {
    expect(after(waiting({ retryAt: 9_000 }), wake)).toEqual([2_000, 0]);
    expect(after(waiting({ retryAt: 9_000 }), { type: 'retryNow' })).toEqual(['begun', 0]);
    expect(after(waiting({ retryAt: 1_700 }), wake)).toEqual([1_700, 0]);
  });

  it('R8 where only the deadline is waited for, retryNow() takes a position and a wake does nothing', () => {
    expect(after(waiting({ retryAt: null }), { type: 'retryNow' })).toEqual(['begun', 1]);
    expect(after(waiting({ retryAt: null }), wake)).toEqual([null, 0]);
  });

  it('R8 keep a hint within the deadline', () => {
    for (const input of [wake, { type: 'retryNow' } as const]) {
      expect(after(waiting({ retryAt: 9_000, hintAt: 5_000 }), input)).toEqual([5_000, 0]);
    }
    expect(after(waiting({ retryAt: null, hintAt: 5_000 }), { type: 'retryNow' })).toEqual([5_000, 1]);
    expect(after(waiting({ retryAt: 9_000, hintAt: 41_000 }), { type: 'retryNow' })).toEqual(['begun', 0]);
  });
});

describe('the end', () => {
  it('R12 carries what the schedule was asked about when it gives up', () => {
    const { model } = frame(rejoining(), 1_500, [ended({ kind: 'unreachable' })], policy({ schedule: giveUp }));
    expect(model.state).toEqual({ state: 'failed', reason: 'joinChannelFailed', error: 'gone', attempts: 2 });
  });

  it('J1 is named by the stage of the last attempt', () => {
    const failing = (inputs: readonly Input[]): unknown => {
      let model = frame(connected({ state: { state: 'disconnected', reason: null }, session: null }), 1_000, [{ type: 'join' }]).model;
      model = frame(model, 1_100, inputs.map((input) => ({ ...input, id: model.lastId }) as Input)).model;
      return frame(model, 21_000).model.state;
    };
    expect(failing([])).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'requestChannelFailed', attempts: 1 }));
    expect(failing([{ type: 'requested', id: 0 }])).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'joinChannelFailed' }));
  });

  it('D1 comes at a deadline that a break found passed, before any wait is told of', () => {
    const late = frame(connected(), 50_000, [{ type: 'health', id: 1, source: 'signal', health: { down: true, aliveAt: 9_000 } }]);
    expect(late.model.state).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'timeout' }));
    expect(late.events.map(({ type }) => type)).toEqual(['signal']);
    expect(eventsOf(connected(), 49_000, [{ type: 'health', id: 1, source: 'signal', health: { down: true, aliveAt: 9_000 } }]).length).toBe(1);
  });

  it('D1 leaves no time for an attempt in the last millisecond before the deadline', () => {
    const last = rejoining({ beganAt: 40_999 });
    const { model, events } = frame(last, 40_999, [ended({ kind: 'unreachable' })], policy({ schedule: immediate, lastChanceFrom: 0 }));
    expect(model.episode?.retryAt).toBeNull();
    expect(events.at(-1)).toEqual({ type: 'waiting', at: 40_999, nextRetryAt: null, hintAt: null });
  });

  it('D1 Z1 dates a break that is found after a sleep from before it', () => {
    const { model, events } = frame(connected({ session: session({ signal: up }) }), 20_000, [
      { type: 'wake', suspendedFor: 8_000 },
      down('signal'),
    ]);
    expect([model.episode?.aliveAt, model.episode?.deadlineAt]).toEqual([12_000, 52_000]);
    expect(events).toContain({ type: 'signal', at: 20_000, up: false, aliveAt: 12_000 });
  });
});

describe('a probe that is out', () => {
  const probe = { id: 8, limitAt: 2_500, aliveAt: 900 };
  const probing = connected({ session: session({ canProbe: true }), probe });

  it('H12 is answered by a signal that is heard to go down, and by one that is up again', () => {
    expect(frame(probing, 1_000, [down('signal')]).model.probe).toBeNull();
    expect(frame(probing, 1_000, [down('signal'), back('signal')]).model.probe).toBeNull();
    expect(frame(probing, 1_000, [down('media')]).model.probe).toEqual(probe);
  });

  it('Z2 is asked anew by a wake after a sleep, and not by one that tells of none', () => {
    expect(frame(probing, 2_000, [{ type: 'wake', suspendedFor: 0 }]).model.probe).toEqual(probe);
    expect(frame(probing, 2_000, [{ type: 'wake', suspendedFor: 800 }]).model.probe).toEqual({ id: 10, limitAt: 4_000, aliveAt: 1_200 });
  });
});
