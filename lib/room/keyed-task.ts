import { Subscription } from 'rxjs';

/** One piece of running work at a time, known by its key. */
export class KeyedTask {
  #key: number | null = null;
  #work = Subscription.EMPTY;

  /** Makes this the running work: another one is stopped first, the same one goes on, `null` runs nothing. */
  run(key: number | null, begin: () => Subscription): void {
    if (key === this.#key) return;
    this.stop();
    if (key === null) return;
    this.#key = key;
    this.#work = begin();
  }

  /** @throws what a teardown throws, once all is torn down. */
  stop(): void {
    this.#key = null;
    this.#work.unsubscribe();
  }
}
