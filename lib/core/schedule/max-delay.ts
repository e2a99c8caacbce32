/** The longest delay (ms) that a platform timer takes: `setTimeout` fires at once beyond it. */
export const MAX_DELAY = 2 ** 31 - 1;
