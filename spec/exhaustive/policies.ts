import { honouringServer } from '../../lib/core/honouring-server.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import { times } from '../../lib/core/schedule/schedule-combinators.js';
import type { Schedule } from '../../lib/core/schedule/schedule.js';
import { classify } from './errors.js';

/** What a room decides by, and whether it makes attempts of its own. */
export interface Terms extends Policy {
  readonly attempts: boolean;
}

/** Waits that tell the position in the schedule and what failed; chance is a constant, so that every time is known. */
const steps: Schedule = honouringServer(
  ({ position, verdict }) => (verdict.kind === 'busy' ? 1_700 : 400 * Math.min(position, 3)),
  { spread: 100 },
);

/** Looks at everything that a schedule is told: a wrong fact is a wrong time. */
const curious: Schedule = ({ position, error, verdict, busyCount, sinceUnreachable, elapsed, remaining, random }) =>
  300 * Math.min(position, 4) +
  (error === undefined ? 0 : 7) +
  11 * verdict.kind.length +
  150 * Math.min(busyCount, 3) +
  Math.floor((sinceUnreachable + elapsed) / 16) +
  Math.floor(remaining / 64) +
  10 * random();

/** Short limits, so that a whole life fits into a few steps; none a multiple of another by chance. */
const usual: Terms = {
  name: '',
  schedule: steps,
  random: () => 0.5,
  stableAfter: 5_000,
  lastChanceFrom: 2_000,
  deadline: 8_000,
  joinDeadline: 6_000,
  attemptLimit: 2_500,
  openingLimit: 1_000,
  settle: { signal: 1_000, media: 0 },
  probeLimit: 900,
  probeHold: 300,
  wakeFloor: 700,
  lateGrace: 2_500,
  classify,
  repairs: true,
  attempts: true,
};

export interface Setting {
  readonly name: string;
  readonly policy: Terms;
  readonly endpoints: readonly string[];
}

/** Every way in which a room can be set up that the rules look at. */
export const settings: readonly Setting[] = [
  { name: 'usual', policy: usual, endpoints: [] },
  { name: 'no repairs', policy: { ...usual, repairs: false }, endpoints: ['x', 'y'] },
  { name: 'nobody says what an error means', policy: { ...usual, classify: null }, endpoints: [] },
  {
    name: 'two places, and nobody says what an error means',
    policy: { ...usual, classify: null, deadline: 12_000, attemptLimit: 1_500, lateGrace: 1_500 },
    endpoints: ['x', 'y'],
  },
  {
    name: 'three places, and much time',
    policy: { ...usual, deadline: 30_000, joinDeadline: 20_000, random: () => 0.25 },
    endpoints: ['x', 'y', 'z'],
  },
  { name: 'looks at everything', policy: { ...usual, schedule: curious }, endpoints: ['x', 'y'] },
  { name: 'both settle late', policy: { ...usual, settle: { signal: 500, media: 1_100 } }, endpoints: [] },
  { name: 'nothing settles', policy: { ...usual, settle: { signal: 0, media: 0 }, probeHold: 0 }, endpoints: ['x'] },
  { name: 'stable at once', policy: { ...usual, stableAfter: 0 }, endpoints: ['x', 'y'] },
  { name: 'slow to be stable', policy: { ...usual, stableAfter: 20_000, deadline: 5_000 }, endpoints: [] },
  {
    name: 'no attempts of its own',
    policy: { ...usual, repairs: false, attempts: false, classify: null, lateGrace: 0 },
    endpoints: [],
  },
  { name: 'two attempts', policy: { ...usual, schedule: times(2) }, endpoints: ['x', 'y'] },
  { name: 'gives up at once', policy: { ...usual, schedule: () => Infinity }, endpoints: [] },
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
