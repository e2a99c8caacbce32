import type { Failed } from './connection-state.js';
import type { Episode, Model, Session } from './model.js';
import type { Policy } from './policy.js';
import type { RoomEvent } from './room-event.js';
import type { Verdict } from './verdict.js';

/** While one frame is judged: the only mutable things in the core, and they never leave `transition` unfinished. */
export interface Step<L> {
  /** The copy that becomes the next model. Its fields are replaced, what they hold is never written to. */
  readonly model: { -readonly [K in keyof Model<L>]: Model<L>[K] };
  readonly now: number;
  readonly policy: Policy;
  readonly events: RoomEvent[];
}

export const changeEpisode = <L>({ model }: Step<L>, changes: Partial<Episode<L>>): void => {
  if (model.episode !== null) model.episode = { ...model.episode, ...changes };
};

/** Whether the session is a join under way, and not the link that is being repaired or waited for. */
export const isJoining = <L>({ session, episode }: Model<L>): boolean =>
  session !== null && session.id === episode?.work?.id;

/** Both healths up: the room's own proof of life. */
export const isWell = <L>(session: Session<L> | null): session is Session<L> & { readonly link: L } =>
  session?.link != null && session.signal.up && session.media.up;

export const isOver = <L>({ state: { state } }: Model<L>): boolean => state === 'disconnected' || state === 'failed';

/** Ends everything: nothing runs, nothing is waited for. */
const end = <L>({ model }: Step<L>, state: Model<L>['state']): void => {
  model.state = state;
  model.session = model.episode = model.probe = null;
};

export const endFailed = <L>(step: Step<L>, failed: Omit<Failed, 'state'>): void => {
  end(step, { state: 'failed', ...failed });
};

export const endLeft = <L>(step: Step<L>): void => {
  end(step, { state: 'disconnected', reason: 'leaveChannel' });
};

const dismissals = { closed: 'channelClosed', kicked: 'serverKicked', duplicateUser: 'duplicateUser' } as const;

type Dismissal = Extract<Verdict, { kind: keyof typeof dismissals }>;

export const isDismissal = (said: { readonly kind: string }): said is Dismissal => Object.hasOwn(dismissals, said.kind);

export const endDismissed = <L>(step: Step<L>, { kind }: Dismissal): void => {
  end(step, { state: 'disconnected', reason: dismissals[kind] });
};
