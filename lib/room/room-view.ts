import { distinctUntilChanged, map, Observable, type BehaviorSubject, type Subject } from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import type { Model } from '../core/machine/model.js';
import { progressOf, sameProgress, type Progress } from '../core/machine/progress.js';
import type { RoomEvent } from '../core/machine/room-event.js';
import type { Room, RoomError, RoomSnapshot } from './room.js';

/** What a room can be told. */
interface Commands {
  readonly join: () => void;
  readonly leave: () => void;
  readonly retryNow: () => void;
  readonly dispose: () => void;
}

/**
 * Streams that are projections of one model, so that no two of them ever disagree. Without `#fields`: frameworks put objects
 * behind proxies.
 */
export class RoomView<L> implements Room<L> {
  readonly connectionState$: Observable<ConnectionState<L>>;
  readonly progress$: Observable<Progress | null>;
  readonly link$: Observable<L | null>;
  readonly snapshot$: Observable<RoomSnapshot<L>>;
  readonly errors$: Observable<RoomError>;
  readonly events$: Observable<RoomEvent>;
  // Functions of their own, so that they can be handed on (`onclick = room.leave`).
  readonly join: () => void;
  readonly leave: () => void;
  readonly retryNow: () => void;

  constructor(
    private readonly model$: BehaviorSubject<Model<L>>,
    errors$: Subject<RoomError>,
    events$: Subject<RoomEvent>,
    private readonly commands: Commands,
  ) {
    this.connectionState$ = projected(model$, stateOf);
    this.progress$ = projected(model$, progressOf, sameProgress);
    this.link$ = projected(model$, linkOf);
    this.snapshot$ = projected(model$, snapshotOf, sameSnapshot);
    this.errors$ = errors$.asObservable();
    this.events$ = events$.asObservable();
    this.join = commands.join;
    this.leave = commands.leave;
    this.retryNow = commands.retryNow;
  }

  get connectionState(): ConnectionState<L> {
    return this.model$.value.state;
  }

  [Symbol.dispose](): void {
    this.commands.dispose();
  }
}

const projected = <L, T>(
  model$: Observable<Model<L>>,
  project: (model: Model<L>) => T,
  same?: (a: T, b: T) => boolean,
): Observable<T> =>
  new Observable((subscriber) => model$.pipe(map(project), distinctUntilChanged(same)).subscribe(subscriber));

const stateOf = <L>({ state }: Model<L>): ConnectionState<L> => state;

const linkOf = <L>({ state }: Model<L>): L | null => ('link' in state ? state.link : null);

const snapshotOf = <L>(model: Model<L>): RoomSnapshot<L> => ({
  connectionState: model.state,
  progress: progressOf(model),
  link: linkOf(model),
});

const sameSnapshot = <L>(a: RoomSnapshot<L>, b: RoomSnapshot<L>): boolean =>
  a.connectionState === b.connectionState && sameProgress(a.progress, b.progress);
