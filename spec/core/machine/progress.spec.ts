import { initialModel } from '../../../lib/core/machine/model.js';
import { progressOf, sameProgress, type Progress } from '../../../lib/core/machine/progress.js';
import { transition } from '../../../lib/core/machine/transition.js';
import { attempt, connected, downSince, episode, policy, reconnecting, session } from './models.js';

const work = { id: 5, attempt: attempt({ number: 3, kind: 'rejoin' }) };

describe('progressOf', () => {
  it('is null unless connecting or reconnecting, in a dip that is not announced too', () => {
    expect(progressOf(initialModel([]))).toBeNull();
    expect(progressOf(connected())).toBeNull();
    expect(progressOf(connected({ session: session({ signal: downSince(1_000) }), episode: episode() }))).toBeNull();
  });

  it('J1 R7 shows the countdown of a wait', () => {
    expect(progressOf(reconnecting({ episode: episode({ attempts: 2 }) }))).toEqual({
      phase: 'waiting',
      attempt: 3,
      kind: 'resume',
      cause: 'signal',
      nextRetryAt: 1_100,
      hintAt: null,
      deadlineAt: 41_000,
    });
  });

  it('shows the attempt that runs', () => {
    expect(progressOf(reconnecting({ episode: episode({ attempts: 3, work, retryAt: null }) }))).toEqual({
      phase: 'attempting',
      attempt: 3,
      kind: 'rejoin',
      cause: 'signal',
      nextRetryAt: null,
      hintAt: null,
      deadlineAt: 41_000,
    });
  });

  it('D4 counts down to nothing when only the deadline is left', () => {
    const progress = progressOf(reconnecting({ episode: episode({ retryAt: null }) }));
    expect([progress?.phase, progress?.nextRetryAt, progress?.deadlineAt]).toEqual(['waiting', null, 41_000]);
  });

  it('R11 shows a hint that lies beyond the deadline', () => {
    expect(progressOf(reconnecting({ episode: episode({ hintAt: 99_000 }) }))?.hintAt).toBe(99_000);
  });

  it('R1 shows the rung of the next attempt: what the other repair needs comes first', () => {
    const kindOf = (...models: Parameters<typeof reconnecting>[]): unknown[] =>
      models.map((changes) => progressOf(reconnecting(...changes))?.kind);
    expect(
      kindOf(
        [{ session: session({ media: downSince(1_000) }) }],
        [{ session: session({ signal: downSince(1_000) }) }],
        [{ session: session({ signal: downSince(1_000), media: downSince(1_000) }) }],
        [{ episode: episode({ rung: 'link' }) }],
        [{ session: null, episode: episode({ rung: 'link' }) }],
      ),
    ).toEqual(['restart', 'resume', 'resume', 'rejoin', 'rejoin']);
  });

  it('J1 shows a first join, which has no cause', () => {
    const { model } = transition(initialModel([]), [{ type: 'join' }], 500, policy());
    expect(progressOf(model)).toEqual({
      phase: 'attempting',
      attempt: 1,
      kind: 'join',
      cause: null,
      nextRetryAt: null,
      hintAt: null,
      deadlineAt: 20_500,
    });
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
