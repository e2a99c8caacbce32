import type { JanusId } from './janus-request.js';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === 'string';

/** A number beyond 2⁵³ has lost digits: it is nobody's id any more. */
export const isId = (value: unknown): value is JanusId =>
  isText(value) ? value !== '' : Number.isSafeInteger(value) && Number(value) >= 0;

/** Every entry read, or `undefined` when the value is no list or an entry is not readable. */
export function listOf<T>(value: unknown, read: (entry: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = value.map(read);
  return list.every((entry) => entry !== undefined) ? list : undefined;
}
