import { AttemptLimitError } from '../../../lib/core/recovery/attempt-limit-error.js';
import { DeadlineExceededError } from '../../../lib/core/recovery/deadline-exceeded-error.js';
import { GaveUpError } from '../../../lib/core/recovery/gave-up-error.js';
import { LinkEndedError } from '../../../lib/core/machine/link-ended-error.js';
import { nextAt } from '../../../lib/core/machine/due-times.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import type { RoomEvent } from '../../../lib/core/machine/room-event.js';
import { times } from '../../../lib/core/schedule/schedule-combinators.js';
import { giveUp, immediate, spaced, type AttemptContext, type Schedule } from '../../../lib/core/schedule/schedule.js';
import type { ServerNotice, Verdict } from '../../../lib/core/recovery/verdict.js';
import {
  connected,
  down,
  ended,
  join,
  joining,
  leave,
  link,
  linked,
  notice,
  probed,
  repairFailed,
  requested,
  retryNow,
  Said,
  sourceEnded,
  up,
  wake,
  well,
  type Happening,
  type Played,
} from './models.js';

const NOBODY: Verdict = { kind: 'unreachable' };
const REFUSED: Verdict = { kind: 'refused' };
const FATAL: Verdict = { kind: 'fatal' };
const KICKED: Verdict = { kind: 'kicked' };
const busy = (retryAfter?: number): Verdict => (retryAfter === undefined ? { kind: 'busy' } : { kind: 'busy', retryAfter });
const to = (endpoint: string): ServerNotice & Verdict => ({ kind: 'redispatch', endpoint });

// Rooms here are connected since 0, and what breaks them comes at 20 s: they were stable. The schedule waits 100 ms.

/** Signalling went down at 20,000; the resume that began at 20,100 is under way. */
const resuming = (changes: Partial<Policy> = {}, endpoints: readonly string[] = []): Played =>
  connected(changes, { endpoints }).frame(20_000, down('signal')).frame(20_100);

/** Media went down at 20,000, and was announced; the media repair that began at 20,100 is under way. */
const restarting = (changes: Partial<Policy> = {}, canProbe = false): Played =>
  connected(changes, { canProbe }).frame(20_000, down('media')).frame(20_100);

/** The link was gone at 20,000; the rejoin that began at 20,100 is under way. */
const rejoining = (changes: Partial<Policy> = {}, endpoints: readonly string[] = []): Played =>
  connected(changes, { endpoints }).frame(20_000, ended(NOBODY)).frame(20_100);

describe('what a room tells of its work', () => {
  it('H1 R7 of a break: what went down, and when the first attempt comes', () => {
    expect(connected().frame(20_000, down('signal')).events).toEqual([
      { type: 'signal', at: 20_000, up: false, aliveAt: 20_000 },
      { type: 'waiting', at: 20_000, nextRetryAt: 20_100, hintAt: null },
    ]);
  });

  it('R7 of an attempt: its number, kind, cause and place', () => {
    expect(resuming({}, ['b.example', 'c.example']).events).toEqual([
      { type: 'attempt', at: 20_100, number: 1, kind: 'resume', cause: 'signal', endpoint: 'b.example' },
    ]);
  });

  it('R1 R13 of a failed attempt: what failed, and what is next', () => {
    const room = rejoining().frame(20_500, ended(REFUSED));
    expect(room.events).toEqual([
      { type: 'attemptFailed', at: 20_500, number: 1, kind: 'rejoin', error: new Said(REFUSED), verdict: REFUSED },
      { type: 'waiting', at: 20_500, nextRetryAt: 20_600, hintAt: null },
    ]);
  });

  it('R1 J6 of an attempt that was cut at its limit: that nobody answered', () => {
    expect(rejoining().frame(30_100).events[0]).toEqual({
      type: 'attemptFailed',
      at: 30_100,
      number: 1,
      kind: 'rejoin',
      error: new AttemptLimitError(10_000),
      verdict: NOBODY,
    });
  });

  it('R11 of a busy server: its hint, which may lie past the deadline', () => {
    const told = (retryAfter: number): RoomEvent | undefined => rejoining().frame(20_500, ended(busy(retryAfter))).events.at(-1);
    expect(told(3_000)).toEqual({ type: 'waiting', at: 20_500, nextRetryAt: 23_500, hintAt: 23_500 });
    expect(told(99_000)).toEqual({ type: 'waiting', at: 20_500, nextRetryAt: 20_600, hintAt: 119_500 });
  });

  it('D4 of a wait that only the deadline ends: no time', () => {
    // 20,500 to 60,000: the last chance of 39,500 is at 40,250. Then there is none any more.
    const room = rejoining({ schedule: spaced(60_000) });
    expect(connected({ schedule: spaced(60_000) }).frame(20_000, ended(NOBODY)).due).toBe(40_000);
    expect(room.frame(40_000).frame(40_500, ended(NOBODY)).events.at(-1)).toEqual({
      type: 'waiting',
      at: 40_500,
      nextRetryAt: null,
      hintAt: null,
    });
  });

  it('H8 of a media repair whose signalling died: it was cut', () => {
    expect(restarting().frame(20_500, down('signal')).events).toEqual([
      { type: 'signal', at: 20_500, up: false, aliveAt: 20_500 },
      { type: 'attemptCut', at: 20_500, number: 1, kind: 'restart' },
      { type: 'waiting', at: 20_500, nextRetryAt: 20_600, hintAt: null },
    ]);
  });

  it('R2 of a return: whether anybody was told of the break, its cause, and how long nothing was alive', () => {
    const back = (at: number): readonly RoomEvent[] =>
      connected({ schedule: spaced(5_000) }).frame(20_000, down('signal')).frame(21_000 > at ? 20_000 : 21_000).frame(at, up('signal')).events;
    const signal = (at: number): RoomEvent => ({ type: 'signal', at, up: true, aliveAt: at });
    expect(back(20_700)).toEqual([signal(20_700), { type: 'healed', at: 20_700, quiet: true, cause: 'signal', after: 700 }]);
    expect(back(21_700)).toEqual([signal(21_700), { type: 'healed', at: 21_700, quiet: false, cause: 'signal', after: 1_700 }]);
  });

  it('Z2 of a sleep and of a probe: that it was asked, and what came of it', () => {
    const room = (): Played => connected({}, { canProbe: true }).frame(20_000, wake(5_000));
    expect(room().events).toEqual([
      { type: 'suspended', at: 20_000, for: 5_000 },
      { type: 'probe', at: 20_000 },
    ]);
    expect(room().frame(20_100, probed(true)).events).toEqual([{ type: 'probed', at: 20_100, alive: true }]);
    expect(room().frame(22_000).events.slice(0, 2)).toEqual([
      { type: 'probed', at: 22_000, alive: false },
      { type: 'signal', at: 22_000, up: false, aliveAt: 15_000 },
    ]);
  });

  it('Z1 of a wake that tells of no sleep: nothing', () => {
    expect(connected().frame(20_000, wake()).events).toEqual([]);
  });

  it('H6 of what changes nothing: nothing', () => {
    expect(connected().frame(20_000, up('signal')).events).toEqual([]);
    expect(connected().frame(20_000, () => ({ type: 'health', id: 7, source: 'signal', health: { down: true } })).events).toEqual([]);
    expect(restarting().frame(20_500, () => ({ type: 'repairFailed', id: 1, error: new Said(REFUSED), stage: 'join' })).events).toEqual([]);
  });
});

describe('a join', () => {
  it('J1 R3 begins at once, and takes no position of the schedule', () => {
    const room = joining();
    expect([room.says, room.episode.recovery.attempts, room.position]).toEqual(['connecting/joinChannel', 1, 0]);
    expect(room.work?.attempt).toEqual({
      number: 1,
      kind: 'join',
      cause: null,
      endpoint: null,
      previous: null,
      openingLimit: 3_000,
      limitAt: 10_000,
      deadlineAt: 20_000,
    });
    room.frame(500, ended(NOBODY)).frame(600);
    expect([room.episode.recovery.attempts, room.position]).toEqual([2, 1]);
  });

  it('J1 is named by the stage of the last attempt when it fails', () => {
    const room = (...inputs: readonly Happening[]): Played => joining({ attemptLimit: 20_000 }).frame(100, ...inputs).frame(20_000);
    expect(room().state).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'requestChannelFailed', attempts: 1, cause: null }));
    expect(room(requested).says).toBe('failed/joinChannelFailed');
  });

  it('D5 names the legs of its last link that were not up', () => {
    const causeOf = (...inputs: readonly Happening[]): unknown =>
      joining().frame(100, requested, linked(), ...inputs).frame(200, ended(FATAL)).state;
    expect(causeOf()).toEqual(jasmine.objectContaining({ state: 'failed', cause: 'both' }));
    expect(causeOf(up('signal'))).toEqual(jasmine.objectContaining({ cause: 'media' }));
    expect(causeOf(up('media'))).toEqual(jasmine.objectContaining({ cause: 'signal' }));
  });

  it('D5 R14 names them also of a link that the server sent us away from', () => {
    const room = joining().frame(100, requested, linked(), up('media')).frame(200, notice(to('b'))).frame(300, ended(FATAL));
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'failed', cause: 'signal' }));
  });

  it('D5 forgets those of the link before the last one, of which none was missing', () => {
    const room = joining().frame(100, requested, linked(), up('media')).frame(200, ended(NOBODY)).frame(300);
    room.frame(400, requested, linked(), ...well, ended(FATAL));
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'failed', cause: null }));
  });

  it('D3 neither spends nor inherits lost time', () => {
    const room = connected();
    room.frame(2_000, ended(NOBODY)).frame(2_100).frame(9_000, linked(), ...well);
    expect(room.model.standing.spent).toBe(7_000);
    room.frame(9_500, leave).frame(9_600, join).frame(12_000, linked(), ...well).frame(12_100, ended(NOBODY));
    expect([room.episode.loss.spent, room.episode.loss.deadlineAt]).toEqual([0, 52_100]);
  });
});

describe('a mistake of the program', () => {
  const mistaken: Happening = ({ session }) => ({ type: 'ended', id: session?.id ?? 0, error: new TypeError('no link'), mistake: true });

  it('J9 in a join, or under its link, fails at once, whatever the transport says of the error', () => {
    const by = { classify: () => NOBODY };
    for (const [room, at] of [[joining(by), 200], [connected(by), 20_200], [rejoining(by), 20_200]] as const) {
      expect(room.frame(at, requested, mistaken).state).toEqual(
        jasmine.objectContaining({ state: 'failed', reason: 'joinChannelFailed', error: new TypeError('no link') }),
      );
    }
  });

  it('J9 J8 is a join that completes together with its link; one that completes later has lost it', () => {
    const completed = ended(new LinkEndedError());
    expect(joining().frame(100, requested, linked(), completed).says).toBe('failed/joinChannelFailed');
    expect(joining().frame(100, requested, linked()).frame(200, completed).says).toBe('connecting/joinChannel');
    expect(connected().frame(20_000, completed).says).toBe('reconnecting/signalDisconnected');
  });
});

describe('a link that is gone', () => {
  it('T1 with a dismissal ends the room at once, connected and reconnecting', () => {
    for (const room of [connected(), resuming(), connected().frame(20_000, down('signal')).frame(21_000)]) {
      expect(room.frame(21_050, ended(KICKED)).state).toEqual({ state: 'disconnected', reason: 'serverKicked' });
    }
  });

  it('R14 with a word to go elsewhere goes there at once', () => {
    const room = connected().frame(20_000, ended(to('b.example')));
    expect(room.says).toBe('reconnecting/redispatch');
    expect(room.work?.attempt).toEqual(
      jasmine.objectContaining({ kind: 'rejoin', cause: 'redispatch', endpoint: 'b.example', previous: link }),
    );
    expect([room.position, room.episode.loss.aliveAt]).toEqual([1, 20_000]);
  });

  it('R14 while it was left for elsewhere stays a redispatch', () => {
    const room = connected({ schedule: spaced(5_000) }).frame(20_000, notice(to('b'))).frame(20_100, ended(NOBODY));
    room.frame(20_200, ended(NOBODY));
    expect(room.episode.cause).toBe('redispatch');
  });

  it('S7 names what it had: both legs, or signal where there is no media', () => {
    const causes = [true, false].map((media) => connected({}, { media }).frame(20_000, ended(NOBODY)).episode.cause);
    expect(causes).toEqual(['both', 'signal']);
  });

  it('R18 for good fails in one emission, with its error and without a timeout', () => {
    const room = connected().frame(20_000, ended(FATAL));
    expect(room.state).toEqual({
      state: 'failed',
      reason: 'joinChannelFailed',
      error: new Said(FATAL),
      attempts: 0,
      cause: 'both',
    });
  });

  it('R18 because it refused goes to the next place', () => {
    const room = connected({}, { endpoints: ['a', 'b'] }).frame(20_000, ended(REFUSED)).frame(20_100);
    expect(room.work?.attempt.endpoint).toBe('b');
  });

  it('R18 R11 because it is busy waits for the hint, at the same place', () => {
    const room = connected({}, { endpoints: ['a', 'b'] }).frame(20_000, ended(busy(3_000)));
    expect([room.says, room.due]).toEqual(['reconnecting/signalDisconnected', 23_000]);
    expect(room.frame(23_000).work?.attempt.endpoint).toBe('a');
  });

  it('R11 while it was waited for: its hint counts, and no time is brought forward', () => {
    const waiting = (): Played => connected({ schedule: spaced(2_000) }).frame(20_000, down('signal')).frame(21_000);
    expect(waiting().due).toBe(22_000);
    expect(waiting().frame(21_050, ended(busy(3_000))).due).toBe(24_050);
    expect(waiting().frame(21_050, ended(busy(500))).due).toBe(23_050); // by the schedule: 2,000 from now
    expect(waiting().frame(21_050, ended(busy())).due).toBe(23_050);
    expect(waiting().frame(21_050, ended(NOBODY)).due).toBe(22_000);
  });

  it('D9 dates from the latest proof of life: a leg that was up was alive until now', () => {
    const both = connected().frame(20_000, down('media', 18_000)).frame(20_500, ended(NOBODY));
    expect(both.episode.loss.aliveAt).toBe(18_000); // the break was found before
    const found = connected().frame(20_500, down('media', 18_000), ended(NOBODY));
    expect(found.episode.loss.aliveAt).toBe(20_500);
    const dead = connected().frame(20_500, down('media', 18_000), down('signal', 19_000), ended(NOBODY));
    expect(dead.episode.loss.aliveAt).toBe(19_000);
  });

  it('D9 a leg that does not exist proves nothing', () => {
    const room = connected({}, { media: false }).frame(20_500, down('signal', 19_000), ended(NOBODY));
    expect(room.episode.loss.aliveAt).toBe(19_000);
  });
});

describe('what a state tells', () => {
  it('S11 of a break: the error of the link that ended, and since when', () => {
    const room = connected().frame(20_000, ended(NOBODY));
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'reconnecting', error: new Said(NOBODY), since: 20_000 }));
    expect(room.events[0]).toEqual({ type: 'linkEnded', at: 20_000, error: new Said(NOBODY), verdict: NOBODY });
  });

  it('S11 of a break that only a health told of: no error, and its last proof of life', () => {
    const room = connected().frame(20_000, down('signal', 18_500)).frame(21_000);
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'reconnecting', error: null, since: 18_500 }));
  });

  it('S11 of a break whose health ended with an error: that error, and none that comes later', () => {
    const lost = new Error('the stream broke');
    const failing: Happening = ({ session }) => ({ type: 'sourceEnded', id: session?.id ?? 0, source: 'signal', error: lost });
    const room = connected().frame(20_000, failing).frame(20_500, ended(NOBODY));
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'reconnecting', error: lost, since: 20_000 }));
    expect(room.frame(20_700, ended(REFUSED)).state).toEqual(jasmine.objectContaining({ error: lost, since: 20_000 }));
  });

  it('T4 of a dismissal: what the server said with it, from a notice or from an error', () => {
    const message = 'for spam';
    const kicked = { kind: 'kicked', message } as const;
    for (const room of [connected().frame(20_000, notice(kicked)), connected().frame(20_000, ended(kicked)), resuming().frame(20_200, repairFailed(kicked))]) {
      expect(room.state).toEqual({ state: 'disconnected', reason: 'serverKicked', message });
    }
  });
});

describe('a redispatch', () => {
  it('R14 said twice in a frame is carried out once, the last of them, over the list that comes with it', () => {
    const words = [to('x'), to('b'), { kind: 'endpoints', list: ['a', 'b'] }] as const;
    const room = connected().frame(20_000, ...words.map(notice));
    expect(room.model.places.list).toEqual(['b', 'a']);
    expect(room.told).toEqual(['attempt']);
  });

  it('R14 T2 is carried out by the close that comes with it, whatever that says', () => {
    for (const verdict of [NOBODY, to('c'), busy(8_000)]) {
      const room = connected().frame(20_000, notice(to('b')), ended(verdict));
      expect(room.told).toEqual(['linkEnded', 'attempt']);
      expect([room.work?.attempt.endpoint, room.episode.recovery.tally.hintAt]).toEqual(['b', null]);
    }
  });

  it('T1 is outdone by a dismissal, whoever says it, beside whatever else', () => {
    for (const room of [
      rejoining().frame(20_500, notice(to('b')), ended(KICKED)),
      restarting().frame(20_500, notice(to('b')), repairFailed(KICKED)),
      restarting().frame(20_500, linked(), repairFailed(KICKED)),
    ]) {
      expect(room.state).toEqual({ state: 'disconnected', reason: 'serverKicked' });
    }
  });

  it('R14 puts the named place first, and forgets the hint of another server', () => {
    const room = connected({}, { endpoints: ['a', 'b'] }).frame(20_000, down('signal')).frame(20_100);
    room.frame(20_200, repairFailed(busy(8_000))).frame(20_300, notice(to('b')));
    expect(room.model.places.list).toEqual(['b', 'a']);
    expect([room.work?.attempt.kind, room.episode.recovery.tally.hintAt]).toEqual(['rejoin', null]);
  });

  it('R14 goes straight once; the next ones wait by the schedule until a connection was stable', () => {
    const room = connected().frame(20_000, notice(to('b')));
    expect(room.work?.attempt.endpoint).toBe('b');
    room.frame(20_500, ended(to('c')));
    expect([room.due, room.model.session]).toEqual([20_600, null]);
    // Connected for 9,999 ms, then for 10,000.
    room.frame(20_600).frame(20_700, linked(), ...well).frame(30_699, notice(to('d')));
    expect(room.due).toBe(30_799);
    room.frame(30_799).frame(31_000, linked(), ...well).frame(41_000, notice(to('e')));
    expect(room.work?.attempt.endpoint).toBe('e');
  });

  it('R14 asks the schedule as if nobody had answered, and not at all the first time', () => {
    const asked: AttemptContext[] = [];
    const schedule: Schedule = (attempt) => {
      asked.push(attempt);
      return 100;
    };
    const room = connected({ schedule }).frame(20_000, ended(to('b')));
    expect(asked).toEqual([]);
    room.frame(20_500, ended(to('c')));
    expect(asked.map(({ verdict, position }) => [verdict.kind, position])).toEqual([['unreachable', 2]]);
  });

  it('R14 in mid join ends that join, in mid repair the repair', () => {
    const joins = rejoining().frame(20_200, linked()).frame(20_500, notice(to('b')));
    expect([joins.work?.attempt.number, joins.work?.attempt.endpoint]).toEqual([2, 'b']);
    const repairs = restarting().frame(20_500, repairFailed(to('b')));
    expect([repairs.work?.attempt.kind, repairs.work?.attempt.endpoint, repairs.work?.attempt.previous]).toEqual(['rejoin', 'b', link]);
  });

  it('R14 leaves the old link until the rejoin begins', () => {
    const room = connected({ schedule: spaced(5_000) }).frame(20_000, notice(to('b'))).frame(20_100, linked(), ...well);
    room.frame(20_200, notice(to('c')));
    expect([room.says, room.due, room.session.link]).toEqual(['reconnecting/redispatch', 25_200, link]);
  });

  it('T2 R14 in mid join ends it for that, and not for the close in the same frame', () => {
    const room = rejoining().frame(20_200, linked()).frame(20_500, notice(to('b')), ended(NOBODY));
    expect(room.work?.attempt.endpoint).toBe('b');
    expect(room.told.filter((type) => type === 'attempt').length).toBe(1);
  });

  it('R14 of a first join is no break: the next attempt has no cause', () => {
    const room = joining().frame(100, ended(to('b')));
    expect([room.says, room.work?.attempt.cause, room.work?.attempt.endpoint]).toEqual(['connecting/joinChannel', null, 'b']);
  });

  it('D5 R14 has broken nothing: what fails then has no cause', () => {
    const room = connected().frame(20_000, notice(to('b'))).frame(20_100, ended(FATAL));
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'failed', cause: null }));
  });
});

describe('a media repair', () => {
  it('H8 that is cut with its signalling keeps its position and climbs nothing', () => {
    const room = restarting().frame(20_500, down('signal'));
    expect([room.episode.recovery.attempts, room.position, room.due, room.episode.rung]).toEqual([1, 1, 20_600, 'repair']);
  });

  it('H8 whose probe was dead gives its place to the resume, which begins at once', () => {
    const room = restarting({}, true);
    expect([room.work?.called, room.position]).toEqual([false, 1]);
    room.frame(20_400, probed(false));
    expect(room.told).toContain('attemptCut');
    expect([room.work?.attempt.kind, room.position, room.episode.recovery.attempts]).toEqual(['resume', 1, 2]);
  });

  it('H8 H12 whose probe is answered keeps its position when it is cut later', () => {
    const room = restarting({}, true).frame(20_200, probed(true));
    expect(room.work?.called).toBeTrue();
    room.frame(20_400, down('signal'));
    expect([room.due, room.position]).toEqual([20_500, 1]);
    expect(room.frame(20_500).position).toBe(2);
  });

  it('H8 whose error comes in the frame of that cut is not a failure of its own', () => {
    const room = restarting().frame(20_500, repairFailed(REFUSED), down('signal'));
    expect(room.told).toEqual(['signal', 'attemptCut', 'waiting']);
    expect(room.episode.rung).toBe('repair');
  });

  it('J2 T1 R14 whose server says something final in that frame is heard', () => {
    const after = (verdict: Verdict): Played => restarting().frame(20_500, repairFailed(verdict), down('signal'));
    expect(after(FATAL).state).toEqual(jasmine.objectContaining({ state: 'failed', error: new Said(FATAL) }));
    expect(after(KICKED).says).toBe('disconnected/serverKicked');
    expect(after(to('b')).work?.attempt.endpoint).toBe('b');
  });

  describe('whose link ends in that frame', () => {
    const after = (failed: Verdict, end: Verdict): Played => restarting().frame(20_500, ended(end), repairFailed(failed));

    it('T1 J2 has heard what no retry undoes', () => {
      expect(after(KICKED, NOBODY).says).toBe('disconnected/serverKicked');
      expect(after(KICKED, to('b')).says).toBe('disconnected/serverKicked');
      expect(after(FATAL, NOBODY).state).toEqual(jasmine.objectContaining({ state: 'failed', error: new Said(FATAL) }));
      expect(after(FATAL, { kind: 'closed' }).says).toBe('disconnected/channelClosed');
    });

    it('R14 goes where it was sent', () => {
      const there = (room: Played): unknown => [room.work?.attempt.endpoint, room.work?.attempt.kind];
      expect(there(after(to('b'), NOBODY))).toEqual(['b', 'rejoin']);
      expect(there(after(to('b'), busy(1_000)))).toEqual(['b', 'rejoin']);
      expect(there(after(FATAL, to('b')))).toEqual(['b', 'rejoin']);
    });

    it('R11 keeps the hint that it was given', () => {
      const room = after(busy(8_000), NOBODY);
      expect([room.episode.recovery.tally.hintAt, room.due, room.episode.rung]).toEqual([28_500, 28_500, 'rejoin']);
    });

    it('H8 has failed with that, and not by itself', () => {
      const room = after(REFUSED, NOBODY);
      expect(room.told).toEqual(['linkEnded', 'attemptCut', 'waiting']);
      expect([room.episode.rung, room.episode.cause, room.episode.recovery.lastFailure.error]).toEqual([
        'rejoin',
        'both',
        new Said(NOBODY),
      ]);
    });
  });

  it('R1 that is cut at its limit climbs to a rejoin; a resume is tried again', () => {
    expect(restarting().frame(30_100).episode.rung).toBe('rejoin');
    expect(resuming().frame(30_100).episode.rung).toBe('repair');
  });

  it('H12 begins with a probe where the link can be probed, and with none where it cannot', () => {
    expect(restarting({}, true).session.probe).toEqual(jasmine.objectContaining({ limitAt: 22_000 })); // asked with the loss
    expect(restarting().session.probe).toBeNull();
    const later = connected({ schedule: spaced(3_000) }, { canProbe: true }).frame(20_000, down('media')).frame(20_100, probed(true));
    expect(later.session.probe).toBeNull();
    expect(later.frame(23_000).session.probe).toEqual(jasmine.objectContaining({ limitAt: 25_000, aliveAt: 23_000 }));
  });

  it('H8 begins at once when signalling is back and media is not, the first time', () => {
    const both = (): Played => connected({ schedule: spaced(9_000) }).frame(20_000, down('signal'), down('media'));
    const first = both().frame(20_500, up('signal'));
    expect([first.work?.attempt.kind, first.position]).toEqual(['restart', 0]);
    // Cut, and back again: by the schedule.
    first.frame(20_600, down('signal')).frame(20_700, up('signal'));
    expect([first.due, first.position]).toEqual([29_600, 0]);
  });

  it('H8 R11 does not begin before the hint of a busy server, if that lies before the deadline', () => {
    const both = (retryAfter: number): Played =>
      connected({ schedule: spaced(200) })
        .frame(20_000, down('signal'), down('media'))
        .frame(20_200)
        .frame(20_300, repairFailed(busy(retryAfter)))
        .frame(20_400, up('signal'));
    expect(both(4_000).due).toBe(24_300);
    expect(both(60_000).work?.attempt.kind).toBe('restart');
  });

  it('H8 cuts the resume that runs when signalling is back by itself', () => {
    const room = connected().frame(20_000, down('signal'), down('media')).frame(20_100);
    expect(room.work?.attempt.kind).toBe('resume');
    room.frame(20_500, up('signal'));
    expect([room.work?.attempt.kind, room.position]).toEqual(['restart', 1]);
  });
});

describe('a refused repair', () => {
  it('R1 R20 goes to a full rejoin at once, the first time since a connection was stable', () => {
    const room = resuming({ schedule: spaced(500) }).frame(20_500).frame(20_600, repairFailed(REFUSED));
    // In the settle time: the old link may still heal, so that the rejoin waits for the announcement.
    expect([room.says, room.episode.rung, room.due]).toEqual(['connected/joinSucceed', 'rejoin', 20_600]);
    room.frame(21_000);
    expect([room.says, room.work?.attempt.kind, room.position]).toEqual(['reconnecting/signalDisconnected', 'rejoin', 2]);
    room.frame(21_500, linked(), ...well).frame(22_000, down('signal')).frame(22_500).frame(23_200, repairFailed(REFUSED));
    expect([room.says, room.due]).toEqual(['reconnecting/signalDisconnected', 23_700]);
  });

  it('R20 R12 asks the schedule all the same whether it gives up', () => {
    const room = connected({ schedule: times(1) }).frame(20_000, down('signal'));
    room.frame(20_001).frame(21_500, repairFailed(REFUSED));
    expect(room.says).toBe('failed/joinChannelFailed');
  });

  it('R1 a resume that nobody answered is tried again in place', () => {
    const room = resuming().frame(20_500, repairFailed(NOBODY));
    expect([room.episode.rung, room.due]).toEqual(['repair', 20_600]);
  });

  it('R1 R13 a resume that reaches nobody climbs once the break is older than the attempt limit, where there are other places', () => {
    const after = (endpoints: readonly string[], at: number): string => {
      const room = connected({ schedule: spaced(9_000), attemptLimit: 10_000 }, { endpoints });
      return room.frame(20_000, down('signal')).frame(29_000).frame(at, repairFailed(NOBODY)).episode.rung;
    };
    expect([after(['a', 'b'], 30_000), after(['a', 'b'], 30_001), after(['a'], 30_001)]).toEqual(['repair', 'rejoin', 'repair']);
  });
});

describe('a wake and retryNow()', () => {
  /** Waits until 29,600 after an attempt that began at 20,500. */
  const waiting = (verdict: Verdict = NOBODY): Played =>
    connected({ schedule: ({ position }) => (position === 1 ? 500 : 9_000) })
      .frame(20_000, ended(NOBODY))
      .frame(20_500)
      .frame(20_600, ended(verdict));
  /** Only the deadline is waited for: the last chance at 40,000 is over. */
  const idle = (): Played =>
    connected({ schedule: spaced(60_000) }).frame(20_000, ended(NOBODY)).frame(40_000).frame(40_500, ended(NOBODY));

  it('R8 bring an attempt forward: a wake to a second after the last one began, retryNow() to 250 ms', () => {
    expect(waiting().due).toBe(29_600);
    expect(waiting().frame(20_700, wake()).due).toBe(21_500);
    expect(waiting().frame(20_700, retryNow).due).toBe(20_750);
    expect(waiting().frame(23_000, wake()).due).toBe('attempting');
    expect(waiting().frame(23_000, retryNow).due).toBe('attempting');
    expect(waiting().frame(20_700, retryNow).frame(20_710, wake()).due).toBe(20_750);
  });

  it('R8 where only the deadline is waited for, retryNow() begins one more attempt and a wake does nothing', () => {
    expect(idle().due).toBe('untilDeadline');
    const again = idle().frame(41_000, retryNow);
    expect([again.due, again.position]).toEqual(['attempting', 2]);
    expect(idle().frame(41_000, wake()).due).toBe('untilDeadline');
  });

  it('R8 keep a hint within the deadline', () => {
    for (const input of [wake(), retryNow]) {
      expect(waiting(busy(5_000)).frame(23_000, input).due).toBe(25_600);
      expect(waiting(busy(60_000)).frame(23_000, input).due).toBe('attempting');
    }
  });

  it('R21 retryNow() while connected asks signalling for a sign of life', () => {
    const room = connected({}, { canProbe: true }).frame(20_000, retryNow);
    expect(room.told).toEqual(['probe']);
    expect(room.session.probe).toEqual(jasmine.objectContaining({ limitAt: 22_000, aliveAt: 20_000 }));
    expect(connected().frame(20_000, retryNow).told).toEqual([]);
  });

  it('R8 R9 disturb no attempt that runs, and several wakes in a frame are one', () => {
    expect(rejoining().frame(20_500, wake(), retryNow).work?.attempt.number).toBe(1);
    // The new time is told before the attempt.
    expect(waiting().frame(23_000, wake(), wake(), retryNow).told).toEqual(['waiting', 'attempt']);
  });
});

describe('attempts', () => {
  it('R15 have a limit that doubles each time that it was reached, and never passes the deadline', () => {
    // Begun at 20,100; cut at 30,100; again at 30,200: 20,000 ms; cut at 50,200; again at 50,300: 40,000, but 9,700 are left.
    const room = rejoining();
    const limits = [room.work?.attempt.limitAt];
    for (const [cut, again] of [[30_100, 30_200], [50_200, 50_300]] as const) limits.push(room.frame(cut).frame(again).work?.attempt.limitAt);
    expect(limits).toEqual([30_100, 50_200, 60_000]);
  });

  it('R15 have an opening limit that doubles with each opening in a row that hung', () => {
    // 3, 6 and 10 s: the third is cut to the limit of its attempt.
    const room = rejoining({ attemptLimit: 10_000 });
    const limits = [room.work?.attempt.openingLimit];
    limits.push(room.frame(23_100, ended(NOBODY)).frame(23_200).work?.attempt.openingLimit);
    limits.push(room.frame(29_200, ended(NOBODY)).frame(29_300).work?.attempt.openingLimit);
    expect(limits).toEqual([3_000, 6_000, 10_000]);
    // One that failed sooner did not hang.
    expect(room.frame(29_400, ended(NOBODY)).frame(29_500).work?.attempt.openingLimit).toBe(3_000);
  });

  it('R15 that gave a link, or an answer, did not hang while opening', () => {
    const openingLimit = (...inputs: readonly Happening[]): unknown =>
      rejoining().frame(22_000, ...inputs).frame(26_000, ended(inputs.length > 0 ? NOBODY : REFUSED)).frame(26_100).work?.attempt.openingLimit;
    expect([openingLimit(linked()), openingLimit()]).toEqual([3_000, 3_000]);
  });

  it('J7 name the link that they replace: the newest, also a half-joined one, also after failed', () => {
    const newer = { name: 'newer' };
    const room = rejoining();
    expect(room.work?.attempt.previous).toBe(link);
    room.frame(20_200, linked({ as: newer })).frame(20_300, ended(NOBODY)).frame(20_400);
    expect(room.work?.attempt.previous).toBe(newer);
    room.frame(20_500, ended(FATAL)).frame(20_600, join);
    expect([room.says, room.work?.attempt.previous]).toEqual(['connecting/joinChannel', newer]);
  });

  it('J7 name none after a success, a leave or a dismissal', () => {
    const after = (...frames: readonly Happening[]): unknown => {
      const room = rejoining();
      for (const happening of frames) room.frame(20_200, happening);
      return room.frame(20_300, join).work?.attempt.previous;
    };
    expect([after(leave), after(notice({ kind: 'kicked' }))]).toEqual([null, null]);
    const room = rejoining().frame(20_200, linked(), ...well);
    expect(room.model.previous).toBeNull();
    expect(room.frame(20_300, leave).frame(20_400, join).work?.attempt.previous).toBeNull();
  });

  it('Z3 begin one at most a frame, however much is due', () => {
    expect(connected({ schedule: immediate }).frame(20_000, ended(NOBODY)).told).toEqual(['linkEnded', 'attempt']);
    expect(connected().frame(20_000, ended(NOBODY)).frame(59_000).told).toEqual(['attempt']);
  });
});

describe('the places of a room', () => {
  const endpoints = ['a', 'b', 'c'];
  /** Where and when the attempts of a room go that nobody answers at all, each failing after 10 ms. */
  function visits(count: number): readonly (readonly [unknown, number, unknown])[] {
    const room = connected({}, { endpoints }).frame(20_000, ended(NOBODY));
    let at = 20_000;
    return Array.from({ length: count }, () => {
      at = room.phase.kind === 'waiting' ? room.phase.until : at;
      const { work } = room.phase.kind === 'attempting' ? room : room.frame(at);
      const visit = [work?.attempt.endpoint, at - 20_000, work?.attempt.openingLimit] as const;
      at += 10;
      room.frame(at, ended(NOBODY));
      return visit;
    });
  }

  it('R13 are tried from the first on; in the 2nd and the 5th slot the others follow at once', () => {
    // A slot waits 100 ms and takes 10; within a sweep there is no wait. Its first place gets half of the opening limit.
    expect(visits(9)).toEqual([
      ['a', 100, 3_000],
      ['a', 210, 1_500],
      ['b', 220, 3_000],
      ['c', 230, 3_000],
      ['a', 340, 3_000],
      ['a', 450, 3_000],
      ['a', 560, 1_500],
      ['b', 570, 3_000],
      ['c', 580, 3_000],
    ]);
  });

  it('R13 the next break begins at the first place again', () => {
    const room = rejoining({}, endpoints).frame(20_200, ended(REFUSED)).frame(20_300);
    expect(room.work?.attempt.endpoint).toBe('b');
    room.frame(20_400, linked(), ...well).frame(20_500, ended(NOBODY)).frame(20_600);
    expect(room.work?.attempt.endpoint).toBe('a');
  });

  it('R13 a list that the server sent lasts until leave(), a dismissal or failed', () => {
    const list = ['x', 'y'];
    const room = (): Played => connected({}, { endpoints }).frame(20_000, notice({ kind: 'endpoints', list }));
    expect(room().frame(20_100, ended(NOBODY)).frame(20_200).work?.attempt.endpoint).toBe('x');
    for (const end of [leave, notice({ kind: 'closed' }), ended(FATAL)]) {
      expect(room().frame(20_100, end).frame(20_200, join).work?.attempt.endpoint).toBe('a');
    }
  });
});

describe('the end', () => {
  it('R12 carries what the schedule was asked about when it gives up', () => {
    const gave = rejoining({ schedule: times(1) }).frame(20_500, requested, ended(NOBODY));
    expect(gave.state).toEqual({ state: 'failed', reason: 'joinChannelFailed', error: new Said(NOBODY), attempts: 1, cause: 'both' });
  });

  it('R12 D5 always carries an Error, though nothing failed yet', () => {
    const room = connected({ schedule: giveUp }).frame(20_000, down('signal')).frame(21_000);
    expect(room.state.state === 'failed' && room.state.error).toEqual(new GaveUpError(0));
  });

  it('R12 comes with the announcement of a dip, and not in its settle time', () => {
    const room = connected({ schedule: giveUp }).frame(20_000, down('signal'));
    expect(room.says).toBe('connected/joinSucceed');
    expect(room.frame(20_500, retryNow).says).toBe('connected/joinSucceed');
    expect(room.frame(20_600, up('signal')).says).toBe('connected/joinSucceed');
    room.frame(30_600, down('signal')).frame(31_600);
    expect(room.says).toBe('failed/joinChannelFailed');
  });

  it('D1 comes at a deadline that a break found passed long ago, before any wait is told of', () => {
    // 9,000 + 40,000 + 180,000: nobody waits for the room any more.
    const room = connected().frame(229_001, down('signal', 9_000));
    expect(room.says).toBe('failed/timeout');
    expect(room.told).toEqual(['signal']);
  });

  it('D8 leaves one attempt to a room whose timers came too late for any, once a break', () => {
    const room = connected().frame(229_000, down('signal', 9_000));
    expect([room.says, room.work?.attempt.kind, room.episode.loss.deadlineAt]).toEqual(['reconnecting/signalDisconnected', 'resume', 239_000]);
    room.frame(239_000);
    expect([room.says, room.state.state === 'failed' && room.state.attempts]).toEqual(['failed/timeout', 1]);
  });

  it('D8 also to one whose attempt was due before the deadline and did not begin', () => {
    const room = connected().frame(20_000, down('signal')).frame(75_000);
    expect([room.says, room.work?.attempt.kind, room.work?.attempt.limitAt]).toEqual(['reconnecting/signalDisconnected', 'resume', 85_000]);
    // One that only waited for the deadline had its chances.
    const idle = connected({ schedule: spaced(60_000), lastChanceFrom: 60_000 }).frame(20_000, down('signal')).frame(75_000);
    expect(idle.says).toBe('failed/timeout');
  });

  it('D8 also to one whose rejoin was due before the deadline, whatever comes in the late frame', () => {
    const room = connected({ repairs: false }).frame(20_000, down('signal'));
    expect(room.frame(75_000, linked({ as: { name: 'newer' } }), ...well).says).toBe('connected/rejoinSucceed');
  });

  it('D8 Z1 not after a sleep that a wake reports', () => {
    const room = connected().frame(20_000, down('signal')).frame(75_000, wake(54_000));
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'timeout', suspendedFor: 54_000 }));
  });

  it('D8 not for a break that began with time already lost', () => {
    const room = connected().frame(2_000, ended(NOBODY)).frame(2_100).frame(9_000, linked(), ...well);
    room.frame(9_100, ended(NOBODY)).frame(60_000);
    expect(room.state.state === 'failed' && room.state.error.message).toBe('40000 ms lost since the last stable connection, after 0 attempts');
  });

  it('D1 D2 wins its own frame against everything but leave', () => {
    expect(rejoining().frame(60_000, linked(), ...well).says).toBe('failed/timeout');
    expect(rejoining().frame(60_000, notice({ kind: 'kicked' })).says).toBe('failed/timeout');
    expect(rejoining().frame(60_000, leave).says).toBe('disconnected/leaveChannel');
    expect(rejoining().frame(59_999, linked(), ...well).says).toBe('connected/rejoinSucceed');
  });

  it('D5 D1 tells the attempts, the last error and what was missing', () => {
    const room = rejoining().frame(20_500, ended(REFUSED)).frame(20_600).frame(60_000);
    expect(room.state).toEqual({
      state: 'failed',
      reason: 'timeout',
      error: new DeadlineExceededError(40_000, 2, { cause: new Said(REFUSED) }),
      attempts: 2,
      cause: 'both',
    });
    expect(room.state.state === 'failed' && room.state.error.cause).toEqual(new Said(REFUSED));
  });

  it('D1 leaves no time for an attempt in the last millisecond before the deadline', () => {
    const room = rejoining({ attemptLimit: 40_000, schedule: ({ position }) => (position === 1 ? 100 : 0), lastChanceFrom: 0 });
    room.frame(59_998, ended(NOBODY)).frame(59_998);
    expect(room.due).toBe('attempting');
    room.frame(59_999, ended(NOBODY));
    expect(room.due).toBe('attempting');
    room.frame(59_999, ended(NOBODY));
    expect(room.events.at(-1)).toEqual({ type: 'waiting', at: 59_999, nextRetryAt: null, hintAt: null });
  });

  it('D1 Z1 dates a break that is found after a sleep from before it', () => {
    const room = connected().frame(20_000, wake(8_000), down('signal'));
    expect([room.episode.loss.aliveAt, room.episode.loss.deadlineAt]).toEqual([12_000, 52_000]);
    expect(room.events).toContain({ type: 'signal', at: 20_000, up: false, aliveAt: 12_000 });
  });

  it('D6 changes nothing any more, and does nothing more', () => {
    const room = rejoining().frame(60_000);
    const { model } = room;
    room.frame(60_100, retryNow, wake(100), up('signal'), linked());
    expect([room.model === model, room.events]).toEqual([true, []]);
  });

  it('J4 a join of a room that is under way changes nothing', () => {
    const room = rejoining();
    const { model } = room;
    expect(room.frame(20_150, join).model).toEqual(model);
  });
});

describe('lost time', () => {
  it('D3 H1 a dip that was never announced spends nothing', () => {
    const room = connected().frame(20_000, down('signal')).frame(20_999, up('signal'));
    expect([room.says, room.model.standing.spent]).toEqual(['connected/joinSucceed', 0]);
  });

  it('D3 R3 what an announced break lost is told to the next one, with the position', () => {
    const room = rejoining().frame(22_000, linked(), ...well).frame(22_100, down('signal'));
    // 2,000 lost, 400 earned back in 100 ms.
    expect([room.episode.loss.spent, room.episode.loss.deadlineAt, room.position]).toEqual([1_600, 60_500, 1]);
  });

  // Break k begins with 60 · (k − 1) spent: each round loses 100 ms and earns 4 · 10 back, but for "busy", which earns nothing. It
  // fails where 100 more would not fit into 40,000. The first redispatch goes straight and loses nothing.
  for (const [verdict, breaks] of [[NOBODY, 666], [busy(), 400], [to('b'), 667]] as const) {
    it(`D7 a server that takes us in and drops us with "${verdict.kind}" ends in failed, however short the schedule waits`, () => {
      const room = connected({ repairs: false });
      let [now, count] = [0, 0];
      while (room.says.startsWith('connected') && count < 2_000) {
        count++;
        now += 10;
        room.frame(now, ended(verdict));
        if (room.work === null) room.frame((now = Math.min(nextAt(room.model, room.policy), room.episode.loss.deadlineAt)));
        if (room.says.startsWith('reconnecting')) room.frame(now, linked(), ...well);
      }
      expect([room.says, count]).toEqual(['failed/timeout', breaks]);
    });
  }
});

describe('a probe that is out', () => {
  /** Asked at 20,000. */
  const probing = (): Played => connected({}, { canProbe: true }).frame(20_000, wake());

  it('H12 is answered by a signal that is heard to go down, and by one that is up again', () => {
    expect(probing().session.probe).not.toBeNull();
    expect(probing().frame(20_100, down('signal')).session.probe).toBeNull();
    expect(probing().frame(20_100, down('signal'), up('signal')).session.probe).toBeNull();
    expect(probing().frame(20_100, down('media')).session.probe).toEqual(probing().session.probe);
  });

  it('Z2 is asked anew by a wake after a sleep, and not by one that tells of none', () => {
    const { probe } = probing().session;
    expect(probing().frame(21_000, wake()).session.probe).toEqual(probe);
    expect(probing().frame(21_000, wake(800)).session.probe).toEqual(jasmine.objectContaining({ limitAt: 23_000, aliveAt: 20_200 }));
  });
});

describe('a source that ends', () => {
  it('H10 R2 is down for good: the link is not repaired, and the rejoin waits for the announcement', () => {
    const room = connected().frame(20_000, sourceEnded('signal')).frame(20_100);
    expect([room.says, room.episode.rung]).toEqual(['connected/joinSucceed', 'rejoin']);
    expect(room.frame(20_500, up('signal')).says).toBe('connected/joinSucceed');
    expect([room.frame(21_000).says, room.work?.attempt.kind]).toEqual(['reconnecting/signalDisconnected', 'rejoin']);
  });
});
