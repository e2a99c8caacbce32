import { beginJoinLoss } from '../recovery/loss.js';
import { beginJoining, endLeft, isOver } from './derivation.js';
import { derive } from './derive.js';
import { draftOf, type Draft } from './draft.js';
import { beginEpisode } from './episode.js';
import type { Model } from './model.js';
import type { Moment } from './moment.js';
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
  before: Model<L>,
  inputs: readonly RoomInput<L>[],
  now: number,
  policy: P,
  lastPhase: (draft: Draft<L, P>, moment: Moment) => void,
): Transition<L> {
  const hasCommand = (command: 'join' | 'leave'): boolean => inputs.some(({ type }) => type === command);
  const draft = draftOf(before, now, policy);
  const { model, events } = draft;
  if (isOver(before)) {
    if (!hasCommand('join')) return { model: before, events };
    beginJoining(draft);
    beginEpisode(draft, null, 'rejoin', beginJoinLoss(now, policy.joinDeadline), model.standing.tally);
    lastPhase(draft, observe(draft, []));
  } else if (hasCommand('leave')) endLeft(draft);
  else {
    const moment = observe(draft, inputs);
    derive(draft, moment);
    if (!isOver(model)) lastPhase(draft, moment);
  }
  return { model, events };
}
