import { asyncScheduler, Subscription, type SchedulerLike } from 'rxjs';
import { MAX_DELAY } from '../core/schedule.js';

/** One timer, for the one time that matters next. */
export interface Alarm {
  /** When to ring (ms, wall clock); `Infinity` for never. */
  set(at: number): void;
}

/** @param ring - called at the time that was set last, or earlier when that is further off than a timer can hold. */
export function alarm(scheduler: SchedulerLike, ring: () => void): Alarm {
  let at = Infinity;
  let timer = Subscription.EMPTY;

  return {
    set(next) {
      if (next === at) return;
      // On `asyncScheduler` one that is due in this very millisecond is left to run in vain: in rxjs's `run` mode an
      // `asap` action that cancels an `async` one of its own frame makes the TestScheduler throw.
      if (scheduler !== asyncScheduler || at !== scheduler.now()) timer.unsubscribe();
      at = next;
      timer = Subscription.EMPTY;
      if (at === Infinity) return;
      const delay = Math.min(MAX_DELAY, Math.max(0, at - scheduler.now()));
      const mine = (timer = scheduler.schedule(() => {
        if (timer !== mine) return;
        at = Infinity;
        ring();
      }, delay));
    },
  };
}
