import fc from 'fast-check';
import { isDismissal, noticeOf, verdictOf, type ServerNotice, type Verdict } from '../../../lib/core/recovery/verdict.js';

const notices: readonly Exclude<ServerNotice, { kind: 'endpoints' }>[] = [
  { kind: 'closed' },
  { kind: 'kicked' },
  { kind: 'duplicateUser' },
  { kind: 'kicked', message: 'for spam' },
  { kind: 'redispatch', endpoint: 'b.example' },
];

const nonsense: readonly unknown[] = [
  undefined,
  null,
  'kicked',
  5,
  [],
  {},
  () => 'kicked',
  { kind: 'toString' },
  { kind: '__proto__' },
  { kind: 'Kicked' },
  { kind: ['kicked'] },
  { kind: null },
  { kind: 'redispatch' },
  { kind: 'redispatch', endpoint: '' },
  { kind: 'redispatch', endpoint: null },
  { kind: 'redispatch', endpoint: ['b.example'] },
];

const badLists: readonly unknown[] = [
  { kind: 'endpoints' },
  { kind: 'endpoints', list: [] },
  { kind: 'endpoints', list: 'a.example' },
  { kind: 'endpoints', list: ['a.example', ''] },
  { kind: 'endpoints', list: ['a.example', 5] },
  { kind: 'endpoints', list: { length: 1, 0: 'a.example' } },
];

/** Members that can be read once only. */
const readOnce = (members: object): object =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(members).map(([name, value]) => {
        let reads = 0;
        const get = (): unknown => {
          if (++reads > 1) throw new Error(`${name} was read twice`);
          return value;
        };
        return [name, { get }];
      }),
    ),
  );

describe('noticeOf', () => {
  it('T1 T4 R14 knows what a server says about our place, as a plain value of its own', () => {
    for (const notice of notices) {
      expect(noticeOf(notice)).toEqual(notice);
      expect(noticeOf({ ...notice, more: true })).toEqual(notice);
      expect(noticeOf(readOnce(notice))).toEqual(notice);
      expect(noticeOf(notice)).not.toBe(notice);
    }
  });

  it('T4 keeps no message that is not a text', () => {
    expect(noticeOf({ kind: 'kicked', message: { text: 'for spam' } })).toEqual({ kind: 'kicked' });
  });

  it('R13 knows a list of endpoints that has some, and copies it', () => {
    const list = ['a.example', 'b.example'];
    const notice = noticeOf({ kind: 'endpoints', list });
    list.push('c.example');
    expect(notice).toEqual({ kind: 'endpoints', list: ['a.example', 'b.example'] });
    for (const bad of badLists) expect(noticeOf(bad)).withContext(JSON.stringify(bad)).toBeNull();
  });

  it('T3 takes nothing else for a notice', () => {
    const others = [...nonsense, { kind: 'busy' }, { kind: 'fatal' }, { kind: 'refused' }, { kind: 'unreachable' }];
    for (const value of others) expect(noticeOf(value)).withContext(JSON.stringify(value)).toBeNull();
  });

  it('T3 never throws for plain data, whatever came in', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        noticeOf(value);
      }),
    );
    expect().nothing();
  });
});

describe('verdictOf', () => {
  const verdicts: readonly Verdict[] = [
    { kind: 'unreachable' },
    { kind: 'refused' },
    { kind: 'fatal' },
    { kind: 'busy' },
    { kind: 'busy', retryAfter: 3_000 },
  ];

  it('R1 R11 T1 knows what a failed attempt may mean, as a plain value of its own', () => {
    for (const verdict of [...verdicts, ...notices]) {
      expect(verdictOf({ ...verdict, more: true })).toEqual(verdict);
      expect(verdictOf(verdict)).not.toBe(verdict);
    }
  });

  it('R11 keeps no hint that is not a number', () => {
    expect(verdictOf({ kind: 'busy', retryAfter: '3000' })).toEqual({ kind: 'busy' });
  });

  it('R13 a list of endpoints is a notice, and no verdict', () => {
    expect(verdictOf({ kind: 'endpoints', list: ['a.example'] })).toBeNull();
  });

  it('T3 takes nothing else for a verdict, and never throws for plain data', () => {
    for (const value of [...nonsense, ...badLists]) expect(verdictOf(value)).withContext(JSON.stringify(value)).toBeNull();
    fc.assert(
      fc.property(fc.anything(), (value) => {
        verdictOf(value);
      }),
    );
  });
});

describe('isDismissal', () => {
  it('T1 is what ends the room: closed, kicked, replaced by the same user', () => {
    const kinds = ['closed', 'kicked', 'duplicateUser', 'redispatch', 'endpoints', 'fatal', 'refused', 'busy', 'unreachable'];
    expect(kinds.filter((kind) => isDismissal({ kind }))).toEqual(['closed', 'kicked', 'duplicateUser']);
  });
});
