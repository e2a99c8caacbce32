import { setImmediate as turn } from 'node:timers/promises';
import { contenders, type BenchRoom, type ContenderName } from './contenders.js';
import { Wire } from './wire.js';

export interface HeapResult {
  /** Of each room (bytes). */
  readonly bytes: number;
  /** From making it until it is connected (µs of processor time). */
  readonly join: number;
}

/** What so many connected idle rooms keep on the heap; neither their transports nor subscribers are counted. */
export async function heapOf(name: ContenderName, rooms: number, full: boolean): Promise<HeapResult> {
  const make = contenders[name];
  await joined(
    Array.from({ length: 2_000 }, () => new Wire(full)),
    make,
  ).then((all) => all.forEach((room) => room.leave()));
  const wires = Array.from({ length: rooms }, () => new Wire(full));
  const before = await heapUsed();
  const cpuBefore = process.cpuUsage();
  const all = await joined(wires, make);
  const { user, system } = process.cpuUsage(cpuBefore);
  const after = await heapUsed();
  const away = all.filter((room) => room.state() !== 'connected/joinSucceed').length;
  if (away > 0) throw new Error(`${away} rooms are not connected`);
  return { bytes: (after - before) / rooms, join: (user + system) / rooms };
}

async function joined(wires: readonly Wire[], make: (wire: Wire) => BenchRoom): Promise<readonly BenchRoom[]> {
  const rooms = wires.map((wire) => make(wire));
  // A busy machine must not take so long between a join and the end of its frame that its attempt is cut.
  for (let from = 0; from < rooms.length; from += 200) {
    for (const room of rooms.slice(from, from + 200)) room.join();
    await turn();
  }
  return rooms;
}

async function heapUsed(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('it needs --expose-gc');
  let least = Infinity;
  for (let run = 0; run < 4; run++) {
    await turn();
    gc();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}
