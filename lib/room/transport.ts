import type { Observable, ObservableInput } from 'rxjs';
import type { Attempt } from '../core/machine/attempt.js';
import type { CloseReason } from '../core/machine/close-reason.js';
import type { Health } from '../core/machine/health.js';
import type { UserReport } from '../core/users/users.js';
import type { ServerNotice, Verdict } from '../core/recovery/verdict.js';

/** One session in a room, from the moment it is joined. */
export interface RoomLink {
  /** Health of the signalling. Nothing counts as up before it says so. A source that ends is a lost source. */
  readonly signal$: Observable<Health>;
  /** Health of the media; `null` when this room has none. */
  readonly media$: Observable<Health> | null;
  /** What the server says about our place in the room. */
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
   * `info$` is what `request` gives, fetched anew when it is subscribed to: a repair that needs no credentials leaves it alone.
   */
  repair?(link: L, attempt: Attempt<P>, info$: Observable<I>): Observable<unknown>;
  /**
   * What an error of `request`, `join` or `repair`, or an `AttemptLimitError`, means. A transport that has it decides alone:
   * `undefined` is `unreachable`. Without it every error of `request` and `join` is `unreachable`; a repair that was answered
   * no makes way for a full rejoin: a restart at once, a resume when it was cut at its limit or failed with an answer three
   * times in a row. An error with `unanswered: true` says that nobody answered.
   */
  classify?(error: unknown): Verdict | undefined;
}
