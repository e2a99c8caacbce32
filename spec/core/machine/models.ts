import { workOf } from '../../../lib/core/machine/episode.js';
import { initialModel } from '../../../lib/core/machine/initial-model.js';
import type { Transition } from '../../../lib/core/machine/judge.js';
import type { Episode, Model, Session, Work } from '../../../lib/core/machine/model.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import type { RoomEvent } from '../../../lib/core/machine/room-event.js';
import type { Leg, RoomInput, Stage } from '../../../lib/core/machine/room-input.js';
import { transition } from '../../../lib/core/machine/transition.js';
import type { Phase } from '../../../lib/core/recovery/recovery.js';
import type { ServerNotice, Verdict } from '../../../lib/core/recovery/verdict.js';
import { spaced } from '../../../lib/core/schedule/schedule.js';

export const link = { name: 'link' };
export type Link = typeof link;

/** An error that a transport can classify. */
export class Said extends Error {
  constructor(readonly verdict: Verdict) {
    super(`said ${verdict.kind}`);
  }
}

export const classify = (error: unknown): Verdict | undefined => (error instanceof Said ? error.verdict : undefined);

/** The defaults, with a schedule that always waits 100 ms. */
export const policy = (changes: Partial<Policy> = {}): Policy => ({
  name: '',
  schedule: spaced(100),
  random: () => 0.5,
  stableAfter: 10_000,
  lastChanceFrom: 3_000,
  deadline: 40_000,
  joinDeadline: 20_000,
  attemptLimit: 10_000,
  openingLimit: 3_000,
  settle: { signal: 1_000, media: 0 },
  probeLimit: 2_000,
  probeHold: 500,
  wakeFloor: 1_000,
  repairs: true,
  lateGrace: 10_000,
  classify,
  ...changes,
});

/** An input, given the room: it carries the id of the running work, whatever that is. */
export type Happening = (model: Model<Link>) => RoomInput<Link>;

const sessionId = ({ session }: Model<Link>): number => session?.id ?? -1;

export const join: Happening = () => ({ type: 'join' });
export const leave: Happening = () => ({ type: 'leave' });
export const retryNow: Happening = () => ({ type: 'retryNow' });
export const wake =
  (suspendedFor = 0): Happening =>
  () => ({ type: 'wake', suspendedFor });
export const requested: Happening = (model) => ({ type: 'requested', id: sessionId(model) });
export const linked =
  ({ media = true, canProbe = false, as = link } = {}): Happening =>
  (model) => ({ type: 'linked', id: sessionId(model), link: as, media, canProbe });
export const up =
  (source: Leg): Happening =>
  (model) => ({ type: 'health', id: sessionId(model), source, health: 'up' });
export const down =
  (source: Leg, aliveAt?: number): Happening =>
  (model) => ({
    type: 'health',
    id: sessionId(model),
    source,
    health: aliveAt === undefined ? { down: true } : { down: true, aliveAt },
  });
export const sourceEnded =
  (source: Leg): Happening =>
  (model) => ({ type: 'sourceEnded', id: sessionId(model), source });
export const notice =
  (said: ServerNotice): Happening =>
  (model) => ({ type: 'notice', id: sessionId(model), notice: said });
export const ended =
  (verdict: Verdict | Error): Happening =>
  (model) => ({ type: 'ended', id: sessionId(model), error: verdict instanceof Error ? verdict : new Said(verdict) });
export const repairFailed =
  (verdict: Verdict | Error, stage: Stage = 'join'): Happening =>
  (model) => ({
    type: 'repairFailed',
    id: workOf(model.episode)?.id ?? -1,
    error: verdict instanceof Error ? verdict : new Said(verdict),
    stage,
  });
export const probed =
  (alive: boolean): Happening =>
  ({ session }) => ({ type: 'probed', id: session?.probe?.id ?? -1, alive });

/** Both healths of the running session's link are up. */
export const well: readonly Happening[] = [up('signal'), up('media')];

/** A room that is played frame by frame. */
export class Played {
  /** What the last frame told. */
  events: readonly RoomEvent[] = [];

  constructor(
    readonly policy: Policy,
    public model: Model<Link> = initialModel([]),
    readonly judge: (
      model: Model<Link>,
      inputs: readonly RoomInput<Link>[],
      now: number,
      policy: Policy,
    ) => Transition<Link> = transition,
  ) {}

  /** One frame. Inputs name the work that runs before it. */
  frame(now: number, ...happenings: readonly Happening[]): this {
    const inputs = happenings.map((happening) => happening(this.model));
    ({ model: this.model, events: this.events } = this.judge(this.model, inputs, now, this.policy));
    return this;
  }

  get state(): Model<Link>['state'] {
    return this.model.state;
  }

  get says(): string {
    return `${this.state.state}/${String(this.state.reason)}`;
  }

  get episode(): Episode<Link> {
    if (this.model.episode === null) throw new Error('nothing is broken');
    return this.model.episode;
  }

  get phase(): Phase<Work<Link>> {
    return this.episode.recovery.phase;
  }

  /** When the wait is over; a phase of another kind is named. */
  get due(): number | string {
    return this.phase.kind === 'waiting' ? this.phase.until : this.phase.kind;
  }

  get position(): number {
    return this.episode.recovery.tally.position;
  }

  get work(): Work<Link> | null {
    return workOf(this.model.episode);
  }

  get session(): Session<Link> {
    const { session } = this.model;
    if (session?.link == null) throw new Error('there is no link');
    return session;
  }

  get told(): readonly string[] {
    return this.events.map(({ type }) => type);
  }
}

/** A room that is joining since 0. */
export const joining = (changes: Partial<Policy> = {}, endpoints: readonly string[] = []): Played =>
  new Played(policy(changes), initialModel(endpoints)).frame(0, join);

/** A room that is connected since 0. */
export const connected = (
  changes: Partial<Policy> = {},
  { endpoints = [], media = true, canProbe = false }: { endpoints?: readonly string[]; media?: boolean; canProbe?: boolean } = {},
): Played =>
  joining(changes, endpoints).frame(0, requested, linked({ media, canProbe }), ...(media ? well : [up('signal')]));
