import { BehaviorSubject, Observable, Subject, defer, filter, map, startWith } from 'rxjs';
import { foldUsers, type CloseReason, type RoomLink, type UserReport } from '../../../lib/index.js';
import type { ServerFrame } from '../../protocol.js';
import { noticeOf } from './refusal.js';
import type { SessionSignalling } from './session-signalling.js';
import type { SignalChannel } from './signal-channel.js';
import { callUser, userReport, type CallUser } from './user-report.js';

/** One session in the room, as far as signalling goes. */
export interface SessionLink extends RoomLink {
  readonly session: string;
  /** Of the others in the room; for `usersOf`. */
  readonly users$: Observable<UserReport<CallUser>>;
  /** The others in the room, in order of coming. Replays. */
  readonly others$: Observable<readonly CallUser[]>;
  /** Replaces the channel of the session, or waits for the replacement under way. */
  resume(channel$: Observable<SignalChannel>, longestOpening?: number): Observable<unknown>;
}

export interface SessionLinkOptions {
  readonly user: string;
  readonly joined: Extract<ServerFrame, { type: 'joined' }>;
  readonly signalling: SessionSignalling;
}

/** Cold: emits a link without media; unsubscribing stops listening. */
export const sessionLink = ({ user, joined, signalling }: SessionLinkOptions): Observable<SessionLink> =>
  new Observable((subscriber) => {
    const first = joined.users.filter((one) => one.user !== user).map(callUser);
    const others = new BehaviorSubject<readonly CallUser[]>(first);
    const reports = new Subject<UserReport<CallUser>>();
    subscriber.add(
      signalling.frames$
        .pipe(
          map(userReport),
          filter((report) => report !== undefined),
        )
        .subscribe({
          next: (report) => {
            others.next(foldUsers(others.value, report).users);
            reports.next(report);
          },
          error: (error: unknown) => subscriber.error(error),
        }),
    );
    subscriber.next({
      session: joined.session,
      signal$: signalling.health$,
      media$: null,
      notice$: signalling.frames$.pipe(
        map(noticeOf),
        filter((notice) => notice !== undefined),
      ),
      errors$: signalling.errors$,
      users$: defer(() => reports.pipe(startWith({ type: 'snapshot', users: others.value } as const))),
      others$: others.asObservable(),
      probe: () => signalling.probe(),
      close: (why: CloseReason) => signalling.close(why),
      resume: (channel$, longestOpening) => signalling.resume(channel$, longestOpening),
    });
  });
