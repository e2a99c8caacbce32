import { expectTypeOf } from 'expect-type';
import { BehaviorSubject } from 'rxjs';
import { measure } from '../../../bench/size/measure.js';
import { healthOf } from '../../../lib/core/machine/health.js';
import { noticeOf, verdictOf } from '../../../lib/core/recovery/verdict.js';
import { down, notices, UP, verdicts, type Health, type ServerNotice, type Verdict } from '../../../lib/index.js';

const isFrozen = (value: unknown): boolean =>
  Object.isFrozen(value) && Object.values(Object(value) as object).every((part) => Object.isFrozen(part));

/** What is not a text. */
const noTexts: readonly unknown[] = [null, 5, NaN, true, {}, [], ['a'], Symbol('a'), () => 'a', new Error('a'), new Date(0)];

describe('UP and down', () => {
  it('P8 are healths', () => {
    expect(UP).toBe('up');
    expect(down()).toEqual({ down: true });
    expect(down(0)).toEqual({ down: true, aliveAt: 0 });
    expect(down(1_000.5)).toEqual({ down: true, aliveAt: 1_000.5 });
    expect(Object.keys(down(undefined))).toEqual(['down']);
    for (const health of [UP, down(), down(5)]) {
      expect(healthOf(health)).toEqual({ health, exact: true });
      expect(isFrozen(health)).toBeTrue();
    }
  });

  it('P8 refuse what is not a time, and say what came', () => {
    expect(() => down(NaN)).toThrowError(TypeError, 'down: aliveAt must be a time in milliseconds, got NaN');
    expect(() => down('1' as never)).toThrowError(TypeError, 'down: aliveAt must be a time in milliseconds, got a string');
    for (const value of [...noTexts, Infinity, -Infinity, '', 5n].filter((value) => value !== 5))
      expect(() => down(value as never)).withContext(String(value)).toThrowError(TypeError, /^down: aliveAt must be a time in milliseconds, got /);
  });

  it('P8 are of the type Health, so that a subject that begins with one takes the other', () => {
    expectTypeOf(UP).toEqualTypeOf<Health>();
    expectTypeOf(down(5)).toEqualTypeOf<Health>();
    expectTypeOf(new BehaviorSubject(UP)).toEqualTypeOf<BehaviorSubject<Health>>();
    expectTypeOf(new BehaviorSubject(down())).toEqualTypeOf<BehaviorSubject<Health>>();
  });
});

describe('notices', () => {
  const dismissals = ['closed', 'kicked', 'duplicateUser'] as const;

  it('P8 T1 dismiss, with the message of the server where it has one', () => {
    for (const kind of dismissals) {
      expect(notices[kind]()).toEqual({ kind });
      expect(Object.keys(notices[kind]())).toEqual(['kind']);
      expect(notices[kind]('banned until Friday')).toEqual({ kind, message: 'banned until Friday' });
      expect(notices[kind]('')).toEqual({ kind, message: '' });
    }
  });

  it('P8 send elsewhere', () => {
    expect(notices.redispatch('b.example')).toEqual({ kind: 'redispatch', endpoint: 'b.example' });
    expect(notices.endpoints(['a.example', 'b.example'])).toEqual({ kind: 'endpoints', list: ['a.example', 'b.example'] });
  });

  it('P8 are frozen notices of a server, of the type ServerNotice', () => {
    const list = ['a.example'];
    const all = [notices.closed(), notices.kicked('a'), notices.duplicateUser(), notices.redispatch('b'), notices.endpoints(list)];
    for (const notice of all) {
      expect(noticeOf(notice)).toEqual(notice);
      expect(isFrozen(notice)).toBeTrue();
    }
    // The list is a copy.
    list.push('');
    expect(all.at(-1)).toEqual({ kind: 'endpoints', list: ['a.example'] });
    expect(Object.isFrozen(notices)).toBeTrue();
    expectTypeOf(notices.kicked).toEqualTypeOf<(message?: string) => ServerNotice>();
    expectTypeOf(notices.endpoints).toEqualTypeOf<(list: readonly string[]) => ServerNotice>();
    // @ts-expect-error not a text
    expect(() => notices.kicked(5)).toThrowError(TypeError);
  });

  it('P8 refuse by name what is not a message, an endpoint or a list of them', () => {
    expect(() => notices.kicked(5 as never)).toThrowError(TypeError, /^notices\.kicked: message must be a string/);
    expect(() => notices.redispatch('')).toThrowError(TypeError, 'notices.redispatch: endpoint must be a string that is not empty, got an empty string');
    expect(() => notices.redispatch(undefined as never)).toThrowError(TypeError, /^notices\.redispatch: endpoint must be a string/);
    expect(() => notices.endpoints([])).toThrowError(TypeError, 'notices.endpoints: list must be an array of at least one endpoint, got an empty array');
    for (const value of noTexts) {
      for (const kind of dismissals) expect(() => notices[kind](value as never)).toThrowError(TypeError, RegExp(`^notices\\.${kind}: message`));
      expect(() => notices.redispatch(value as never)).toThrowError(TypeError, /^notices\.redispatch: endpoint/);
      expect(() => notices.endpoints([value] as never)).toThrowError(TypeError, /^notices\.endpoints: every endpoint must be a string/);
      if (!Array.isArray(value)) expect(() => notices.endpoints(value as never)).toThrowError(TypeError, /^notices\.endpoints: list/);
    }
    expect(() => notices.endpoints(['a.example', ''])).toThrowError(TypeError, 'notices.endpoints: every endpoint must be a string that is not empty, got an empty string');
  });
});

describe('verdicts', () => {
  it('P8 say what an error means', () => {
    expect([verdicts.unreachable, verdicts.refused, verdicts.fatal]).toEqual([{ kind: 'unreachable' }, { kind: 'refused' }, { kind: 'fatal' }]);
    expect(verdicts.busy()).toEqual({ kind: 'busy' });
    expect(Object.keys(verdicts.busy())).toEqual(['kind']);
    for (const ms of [0, 1.5, 3_000, 2 ** 40, Infinity]) expect(verdicts.busy(ms)).toEqual({ kind: 'busy', retryAfter: ms });
  });

  it('P8 T1 dismiss and send elsewhere like the notices of the same name', () => {
    expect(verdicts.closed('a')).toEqual({ kind: 'closed', message: 'a' });
    expect(verdicts.kicked('b')).toEqual({ kind: 'kicked', message: 'b' });
    expect(verdicts.duplicateUser()).toEqual({ kind: 'duplicateUser' });
    expect(verdicts.redispatch('b.example')).toEqual({ kind: 'redispatch', endpoint: 'b.example' });
  });

  it('P8 are frozen verdicts, of the type Verdict', () => {
    const { unreachable, refused, fatal, busy, closed, kicked, duplicateUser, redispatch } = verdicts;
    for (const verdict of [unreachable, refused, fatal, busy(), busy(5), closed(), kicked('a'), duplicateUser(), redispatch('b')]) {
      expect(verdictOf(verdict)).toEqual(verdict);
      expect(isFrozen(verdict)).toBeTrue();
    }
    expect(Object.isFrozen(verdicts)).toBeTrue();
    expectTypeOf(verdicts.fatal).toEqualTypeOf<Verdict>();
    expectTypeOf(verdicts.busy).toEqualTypeOf<(retryAfter?: number) => Verdict>();
    expectTypeOf(verdicts).not.toHaveProperty('endpoints');
  });

  it('P8 refuse by name what is not a time, a message or an endpoint', () => {
    for (const ms of [NaN, -1, -Infinity]) expect(() => verdicts.busy(ms)).toThrowError(RangeError, /^verdicts\.busy: retryAfter \(ms\)/);
    expect(() => verdicts.busy('3' as never)).toThrowError(TypeError, /^verdicts\.busy: retryAfter \(ms\)/);
    expect(() => verdicts.kicked(5 as never)).toThrowError(TypeError, /^verdicts\.kicked: message/);
    expect(() => verdicts.redispatch('')).toThrowError(TypeError, 'verdicts.redispatch: endpoint must be a string that is not empty, got an empty string');
  });
});

describe('the message of a dismissal', () => {
  it('P8 is the text that came, and nothing otherwise: the dismissal counts all the same', () => {
    expect(noticeOf({ kind: 'kicked', message: 'a' })).toEqual(notices.kicked('a'));
    for (const message of noTexts) {
      expect(noticeOf({ kind: 'kicked', message })).withContext(String(message)).toEqual(notices.kicked());
      expect(verdictOf({ kind: 'closed', message })).withContext(String(message)).toEqual(verdicts.closed());
    }
  });
});

describe('constants in a bundle', () => {
  it('P8 are left out where they are not used', async () => {
    const modulesOf = async (names: string): Promise<string> =>
      (await measure({ code: `export { ${names} } from './lib/index.ts';` })).parts.map(([module]) => module).join(' ');
    expect(await modulesOf('exponential')).not.toContain('recovery');
    expect(await modulesOf('UP')).toBe('lib/core/machine/health.ts');
    expect(await modulesOf('createRoom')).not.toMatch(/notices|verdicts/);
    expect(await modulesOf('notices')).not.toContain('verdicts');
    expect((await measure({ code: `export { UP } from './lib/index.ts';` })).min).toBeLessThan(60);
  });
});
