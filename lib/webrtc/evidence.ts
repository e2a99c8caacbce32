import type { Health } from '../core/machine/health.js';
import type { Counter, Counters } from './read-stats.js';

/** What was seen of a peer connection at one moment. */
export interface Sample {
  /** When it was seen (ms). */
  readonly at: number;
  readonly connectionState: string;
  readonly counters: Counters;
}

/** How much silence is a loss. All times in milliseconds of sampled time. */
export interface EvidenceLimits {
  /** The time between two samples; one that comes later counts for at most 1.5 of it. */
  readonly poll: number;
  /** Without bytes and STUN answers, while media flows steadily. */
  readonly silence: number;
  /** The same while media flows sparsely, as audio with DTX does. */
  readonly sparseSilence: number;
  /** STUN requests without an answer and without bytes in between, in any situation. */
  readonly unanswered: number;
}

/** What the samples so far amount to. */
export interface Evidence {
  /** `null` until there was a first proof of life, or the connection failed. */
  readonly health: Health | null;
  /** The connection was closed: nothing can come any more. */
  readonly closed: boolean;
  /** Up, but half of what would be a loss has passed. */
  readonly doubtful: boolean;
  /** When something advanced for the last time. */
  readonly aliveAt: number | null;
  readonly sampledAt: number | null;
  /** The last known value of every counter; one that a report does not have keeps its last. */
  readonly counters: Counters;
  /** Sampled time since bytes or STUN answers advanced. */
  readonly silentFor: number;
  /** Sampled time since bytes advanced. */
  readonly noBytesFor: number;
  /** Sampled time since RTP packets, either way, advanced. */
  readonly noMediaFor: number;
  /** The pauses between bytes, newest last, since media began to flow. */
  readonly gaps: readonly number[];
  /** STUN requests since the last proof of life. */
  readonly unanswered: number;
}

export const noEvidence: Evidence = {
  health: null,
  closed: false,
  doubtful: false,
  aliveAt: null,
  sampledAt: null,
  counters: {},
  silentFor: 0,
  noBytesFor: 0,
  noMediaFor: 0,
  gaps: [],
  unanswered: 0,
};

/** Media that is not sparse never paused longer, measured: 0.34 s. DTX audio pauses for 0.4 to 1.1 s. */
const STEADY_GAP = 380;
/** With longer pauses it does not flow; an idle connection gets one STUN answer in 2.7 s. */
const FLOW_GAP = 1500;
/** So many pauses make a flow, and so many are remembered: at 250 ms, 2 s and 10 s. */
const FIRST_GAPS = 8;
const LAST_GAPS = 40;

/** The share of a loss that is reason to ask the signalling, so that its answer is there when the loss is. */
const DOUBT = 0.5;

const isOver = (connectionState: string): boolean => connectionState === 'failed' || connectionState === 'closed';

/**
 * Takes one more sample into account. Pure.
 *
 * Bytes or STUN answers that advanced are proof of life: of the first one together with `connected`, and after a loss of
 * nothing less. Only growth of the same counter proves anything: one that vanishes says nothing, one that is lower or belongs
 * to another pair is a new baseline. Silence is counted in sampled time, so a device that was busy or asleep, and took no
 * samples, sees no silence in that time.
 */
export function evaluate(
  evidence: Evidence,
  { at, connectionState, counters }: Sample,
  limits: EvidenceLimits,
): Evidence {
  if (isOver(connectionState)) return evaluateState(evidence, connectionState);
  const { sampledAt, aliveAt: wasAliveAt } = evidence;
  const step = sampledAt === null ? 0 : Math.min(Math.max(0, at - sampledAt), 1.5 * limits.poll);

  // A first pair appeared under our eyes: all of its answers are news.
  const isFirstPair = sampledAt !== null && evidence.health === null && evidence.counters.responses === undefined;
  const answers = isFirstPair ? (counters.responses?.value ?? 0) : newAnswers(evidence.counters, counters);
  const bytesMoved = growth(evidence.counters.bytes, counters.bytes) > 0;
  const mediaMoved = growth(evidence.counters.media, counters.media) > 0;
  const moved = bytesMoved || answers > 0;

  const aliveAt = moved ? at : wasAliveAt;
  const silentFor = moved ? 0 : evidence.silentFor + step;
  const noMediaFor = mediaMoved ? 0 : evidence.noMediaFor + step;
  const pause = evidence.noBytesFor + step;
  const flows = pause <= FLOW_GAP && noMediaFor <= FLOW_GAP;
  const unanswered = moved ? 0 : evidence.unanswered + growth(evidence.counters.requests, counters.requests);
  const gaps = !bytesMoved ? evidence.gaps : flows ? [...evidence.gaps, pause].slice(-LAST_GAPS) : [];

  const next: Evidence = {
    health: evidence.health,
    closed: false,
    doubtful: false,
    aliveAt,
    sampledAt: at,
    counters: {
      ...evidence.counters,
      ...counters,
      ...(counters.pairs && { pairs: { ...evidence.counters.pairs, ...counters.pairs } }),
    },
    silentFor,
    noBytesFor: bytesMoved ? 0 : pause,
    noMediaFor,
    gaps,
    unanswered,
  };
  switch (next.health) {
    case null:
      return connectionState === 'connected' && aliveAt !== null && silentFor < limits.silence
        ? { ...next, health: 'up' }
        : next;
    case 'up': {
      // 1 is a loss.
      const silence = Math.max(silentFor / toleranceOf(gaps, limits), unanswered / limits.unanswered);
      return silence >= 1 ? lost(next) : { ...next, doubtful: silence >= DOUBT };
    }
    default:
      return moved ? { ...next, health: 'up' } : next;
  }
}

/** Takes `connectionState` into account where it is reliable: `failed` and `closed`. Pure. */
export function evaluateState(evidence: Evidence, connectionState: string): Evidence {
  if (!isOver(connectionState)) return evidence;
  const closed = connectionState === 'closed';
  if (evidence.health !== null && evidence.health !== 'up') return { ...evidence, closed };
  // What moved before it failed proves nothing for after: the next sample is only a baseline.
  return lost({ ...evidence, closed, counters: {} });
}

/** The silence that is a loss: `Infinity` while media does not flow, because silence is natural then. */
function toleranceOf(gaps: readonly number[], { silence, sparseSilence }: EvidenceLimits): number {
  if (gaps.length < FIRST_GAPS) return Infinity;
  return Math.max(...gaps) <= STEADY_GAP ? silence : sparseSilence;
}

const lost = (evidence: Evidence): Evidence => ({
  ...evidence,
  doubtful: false,
  health: evidence.aliveAt === null ? { down: true } : { down: true, aliveAt: evidence.aliveAt },
  gaps: [],
});

/**
 * STUN answers on the selected pair since the last sample. A pair that was not selected then is compared with the count it
 * had; one that did not exist, as after an ICE restart, with zero.
 */
function newAnswers(before: Counters, now: Counters): number {
  const { pairs, responses } = now;
  if (before.pairs === undefined || pairs === undefined || responses === undefined) {
    return growth(before.responses, responses);
  }
  const known = before.pairs;
  return responses.id
    .split(' ')
    .map((id) => Math.max(0, finite(pairs[id]) - (known[id] ?? 0)))
    .reduce((total, more) => total + more, 0);
}

const finite = (value = 0): number => (Number.isFinite(value) ? value : 0);

const growth = (before: Counter | undefined, now: Counter | undefined): number =>
  before && now && before.id === now.id ? Math.max(0, now.value - before.value) : 0;
