import { setTimeout } from 'node:timers/promises';
import { LiveObjectsCounter, type LiveObjects } from '../../spec/browser/live-objects.js';
import type { JanusHoldings, LabJanus } from '../janus.js';
import type { LabMember } from '../pair.js';
import type { OpenThings } from '../record.js';

export type Holdings = OpenThings & Omit<LiveObjects, 'audioContexts'>;

/** Counts what the page of a member holds: what is open as it says itself, what is alive by the devtools. */
export async function holdingsCounter(member: LabMember): Promise<() => Promise<Holdings>> {
  const counter = await LiveObjectsCounter.of(member.page, 'window.lab.Subscription');
  return async () => {
    const open = await member.count();
    const { listeners, subscriptions, ...alive } = await counter.count();
    return {
      peerConnections: Math.max(open.peerConnections, alive.peerConnections),
      webSockets: Math.max(open.webSockets, alive.webSockets),
      timers: open.timers,
      listeners,
      subscriptions,
    };
  };
}

/** What there is more of than before; what was closed a moment ago may be held for a little by the browser. */
export async function leftovers(counter: () => Promise<Holdings>, before: Holdings, limit: number): Promise<Holdings> {
  const end = Date.now() + limit;
  for (;;) {
    const now = await counter();
    const more = Object.fromEntries(
      Object.entries(now).map(([name, count]) => [name, Math.max(0, count - before[name as keyof Holdings])]),
    ) as unknown as Holdings;
    if (Object.values(more).every((count) => count === 0) || Date.now() > end) return more;
    await setTimeout(500);
  }
}

/** Waits until Janus has no more than this; gives what it has then. */
export async function holdingsAtMost(
  janus: LabJanus,
  { sessions, handles }: JanusHoldings,
  limit: number,
): Promise<JanusHoldings> {
  const end = Date.now() + limit;
  for (;;) {
    const now = await janus.holdings();
    if ((now.sessions <= sessions && now.handles <= handles) || Date.now() > end) return now;
    await setTimeout(500);
  }
}
