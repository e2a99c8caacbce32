import { DeadlineExceededError } from './deadline-exceeded-error.js';
import type { Failure } from './failure.js';
import type { Standing } from './standing.js';

/** The time that is being lost: when a break began, and when it ends the room. */
export interface Loss {
  /** The last proof of life (ms). */
  readonly aliveAt: number;
  /** Time lost in earlier breaks and not earned back before this one (ms). */
  readonly spent: number;
  /** The budget that it is measured by (ms). */
  readonly deadline: number;
  /** When the budget is used up (ms). */
  readonly deadlineAt: number;
  /** Whether timers came so late that one attempt was granted after the deadline. */
  readonly extended: boolean;
}

export interface LossPolicy {
  /** The budget of lost time (ms). */
  readonly deadline: number;
  /** How long a connection must last to earn all of it back (ms). */
  readonly stableAfter: number;
}

/** When a connection broke. */
interface Break {
  readonly now: number;
  readonly aliveAt: number;
  /** Whether the server itself ended it with "refused" or "busy": such a connection earned nothing. */
  readonly answered: boolean;
  /** The longest time that a dip may last before it is announced (ms). */
  readonly settle: number;
}

/**
 * The lost time of a connection that broke. Time is earned back while connected: all of it after `stableAfter`, in proportion
 * before. So a connection that was stable fails exactly `deadline` after its last proof of life, and a server that drops us
 * again and again ends in `failed` too. Whatever was spent before, there is time to announce the break.
 */
export function beginLoss(standing: Standing, at: Break, { deadline, stableAfter }: LossPolicy): Loss {
  const { now, aliveAt, answered, settle } = at;
  const lasted = Math.max(0, aliveAt - standing.since);
  const earned = answered ? 0 : (lasted * deadline) / stableAfter;
  const spent = lasted >= stableAfter ? 0 : Math.max(0, Math.ceil(standing.spent - earned));
  const deadlineAt = Math.max(aliveAt - spent + deadline, Math.min(aliveAt + deadline, now + settle));
  return { aliveAt, spent, deadline, deadlineAt, extended: false };
}

/** A join has its own budget, whatever was before. */
export const beginJoinLoss = (now: number, joinDeadline: number): Loss => ({
  aliveAt: now,
  spent: 0,
  deadline: joinDeadline,
  deadlineAt: now + joinDeadline,
  extended: false,
});

/** The device slept: the break dates from before, and the connection lasted that much less. */
export function redated(loss: Loss, standing: Standing, at: Omit<Break, 'answered'>, policy: LossPolicy): Loss {
  if (at.aliveAt >= loss.aliveAt) return loss;
  const earlier = beginLoss(standing, { ...at, answered: false }, policy);
  return earlier.spent >= loss.spent ? earlier : beginLoss(standing, { ...at, answered: true }, policy);
}

/** How late a timer may be for one more attempt (ms). Later than that, nobody waits for the room any more. */
const LATEST = 180_000;

/** One attempt after the deadline, where timers came too late for a single one before it. */
export const extended = (loss: Loss, now: number, grace: number): Loss => ({
  ...loss,
  deadlineAt: now + grace,
  extended: true,
});

export const mayBeExtended = ({ spent, deadlineAt, extended: already }: Loss, now: number): boolean =>
  !already && spent === 0 && now - deadlineAt <= LATEST;

export const isOverdue = ({ deadlineAt }: Loss, now: number): boolean => now >= deadlineAt;

/** What a room or an operator fails with when the budget is used up. */
export const deadlineError = (
  { deadline, spent }: Pick<Loss, 'deadline' | 'spent'>,
  attempts: number,
  { error }: Failure,
): DeadlineExceededError =>
  new DeadlineExceededError(deadline, attempts, { spent, ...(error === undefined ? {} : { cause: error }) });
