import { asError } from './as-error.js';
import { endFailed } from './derivation.js';
import { type Draft, nextId } from './draft.js';
import { isBroken } from './episode.js';
import type { Model } from './model.js';
import { openSession } from './session.js';
import { judge, type Transition } from './judge.js';
import type { Moment } from './moment.js';
import type { DerivePolicy } from './policy.js';
import type { RoomInput } from './room-input.js';

/** The same judgement as `transition`, for healths whose attempts are somebody else's: nothing is attempted. */
export const deriveOnly = <L>(
  model: Model<L>,
  inputs: readonly RoomInput<L>[],
  now: number,
  policy: DerivePolicy,
): Transition<L> => judge(model, inputs, now, policy, openOnce);

/** The one session: it holds the sources for as long as the room lives. */
function openOnce<L>(draft: Draft<L, DerivePolicy>, { ended }: Moment): void {
  if (!isBroken(draft)) return;
  const { before, model } = draft;
  // Sources that cannot be subscribed to are a mistake of the program.
  if (ended !== null) endFailed(draft, { reason: 'joinChannelFailed', error: asError(ended.error, 0) });
  else if (before.episode === null && model.state.state === 'connecting') {
    const { deadlineAt } = model.episode.loss;
    openSession(draft, nextId(draft), {
      number: 1,
      kind: 'join',
      cause: null,
      endpoint: null,
      previous: null,
      openingLimit: deadlineAt - draft.now,
      limitAt: deadlineAt,
      deadlineAt,
    });
  }
}
