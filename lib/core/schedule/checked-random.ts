import { wrongValue } from '../options/wrong.js';

/** `random` left [0, 1): waits would be negative, or longer than their cap. */
const faults = new WeakSet();

/** Refuses what leaves [0, 1). */
export const checkedRandom = (random: () => number) => (): number => {
  const drawn: unknown = random();
  if (typeof drawn === 'number' && drawn >= 0 && drawn < 1) return drawn;
  const fault = wrongValue('random: the return value', 'at least 0 and less than 1', drawn);
  faults.add(fault);
  throw fault;
};

/** Whether something was thrown by `random` and not by the schedule that asked it. */
export const isRandomFault = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && faults.has(thrown);
