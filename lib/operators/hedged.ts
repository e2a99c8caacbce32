import {
  asyncScheduler,
  defer,
  Observable,
  Subscription,
  throwIfEmpty,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import { LinkEndedError } from '../core/machine/link-ended-error.js';
import { aScheduler, aTimeFromZero, readOptions } from '../core/options/options.js';
import { isList } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';
import { inputOf } from './input-of.js';

/** All times in milliseconds. */
export interface HedgedOptions {
  /** How long an opening may keep silent before the next one begins beside it. @defaultValue 250 */
  readonly after?: number;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * Opens the same thing in several ways, each a little later than the one before, and keeps the first that answers.
 *
 *     one:                          ------------------x
 *     two:                                ---v--w--
 *     hedged([one, two], {after:6}) ---------v--w--        one is unsubscribed at v, before v is emitted
 *
 * An opening that fails, or completes without a value, starts the next at once. Openings are made when they begin, not
 * before. Unsubscribing ends all that run.
 *
 * @throws the last error, when every opening has failed.
 *
 * @example
 * ```ts
 * import { NEVER, of } from 'rxjs';
 * import { hedged } from 'rejoin';
 *
 * hedged([() => NEVER, () => of('the second way')], { after: 10 }).subscribe((link) => console.log(link));
 * // => the second way
 * ```
 */
export function hedged<T>(openings: readonly (() => ObservableInput<T>)[], options: HedgedOptions = {}): Observable<T> {
  const { after, scheduler } = readOptions<Required<HedgedOptions>>('hedged', options, {
    after: [aTimeFromZero, 250],
    scheduler: [aScheduler, asyncScheduler],
  });
  if (!isList(openings) || openings.length === 0 || !openings.every((open) => typeof open === 'function'))
    throw wrongType('hedged: openings', 'an array of functions that is not empty', openings);

  return new Observable<T>((subscriber) => {
    const running = new Set<Subscription>();
    let next = 0;
    let head = Subscription.EMPTY;

    const endOthers = (winner: Subscription | null): void => {
      head.unsubscribe();
      for (const other of [...running]) if (other !== winner) other.unsubscribe();
    };

    const open = (): void => {
      head.unsubscribe();
      const opening = openings[next++];
      if (opening === undefined) return;
      const mine = new Subscription();
      running.add(mine);
      mine.add(() => running.delete(mine));
      if (next < openings.length) head = scheduler.schedule(open, after);
      mine.add(
        defer(() => {
          const given: unknown = opening();
          const input = inputOf(given);
          if (input !== null) return input;
          throw wrongType('hedged: the return value of an opening', 'a Promise or an Observable', given);
        })
          .pipe(throwIfEmpty((): Error => new LinkEndedError('an opening completed without a value')))
          .subscribe({
            next(value) {
              endOthers(mine);
              next = openings.length;
              subscriber.next(value);
            },
            error(error: unknown) {
              mine.unsubscribe();
              if (next < openings.length) open();
              else if (running.size === 0) subscriber.error(error);
            },
            complete() {
              subscriber.complete();
            },
          }),
      );
    };

    subscriber.add(() => {
      endOthers(null);
    });
    open();
  });
}
