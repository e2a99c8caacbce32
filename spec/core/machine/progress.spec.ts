import { initialModel } from '../../../lib/core/machine/initial-model.js';
import { progressOf, sameProgress, type Progress } from '../../../lib/core/machine/progress.js';
import { spaced } from '../../../lib/core/schedule/schedule.js';
import { connected, down, ended, joining, repairFailed, type Played } from './models.js';

const progress = ({ model }: Played): Progress | null => progressOf(model);

/** Broken at 20,000, announced at 21,000, with the first attempt at 25,000. */
const waiting = (...legs: readonly ('signal' | 'media')[]): Played =>
  connected({ schedule: spaced(5_000) }).frame(20_000, ...legs.map((leg) => down(leg))).frame(21_000);

describe('progressOf', () => {
  it('is null unless connecting or reconnecting, in a dip that is not announced too', () => {
    expect(progressOf(initialModel([]))).toBeNull();
    expect(progress(connected())).toBeNull();
    expect(progress(connected().frame(20_000, down('signal')))).toBeNull();
    expect(progress(waiting('signal').frame(25_000).frame(60_000))).toBeNull();
  });

  it('J1 R7 shows the countdown of a wait', () => {
    expect(progress(waiting('signal'))).toEqual({
      phase: 'waiting',
      attempt: 1,
      kind: 'resume',
      cause: 'signal',
      nextRetryAt: 25_000,
      hintAt: null,
      deadlineAt: 60_000,
    });
  });

  it('shows the attempt that runs', () => {
    expect(progress(waiting('signal').frame(25_000))).toEqual({
      phase: 'attempting',
      attempt: 1,
      kind: 'resume',
      cause: 'signal',
      nextRetryAt: null,
      hintAt: null,
      deadlineAt: 60_000,
    });
  });

  it('S7 names a second cause, and keeps the deadline', () => {
    const both = progress(waiting('signal').frame(22_000, down('media')));
    expect([both?.cause, both?.deadlineAt]).toEqual(['both', 60_000]);
  });

  it('S7 keeps the kind of the attempt that runs, whatever breaks meanwhile', () => {
    const room = waiting('signal').frame(25_000).frame(25_500, ended({ kind: 'unreachable' }));
    expect(progress(room)?.kind).toBe('rejoin'); // the resume was cut with its link
    const resume = waiting('signal').frame(25_000).frame(25_500, down('media'));
    expect([progress(resume)?.kind, progress(resume)?.cause]).toEqual(['resume', 'both']);
  });

  it('D4 counts down to nothing when only the deadline is left', () => {
    const room = connected({ schedule: spaced(60_000), lastChanceFrom: 60_000 }).frame(20_000, ended({ kind: 'unreachable' }));
    const shown = progress(room);
    expect([shown?.phase, shown?.nextRetryAt, shown?.deadlineAt]).toEqual(['waiting', null, 60_000]);
  });

  it('R11 shows a hint that lies beyond the deadline', () => {
    const room = waiting('signal').frame(25_000).frame(25_500, repairFailed({ kind: 'busy', retryAfter: 50_000 }));
    expect([progress(room)?.hintAt, progress(room)?.attempt]).toEqual([75_500, 2]);
  });

  it('R1 shows the rung of the next attempt: what the other repair needs comes first', () => {
    const kinds = [waiting('media'), waiting('signal'), waiting('signal', 'media')].map((room) => progress(room)?.kind);
    expect(kinds).toEqual(['restart', 'resume', 'resume']);
    expect(progress(waiting('signal').frame(22_000, ended({ kind: 'unreachable' })))?.kind).toBe('rejoin');
  });

  it('J1 shows a first join, which has no cause', () => {
    expect(progress(joining())).toEqual({
      phase: 'attempting',
      attempt: 1,
      kind: 'join',
      cause: null,
      nextRetryAt: null,
      hintAt: null,
      deadlineAt: 20_000,
    });
  });

  it('D3 shows the deadline that is left of the budget', () => {
    // 2,000 lost, 4 · 100 earned back: 22,100 − 1,600 + 40,000.
    const room = connected().frame(20_000, ended({ kind: 'unreachable' })).frame(20_100);
    room.frame(22_000, ({ session }) => ({ type: 'linked', id: session?.id ?? 0, link: { name: 'new' }, media: false, canProbe: false }));
    room.frame(22_000, ({ session }) => ({ type: 'health', id: session?.id ?? 0, source: 'signal', health: 'up' }));
    expect(progress(room.frame(22_100, ended({ kind: 'unreachable' })))?.deadlineAt).toBe(60_500);
  });
});

describe('sameProgress', () => {
  const one: Progress = {
    phase: 'waiting',
    attempt: 1,
    kind: 'resume',
    cause: 'signal',
    nextRetryAt: 1_100,
    hintAt: null,
    deadlineAt: 41_000,
  };
  const others: readonly Progress[] = [
    { ...one, phase: 'attempting' },
    { ...one, attempt: 2 },
    { ...one, kind: 'rejoin' },
    { ...one, cause: 'both' },
    { ...one, nextRetryAt: null },
    { ...one, hintAt: 1_050 },
    { ...one, deadlineAt: 41_001 },
  ];

  it('tells every difference', () => {
    for (const other of others) expect(sameProgress(one, other)).withContext(JSON.stringify(other)).toBeFalse();
    expect(sameProgress(one, null)).toBeFalse();
    expect(sameProgress(null, one)).toBeFalse();
  });

  it('takes equal ones for the same', () => {
    expect(sameProgress(one, { ...one })).toBeTrue();
    expect(sameProgress(null, null)).toBeTrue();
  });
});
