import { classifyJanus, JanusEndedError, JanusError, JanusFrameError, PublishError } from '../../lib/janus/index.js';
import { AttemptLimitError } from '../../lib/index.js';
import { ChannelClosedError, OpeningLimitError, ProbeError } from '../../lib/websocket/index.js';

const verdict = (code: number, again = false): string | undefined => classifyJanus(new JanusError(code, 'join', again))?.kind;

describe('classifyJanus', () => {
  it('J2 errors that retrying cannot fix are fatal', () => {
    for (const code of [403, 405, 426, 429, 430, 433, 456, 460]) expect(verdict(code)).withContext(`${code}`).toBe('fatal');
    expect(classifyJanus(new PublishError('no camera'))?.kind).toBe('fatal');
    expect(classifyJanus(new PublishError('no camera', true))).toBeUndefined();
  });

  it('a room that is full is busy, and one that is gone since we were there is closed', () => {
    expect(verdict(432)).toBe('busy');
    expect(verdict(426, true)).toBe('closed');
    expect(verdict(433, true)).toBe('fatal');
  });

  it('every other code, those of tomorrow too, is a refusal', () => {
    for (const code of [421, 424, 436, 458, 459, 461, 472, 490, 499, 0, -1, 1e9]) {
      expect(verdict(code)).withContext(`${code}`).toBe('refused');
    }
  });

  it('an answer that cannot be read is a refusal', () => {
    expect(classifyJanus(new JanusFrameError('event: joined'))?.kind).toBe('refused');
  });

  it('R1 everything else is unreachable: no answer came, as when an attempt was cut at its limit', () => {
    const closed = new ChannelClosedError({ code: 1006, reason: '', wasClean: false }, true);
    const unanswered = [closed, new OpeningLimitError(3000), new ProbeError(2000, 'silent'), new AttemptLimitError(10_000)];
    for (const error of [...unanswered, new JanusEndedError('timeout'), new TypeError('x'), 'text', null]) {
      expect(classifyJanus(error)).toBeUndefined();
    }
  });

  it('says what was asked and the code, and nothing that was sent', () => {
    expect(new JanusError(433, 'join').message).toBe('Janus answered join with error 433');
    expect(new JanusEndedError('hangup').message).toBe('the server said hangup');
    expect(new JanusEndedError('lost').message).toBe('an answer was lost with its socket');
  });
});
