import { Observable, ReplaySubject, Subscription, catchError, defer, switchMap, tap } from 'rxjs';
import { reopen } from '../../../lib/websocket/index.js';
import { isNo } from './refusal.js';
import type { SignalChannel } from './signal-channel.js';

export interface RenewalsOptions {
  /** Puts the question on a fresh channel; `opening` keeps it open. Emits the yes, and errors with the no, or without an answer. */
  readonly ask: (fresh: SignalChannel, opening: Subscription) => Observable<unknown>;
  /** Signs that the network is back: a fresh channel that hangs in its opening is opened anew. */
  readonly hint$: Observable<unknown>;
}

interface Renewal {
  readonly opening: Subscription;
  readonly answer: ReplaySubject<unknown>;
  asked: SignalChannel | null;
}

/**
 * Fresh channels on their way under a session: one at a time, for the server gives the session to whoever asks last, and a
 * question is never taken back, for from then on the server may have moved it there.
 *
 *     resume 1:  o--q-!        o: opens, q: asks, !: unsubscribed
 *     resume 2:       -----a   waits for the same answer
 */
export class Renewals {
  readonly #options: RenewalsOptions;
  #current: Renewal | null = null;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** The channel that was asked and has not answered, the only one that the server has, perhaps; and what it will answer. */
  get asked(): { readonly channel: SignalChannel; readonly answer$: Observable<unknown> } | null {
    if (!this.#current?.asked) return null;
    return { channel: this.#current.asked, answer$: this.#current.answer };
  }

  /**
   * Opens a channel and asks on it, or waits for the one that is on its way, whatever channel that is; when that one has no
   * answer, it has one of its own after all. Emits the yes. Unsubscribing ends what was not asked yet, unless somebody else waits.
   */
  resume(channel$: Observable<SignalChannel>): Observable<unknown> {
    return defer(() => {
      const begins = this.#current === null;
      return this.#take(channel$).pipe(
        catchError((error: unknown) => {
          if (begins || isNo(error)) throw error;
          return this.#take(channel$);
        }),
      );
    });
  }

  /** Closes what is on its way. */
  end(): void {
    this.#current?.opening.unsubscribe();
    this.#current = null;
  }

  #take(channel$: Observable<SignalChannel>): Observable<unknown> {
    return new Observable((repair) => {
      const taken = this.#current ?? this.#begin(channel$);
      const waiting = taken.answer.subscribe(repair);
      return () => {
        waiting.unsubscribe();
        if (taken === this.#current && taken.asked === null && !taken.answer.observed) this.end();
      };
    });
  }

  #begin(channel$: Observable<SignalChannel>): Renewal {
    const { ask, hint$ } = this.#options;
    const begun: Renewal = { opening: new Subscription(), answer: new ReplaySubject(1), asked: null };
    this.#current = begun;
    const over = (): void => {
      if (this.#current === begun) this.#current = null;
    };
    const answer$ = channel$.pipe(
      reopen({ hint$ }),
      switchMap((fresh) => {
        begun.asked = fresh;
        return ask(fresh, begun.opening);
      }),
      tap({ next: over, error: over }),
    );
    // Not the subscriber of a repair: the channel outlives that.
    begun.opening.add(answer$.subscribe(begun.answer));
    return begun;
  }
}
