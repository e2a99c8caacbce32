import { AttemptLimitError } from '../recovery/attempt-limit-error.js';
import type { Failure } from '../recovery/failure.js';
import { FATAL, UNREACHABLE, type Verdict } from '../recovery/verdict.js';
import type { AttemptKind } from './attempt.js';
import type { DerivePolicy } from './policy.js';
import type { Stage } from './room-input.js';

/** Why a repair failed. */
export interface RepairFailure extends Failure {
  readonly stage: Stage;
  /** Resumes in a row that failed with an answer, this one included. */
  readonly answers: number;
}

const REFUSED: Verdict = { kind: 'refused' };

/** So many resumes in a row that were answered are a no. */
const ANSWERS_TO_CLIMB = 3;

/**
 * What the error of a repair means. A transport that classifies decides alone. Without it a restart that failed is refused, for it
 * went over signalling that was just proven alive; a resume that got an answer (see {@link isUnanswered}) is refused the third
 * time in a row; a request that failed says nothing about the repair.
 */
export function repairFailure(
  kind: AttemptKind,
  { error, stage, mistake }: { readonly error: unknown; readonly stage: Stage; readonly mistake?: boolean },
  answersBefore: number,
  { classify }: Pick<DerivePolicy, 'classify'>,
): RepairFailure {
  if (mistake === true) return { error, stage, answers: 0, verdict: FATAL };
  if (classify !== null) return { error, stage, answers: 0, verdict: classify(error) ?? UNREACHABLE };
  const answered = stage === 'join' && !isUnanswered(error);
  const answers = answered ? answersBefore + 1 : 0;
  const refused = (kind === 'restart' && stage === 'join') || answers >= ANSWERS_TO_CLIMB;
  return { error, stage, answers, verdict: refused ? REFUSED : UNREACHABLE };
}

/** What an attempt that was cut at its limit means. A media repair is refused in any case, since signalling is well. */
export function limitFailure(kind: AttemptKind, limit: number, { classify }: Pick<DerivePolicy, 'classify'>): Failure {
  const error = new AttemptLimitError(limit);
  const said = (classify === null && kind === 'resume' ? REFUSED : classify?.(error)) ?? UNREACHABLE;
  return { error, verdict: kind === 'restart' && said.kind === 'unreachable' ? REFUSED : said };
}

/** Whether an error says that nobody answered; those of `rejoin/websocket` do, other transports may. */
const isUnanswered = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && (error as { readonly unanswered?: unknown }).unanswered === true;
