import fc from 'fast-check';
import { readJanusFrame } from '../../lib/janus/janus-frame.js';
import { JanusFrameError } from '../../lib/janus/janus-frame-error.js';

const event = (data: unknown, more: object = {}): unknown => ({ janus: 'event', sender: 7, plugindata: { data }, ...more });
const joined = { videoroom: 'joined', id: 1, private_id: 2, publishers: [] };

/** Which frame it says is wrong. */
const fault = (value: unknown): string | null => {
  const frame = readJanusFrame(value);
  return frame.janus === 'malformed' ? frame.error.frame : null;
};

describe('readJanusFrame', () => {
  it('reads the answer to a create', () => {
    expect(readJanusFrame({ janus: 'success', transaction: 't', data: { id: 5 } })).toEqual({
      janus: 'success',
      id: 5,
      room: undefined,
      transaction: 't',
      session: undefined,
      sender: undefined,
    });
  });

  it('reads who is here, with the mids that are not disabled, and leaves out what it does not know', () => {
    const streams = [{ mid: '0', type: 'audio' }, { mid: '1', disabled: true }];
    const frame = readJanusFrame(event({ ...joined, publishers: [{ id: 3, display: 'Ann', streams, talking: true }], talking: 1 }));
    expect(frame.janus === 'event' && frame.room.publishers).toEqual([
      { id: 3, display: 'Ann', mids: ['0'], publisher: false },
    ]);
    expect(Object.keys(frame)).not.toContain('talking');
  });

  it('reads an offer with whose streams are in it', () => {
    const streams = [{ mid: '0', active: true, feed_id: 'x', feed_mid: 'a' }, { mid: '1', active: false }];
    const jsep = { type: 'offer', sdp: 'v=0' };
    const frame = readJanusFrame(event({ videoroom: 'attached', streams }, { jsep, transaction: 't', session_id: 9 }));
    expect(frame).toEqual(jasmine.objectContaining({ janus: 'event', jsep, transaction: 't', session: 9, sender: 7 }));
    expect(frame.janus === 'event' && frame.room.streams).toEqual([
      { mid: '0', active: true, feed: 'x', feedMid: 'a' },
      { mid: '1', active: false, feed: undefined, feedMid: undefined },
    ]);
  });

  it('reads candidates, and their end', () => {
    const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, evil: 1 };
    const frame = readJanusFrame({ janus: 'trickle', sender: 7, candidate });
    expect(frame.janus === 'trickle' && frame.candidate).toEqual({ candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 });
    const end = readJanusFrame({ janus: 'trickle', sender: 7, candidate: { completed: true } });
    expect(end.janus === 'trickle' && end.candidate).toEqual({ completed: true });
  });

  it('reads the code of an error and not its text', () => {
    const frame = readJanusFrame({ janus: 'error', transaction: 't', error: { code: 403, reason: 's3cret is wrong' } });
    expect(frame).toEqual(jasmine.objectContaining({ janus: 'error', code: 403 }));
    expect(JSON.stringify(frame)).not.toContain('s3cret');
  });

  it('T3 names the frame and the member that is wrong', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [null, 'of no known kind'],
      ['event', 'of no known kind'],
      [[], 'of no known kind'],
      [{ janus: 'surprise' }, 'of no known kind'],
      [{ janus: 'success', data: { id: -1 } }, 'success: id'],
      [{ janus: 'success', data: { id: 2 ** 53 } }, 'success: id'],
      [{ janus: 'error' }, 'error: code'],
      [{ janus: 'error', error: { code: '458' } }, 'error: code'],
      [{ janus: 'event', plugindata: { data: joined } }, 'event: sender'],
      [{ janus: 'event', sender: 7 }, 'event: videoroom'],
      [event({ videoroom: 5 }), 'event: videoroom'],
      [event({ ...joined, id: {} }), 'event: id'],
      [event({ ...joined, publishers: {} }), 'event: publishers'],
      [event({ ...joined, publishers: [{ display: 'no id' }] }), 'event: publishers'],
      [event({ ...joined, publishers: [{ id: 1, streams: [{ mid: 0 }] }] }), 'event: publishers'],
      [event({ ...joined, attendees: [null] }), 'event: attendees'],
      [event({ videoroom: 'event', leaving: true }), 'event: leaving'],
      [event({ videoroom: 'event', kicked: [] }), 'event: kicked'],
      [event({ videoroom: 'updated', streams: [{ active: true }] }), 'event: streams'],
      [event({ videoroom: 'event', error_code: '426' }), 'event: error_code'],
      [event(joined, { jsep: { type: 'rollback', sdp: '' } }), 'event: jsep'],
      [event(joined, { jsep: { type: 'offer' } }), 'event: jsep'],
      [{ janus: 'trickle', sender: 7 }, 'trickle: candidate'],
      [{ janus: 'trickle', sender: 7, candidate: { candidate: 5 } }, 'trickle: candidate'],
    ];
    for (const [value, wanted] of cases) expect(fault(value)).withContext(JSON.stringify(value)).toBe(wanted);
  });

  it('T3 still says which request a malformed answer was for', () => {
    const frame = readJanusFrame(event({ ...joined, id: null, publishers: 5 }, { transaction: 't' }));
    expect(frame).toEqual(
      jasmine.objectContaining({
        janus: 'malformed' as const,
        transaction: 't',
        error: new JanusFrameError('event: publishers'),
      }),
    );
    expect(new JanusFrameError('event: publishers').message).toBe(
      'a frame of the server could not be used: event: publishers',
    );
  });

  it('T3 never throws, whatever comes', () => {
    const key = fc.constantFrom('janus', 'sender', 'plugindata', 'data', 'videoroom', 'publishers', 'id', 'streams', 'jsep', 'mid');
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.constantFrom('event', 'success', 'trickle', 'error', 'joined', 'attached', '__proto__', null, 0, -1, 1e300, ''),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 6 }),
      ),
    })).any;
    fc.assert(fc.property(value, (frame) => void readJanusFrame(frame)), { numRuns: 2_000 });
    fc.assert(fc.property(fc.anything(), (frame) => void readJanusFrame(frame)), { numRuns: 1_000 });
  });
});
