import { setImmediate as turn } from 'node:timers/promises';
import { Bench } from 'tinybench';
import type { Health } from '../../lib/core/machine/health.js';
import { contenders, type BenchRoom, type ContenderName } from './contenders.js';
import { Wire } from './wire.js';

/** So many a second of processor time. */
export interface Rates {
  /** Changes of one health, a thousand in one frame: noted, then judged together. */
  readonly together: number;
  /** Changes of one health, each in a frame of its own and judged by itself. */
  readonly apart: number;
  /** Reports of "up" by a health that is up. */
  readonly repeated: number;
  /** Joins of a room with its leave. */
  readonly joins: number;
}

const down: Health = { down: true };

/** One turn of the microtasks: what a frame has brought is judged before it goes on. */
const frameEnd = Promise.resolve();

/** Milliseconds of processor time of this process: whoever else is at work here costs nothing. */
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

export async function ratesOf(name: ContenderName, time = 1_500): Promise<Rates> {
  const wire = new Wire();
  const room = contenders[name](wire);
  room.join();
  await turn();
  const report = (health: Health): void => wire.signal?.next(health);
  const herd = Array.from({ length: 200 }, () => contenders[name](new Wire()));

  const changes = 1_000;
  const repeats = 100_000;
  const bench = new Bench({ now: processorTime, time, warmupTime: time / 3, throws: true })
    .add('together', async () => {
      for (let n = 0; n < changes; n += 2) {
        report(down);
        report('up');
      }
      await frameEnd;
    })
    .add('apart', async () => {
      for (let n = 0; n < changes; n++) {
        report(n % 2 === 0 ? down : 'up');
        await frameEnd;
      }
    })
    .add('repeated', () => {
      for (let n = 0; n < repeats; n++) report('up');
    })
    .add('joins', async () => {
      for (const each of herd) each.join();
      await frameEnd;
      for (const each of herd) each.leave();
    });
  const tasks = await bench.run();
  mustBe(room, 'connected/joinSucceed');
  herd.forEach((each) => mustBe(each, 'disconnected/leaveChannel'));
  const perSecond = (task: string, each: number): number => {
    const result = tasks.find((one) => one.name === task)?.result;
    if (result?.state !== 'completed') throw new Error(`${task} was not completed`);
    return (each * 1_000) / result.latency.p50;
  };
  return {
    together: perSecond('together', changes),
    apart: perSecond('apart', changes),
    repeated: perSecond('repeated', repeats),
    joins: perSecond('joins', herd.length),
  };
}

function mustBe(room: BenchRoom, state: string): void {
  if (room.state() !== state) throw new Error(`the room is ${room.state()}, not ${state}`);
}
