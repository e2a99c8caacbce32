import { UNREACHABLE } from '../recovery/verdict.js';
import type { Draft, Writable } from './draft.js';
import { enterStage, workOf } from './episode.js';
import { verdictsOf, type Moment } from './moment.js';
import type { DerivePolicy } from './policy.js';
import { repairFailure } from './repair-failure.js';
import type { RoomInput } from './room-input.js';
import { endProbe, endSource, forgetProbe, linkSession, readHealth } from './session.js';

/**
 * First phase: the healths of a frame go into the session, everything else into a moment. Nothing is decided here, and inputs
 * from finished work are ignored.
 */
export function observe<L>(draft: Draft<L, DerivePolicy>, inputs: readonly RoomInput<L>[]): Moment {
  const { model, now, policy, before } = draft;
  const wakes = inputs.flatMap((input) => (input.type === 'wake' ? input.suspendedFor : []));
  const notices: Moment['notices'][number][] = [];
  const moment: Writable<Moment> = {
    notices,
    ended: null,
    sourceError: null,
    repairFailed: null,
    sentTo: undefined,
    relinked: false,
    woken: wakes.length > 0,
    // A wake comes before input that was buffered with it.
    suspendedFor: Math.max(0, ...wakes),
    retryNow: false,
    silenced: false,
  };
  const { episode } = model;
  for (const input of inputs) {
    const { session } = model;
    const isOfSession = 'id' in input && input.id === session?.id;
    switch (input.type) {
      case 'retryNow':
        moment.retryNow = true;
        break;
      case 'repairFailed': {
        const work = workOf(episode);
        if (episode !== null && work?.id === input.id)
          moment.repairFailed ??= repairFailure(work.attempt.kind, input, episode.answers, policy);
        break;
      }
      case 'probed':
        if (input.id === session?.probe?.id) endProbe(draft, input.alive);
        break;
      case 'requested':
        if (isOfSession && session.joining && episode !== null) enterStage(episode, 'join');
        break;
      case 'linked':
        if (!isOfSession) break;
        moment.relinked ||= session.link !== null;
        linkSession(draft, input);
        break;
      case 'health':
        if (isOfSession) {
          const { source, health } = input;
          const up = health === 'up';
          readHealth(draft, source, up, up ? undefined : health.aliveAt, moment.suspendedFor);
        }
        break;
      case 'sourceEnded':
        if (!isOfSession) break;
        moment.sourceError ??= input.error ?? null;
        endSource(draft, input.source, moment.suspendedFor);
        break;
      case 'notice':
        if (!isOfSession) break;
        notices.push(input.notice);
        if (input.notice.kind === 'redispatch') moment.sentTo = input.notice.endpoint;
        break;
      case 'ended':
        if (isOfSession) {
          const { error } = input;
          moment.ended ??= { error, verdict: policy.classify?.(error) ?? UNREACHABLE };
        }
    }
  }
  for (const said of verdictsOf(moment.repairFailed, moment.ended))
    if (said.kind === 'redispatch') moment.sentTo ??= said.endpoint;
  const known = before.session;
  const after = model.session;
  moment.silenced = known?.media.up === true && after?.media.up === false;
  // A signal that went down, or up again, has answered the probe. Only at the end of the frame: the last proof of life that
  // the probe knows holds for all that is lost in it.
  if (after?.signal !== known?.signal) forgetProbe(draft);
  else if (after?.probe != null && now >= after.probe.limitAt) endProbe(draft, false);
  return moment;
}
