import { hasMethod, isList } from './outside.js';

/** A value as an error may show it: no text, for it may be a secret, and nothing of what an object holds. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty string' : 'a string';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    case 'bigint':
      return `${String(value)}n`;
    case 'object':
      if (value === null) return 'null';
      if (isList(value)) return value.length === 0 ? 'an empty array' : 'an array';
      return hasMethod(value, 'then') ? 'a Promise' : 'an object';
    default:
      return String(value);
  }
}

/** The same where a number may be a secret too, such as a pin. */
export const shownSecret = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'bigint' ? 'a number' : shown(value);

/** What was expected, and what came. */
export const wrongType = (name: string, expected: string, value: unknown, show = shown): TypeError =>
  new TypeError(`${name} must be ${expected}, got ${show(value)}`);

/** The same for a value of the right type that cannot be. */
export const wrongValue = (name: string, expected: string, value: unknown): RangeError =>
  new RangeError(`${name} must be ${expected}, got ${shown(value)}`);
