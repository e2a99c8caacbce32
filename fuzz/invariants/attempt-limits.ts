import { always } from './invariant.js';

/** Limits double with each that was reached, until a connection is stable and never past the deadline. */
export const limitsGrow = always('limitsGrow', 'R15 J6 D1', (entry, { script, running }) => {
  if (entry.kind !== 'open' || entry.attempt === null || running === null || entry.what === 'info') return undefined;
  if (entry.what === 'join' && script.can.request) return undefined;
  const { limitAt, openingLimit } = entry.attempt;
  if (limitAt !== running.limitAt) return `limitAt is ${limitAt}, not ${running.limitAt}`;
  return openingLimit === running.openingLimit
    ? undefined
    : `openingLimit is ${openingLimit}, not ${running.openingLimit}`;
});

/** No attempt outlives its limit, counted from its beginning until both healths are up. */
export const attemptsAreCut = always(
  'attemptsAreCut',
  'J6 D1',
  (entry, { wall, isWell, open, sessions, hasJudged }) => {
    if (entry.kind !== 'instant' || !hasJudged || isWell) return undefined;
    for (const { what, attempt, owner } of open.values()) {
      if (attempt === null || what === 'info' || wall < attempt.limitAt) continue;
      const ever = what !== 'repair' && sessions.get(owner)?.connected === true;
      if (!ever) return `${what} ${owner} goes on at ${wall}, its limit was ${attempt.limitAt}`;
    }
    return undefined;
  },
);
