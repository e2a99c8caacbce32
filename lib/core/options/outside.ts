/** A member of a value from outside; `undefined` too when it cannot be read (a getter that throws, a revoked proxy). */
export function memberOf(value: unknown, name: PropertyKey): unknown {
  try {
    return (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}

/** Whether a value from outside can be asked for this. */
export const hasMethod = (value: unknown, name: PropertyKey): boolean => typeof memberOf(value, name) === 'function';

/** `Array.isArray` throws for a revoked proxy. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
