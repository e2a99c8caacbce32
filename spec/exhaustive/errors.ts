import type { Verdict } from '../../lib/core/recovery/verdict.js';

const verdicts: Readonly<Record<string, Verdict | undefined>> = {
  unreachable: undefined,
  refused: { kind: 'refused' },
  fatal: { kind: 'fatal' },
  busy: { kind: 'busy' },
  'busy, come back in 1 s': { kind: 'busy', retryAfter: 1_000 },
  'busy, come back past the deadline': { kind: 'busy', retryAfter: 60_000 },
  closed: { kind: 'closed' },
  kicked: { kind: 'kicked', message: 'be gone' },
  duplicateUser: { kind: 'duplicateUser' },
  'redispatch to r': { kind: 'redispatch', endpoint: 'r' },
};

/** What a transport fails with where `classify` says what it means; one of them is no `Error`. */
export const errors: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.keys(verdicts).map((name) => [name, name === 'unreachable' ? name : new Error(name)]),
);

/** The same where nobody says what an error means: only whether there was an answer. */
export const unclassified: Readonly<Record<string, unknown>> = {
  unreachable: Object.assign(new Error('unanswered'), { unanswered: true }),
  answered: new Error('answered'),
};

const meanings = new Map(Object.keys(verdicts).map((name) => [errors[name], verdicts[name]]));

/** A limit that was reached means nobody answered; anything unknown means the same. */
export const classify = (error: unknown): Verdict | undefined => meanings.get(error);
