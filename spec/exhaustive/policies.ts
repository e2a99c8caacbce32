import { honouringServer } from '../../lib/core/honouring-server.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import type { Schedule } from '../../lib/core/schedule/schedule.js';

/** Waits that tell the position in the schedule and what failed; chance is a constant, so that every time is known. */
const steps: Schedule = honouringServer(
  ({ position, verdict }) => (verdict.kind === 'busy' ? 1_700 : 400 * Math.min(position, 3)),
  { spread: 100 },
);

/** Short limits, so that a whole life fits into a few steps; none a multiple of another by chance. */
const usual: Policy = {
  schedule: steps,
  random: () => 0.5,
  stableAfter: 5_000,
  lastChanceFrom: 2_000,
  deadline: 8_000,
  joinDeadline: 6_000,
  attemptLimit: 3_000,
  openingLimit: 1_000,
  settle: { signal: 1_000, media: 0 },
  probeLimit: 900,
  probeHold: 300,
  wakeFloor: 700,
  repairs: true,
  attempts: true,
};

export interface Setting {
  readonly name: string;
  readonly policy: Policy;
  readonly endpoints: readonly string[];
}

/** Every way in which a room can be set up that the rules look at. */
export const settings: readonly Setting[] = [
  { name: 'usual', policy: usual, endpoints: [] },
  { name: 'no repairs', policy: { ...usual, repairs: false }, endpoints: ['x', 'y'] },
  { name: 'both settle late', policy: { ...usual, settle: { signal: 500, media: 1_100 } }, endpoints: [] },
  { name: 'nothing settles', policy: { ...usual, settle: { signal: 0, media: 0 }, probeHold: 0 }, endpoints: ['x'] },
  { name: 'no attempts of its own', policy: { ...usual, repairs: false, attempts: false }, endpoints: [] },
  {
    name: 'gives up after two waits',
    policy: { ...usual, schedule: (context) => (context.position > 2 ? Infinity : steps(context)) },
    endpoints: [],
  },
  {
    name: 'gives up at once',
    policy: { ...usual, schedule: () => Infinity },
    endpoints: [],
  },
  {
    name: 'a schedule that is broken',
    policy: { ...usual, schedule: ({ position }) => (position > 1 ? NaN : 400) },
    endpoints: [],
  },
  { name: 'no wait at all', policy: { ...usual, schedule: () => 0 }, endpoints: ['x', 'y', 'z'] },
];

export const settingNamed = (name: string): Setting => {
  const found = settings.find((setting) => setting.name === name);
  if (found === undefined) throw new Error(`no setting "${name}"`);
  return found;
};
