import { Observable, filter, map, take } from 'rxjs';
import type { ClientFrame, ServerFrame } from '../../protocol.js';
import { NoticeError, RefusedError, noticeOf } from './refusal.js';
import type { SignalChannel } from './signal-channel.js';

type FrameOf<F, T> = Extract<F, { readonly type: T }>;
type Answers = { readonly join: 'joined'; readonly resume: 'resumed' };

/**
 * Sends the first frame on a channel and waits for its answer. If the channel is lost first, the channel itself errors.
 *
 * @throws {RefusedError} The server refused.
 * @throws {NoticeError} The server said that there is no place for us.
 */
export function enter<T extends keyof Answers>(
  channel: SignalChannel,
  hello: FrameOf<ClientFrame, T>,
  wanted: Answers[T],
): Observable<FrameOf<ServerFrame, Answers[T]>> {
  const answer$ = channel.frames$.pipe(
    map((frame) => {
      if (frame.type === wanted) return frame as FrameOf<ServerFrame, Answers[T]>;
      if (frame.type === 'refused') throw new RefusedError(frame.code, frame.retryAfter, frame.ticket);
      const notice = noticeOf(frame);
      if (notice && notice.kind !== 'endpoints') throw new NoticeError(notice);
      return undefined;
    }),
    filter((frame) => frame !== undefined),
  );
  return new Observable((subscriber) => {
    // Listen first: the answer could come while the hello is still being sent.
    const listening = answer$.pipe(take(1)).subscribe(subscriber);
    channel.send(hello);
    return listening;
  });
}
