import { FrameError } from './frame-error.js';

/** A frame as it came in, read: its value, or why there is none. Pure; never throws. */
export type Frame = { readonly value: unknown } | { readonly error: FrameError };

/** Reads the `data` of a message event: JSON text of at most `maxFrame` characters. Too long a text is not even parsed. */
export function readFrame(data: unknown, maxFrame: number): Frame {
  if (typeof data !== 'string') return { error: new FrameError('binary', sizeOf(data)) };
  if (data.length > maxFrame) return { error: new FrameError('too large', data.length) };
  try {
    return { value: JSON.parse(data) };
  } catch {
    // The platform's own error quotes the text.
    return { error: new FrameError('not JSON', data.length) };
  }
}

/** Blob, ArrayBuffer, Buffer, or the list of Buffers that `ws` can be told to hand out. */
function sizeOf(data: unknown): number | undefined {
  if (Array.isArray(data)) {
    const sizes = data.map(sizeOf);
    return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
  }
  if (typeof data !== 'object' || data === null) return undefined;
  const { byteLength, size } = data as { readonly byteLength?: unknown; readonly size?: unknown };
  if (typeof byteLength === 'number') return byteLength;
  return typeof size === 'number' ? size : undefined;
}
