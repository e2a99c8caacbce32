import type { Observable, ObservableInput } from 'rxjs';
import type { Attempt } from '../core/attempt.js';
import type { CloseReason } from '../core/close-reason.js';
import type { Health } from '../core/health.js';
import type { UserReport } from '../core/users.js';
import type { ServerNotice, Verdict } from '../core/verdict.js';

/** One session in a room, from the moment it is joined. */
export interface RoomLink {
  /** Health of the signalling. Nothing counts as up before it says so. A source that ends is a lost source. */
  readonly signal$: Observable<Health>;
  /** Health of the media; `null` when this room has none. */
  readonly media$: Observable<Health> | null;
  /** What the server says of our place in the room. */
  readonly notice$?: Observable<ServerNotice>;
  /** Who else is here, for `usersOf`: every subscriber gets a snapshot first, of now, and then what changes. */
  readonly users$?: Observable<UserReport>;
  /** Messages that could not be used, or other trouble that changes nothing; reported on the room's `errors$`. */
  readonly errors$?: Observable<unknown>;
  /** Asks the server for a sign of life. Completes or emits: alive. Errors, or says nothing for 2 s: dead. */
  probe?(): Observable<unknown>;
  /** Told just before unsubscription, so that the other side learns why. Must return at once. */
  close?(why: CloseReason): void;
}

/**
 * How a room reaches its server. `I` is what a join needs, `L` its link; `P`, the type of `attempt.previous`, is apart from `L`
 * so that `L` is inferred from what `join` gives.
 */
export interface RoomTransport<I = void, L extends RoomLink = RoomLink, P extends RoomLink = L> {
  /** Fetches what a join needs (token, address), anew for every attempt. Its failure is the "request" stage. */
  request?(attempt: Attempt<P>): ObservableInput<I>;
  /** Cold. Emits the link once joined and stays open; unsubscribing closes it. */
  join(attempt: Attempt<P>, info: I): Observable<L>;
  /**
   * Repairs the link in place: `attempt.kind` is `restart` (media, over live signalling) or `resume` (signalling).
   * Success shows as health, after which it is unsubscribed and must undo nothing; an error is a failed repair.
   */
  repair?(link: L, attempt: Attempt<P>): Observable<unknown>;
  /** What an error of `request`, `join` or `repair` means. Without it, or without an answer, `unreachable`. */
  classify?(error: unknown): Verdict | undefined;
}
