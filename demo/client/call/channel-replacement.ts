import { Observable, ReplaySubject, Subscription, catchError, defer, switchMap, tap } from 'rxjs';
import { reopen } from '../../../lib/websocket/index.js';
import { isRefusal } from './refusal.js';
import type { SignalChannel } from './signal-channel.js';

export interface ChannelReplacementOptions {
  /** Asks for the session on a fresh channel, which `opening` keeps open. Emits when granted; errors when refused or unanswered. */
  readonly ask: (fresh: SignalChannel, opening: Subscription) => Observable<unknown>;
  /** Signs that the network is back: a hung opening is restarted. */
  readonly hint$: Observable<unknown>;
}

interface Replacement {
  readonly opening: Subscription;
  readonly answer: ReplaySubject<unknown>;
  asked: SignalChannel | null;
}

/**
 * Replaces the channel of a session, one fresh channel at a time: the server gives the session to whoever asks last. Once
 * asked, a fresh channel is kept, because the server may have moved the session to it.
 *
 *     resume 1:  o--q-!        o: opens, q: asks, !: unsubscribed
 *     resume 2:       -----a   waits for the same answer
 */
export class ChannelReplacement {
  readonly #options: ChannelReplacementOptions;
  #current: Replacement | null = null;

  constructor(options: ChannelReplacementOptions) {
    this.#options = options;
  }

  /** The channel that was asked and has not answered, and its coming answer. It may be the only one that the server knows. */
  get asked(): { readonly channel: SignalChannel; readonly answer$: Observable<unknown> } | null {
    if (!this.#current?.asked) return null;
    return { channel: this.#current.asked, answer$: this.#current.answer };
  }

  /**
   * Opens a channel and asks on it, or waits for the one under way, whoever opened it; if that one gets no answer, it opens
   * its own. Emits when granted. Unsubscribing closes a channel that was not asked yet, unless somebody else waits for it.
   * The first two openings get 1 s each, for a lost SYN; the third gets `longestOpening` ms, for slow but working networks.
   */
  resume(channel$: Observable<SignalChannel>, longestOpening = 3_000): Observable<unknown> {
    return defer(() => {
      const begins = this.#current === null;
      return this.#take(channel$, longestOpening).pipe(
        catchError((error: unknown) => {
          if (begins || isRefusal(error)) throw error;
          return this.#take(channel$, longestOpening);
        }),
      );
    });
  }

  /** Closes the channel under way. */
  end(): void {
    this.#current?.opening.unsubscribe();
    this.#current = null;
  }

  #take(channel$: Observable<SignalChannel>, longestOpening: number): Observable<unknown> {
    return new Observable((repair) => {
      const taken = this.#current ?? this.#begin(channel$, longestOpening);
      const waiting = taken.answer.subscribe(repair);
      return () => {
        waiting.unsubscribe();
        if (taken === this.#current && taken.asked === null && !taken.answer.observed) this.end();
      };
    });
  }

  #begin(channel$: Observable<SignalChannel>, longestOpening: number): Replacement {
    const { ask, hint$ } = this.#options;
    const begun: Replacement = { opening: new Subscription(), answer: new ReplaySubject(1), asked: null };
    this.#current = begun;
    const over = (): void => {
      if (this.#current === begun) this.#current = null;
    };
    const answer$ = channel$.pipe(
      reopen({ hint$, turns: [1_000, 1_000, longestOpening] }),
      switchMap((fresh) => {
        begun.asked = fresh;
        return ask(fresh, begun.opening);
      }),
      tap({ next: over, error: over }),
    );
    // Not tied to the subscriber of a repair: the channel outlives it.
    begun.opening.add(answer$.subscribe(begun.answer));
    return begun;
  }
}
