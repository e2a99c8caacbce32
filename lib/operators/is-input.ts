import { hasMethod } from '../core/options/outside.js';
import type { ObservableInput } from 'rxjs';

/** Whether rxjs can subscribe to it. A text is iterable, letter by letter, which nobody means. */
export const isInput = (value: unknown): value is ObservableInput<never> =>
  typeof value === 'object' &&
  value !== null &&
  ['then', 'getReader', '@@observable', Symbol.iterator, Symbol.asyncIterator, Symbol.observable].some((key) =>
    hasMethod(value, key),
  );
