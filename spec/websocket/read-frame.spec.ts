import fc from 'fast-check';
import { FrameError } from '../../lib/websocket/frame-error.js';
import { readFrame } from '../../lib/websocket/read-frame.js';

const errorOf = (data: unknown, maxFrame = 100): FrameError | undefined => {
  const frame = readFrame(data, maxFrame);
  return 'error' in frame ? frame.error : undefined;
};

describe('readFrame', () => {
  it('reads what JSON wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(readFrame(text, text.length)).toEqual({ value: JSON.parse(text) as unknown });
      }),
    );
  });

  it('T3 tells what is wrong with any other frame, and never throws', () => {
    expect(errorOf('{"a":')).toEqual(new FrameError('not JSON', 5));
    expect(errorOf('')).toEqual(new FrameError('not JSON', 0));
    expect(errorOf('[1,2]', 4)).toEqual(new FrameError('too large', 5));
    expect(errorOf(new ArrayBuffer(7))).toEqual(new FrameError('binary', 7));
    expect(errorOf(new Blob(['four']))).toEqual(new FrameError('binary', 4));
    expect(errorOf([Buffer.alloc(2), Buffer.alloc(3)])).toEqual(new FrameError('binary', 5));
    expect(errorOf([Buffer.alloc(2), {}])).toEqual(new FrameError('binary', undefined));
    for (const oddity of [undefined, null, 3, {}]) expect(errorOf(oddity)).toEqual(new FrameError('binary', undefined));
    fc.assert(fc.property(fc.anything(), (data) => void readFrame(data, 100)));
  });

  it('T3 repeats nothing of the frame but its size', () => {
    const error = errorOf('{"token":"s3cret"');
    expect(error?.message).toBe('a frame was ignored: not JSON, size 17');
    expect(JSON.stringify([error, error?.stack, error?.cause])).not.toContain('s3cret');
    expect(errorOf({})?.message).toBe('a frame was ignored: binary, size unknown');
  });
});
