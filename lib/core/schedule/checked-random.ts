import { wrongValue } from '../options/wrong.js';

/** Refuses what leaves [0, 1): waits would be negative, or longer than their cap. */
export const checkedRandom = (random: () => number) => (): number => {
  const drawn: unknown = random();
  if (typeof drawn === 'number' && drawn >= 0 && drawn < 1) return drawn;
  throw wrongValue('random: the return value', 'at least 0 and less than 1', drawn);
};
