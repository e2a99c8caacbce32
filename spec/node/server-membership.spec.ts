import { admit, openAdmission } from '../../demo/server/admission.js';
import { fullBucket, take } from '../../demo/server/bucket.js';
import { changeMembers, nextSession, type Members, type MembershipEvent } from '../../demo/server/membership.js';
import { Outbox } from '../../demo/server/outbox.js';

describe('changeMembers', () => {
  const fold = (...events: readonly MembershipEvent[]): Members =>
    events.reduce<Members>((members, event) => changeMembers(members, event).members, new Map());
  const joins = (user: string, session: string): MembershipEvent => ({ kind: 'joins', user, session });
  const here = fold(joins('A', 'a.1'), joins('B', 'b.1'));

  it('lets a new user in', () => {
    const { members, tell, ended } = changeMembers(here, joins('C', 'c.1'));
    expect([...members.keys()]).toEqual(['A', 'B', 'C']);
    expect(tell).toEqual({ type: 'userJoined', user: 'C', session: 'c.1' });
    expect(ended).toEqual([]);
  });

  it('replaces within one line of sessions without a word', () => {
    const { members, tell, ended } = changeMembers(here, joins('A', 'a.2'));
    expect([...members.values()]).toEqual([
      { user: 'A', session: 'a.2' },
      { user: 'B', session: 'b.1' },
    ]);
    expect(tell).toEqual({ type: 'userReplaced', user: 'A', session: 'a.2' });
    expect(ended).toEqual([{ session: 'a.1', word: null }]);
  });

  it('tells the session that another line replaces', () => {
    expect(changeMembers(here, joins('A', 'x.1')).ended).toEqual([{ session: 'a.1', word: 'replaced' }]);
  });

  for (const [code, word] of [
    [0, null],
    [3, 'kicked'],
    [4, null],
  ] as const) {
    it(`lets a user go with code ${code}`, () => {
      const { members, tell, ended } = changeMembers(here, { kind: 'goes', user: 'A', session: 'a.1', code });
      expect([...members.keys()]).toEqual(['B']);
      expect(tell).toEqual({ type: 'userLeft', user: 'A', code });
      expect(ended).toEqual([{ session: 'a.1', word }]);
    });
  }

  it('knows nothing of a session that was replaced: it goes without a trace', () => {
    const now = fold(joins('A', 'a.1'), joins('A', 'a.2'));
    expect(changeMembers(now, { kind: 'goes', user: 'A', session: 'a.1', code: 4 })).toEqual({ members: now, tell: null, ended: [] });
  });

  it('closes for everybody, and tells nobody of the others', () => {
    const { members, tell, ended } = changeMembers(here, { kind: 'closes' });
    expect(members.size).toBe(0);
    expect(tell).toBeNull();
    expect(ended.map(({ word }) => word)).toEqual(['closed', 'closed']);
  });

  it('leaves what it was given as it was', () => {
    expect([...here.keys()]).toEqual(['A', 'B']);
  });
});

describe('nextSession', () => {
  const fresh = (): (() => string) => {
    let n = 0;
    return () => `n${++n}`;
  };

  it('begins a line, or stays in the one of the session that is replaced', () => {
    expect(nextSession(undefined, fresh())).toBe('n1.n2');
    expect(nextSession('line.7', fresh())).toBe('line.n1');
  });

  it('takes no line from a name that is no session', () => {
    for (const name of ['', 'line', 'line.', '.7', 'a b.7', 'line.7.8', `${'x'.repeat(33)}.7`]) expect(nextSession(name, fresh())).toBe('n1.n2');
  });
});

describe('take', () => {
  const limit = { rate: 10, size: 2 };

  it('takes what is there, says when there will be more, and fills up to its size', () => {
    let bucket = fullBucket(limit, 1000);
    const waits = [1000, 1000, 1000, 1050, 1100, 1101, 9000, 9000, 9000].map((now) => {
      const taken = take(bucket, limit, now);
      bucket = taken.bucket;
      return taken.waitFor;
    });
    expect(waits).toEqual([0, 0, 100, 50, 0, 99, 0, 0, 100]);
  });

  it('is not moved by a clock that goes back', () => {
    const { bucket } = take(fullBucket(limit, 1000), limit, 500);
    expect(bucket.tokens).toBe(1);
  });
});

describe('admit', () => {
  const limit = { rate: 10, size: 1 };

  it('refuses by command first, without using up the rate, then by rate', () => {
    const free = openAdmission(limit, 0);
    const busy = { ...free, busy: { retryAfter: 700 } };
    expect(admit(busy, {}, limit, 0, 'n1')).toEqual({ admission: busy, decision: { admitted: false, retryAfter: 700 } });
    expect(admit({ ...free, busy: {} }, {}, limit, 0, 'n1').decision).toEqual({ admitted: false });
    const { admission, decision } = admit(free, {}, limit, 0, 'n1');
    expect(decision).toEqual({ admitted: true });
    expect(admit(admission, {}, limit, 0, 'n2').decision).toEqual({ admitted: false, retryAfter: 100 });
  });

  it('books a turn within what the client would wait, but never more than a minute ahead', () => {
    let admission = openAdmission(limit, 0);
    const decisions = Array.from({ length: 700 }, (_, n) => {
      const judged = admit(admission, { maxWait: Number.MAX_SAFE_INTEGER }, limit, 0, `n${n}`);
      admission = judged.admission;
      return judged.decision;
    });
    expect(decisions[1]).toEqual({ admitted: false, retryAfter: 100, ticket: '100.n1' });
    const booked = decisions.filter((decision) => !decision.admitted && decision.ticket !== undefined);
    expect(booked.length).toBe(596); // slots up to 59.6 s: who comes then needs a moment to enter
    expect(decisions.at(-1)).toEqual({ admitted: false, retryAfter: 60_000 });
  });
});

describe('Outbox', () => {
  it('gives all after a number, and nothing that never was', () => {
    const outbox = new Outbox({ bytes: 100 });
    for (const text of ['a', 'b', 'c']) outbox.put(text);
    expect([0, 1, 2, 3, 4].map((count) => outbox.after(count))).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c'], [], null]);
  });

  it('forgets the oldest above its bytes, and says so', () => {
    const outbox = new Outbox({ bytes: 4 });
    for (const text of ['aa', 'éé', 'b']) outbox.put(text);
    expect(outbox.bytes).toBe(1);
    expect(outbox.after(2)).toEqual(['b']);
    expect(outbox.after(1)).toBeNull();
    outbox.put('much too long');
    expect([outbox.bytes, outbox.total]).toEqual([0, 4]);
    expect(outbox.after(4)).toEqual([]);
    expect(outbox.after(3)).toBeNull();
  });
});
