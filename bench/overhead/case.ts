/** One measurement in a process of its own: `case.ts <case as JSON>` tells its parent what it found. */
import type { ContenderName } from './contenders.js';
import { heapOf } from './heap.js';
import { ratesOf } from './rates.js';
import { timersOf } from './timers.js';

export type Case =
  | { readonly kind: 'heap'; readonly name: ContenderName; readonly rooms: number; readonly full: boolean }
  | { readonly kind: 'rates' | 'timers'; readonly name: ContenderName };

const asked = JSON.parse(process.argv[2] ?? '') as Case;
switch (asked.kind) {
  case 'heap':
    process.send?.(await heapOf(asked.name, asked.rooms, asked.full));
    break;
  case 'rates':
    process.send?.(await ratesOf(asked.name));
    break;
  case 'timers':
    process.send?.(timersOf(asked.name));
}
