import { judge, type Transition } from './judge.js';
import type { Model } from './model.js';
import type { Policy } from './policy.js';
import { recover } from './recover.js';
import type { RoomInput } from './room-input.js';

/**
 * What becomes of a room in one frame, in three phases: `observe` what came in, `derive` the state, `recover`. Everything of one
 * frame is judged together, so that one physical cause is one change however many events report it.
 *
 * Pure. Whatever time alone brings (a deadline, a limit, an announcement, the next attempt) is a comparison with `now`;
 * call it without inputs at `nextAt`. Order of judging: leave, deadline, the server's notice, everything else. At most one
 * change of state and at most one attempt begun a call.
 *
 * @param now - wall clock, ms.
 */
export const transition = <L>(
  model: Model<L>,
  inputs: readonly RoomInput<L>[],
  now: number,
  policy: Policy,
): Transition<L> => judge(model, inputs, now, policy, recover);
