import fc from 'fast-check';
import { MAX_DELAY, type AttemptContext, type Schedule } from '../../lib/core/schedule/schedule.js';
import { UNREACHABLE, type Verdict } from '../../lib/core/recovery/verdict.js';

/** The context of a first wait after nobody answered, `random` in the middle, unless told otherwise. */
export const context = (changes: Partial<AttemptContext> = {}): AttemptContext => ({
  position: 1,
  error: undefined,
  verdict: UNREACHABLE,
  busyCount: 0,
  sinceUnreachable: 0,
  elapsed: 0,
  remaining: 40_000,
  random: () => 0.5,
  ...changes,
});

/** The first of the first million positions where something does not hold; one context for all, as a million take long. */
export function firstMillion(holds: (attempt: AttemptContext) => boolean, changes: Partial<AttemptContext> = {}): number | null {
  const attempt = { ...context(changes), position: 1 };
  for (; attempt.position <= 1_000_000; attempt.position++) if (!holds(attempt)) return attempt.position;
  return null;
}

/** All that `Math.random` may answer. */
export const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** What a schedule may answer: milliseconds, or giving up. */
export const wait = fc.oneof(fc.nat(60_000), fc.double({ min: 0, max: MAX_DELAY, noNaN: true }), fc.constant(Infinity));

export const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constantFrom<Verdict>(UNREACHABLE, { kind: 'refused' }, { kind: 'busy' }),
  fc.nat(100_000).map((retryAfter): Verdict => ({ kind: 'busy', retryAfter })),
);

/** Any context; its `random` answers the same every time, so that a schedule of it is a function of it. */
export const anyContext: fc.Arbitrary<AttemptContext> = fc
  .record({
    position: fc.integer({ min: 1, max: 1_000_000 }),
    verdict,
    busyCount: fc.nat(50),
    sinceUnreachable: fc.nat(100_000),
    elapsed: fc.nat(100_000),
    remaining: fc.nat(100_000),
    random: chance.map((value) => () => value),
  })
  .map((changes) => context(changes));

/** Any schedule: each position has a wait of its own. */
export const anySchedule: fc.Arbitrary<Schedule> = fc
  .array(wait, { minLength: 1, maxLength: 5 })
  .map((waits): Schedule => ({ position }) => waits[position % waits.length]!);

/** A law: holds for all these values in every context. */
export function law<Ts extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  left: (...values: { [K in keyof Ts]: NoInfer<Ts[K]> }) => Schedule,
  right: (...values: { [K in keyof Ts]: NoInfer<Ts[K]> }) => Schedule,
): void {
  fc.assert(
    fc.property(
      fc.tuple(...arbitraries) as unknown as fc.Arbitrary<Ts>,
      anyContext,
      (values, attempt) => left(...values)(attempt) === right(...values)(attempt),
    ),
  );
  expect().nothing();
}
