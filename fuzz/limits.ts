/** The longest delay that a platform timer takes. */
export const MAX_DELAY = 2 ** 31 - 1;
