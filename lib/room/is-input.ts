import type { ObservableInput } from 'rxjs';

/** Whether rxjs can subscribe to it. A text is iterable, letter by letter, which nobody means. */
export const isInput = (value: unknown): value is ObservableInput<never> =>
  typeof value === 'object' &&
  value !== null &&
  ['subscribe', 'then', 'getReader', '@@observable', Symbol.iterator, Symbol.asyncIterator, Symbol.observable].some(
    (key) => typeof (value as Readonly<Record<string | symbol, unknown>>)[key] === 'function',
  );
