import { aText } from '../options/options.js';
import { wrongType } from '../options/wrong.js';
import type { Dismissal, ServerNotice } from './verdict.js';

/**
 * The server's notices, frozen, for `notice$` of a link. Each is of the type `ServerNotice`, so that a mistake shows as a short
 * type error. Plain objects such as `{ kind: 'kicked' }` do as well.
 *
 *     notices.closed(message?)          the room was closed
 *     notices.kicked(message?)          the server removed us
 *     notices.duplicateUser(message?)   the same user joined from another device or tab
 *     notices.redispatch(endpoint)      we are to go to another endpoint, at once
 *     notices.endpoints(list)           where to join from now on
 *
 * `message` is the server's own words, for people. Here it must be a text or left out; in a plain object a message that is
 * not a text is ignored, and the notice counts all the same.
 *
 * @throws {TypeError} when called with a message, an endpoint or a list that is not one.
 *
 * @example
 * ```ts
 * import { concat, NEVER, of } from 'rxjs';
 * import { createRoom, notices, UP } from 'rejoin';
 *
 * const up$ = concat(of(UP), NEVER);
 * const notice$ = of(notices.kicked('banned until Friday'));
 * const room = createRoom({ join: () => concat(of({ signal$: up$, media$: null, notice$ }), NEVER) });
 * room.connectionState$.subscribe(({ state, reason }) => console.log(state, reason));
 * room.join();
 * // => disconnected null
 * // => connecting joinChannel
 * // => disconnected serverKicked
 * ```
 */
export const notices = /* @__PURE__ */ Object.freeze({
  closed: (message?: string): ServerNotice => dismissal('notices', 'closed', message),
  kicked: (message?: string): ServerNotice => dismissal('notices', 'kicked', message),
  duplicateUser: (message?: string): ServerNotice => dismissal('notices', 'duplicateUser', message),
  redispatch: (endpoint: string): ServerNotice => redispatch('notices', endpoint),
  endpoints: (list: readonly string[]): ServerNotice => {
    if (!Array.isArray(list) || list.length === 0) {
      throw wrongType('notices.endpoints: list', 'an array of at least one endpoint', list);
    }
    const checked = list.map((endpoint) => anEndpoint('notices.endpoints: every endpoint', endpoint));
    return Object.freeze({ kind: 'endpoints', list: Object.freeze(checked) });
  },
});

/** @param owner - whose function it is, for the error. */
export const dismissal = (owner: string, kind: Dismissal['kind'], message: string | undefined): Dismissal =>
  Object.freeze(message === undefined ? { kind } : { kind, message: aText(`${owner}.${kind}: message`, message) });

export const redispatch = (owner: string, endpoint: string): Extract<ServerNotice, { kind: 'redispatch' }> =>
  Object.freeze({ kind: 'redispatch', endpoint: anEndpoint(`${owner}.redispatch: endpoint`, endpoint) });

function anEndpoint(name: string, value: unknown): string {
  const endpoint = aText(name, value);
  if (endpoint === '') throw wrongType(name, 'a string that is not empty', value);
  return endpoint;
}
