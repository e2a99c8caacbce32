import { Subscription } from 'rxjs';

/** One piece of running work at a time, known by its key. */
export interface Lane {
  /** Makes this the running work: another one is stopped first, the same one goes on, `null` runs nothing. */
  run(key: number | null, begin: () => Subscription): void;
  stop(): void;
}

/** @param report - told of errors that a teardown throws. */
export function lane(report: (error: unknown) => void): Lane {
  let current: number | null = null;
  let work = Subscription.EMPTY;

  function stop(): void {
    current = null;
    try {
      work.unsubscribe();
    } catch (error) {
      report(error);
    }
  }

  return {
    run(key, begin) {
      if (key === current) return;
      stop();
      if (key === null) return;
      current = key;
      work = begin();
    },
    stop,
  };
}
