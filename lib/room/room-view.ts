import { defaultIfEmpty, distinctUntilChanged, map, Observable, type BehaviorSubject, type Subject } from 'rxjs';
import type { ConnectionState } from '../core/machine/connection-state.js';
import type { Model } from '../core/machine/model.js';
import { progressOf, sameProgress, type Progress } from '../core/machine/progress.js';
import type { RoomEvent } from '../core/machine/room-event.js';
import type { Room, RoomError, RoomSnapshot } from './room.js';

type Commands = Pick<Room<unknown>, 'join' | 'leave' | 'retryNow' | 'dispose'>;

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
  readonly dispose: () => void;
  private last: RoomSnapshot<L> | undefined;
  /** Defined below, where the realm has it. */
  declare readonly [Symbol.dispose]: () => void;

  constructor(
    private readonly model$: BehaviorSubject<Model<L>>,
    errors$: Subject<RoomError>,
    events$: Subject<RoomEvent>,
    { join, leave, retryNow, dispose }: Commands,
  ) {
    this.connectionState$ = projected(model$, stateOf);
    this.progress$ = projected(model$, progressOf, sameProgress);
    this.link$ = projected(model$, linkOf);
    this.snapshot$ = projected(model$, (model) => this.snapshotOf(model));
    this.errors$ = errors$.asObservable();
    this.events$ = events$.asObservable();
    this.join = join;
    this.leave = leave;
    this.retryNow = retryNow;
    this.dispose = dispose;
  }

  get connectionState(): ConnectionState<L> {
    return this.model$.value.state;
  }

  get snapshot(): RoomSnapshot<L> {
    return this.snapshotOf(this.model$.value);
  }

  /** One object for as long as it would say the same: others compare it by identity. */
  private snapshotOf(model: Model<L>): RoomSnapshot<L> {
    const { last } = this;
    const progress = progressOf(model);
    if (last?.connectionState === model.state && sameProgress(last.progress, progress)) return last;
    return (this.last = { connectionState: model.state, progress, link: linkOf(model) });
  }
}

// Not every realm has it, and a method named "undefined" helps nobody.
if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(RoomView.prototype, Symbol.dispose, {
    value(this: RoomView<unknown>) {
      this.dispose();
    },
  });
}

/** After the room was disposed of, a subscriber gets the last value before the completion. */
const projected = <L, T>(
  model$: BehaviorSubject<Model<L>>,
  project: (model: Model<L>) => T,
  same?: (a: T, b: T) => boolean,
): Observable<T> =>
  new Observable((subscriber) =>
    model$.pipe(defaultIfEmpty(model$.value), map(project), distinctUntilChanged(same)).subscribe(subscriber),
  );

const stateOf = <L>({ state }: Model<L>): ConnectionState<L> => state;

const linkOf = <L>({ state }: Model<L>): L | null => ('link' in state ? state.link : null);
