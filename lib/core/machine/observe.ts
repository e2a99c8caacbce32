import { UNREACHABLE } from '../recovery/verdict.js';
import type { Draft } from './draft.js';
import { enterStage, isBroken, workOf } from './episode.js';
import { endProbe, endSource, forgetProbe, linkSession, readHealth } from './session.js';
import type { Moment } from './moment.js';
import type { DerivePolicy } from './policy.js';
import { repairFailure } from './repair-failure.js';
import type { RoomInput } from './room-input.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * First phase: the healths of a frame go into the session, everything else into a moment. Nothing is decided here, and inputs
 * from finished work are ignored.
 */
export function observe<L>(draft: Draft<L, DerivePolicy>, inputs: readonly RoomInput<L>[]): Moment {
  const { model, now } = draft;
  const wakes = inputs.flatMap((input) => (input.type === 'wake' ? [input.suspendedFor] : []));
  const notices: Moment['notices'][number][] = [];
  const moment: Writable<Moment> = {
    notices,
    ended: null,
    repairFailed: null,
    relinked: false,
    woken: wakes.length > 0,
    // A wake comes before input that was buffered with it.
    suspendedFor: Math.max(0, ...wakes),
    retryNow: false,
    silenced: false,
  };
  const before = model.session;
  for (const input of inputs) {
    if (input.type === 'retryNow') moment.retryNow = true;
    else if (input.type === 'repairFailed') {
      const work = workOf(model.episode);
      if (model.episode !== null && work?.id === input.id)
        moment.repairFailed ??= repairFailure(work.attempt.kind, input, model.episode.answers, draft.policy);
    } else if (input.type === 'probed') {
      if (model.session?.linked === true && input.id === model.session.probe?.id) endProbe(draft, input.alive);
    } else if ('id' in input && input.id === model.session?.id) observeSession(draft, moment, notices, input);
  }
  const after = model.session;
  if (after?.linked !== true) return moment;
  const known = before?.linked === true ? before : null;
  moment.silenced = known?.media.up === true && !after.media.up;
  // A signal that went down, or up again, has answered the probe. Only at the end of the frame: the last proof of life that
  // the probe knows holds for all that is lost in it.
  if (after.signal !== known?.signal) forgetProbe(draft);
  else if (after.probe !== null && now >= after.probe.limitAt) endProbe(draft, false);
  return moment;
}

type OfSession<L> = Exclude<Extract<RoomInput<L>, { id: number }>, { type: 'repairFailed' | 'probed' }>;

function observeSession<L>(
  draft: Draft<L, DerivePolicy>,
  moment: Writable<Moment>,
  notices: Moment['notices'][number][],
  input: OfSession<L>,
): void {
  const { session } = draft.model;
  if (session === null) return;
  switch (input.type) {
    case 'requested':
      if (session.joining && isBroken(draft)) enterStage(draft, 'join');
      return;
    case 'linked':
      moment.relinked ||= session.linked;
      linkSession(draft, session, input);
      return;
    case 'health': {
      const { source, health } = input;
      readHealth(draft, source, health === 'up', health === 'up' ? undefined : health.aliveAt, moment.suspendedFor);
      return;
    }
    case 'sourceEnded':
      endSource(draft, input.source, moment.suspendedFor);
      return;
    case 'notice':
      notices.push(input.notice);
      return;
    case 'ended': {
      const { error } = input;
      moment.ended ??= { error, verdict: draft.policy.classify?.(error) ?? UNREACHABLE };
    }
  }
}
