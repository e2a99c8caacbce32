const mistakes = new WeakSet();

/** Marks an error as a mistake of the program in its transport: it fails the room at once, for no retry can change it. */
export function mistake(error: TypeError): TypeError {
  mistakes.add(error);
  return error;
}

export const isMistake = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && mistakes.has(error);
