/** A value as an error may show it: no text, for it may be a secret, and nothing of what an object holds. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty string' : 'a string';
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      try {
        if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
        return typeof (value as { then?: unknown }).then === 'function' ? 'a Promise' : 'an object';
      } catch {
        return 'an object'; // whose members cannot even be read
      }
    default:
      return String(value);
  }
}

/** What was expected, and what came. */
export const wrongType = (name: string, expected: string, value: unknown): TypeError =>
  new TypeError(`${name} must be ${expected}, got ${shown(value)}`);

/** The same for a value of the right type that cannot be. */
export const wrongValue = (name: string, expected: string, value: unknown): RangeError =>
  new RangeError(`${name} must be ${expected}, got ${shown(value)}`);
