import fc from 'fast-check';
import { isServerNotice, isVerdict } from '../../../lib/core/recovery/verdict.js';

const words: readonly unknown[] = [
  { kind: 'closed' },
  { kind: 'kicked' },
  { kind: 'duplicateUser' },
  { kind: 'redispatch', endpoint: 'b.example' },
  { kind: 'kicked', by: 'somebody', more: true },
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

const lists: readonly unknown[] = [
  { kind: 'endpoints' },
  { kind: 'endpoints', list: [] },
  { kind: 'endpoints', list: 'a.example' },
  { kind: 'endpoints', list: ['a.example', ''] },
  { kind: 'endpoints', list: ['a.example', 5] },
  { kind: 'endpoints', list: { length: 1, 0: 'a.example' } },
];

describe('isServerNotice', () => {
  it('T1 knows the words', () => {
    for (const word of words) expect(isServerNotice(word)).withContext(JSON.stringify(word)).toBeTrue();
  });

  it('R13 knows a list of endpoints that has some', () => {
    expect(isServerNotice({ kind: 'endpoints', list: ['a.example', 'b.example'] })).toBeTrue();
    for (const word of lists) expect(isServerNotice(word)).withContext(JSON.stringify(word)).toBeFalse();
  });

  it('T3 takes nothing else for a word', () => {
    for (const value of nonsense) expect(isServerNotice(value)).withContext(JSON.stringify(value)).toBeFalse();
    expect(isServerNotice({ kind: 'busy' })).toBeFalse();
    expect(isServerNotice({ kind: 'fatal' })).toBeFalse();
  });

  it('T3 never throws, whatever came in', () => {
    fc.assert(fc.property(fc.anything(), (value) => expect(typeof isServerNotice(value)).toBe('boolean')));
  });
});

describe('isVerdict', () => {
  it('knows what a failed attempt may mean', () => {
    for (const kind of ['unreachable', 'refused', 'fatal', 'busy']) expect(isVerdict({ kind })).withContext(kind).toBeTrue();
    expect(isVerdict({ kind: 'busy', retryAfter: 3_000 })).toBeTrue();
  });

  it('T1 the words about our place are verdicts', () => {
    for (const word of words) expect(isVerdict(word)).withContext(JSON.stringify(word)).toBeTrue();
  });

  it('R13 a list of endpoints is a word and no verdict', () => {
    expect(isVerdict({ kind: 'endpoints', list: ['a.example'] })).toBeFalse();
  });

  it('takes nothing else for a verdict, and never throws', () => {
    for (const value of [...nonsense, ...lists]) expect(isVerdict(value)).withContext(JSON.stringify(value)).toBeFalse();
    fc.assert(fc.property(fc.anything(), (value) => expect(typeof isVerdict(value)).toBe('boolean')));
  });
});
