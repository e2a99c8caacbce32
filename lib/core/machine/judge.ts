import { beginJoinLoss } from '../recovery/loss.js';
import { beginJoining, endLeft, isOver } from './derivation.js';
import { derive } from './derive.js';
import type { Draft } from './draft.js';
import { beginEpisode } from './episode.js';
import type { Model } from './model.js';
import { NOTHING, type Moment } from './moment.js';
import { observe } from './observe.js';
import type { DerivePolicy } from './policy.js';
import type { RoomEvent } from './room-event.js';
import type { RoomInput } from './room-input.js';

/** What becomes of a room in one frame. */
export interface Transition<L> {
  readonly model: Model<L>;
  readonly events: readonly RoomEvent[];
}

/** One frame: a join begins, a leave ends, anything else is observed and derived; the last phase follows from that. */
export function judge<L, P extends DerivePolicy>(
  model: Model<L>,
  inputs: readonly RoomInput<L>[],
  now: number,
  policy: P,
  lastPhase: (draft: Draft<L, P>, moment: Moment) => void,
): Transition<L> {
  const hasCommand = (command: 'join' | 'leave'): boolean => inputs.some(({ type }) => type === command);
  if (isOver(model) && !hasCommand('join')) return { model, events: [] };
  const draft: Draft<L, P> = { before: model, model: { ...model }, now, policy, events: [] };
  if (isOver(model)) {
    beginJoining(draft);
    const loss = beginJoinLoss(now, policy.joinDeadline);
    beginEpisode(draft, { cause: null, rung: 'rejoin', loss, tally: draft.model.standing.tally });
    lastPhase(draft, NOTHING);
  } else if (hasCommand('leave')) endLeft(draft);
  else {
    const moment = observe(draft, inputs);
    derive(draft, moment);
    if (!isOver(draft.model)) lastPhase(draft, moment);
  }
  return { model: draft.model, events: draft.events };
}
