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

/** Opens both of them in these pages. */
export async function membersIn(server: ServerKind, room: string, A: Page, B: Page): Promise<Omit<Pair, 'close'>> {
  for (const [user, page] of Object.entries({ A, B })) {
    await page.evaluate(([server, user, room]) => void window.lab.openMember(server, user, room), [
      server,
      user,
      room,
    ] as const);
  }
  return { server, A: memberOf(A), B: memberOf(B) };
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
