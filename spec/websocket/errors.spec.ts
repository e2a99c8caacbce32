import { expectTypeOf } from 'expect-type';
import { ChannelClosedError, ChannelOpenError, OpeningLimitError, ProbeError } from '../../lib/websocket/index.js';

const closed = (code: number, opened: boolean): ChannelClosedError =>
  new ChannelClosedError({ code, reason: '', wasClean: code !== 1006 }, opened);

describe('errors of a channel', () => {
  it('R1 say that nobody answered: an opening that took too long, a probe', () => {
    const errors = [new OpeningLimitError(3000), new ProbeError(2000, 'silent'), new ProbeError(2000, 'closed')];
    expect(errors.map(({ unanswered }) => unanswered)).toEqual([true, true, true]);
  });

  it('R1 say that nobody answered when the connection broke, or the server went away or restarts', () => {
    for (const code of [1001, 1006, 1012]) {
      expect(closed(code, false).unanswered).withContext(`${code}, never open`).toBeTrue();
      expect(closed(code, true).unanswered).withContext(`${code}, open before`).toBeTrue();
    }
  });

  it('R1 take every other close code for an answer', () => {
    for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1011, 1013, 1014, 1015, 3000, 4001, 4999]) {
      expect(closed(code, true).unanswered).withContext(String(code)).toBeFalse();
    }
  });

  it('R1 do not say so of a socket that could not be made: nobody was asked', () => {
    expect('unanswered' in new ChannelOpenError(new SyntaxError('x'))).toBeFalse();
  });

  it('have the types that a structural check reads', () => {
    expectTypeOf<OpeningLimitError>().toExtend<{ readonly unanswered: true }>();
    expectTypeOf<ProbeError>().toExtend<{ readonly unanswered: true }>();
    expectTypeOf<ChannelClosedError>().toExtend<{ readonly unanswered: boolean }>();
  });
});
