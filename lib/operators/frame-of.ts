import { asapScheduler, asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * What ends a frame: runs after everything that was already queued for this moment and, on `asyncScheduler`, before any
 * timer. Another scheduler ends its own frames, so that virtual time keeps them.
 */
export const frameOf = (scheduler: SchedulerLike): SchedulerLike =>
  scheduler === asyncScheduler ? asapScheduler : scheduler;
