/** What all contenders are asked to do, in milliseconds: the room's own defaults. */
export const limits = { settle: 1_000, attempt: 10_000 } as const;

export const deadlines = { connecting: 20_000, reconnecting: 40_000 } as const;

/** The wait after so many failures: exponential, capped, jittered. */
export const waitAfter = (failures: number, random: () => number): number =>
  failures <= 1 ? 500 * random() : Math.min(2_850, 250 * 2 ** (failures - 1)) * (0.5 + random());
