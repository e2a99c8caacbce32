import { ab } from './parts/ab.js';
import { heal } from './parts/heal.js';
import { loss } from './parts/loss.js';
import { oneway } from './parts/oneway.js';
import type { Part } from './parts/part.js';
import { restart } from './parts/restart.js';
import { signalling } from './parts/signalling.js';

/** By name, in the order in which the whole run does them. */
export const parts = {
  ab,
  heal: heal([3_000, 8_000, 20_000, 30_000]),
  signalling,
  oneway,
  restart,
  'loss-10': loss(0.1),
  'loss-20': loss(0.2),
  'loss-40': loss(0.4),
} satisfies Record<string, Part>;

/** A quick look at what `heal` finds in its longer cuts as well. */
export const detect: Part = heal([8_000]);

/** For CI: the main cuts once, and a few restarts. */
export const short = { detect, signalling, restart } satisfies Record<string, Part>;
