import { contenders, type ContenderName } from './contenders.js';
import { CountingScheduler } from './counting-scheduler.js';
import { Wire } from './wire.js';

export interface Timers {
  /** Of a connected idle room. */
  readonly idle: number;
  /** The most that one room ever had at once, from its join through dips, repairs and rejoins to its end. */
  readonly most: number;
}

/** Counts the timers of a room through a life with everything in it, in virtual time. */
export function timersOf(name: ContenderName): Timers {
  const scheduler = new CountingScheduler();
  const wire = new Wire();
  const room = contenders[name](wire, scheduler);
  wire.open = false;
  room.join();
  scheduler.pass(3_000); // tries in vain
  wire.open = true;
  scheduler.pass(60_000);
  const idle = scheduler.waiting;
  for (const outage of [500, 2_000, 10_000, 60_000]) {
    for (const health of ['signal', 'media'] as const) {
      wire.open = false;
      wire[health]?.next({ down: true });
      scheduler.pass(outage);
      wire.open = true;
      if (outage < 1_000) wire[health]?.next('up');
      scheduler.pass(20_000);
      if (room.state().startsWith('failed')) room.join();
      scheduler.pass(20_000);
    }
  }
  room.leave();
  if (scheduler.waiting > 0) throw new Error(`${scheduler.waiting} timers are left after the leave`);
  return { idle, most: scheduler.most };
}
