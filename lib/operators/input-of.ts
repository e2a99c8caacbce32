import type { ObservableInput } from 'rxjs';
import { hasMethod } from '../core/options/outside.js';

/**
 * What a call of the program gave, as something that rxjs can subscribe to; `null` for anything else. For a text too: it is
 * iterable, letter by letter, which nobody means.
 */
export function inputOf(value: unknown): ObservableInput<never> | null {
  if (typeof value !== 'object' || value === null) return null;
  // Not `value` itself: rxjs trusts that `then` gives a promise again.
  if (hasMethod(value, 'then')) return Promise.resolve(value as PromiseLike<never>);
  const isOne = ['getReader', '@@observable', Symbol.iterator, Symbol.asyncIterator, Symbol.observable].some((key) =>
    hasMethod(value, key),
  );
  return isOne ? (value as ObservableInput<never>) : null;
}
