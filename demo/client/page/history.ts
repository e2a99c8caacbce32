import type { ConnectionState, ReasonName, StateName } from '../../../lib/index.js';

export interface HistoryEntry {
  /** Wall clock, ms. */
  readonly at: number;
  readonly state: StateName;
  readonly reason: ReasonName | null;
}

/** What a test of the page reads; also a nice thing to have in the console. */
export interface DemoHistory {
  readonly history: Record<string, HistoryEntry[]>;
  /** Attempts begun since the page was loaded. */
  readonly attempts: Record<string, number>;
}

declare global {
  interface Window {
    demo?: DemoHistory;
  }
}

export const historyEntry = ({ state, reason }: ConnectionState): HistoryEntry => ({ at: Date.now(), state, reason });
