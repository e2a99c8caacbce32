import type { Page } from 'playwright-core';
import type { ServerKind } from './page/member.js';
import type { MemberLook, MemberRecord, OpenThings } from './record.js';

/** One user of a room, in a page of its own. */
export interface LabMember {
  readonly page: Page;
  join(): Promise<void>;
  leave(): Promise<void>;
  /** Rejects when the state is another one for so long (ms). */
  until(state: string, limit: number): Promise<void>;
  look(): Promise<MemberLook>;
  record(): Promise<MemberRecord>;
  clear(): Promise<void>;
  count(): Promise<OpenThings>;
}

/** A and B, on their machines; neither has joined. */
export interface Pair {
  readonly server: ServerKind;
  readonly A: LabMember;
  readonly B: LabMember;
  close(): Promise<void>;
}

export async function openPair(
  server: ServerKind,
  room: string,
  openPage: (user: 'A' | 'B') => Promise<Page>,
): Promise<Pair> {
  const pages = { A: await openPage('A'), B: await openPage('B') };
  for (const user of ['A', 'B'] as const) {
    await pages[user].evaluate(([server, user, room]) => void window.lab.openMember(server, user, room), [
      server,
      user,
      room,
    ] as const);
  }
  return {
    server,
    A: memberOf(pages.A),
    B: memberOf(pages.B),
    async close() {
      await Promise.all([pages.A.close(), pages.B.close()]);
    },
  };
}

/** Every call goes to the page as text: it knows nothing of this file. */
const memberOf = (page: Page): LabMember => ({
  page,
  join: () => page.evaluate(() => window.lab.member().join()),
  leave: () => page.evaluate(() => window.lab.member().leave()),
  until: (state, limit) =>
    page.evaluate(([state, limit]) => window.lab.member().until(state, limit), [state, limit] as const),
  look: () => page.evaluate(() => window.lab.member().look()),
  record: () => page.evaluate(() => window.lab.member().record()),
  clear: () => page.evaluate(() => window.lab.member().clear()),
  count: () => page.evaluate(() => window.lab.member().count()),
});
