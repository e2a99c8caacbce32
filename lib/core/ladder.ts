import type { Attempt, AttemptKind, Cause } from './attempt.js';
import { AttemptLimitError } from './attempt-limit-error.js';
import { DeadlineExceededError } from './deadline-exceeded-error.js';
import { hintOf } from './honouring-server.js';
import type { Model, Reading, Session } from './model.js';
import { planRetry, positionAfter, START, type Failure } from './plan-retry.js';
import { changeEpisode, endDismissed, endFailed, isDismissal, isJoining, type Step } from './step.js';
import { attemptAt } from './times.js';
import { UNREACHABLE } from './verdict.js';

const found: Failure = { error: undefined, verdict: UNREACHABLE };

const begun = {
  cause: null,
  rung: 'link',
  attempts: 0,
  work: null,
  retryAt: null,
  hintAt: null,
  last: null,
  stage: 'join',
  givenUp: null,
  previous: null,
} as const;

/** The first join of a room: its first attempt is due at once. */
export function beginJoin<L>(step: Step<L>): void {
  const { model, now, policy } = step;
  model.state = { state: 'connecting', reason: 'joinChannel' };
  model.position = START;
  model.episode = {
    ...begun,
    aliveAt: now,
    deadlineAt: now + policy.joinDeadline,
    retryAt: now,
  };
}

/** A connection breaks: the deadline is fixed, the first attempt planned, nothing announced yet. */
export function beginBreak<L>(step: Step<L>, cause: Cause, aliveAt: number, failure: Failure = found): void {
  openBreak(step, cause, aliveAt);
  if (step.now < aliveAt + step.policy.deadline) planNext(step, failure);
}

function openBreak<L>(step: Step<L>, cause: Cause, aliveAt: number): void {
  const { model, policy } = step;
  const repairable = policy.repairs && model.session !== null && cause !== 'redispatch';
  model.position = positionAfter(model.position, aliveAt - model.connectedAt, policy);
  model.episode = {
    ...begun,
    cause,
    aliveAt,
    deadlineAt: aliveAt + policy.deadline,
    rung: repairable ? 'repair' : 'link',
    previous: model.state.state === 'connected' ? model.state.link : null,
  };
}

/** Plans the next attempt after a failure. */
export function planNext<L>(step: Step<L>, failure: Failure): void {
  const { model, now, policy } = step;
  const { episode } = model;
  if (episode === null || !policy.attempts) return;
  try {
    const plan = planRetry(
      model.position,
      failure,
      { now, aliveAt: episode.aliveAt, deadlineAt: episode.deadlineAt },
      policy,
    );
    if (plan === 'giveUp') {
      changeEpisode(step, { givenUp: { error: failure.error } });
      return;
    }
    const hint = hintOf(failure.verdict);
    const hintAt = hint === undefined ? null : now + hint;
    model.position = plan.position;
    // Never two attempts in one millisecond: a schedule without waits must leave the device room to breathe.
    const retryAt = Math.max(plan.retryAt ?? Infinity, Math.min(now, model.beganAt) + 1);
    changeEpisode(step, { retryAt: retryAt < episode.deadlineAt ? retryAt : null, hintAt });
    step.events.push({ type: 'waiting', at: now, nextRetryAt: attemptTime(step), hintAt });
  } catch (error) {
    changeEpisode(step, { givenUp: { error } });
  }
}

const attemptTime = <L>({ model, policy }: Step<L>): number | null => {
  const at = attemptAt(model, policy);
  return at === Infinity ? null : at;
};

/** The running attempt failed: what its verdict means for the rung, the endpoint and the next wait. */
export function failAttempt<L>(step: Step<L>, failure: Failure): void {
  const { episode } = step.model;
  if (episode?.work == null) return;
  const { attempt } = episode.work;
  const joining = isJoining(step.model);
  step.events.push({ type: 'attemptFailed', at: step.now, number: attempt.number, kind: attempt.kind, ...failure });
  changeEpisode(step, { work: null, last: failure });
  if (joining) dropSession(step);
  const { verdict } = failure;
  if (isDismissal(verdict)) endDismissed(step, verdict);
  else if (verdict.kind === 'fatal') changeEpisode(step, { givenUp: { error: failure.error } });
  else if (verdict.kind === 'redispatch') redispatch(step, verdict.endpoint, failure);
  else {
    if (joining && verdict.kind !== 'busy') tryLast(step, attempt.endpoint);
    if (!joining && verdict.kind === 'refused') changeEpisode(step, { rung: 'link' });
    planNext(step, failure);
  }
}

/** An attempt that has run into its limit: a media repair climbs, since signalling is well; the rest try again. */
export function cutAtLimit<L>(step: Step<L>): void {
  const { episode } = step.model;
  if (episode?.work == null) return;
  const kind = episode.work.attempt.kind === 'restart' ? 'refused' : 'unreachable';
  failAttempt(step, { error: new AttemptLimitError(step.policy.attemptLimit), verdict: { kind } });
}

/** The running repair is of no use any more: it is cut, and the next one planned. */
export function cutRepair<L>(step: Step<L>): void {
  const { episode } = step.model;
  if (episode?.work == null) return;
  const { number, kind } = episode.work.attempt;
  step.events.push({ type: 'attemptCut', at: step.now, number, kind });
  changeEpisode(step, { work: null });
  planNext(step, found);
}

/** Signalling died in mid media repair, which needs it: the repair is cut and does not count. */
export function cutUncounted<L>(step: Step<L>): void {
  const { model } = step;
  const { position, episode } = model;
  if (episode === null) return;
  model.position = { ...position, waits: position.waits - 1 };
  changeEpisode(step, { attempts: episode.attempts - 1 });
  cutRepair(step);
}

/** The server sends us elsewhere: straight there, unless it did so just before. */
export function redispatch<L>(step: Step<L>, endpoint: string, failure: Failure = found): void {
  const { model, now, policy } = step;
  const others = model.endpoints.filter((other) => other !== endpoint);
  model.endpoints = [endpoint, ...others];
  if (model.episode === null) {
    openBreak(step, 'redispatch', now);
    const { position } = model;
    if (position.waits > 0) planNext(step, failure);
    else if (policy.attempts) {
      model.position = { ...position, waits: 1 };
      changeEpisode(step, { retryAt: now });
    }
    return;
  }
  const again = model.episode.cause === 'redispatch';
  if (isJoining(model)) dropSession(step);
  changeEpisode(step, {
    rung: 'link',
    cause: 'redispatch',
    work: null,
    retryAt: again || !policy.attempts ? null : now,
  });
  if (again) planNext(step, failure);
}

/** Begins the attempt that is due, if one is. */
export function startDue<L>(step: Step<L>): void {
  const { model, now, policy } = step;
  const { episode, session } = model;
  if (episode === null || attemptAt(model, policy) > now) return;
  const id = model.lastId + 1;
  const kind = nextKind(model);
  const previous = session?.link ?? episode.previous;
  const limitAt = policy.attempts ? Math.min(now + policy.attemptLimit, episode.deadlineAt) : episode.deadlineAt;
  const attempt: Attempt<L> = {
    number: episode.attempts + 1,
    kind,
    cause: shownCause(model),
    endpoint: model.endpoints[0] ?? null,
    previous,
    openingLimit: Math.min(policy.openingLimit, limitAt - now),
    limitAt,
    deadlineAt: episode.deadlineAt,
  };
  model.lastId = id;
  model.beganAt = now;
  changeEpisode(step, {
    work: { id, attempt },
    attempts: attempt.number,
    retryAt: null,
    hintAt: null,
    previous,
  });
  if (kind === 'restart' && session?.canProbe === true && model.probe === null) askForLife(step, now);
  if (episode.rung === 'link') {
    const unknown: Reading = { up: false, since: now, aliveAt: now, lost: false };
    const next: Session<L> = {
      id,
      attempt,
      link: null,
      canProbe: false,
      hasMedia: true,
      signal: unknown,
      media: unknown,
    };
    model.session = next;
    model.probe = null;
    changeEpisode(step, { stage: 'request' });
  }
  step.events.push({
    type: 'attempt',
    at: now,
    number: attempt.number,
    kind,
    cause: attempt.cause,
    endpoint: attempt.endpoint,
  });
}

/** What is broken; a first join has broken nothing, whatever the server says. */
export const shownCause = <L>({ state, episode }: Model<L>): Cause | null =>
  state.state === 'connecting' ? null : (episode?.cause ?? null);

/** The rung of the next attempt: what is repaired first is what the other repair needs. */
export function nextKind<L>({ state, episode, session }: Model<L>): AttemptKind {
  if (state.state === 'connecting') return 'join';
  if (episode?.rung !== 'repair') return 'rejoin';
  return session?.signal.up === true ? 'restart' : 'resume';
}

/** Asks the server for a sign of life; a media repair waits for the answer. */
export function askForLife<L>(step: Step<L>, aliveAt: number): void {
  const { model, now, policy } = step;
  const id = (model.lastId += 1);
  model.probe = { id, limitAt: now + policy.probeLimit, aliveAt: Math.max(model.connectedAt, aliveAt) };
  step.events.push({ type: 'probe', at: now });
}

/** Nothing is left of the session but its link's name, for the join that replaces it. */
export function dropSession<L>(step: Step<L>): void {
  const { model } = step;
  const { session, episode } = model;
  if (session === null) return;
  model.session = model.probe = null;
  changeEpisode(step, { previous: session.link ?? episode?.previous ?? null });
}

/** The deadline has passed. */
export function failLate<L>(step: Step<L>, suspendedFor: number): void {
  const { episode, state } = step.model;
  const attempts = episode?.attempts ?? 0;
  const joining = state.state === 'connecting';
  const error = new DeadlineExceededError(
    joining ? step.policy.joinDeadline : step.policy.deadline,
    attempts,
    episode?.last ? { cause: episode.last.error } : undefined,
  );
  endFailed(step, {
    reason: joining ? stageFailed(step) : 'timeout',
    error,
    attempts,
    ...(suspendedFor > 0 ? { suspendedFor } : {}),
  });
}

/** The schedule has given up or could not be asked, or no attempt can succeed. */
export function failGivenUp<L>(step: Step<L>, error: unknown): void {
  endFailed(step, {
    reason: stageFailed(step),
    error: error ?? step.model.episode?.last?.error,
    attempts: step.model.episode?.attempts ?? 0,
  });
}

const stageFailed = <L>({ model }: Step<L>): 'requestChannelFailed' | 'joinChannelFailed' =>
  model.episode?.stage === 'request' ? 'requestChannelFailed' : 'joinChannelFailed';

const tryLast = <L>({ model }: Step<L>, endpoint: string | null): void => {
  const { endpoints } = model;
  if (endpoints.includes(endpoint)) {
    model.endpoints = [...endpoints.filter((other) => other !== endpoint), endpoint];
  }
};
