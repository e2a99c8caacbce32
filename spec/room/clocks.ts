import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';

/** The wall clock runs on by `skew` while timers stand still: what a device sees that slept. */
export interface SleepyClock extends SchedulerLike {
  sleep(ms: number): void;
}

/** Timers count only the time awake, the clock all of it. Inside `run`, `asyncScheduler` is virtual. */
export function sleepy(inner: SchedulerLike = asyncScheduler): SleepyClock {
  let skew = 0;
  return {
    now: () => inner.now() + skew,
    schedule: inner.schedule.bind(inner),
    sleep: (ms) => {
      skew += ms;
    },
  };
}

/** Timers that fire at another time than they were due. The end of a frame is not a timer: it stays where it is. */
export const warped = (firesAt: (due: number) => number, inner: SchedulerLike = asyncScheduler): SchedulerLike =>
  handing((delay) => (delay === 0 ? 0 : Math.max(0, firesAt(inner.now() + delay) - inner.now())), inner);

/** A hidden tab: timers fire once in a period, late. */
export const throttled = (period: number, inner?: SchedulerLike): SchedulerLike =>
  warped((due) => Math.ceil(due / period) * period, inner);

/** A processor that is busy between two times: what was due then comes after. */
export const busy = (from: number, to: number, inner?: SchedulerLike): SchedulerLike =>
  warped((due) => (due >= from && due < to ? to : due), inner);

/** Timers that fire a moment before their time, as real ones do against the wall clock; the shortest are punctual. */
export const early = (by: number, inner: SchedulerLike = asyncScheduler): SchedulerLike =>
  handing((delay) => (delay > by ? delay - by : delay), inner);

/** Remembers every delay that it was handed. */
export function recording(inner: SchedulerLike = asyncScheduler): SchedulerLike & { readonly delays: number[] } {
  const delays: number[] = [];
  const scheduler = handing((delay) => {
    delays.push(delay);
    return delay;
  }, inner);
  return { ...scheduler, delays };
}

const handing = (handed: (delay: number) => number, inner: SchedulerLike): SchedulerLike => ({
  now: () => inner.now(),
  schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription =>
    inner.schedule(work, handed(delay), state),
});
