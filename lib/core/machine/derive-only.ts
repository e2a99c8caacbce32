import { asError } from './as-error.js';
import { endFailed } from './derivation.js';
import { nextId, type Draft } from './draft.js';
import { judge, type Transition } from './judge.js';
import type { Model } from './model.js';
import type { Moment } from './moment.js';
import type { DerivePolicy } from './policy.js';
import type { RoomInput } from './room-input.js';
import { openSession } from './session.js';

/** The same judgement as `transition`, for healths whose attempts are somebody else's: nothing is attempted. */
export const deriveOnly = <L>(
  model: Model<L>,
  inputs: readonly RoomInput<L>[],
  now: number,
  policy: DerivePolicy,
): Transition<L> => judge(model, inputs, now, policy, openOnce);

/** The one session: it holds the sources for as long as the room lives. */
function openOnce<L>(draft: Draft<L, DerivePolicy>, { ended }: Moment): void {
  const { before, model, now } = draft;
  const { episode, state } = model;
  // Sources that cannot be subscribed to are a mistake of the program.
  if (ended !== null) endFailed(draft, 'joinChannelFailed', asError(ended.error, 0));
  else if (before.episode === null && state.state === 'connecting' && episode !== null) {
    const { deadlineAt } = episode.loss;
    const nobody = { cause: null, endpoint: null, previous: null };
    const limits = { openingLimit: deadlineAt - now, limitAt: deadlineAt, deadlineAt };
    openSession(draft, nextId(draft), { number: 1, kind: 'join', ...nobody, ...limits });
  }
}
