import type { Failed } from './connection-state.js';
import type { Episode, Model, Session } from './model.js';
import type { Policy } from './policy.js';
import type { RoomEvent } from './room-event.js';
import type { Verdict } from './verdict.js';

/** A model while one frame is judged: the only mutable thing in the core, and it never leaves `transition`. */
export interface Step<L> {
  model: Model<L>;
  readonly now: number;
  readonly policy: Policy;
  readonly events: RoomEvent[];
}

export const change = <L>(step: Step<L>, changes: Partial<Model<L>>): void => {
  step.model = { ...step.model, ...changes };
};

export const changeEpisode = <L>(step: Step<L>, changes: Partial<Episode<L>>): void => {
  if (step.model.episode !== null) change(step, { episode: { ...step.model.episode, ...changes } });
};

/** Whether the session is a join under way, and not the link that is being repaired or waited for. */
export const isJoining = <L>({ session, episode }: Model<L>): boolean =>
  session !== null && session.id === episode?.work?.id;

/** Both healths up: the room's own proof of life. */
export const isWell = <L>(session: Session<L> | null): session is Session<L> & { readonly link: L } =>
  session !== null && session.link !== null && session.signal.up && session.media.up;

export const isOver = <L>({ state: { state } }: Model<L>): boolean => state === 'disconnected' || state === 'failed';

/** Ends everything: nothing runs, nothing is waited for. */
const end = <L>(step: Step<L>, state: Model<L>['state']): void => {
  change(step, { state, session: null, episode: null, probe: null });
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
