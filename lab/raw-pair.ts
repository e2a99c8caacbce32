import type { Page } from 'playwright-core';
import type { FlowEntry } from './record.js';
import type { Situation } from './situation.js';

/** Two ends of a peer connection without a room, each in a page of its own; A is the one that is watched. */
export interface RawPair {
  /** The bytes that have come to A, ten times a second. */
  flow(): Promise<readonly FlowEntry[]>;
  close(): Promise<void>;
}

export async function connectRaw(situation: Situation, A: Page, B: Page): Promise<Omit<RawPair, 'close'>> {
  for (const page of [A, B]) await page.evaluate((one) => void window.lab.openRaw(one), situation);
  // The laboratory carries the descriptions.
  const offer = await A.evaluate(() => window.lab.raw().offer());
  const answer = await B.evaluate((sdp) => window.lab.raw().answer(sdp), offer);
  await A.evaluate((sdp) => window.lab.raw().accept(sdp), answer);
  await A.evaluate(() => window.lab.raw().begun());
  return { flow: () => A.evaluate(() => window.lab.raw().flow()) };
}
