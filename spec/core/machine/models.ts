import type { Attempt } from '../../../lib/core/machine/attempt.js';
import { initialModel, type Episode, type Model, type Reading, type Session } from '../../../lib/core/machine/model.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import { spaced } from '../../../lib/core/schedule/schedule.js';

export const link = { name: 'link' };
export type Link = typeof link;

export const policy = (changes: Partial<Policy> = {}): Policy => ({
  schedule: spaced(100),
  random: () => 0.5,
  stableAfter: 10_000,
  lastChanceFrom: 3_000,
  deadline: 40_000,
  joinDeadline: 20_000,
  attemptLimit: 10_000,
  openingLimit: 3_000,
  settle: { signal: 1_000, media: 0 },
  probeLimit: 2_000,
  probeHold: 500,
  wakeFloor: 1_000,
  repairs: true,
  attempts: true,
  ...changes,
});

export const up: Reading = { up: true, since: 0, aliveAt: 0, lost: false };
export const downSince = (since: number): Reading => ({ up: false, since, aliveAt: since, lost: false });

export const attempt = (changes: Partial<Attempt<Link>> = {}): Attempt<Link> => ({
  number: 1,
  kind: 'rejoin',
  cause: 'signal',
  endpoint: null,
  previous: link,
  openingLimit: 3_000,
  limitAt: 11_000,
  deadlineAt: 41_000,
  ...changes,
});

export const session = (changes: Partial<Session<Link>> = {}): Session<Link> => ({
  id: 1,
  attempt: attempt({ kind: 'join', cause: null, previous: null }),
  link,
  canProbe: false,
  hasMedia: true,
  signal: up,
  media: up,
  ...changes,
});

/** A break at 1,000 whose first repair is due at 1,100. */
export const episode = (changes: Partial<Episode<Link>> = {}): Episode<Link> => ({
  cause: 'signal',
  aliveAt: 1_000,
  deadlineAt: 41_000,
  rung: 'repair',
  attempts: 0,
  work: null,
  retryAt: 1_100,
  hintAt: null,
  last: null,
  stage: 'join',
  givenUp: null,
  previous: link,
  ...changes,
});

export const connected = (changes: Partial<Model<Link>> = {}): Model<Link> => ({
  ...initialModel([]),
  state: { state: 'connected', reason: 'joinSucceed', link },
  session: session(),
  lastId: 9,
  ...changes,
});

export const reconnecting = (changes: Partial<Model<Link>> = {}): Model<Link> =>
  connected({
    state: { state: 'reconnecting', reason: 'signalDisconnected', link },
    session: session({ signal: downSince(1_000) }),
    episode: episode(),
    ...changes,
  });
