import { Observable, filter, map, take } from 'rxjs';
import type { ClientFrame, ServerFrame } from '../../protocol.js';
import { RefusedError, WordError, wordOf } from './refusal.js';
import type { SignalChannel } from './signal-channel.js';

type FrameOf<F, T> = Extract<F, { readonly type: T }>;
type Answers = { readonly join: 'joined'; readonly resume: 'resumed' };

/**
 * Says the first frame on a channel and waits for the answer to it. A channel that is lost first tells it by itself.
 *
 * @throws {RefusedError} The server said no.
 * @throws {WordError} The server said that there is no place for us.
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
      const word = wordOf(frame);
      if (word && word.kind !== 'endpoints') throw new WordError(word);
      return undefined;
    }),
    filter((frame) => frame !== undefined),
  );
  return new Observable((subscriber) => {
    // Listen first: the answer to a hello could come while it is still being said.
    const listening = answer$.pipe(take(1)).subscribe(subscriber);
    channel.send(hello);
    return listening;
  });
}
