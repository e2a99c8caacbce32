/** Throws for an option that is not a number within its bounds, and names it. */
export function checkRange(name: string, value: unknown, min: number, max: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!(value >= min && value <= max)) throw new RangeError(`${name} must be ${min} to ${max}, not ${value}`);
}
