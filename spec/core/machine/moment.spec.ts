import { initialModel } from '../../../lib/core/machine/initial-model.js';
import { draftOf } from '../../../lib/core/machine/draft.js';
import { dismissalOf, isNews, type Moment } from '../../../lib/core/machine/moment.js';
import { observe } from '../../../lib/core/machine/observe.js';
import type { RepairFailure } from '../../../lib/core/machine/repair-failure.js';
import type { RoomInput } from '../../../lib/core/machine/room-input.js';
import type { Failure } from '../../../lib/core/recovery/failure.js';
import type { Verdict } from '../../../lib/core/recovery/verdict.js';
import { connected, down, ended, notice, policy, repairFailed, type Happening, type Link } from './models.js';

describe('isNews', () => {
  const { model } = connected(); // its session has the id 1
  const health = (source: 'signal' | 'media', up: boolean, id = 1): RoomInput<Link> => ({
    type: 'health',
    id,
    source,
    health: up ? 'up' : { down: true },
  });

  it('S4 of a health is what the room does not know yet', () => {
    const silent = connected().frame(20_000, down('media')).model;
    expect(isNews(silent, health('signal', false))).toBeTrue();
    expect(isNews(silent, health('signal', true))).toBeFalse();
    expect(isNews(silent, health('media', true))).toBeTrue();
    expect(isNews(silent, health('media', false))).toBeFalse();
  });

  it('H6 is no health of another link, and none where there is no link', () => {
    expect(isNews(model, health('signal', false, 7))).toBeFalse();
    expect(isNews<Link>(initialModel([]), health('signal', false))).toBeFalse();
  });

  it('is everything else', () => {
    expect(isNews(model, { type: 'retryNow' })).toBeTrue();
    expect(isNews(model, { type: 'notice', id: 7, notice: { kind: 'kicked' } })).toBeTrue();
  });
});

const failure = (verdict: Verdict): Failure => ({ error: 'no', verdict });
const repair = (verdict: Verdict): RepairFailure => ({ ...failure(verdict), stage: 'join', answers: 0 });
/** A frame that brings nothing else. */
const moment = (changes: Partial<Moment>): Moment => ({ ...observe(draftOf(connected().model, 20_000, policy()), []), ...changes });
const to = (endpoint: string): { kind: 'redispatch'; endpoint: string } => ({ kind: 'redispatch', endpoint });

describe('dismissalOf', () => {
  it('T1 hears it from whoever says it', () => {
    for (const kind of ['closed', 'kicked', 'duplicateUser'] as const) {
      expect(dismissalOf(moment({ notices: [to('b'), { kind }] }))).toEqual({ kind });
      expect(dismissalOf(moment({ ended: failure({ kind }) }))).toEqual({ kind });
      expect(dismissalOf(moment({ repairFailed: repair({ kind }) }))).toEqual({ kind });
    }
  });

  it('T1 takes the notice before what the failures say, and hears none where none is', () => {
    expect(dismissalOf(moment({ notices: [{ kind: 'closed' }], ended: failure({ kind: 'kicked' }) }))).toEqual({ kind: 'closed' });
    expect(dismissalOf(moment({ notices: [to('b')], ended: failure({ kind: 'fatal' }) }))).toBeUndefined();
    expect(dismissalOf(moment({}))).toBeUndefined();
  });
});

describe('where a moment sends us', () => {
  /** A link whose resume is under way: it can end, and so can the repair. */
  const { model } = connected().frame(20_000, down('signal')).frame(20_100);
  const sentTo = (...happenings: readonly Happening[]): string | undefined =>
    observe(
      draftOf(model, 20_200, policy()),
      happenings.map((happening) => happening(model)),
    ).sentTo;

  it('R14 is what the last notice says, else what the repair was told, else what the end of the link says', () => {
    const told = [repairFailed(to('repair')), ended(to('ended'))];
    expect(sentTo(notice(to('a')), notice(to('b')), ...told)).toBe('b');
    expect(sentTo(...told)).toBe('repair');
    expect(sentTo(repairFailed({ kind: 'busy' }), ended(to('ended')))).toBe('ended');
    expect(sentTo(ended({ kind: 'refused' }))).toBeUndefined();
  });
});
