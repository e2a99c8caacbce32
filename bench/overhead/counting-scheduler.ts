import { VirtualTimeScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';

/** Virtual time that knows how many timers are waiting. The end of a frame, a delay of 0, is none. */
export class CountingScheduler implements SchedulerLike {
  waiting = 0;
  /** The most that ever waited at once. */
  most = 0;
  readonly #inner = new VirtualTimeScheduler();

  now(): number {
    return this.#inner.now();
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    if (!(delay > 0)) return this.#inner.schedule(work, 0, state);
    let over = false;
    const end = (): void => {
      if (!over) this.waiting--;
      over = true;
    };
    this.waiting++;
    this.most = Math.max(this.most, this.waiting);
    const action = this.#inner.schedule<T>(
      function (this: SchedulerAction<T>, given?: T) {
        end();
        work.call(this, given);
      },
      delay,
      state,
    );
    action.add(end);
    return action;
  }

  /** Lets so many ms pass. */
  pass(ms: number): void {
    this.#inner.maxFrames = this.#inner.frame + ms;
    this.#inner.schedule(() => undefined, ms);
    this.#inner.flush();
  }
}
