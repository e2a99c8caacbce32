import { limitFailure, repairFailure, type RepairFailure } from '../../../lib/core/machine/repair-failure.js';
import { AttemptLimitError } from '../../../lib/core/recovery/attempt-limit-error.js';
import type { Verdict } from '../../../lib/core/recovery/verdict.js';
import { connected, down, ended, repairFailed, type Played } from './models.js';

const nobody = { classify: null };
const says = (verdict: Verdict | undefined): { classify: () => Verdict | undefined } => ({ classify: () => verdict });
const answered = new Error('the server said no');
const unanswered = Object.assign(new Error('nothing was heard'), { unanswered: true });
const failure = (kind: 'restart' | 'resume', error: unknown, before = 0): RepairFailure =>
  repairFailure(kind, { error, stage: 'join' }, before, nobody);

describe('repairFailure', () => {
  it('R1 of a transport that classifies is what that says, undefined for unreachable', () => {
    for (const verdict of [{ kind: 'refused' }, { kind: 'busy', retryAfter: 5 }, { kind: 'fatal' }] as const) {
      expect(repairFailure('restart', { error: answered, stage: 'join' }, 7, says(verdict))).toEqual({
        error: answered,
        stage: 'join',
        answers: 0,
        verdict,
      });
    }
    expect(repairFailure('restart', { error: answered, stage: 'join' }, 2, says(undefined)).verdict.kind).toBe('unreachable');
  });

  it('R1 of a restart is a refusal where nobody classifies: it went over signalling that was alive', () => {
    expect(failure('restart', answered).verdict.kind).toBe('refused');
    expect(failure('restart', unanswered).verdict.kind).toBe('refused');
  });

  it('R1 of a resume is a refusal at the third answer in a row', () => {
    expect([0, 1, 2, 3].map((before) => failure('resume', answered, before).verdict.kind)).toEqual([
      'unreachable',
      'unreachable',
      'refused',
      'refused',
    ]);
    expect([0, 1, 2].map((before) => failure('resume', answered, before).answers)).toEqual([1, 2, 3]);
  });

  it('R1 is no answer where the error says that nobody gave one: the count begins anew', () => {
    expect(failure('resume', unanswered, 2)).toEqual({ error: unanswered, stage: 'join', answers: 0, verdict: { kind: 'unreachable' } });
    // Only `true` says so.
    for (const error of [undefined, null, 'down', { unanswered: 1 }, { unanswered: false }]) {
      expect(failure('resume', error, 2).verdict.kind).withContext(JSON.stringify(error)).toBe('refused');
    }
  });

  it('J9 of a mistake of the program is fatal, whatever the transport says', () => {
    const mistake = { error: answered, stage: 'join', mistake: true } as const;
    expect(repairFailure('resume', mistake, 2, nobody).verdict).toEqual({ kind: 'fatal' });
    expect(repairFailure('resume', mistake, 2, says({ kind: 'busy' })).verdict).toEqual({ kind: 'fatal' });
  });

  it('R1 R19 of a request says nothing about the repair', () => {
    const request = repairFailure('restart', { error: answered, stage: 'request' }, 2, nobody);
    expect([request.verdict.kind, request.answers, request.stage]).toEqual(['unreachable', 0, 'request']);
  });
});

describe('limitFailure', () => {
  const verdicts = (by: Parameters<typeof limitFailure>[2]): string[] =>
    (['join', 'rejoin', 'resume', 'restart'] as const).map((kind) => limitFailure(kind, 10_000, by).verdict.kind);

  it('R1 J6 of a repair is a refusal where nobody classifies; of a join it is unreachable', () => {
    expect(verdicts(nobody)).toEqual(['unreachable', 'unreachable', 'refused', 'refused']);
  });

  it('R1 of a media repair climbs in any case; else a transport that classifies decides', () => {
    expect(verdicts(says(undefined))).toEqual(['unreachable', 'unreachable', 'unreachable', 'refused']);
    expect(verdicts(says({ kind: 'busy' }))).toEqual(['busy', 'busy', 'busy', 'busy']);
    expect(verdicts(says({ kind: 'fatal' }))).toEqual(['fatal', 'fatal', 'fatal', 'fatal']);
  });

  it('R1 J6 asks about the AttemptLimitError, which tells the limit', () => {
    const asked: unknown[] = [];
    const { error } = limitFailure('resume', 10_000, { classify: (one) => void asked.push(one) });
    expect(error).toEqual(new AttemptLimitError(10_000));
    expect(asked).toEqual([error]);
  });
});

describe('a room whose transport does not classify', () => {
  const resuming = (): Played => connected({ classify: null }).frame(20_000, down('signal')).frame(20_100);

  it('R1 rejoins after the third resume in a row that was answered', () => {
    const room = resuming();
    const rungs = [20_200, 20_400, 20_600].map((at) => {
      const { rung } = room.frame(at, repairFailed(answered)).episode;
      room.frame(at + 100);
      return rung;
    });
    expect(rungs).toEqual(['repair', 'repair', 'rejoin']);
  });

  it('R1 begins to count anew after one that was not answered', () => {
    const room = resuming();
    for (const [at, error] of [
      [20_200, answered],
      [20_400, answered],
      [20_600, unanswered],
      [20_800, answered],
      [21_000, answered],
    ] as const) {
      room.frame(at, repairFailed(error)).frame(at + 100);
    }
    expect(room.episode.rung).toBe('repair');
  });

  it('R1 rejoins after a resume that was cut at its limit, and after any error of a restart', () => {
    expect(resuming().frame(30_100).episode.rung).toBe('rejoin');
    const restarting = connected({ classify: null }).frame(20_000, down('media')).frame(20_100);
    expect(restarting.frame(20_200, repairFailed(answered)).episode.rung).toBe('rejoin');
  });

  it('R19 does not climb for a request that failed, and fails by that stage', () => {
    const room = connected({ classify: null }).frame(20_000, down('media')).frame(20_100);
    room.frame(20_200, repairFailed(answered, 'request'));
    expect([room.episode.rung, room.episode.stage]).toEqual(['repair', 'request']);
  });

  it('J8 tries again when its link ends with whatever error', () => {
    expect(connected({ classify: null }).frame(20_000, ended(answered)).says).toBe('reconnecting/signalDisconnected');
  });
});
