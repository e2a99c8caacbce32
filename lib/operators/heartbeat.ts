import { asyncScheduler, Observable, Subscription } from 'rxjs';
import { aFlag, aFunction, aScheduler, aTime, aTimeFromZero, readOptions } from '../core/options/options.js';
import type { OperatorFunction, SchedulerLike } from 'rxjs';
import type { Health } from '../core/machine/health.js';

export interface HeartbeatOptions {
  /** Asks the other side for a sign of life. What it throws is the end of the health. */
  readonly ping: () => void;
  /** Milliseconds without inbound traffic before `ping` is called. @defaultValue 5000 */
  readonly every?: number;
  /** Milliseconds after the ping without inbound traffic before the source counts as down. @defaultValue 5000 */
  readonly timeout?: number;
  /** Milliseconds that a watchdog which fired late waits for queued input, once. @defaultValue 50 */
  readonly grace?: number;
  /** Whether the source is taken for up on subscription, or only at its first inbound traffic. @defaultValue false */
  readonly upAtOnce?: boolean;
  /** Runs the timer and tells the time. @defaultValue asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** What the timer waits for: to ask, for the answer, for input that may be queued, or to ask a source that is down again. */
type Phase = 'idle' | 'asked' | 'grace' | 'down';

/**
 * Turns inbound traffic into health: silence is asked about by a ping, and means `down` when that stays unanswered too.
 *
 *     source:              a-b-----------c---
 *     every 3, timeout 4:  -----p------p-----    p: ping
 *     result:              u--------d----u---    u: up, d: { down: true, aliveAt: 2 }
 *
 * Any inbound traffic is a sign of life, our own pings are none. Only changes are emitted; `aliveAt` is the time of the
 * last inbound traffic, or of the subscription (ms, wall clock). A source that is down is asked again every `every`
 * milliseconds, for it may come back. A watchdog that fires late (a busy or sleeping device) gives queued input `grace`
 * milliseconds to be read, once, and then judges. There is one timer a subscription, not one a message.
 *
 * Errors and completion of the source pass through; a `ping` that throws is an error. Unsubscribing cancels the timer.
 *
 * @throws {TypeError} | {RangeError} when called, for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { map, NEVER, startWith } from 'rxjs';
 * import { heartbeat } from 'rejoin';
 *
 * const inbound$ = NEVER.pipe(startWith('hello')); // one message, then silence
 * const health$ = inbound$.pipe(heartbeat({ every: 30, timeout: 20, ping: () => console.log('ping') }));
 *
 * const subscription = health$.pipe(map((health) => (health === 'up' ? 'up' : 'down'))).subscribe((health) => {
 *   console.log(health);
 *   if (health === 'down') subscription.unsubscribe();
 * });
 * // => up
 * // => ping
 * // => down
 * ```
 */
export function heartbeat(options: HeartbeatOptions): OperatorFunction<unknown, Health> {
  const { ping, every, timeout, grace, upAtOnce, scheduler } = readOptions<Required<HeartbeatOptions>>(
    'heartbeat',
    options,
    {
      ping: [aFunction],
      every: [aTime, 5_000],
      timeout: [aTime, 5_000],
      grace: [aTimeFromZero, 50],
      upAtOnce: [aFlag, false],
      scheduler: [aScheduler, asyncScheduler],
    },
  );
  const waits: Readonly<Record<Phase, number>> = { idle: every, asked: timeout, grace, down: every };

  return (source) =>
    new Observable<Health>((subscriber) => {
      let aliveAt = scheduler.now();
      let phase: Phase = 'idle';
      /** When the phase began; the silence is measured from here. */
      let since = aliveAt;
      let armedFor = 0;
      let health: Health | null = null;
      let timer = Subscription.EMPTY;

      const dueAt = (): number => since + waits[phase];
      const say = (next: Health): void => {
        health = next;
        subscriber.next(next);
      };
      const arm = (): void => {
        timer.unsubscribe();
        armedFor = dueAt();
        timer = scheduler.schedule(check, Math.max(0, armedFor - scheduler.now()));
      };
      const enter = (next: Phase): void => {
        phase = next;
        since = scheduler.now();
        arm();
      };
      const ask = (next: 'asked' | 'down'): void => {
        enter(next);
        try {
          ping();
        } catch (error) {
          subscriber.error(error);
        }
      };
      const check = (): void => {
        const now = scheduler.now();
        // A clock that was set back must not stretch the silence that is tolerated.
        since = Math.min(since, now);
        const late = now - dueAt();
        if (late < 0) arm();
        else if (phase === 'idle') ask('asked');
        else if (phase === 'down') ask('down');
        else if (phase === 'asked' && late > 0 && grace > 0) enter('grace');
        else {
          enter('down');
          say({ down: true, aliveAt });
        }
      };

      if (upAtOnce) say('up');
      if (subscriber.closed) return;
      arm();
      subscriber.add(() => timer.unsubscribe());
      subscriber.add(
        source.subscribe({
          next: () => {
            aliveAt = since = scheduler.now();
            phase = 'idle';
            // The timer is moved only where it would come too late: at most once a ping, not once a message.
            if (armedFor > dueAt()) arm();
            if (health !== 'up') say('up');
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
}
