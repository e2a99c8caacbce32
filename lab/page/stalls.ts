import { standstill, type StallEntry } from '../record.js';

const pace = 50;

export interface Stalls {
  readonly stalls: StallEntry[];
  /** Longest time (ms) by which a timer of 50 ms came late. */
  readonly late: number;
  clear(): void;
}

/** Watches how late this page's timers are. */
export function watchStalls(): Stalls {
  const seen = {
    stalls: [] as StallEntry[],
    late: 0,
    clear: () => {
      seen.stalls.length = 0;
      seen.late = 0;
    },
  };
  let due = Date.now() + pace;
  setInterval(() => {
    const late = Date.now() - due;
    seen.late = Math.max(seen.late, late);
    if (late > standstill) seen.stalls.push({ at: Date.now(), late });
    due = Date.now() + pace;
  }, pace);
  return seen;
}
