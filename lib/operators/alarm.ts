import { asyncScheduler, Subscription, type SchedulerLike } from 'rxjs';
import { MAX_DELAY } from '../core/schedule/max-delay.js';

/** One timer, for the one time that matters next. */
export class Alarm {
  /** When it rings (ms, wall clock); `Infinity` for never. */
  at = Infinity;
  #timer = Subscription.EMPTY;

  /** @param ring - called at the time that was set last, or earlier when that is further off than a timer can hold. */
  constructor(
    readonly scheduler: SchedulerLike,
    readonly ring: () => void,
  ) {}

  set(next: number): void {
    const { at, scheduler } = this;
    if (next === at) return;
    // On `asyncScheduler` one that is due in this very millisecond is left to run in vain: in rxjs's `run` mode an
    // `asap` action that cancels an `async` one of its own frame makes the TestScheduler throw.
    if (scheduler !== asyncScheduler || at !== scheduler.now()) this.#timer.unsubscribe();
    this.at = next;
    this.#timer = Subscription.EMPTY;
    if (next === Infinity) return;
    const delay = Math.min(MAX_DELAY, Math.max(0, next - scheduler.now()));
    const mine = (this.#timer = scheduler.schedule(() => {
      if (this.#timer !== mine) return;
      this.at = Infinity;
      this.ring();
    }, delay));
  }
}
