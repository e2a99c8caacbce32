import { BehaviorSubject, distinctUntilChanged, map, Subject, Subscription } from 'rxjs';
import { closeReason, type CloseReason } from '../core/close-reason.js';
import type { ConnectionState } from '../core/connection-state.js';
import { initialModel, type Model, type Probe, type Session, type Work } from '../core/model.js';
import { isNews } from '../core/note.js';
import { progressOf, sameProgress } from '../core/progress.js';
import type { RoomEvent } from '../core/room-event.js';
import type { RoomInput } from '../core/room-input.js';
import { isOver } from '../core/step.js';
import { nextAt } from '../core/times.js';
import { transition } from '../core/transition.js';
import { isVerdict, UNREACHABLE, type Verdict } from '../core/verdict.js';
import { frameOf } from '../operators/frame-of.js';
import { alarm } from './alarm.js';
import { lane } from './lane.js';
import { probeInputs, repairInputs } from './repair-inputs.js';
import { resolveOptions, type ResolvedOptions, type RoomOptions } from './room-options.js';
import { checkTransport } from './check-transport.js';
import type { Room, RoomError, RoomSnapshot } from './room.js';
import { sessionInputs, type Report } from './session-inputs.js';
import { surroundings } from './surroundings.js';
import type { RoomLink, RoomTransport } from './transport.js';

/**
 * A room that says honestly whether you are in it, and brings you back when the network breaks.
 *
 *     join()
 *     |  attempt 1: link, signal up, media up
 *     c-----------C
 *                 signal and media of its link merge; a dip that outlasts the settle time is announced
 *                 C----------r
 *                            repairs and rejoins by the schedule, until both are up again
 *                            r-----------C
 *                            or the deadline has passed, whatever hangs then
 *                            r---------------------f
 *
 * Nothing runs before `join()` and nothing is left after `leave()`, after the server's word, or after `failed`.
 *
 * @throws {TypeError} | {RangeError} at once, for an option that is unknown or impossible.
 *
 * @example
 * ```ts
 * import { BehaviorSubject, concat, NEVER, of } from 'rxjs';
 * import { createRoom, type Health } from 'rejoin';
 *
 * const signal$ = new BehaviorSubject<Health>('up');
 * const room = createRoom({ join: () => concat(of({ signal$, media$: null }), NEVER) });
 * room.connectionState$.subscribe(({ state, reason }) => console.log(`${state}/${String(reason)}`));
 * room.join();
 * setTimeout(() => room.leave(), 10);
 * // => disconnected/null
 * // => connecting/joinChannel
 * // => connected/joinSucceed
 * // => disconnected/leaveChannel
 * ```
 */
export function createRoom<I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  options: RoomOptions = {},
): Room<L> {
  checkTransport('createRoom', transport);
  const repairs = transport.repair !== undefined;
  return roomOf(transport, resolveOptions('createRoom', options, { repairs, attempts: true }));
}

/** The assembly: judges what is heard by the pure transition, and lets the running work follow the model's ids. */
export function roomOf<I, L extends RoomLink>(
  transport: RoomTransport<I, L, RoomLink>,
  { policy, endpoints, scheduler, wake$, leave$ }: ResolvedOptions,
): Room<L> {
  const frame = frameOf(scheduler);

  let model: Model<L> = initialModel(endpoints);
  let disposed = false;
  const model$ = new BehaviorSubject(model);
  const errors$ = new Subject<RoomError>();
  const events$ = new Subject<RoomEvent>();

  // One queue: a command given inside an emission, or inside a call of the transport, is judged when its turn comes.
  const queue: (readonly RoomInput<L>[])[] = [];
  let judging = false;
  let heard: RoomInput<L>[] = [];
  let frameEnd: Subscription | null = null;
  let joined: L | null = null;

  const report: Report = (from, error) => {
    errors$.next({ at: scheduler.now(), from, error });
  };

  const teardownFailed = (error: unknown): void => {
    report('teardown', error);
  };

  const device = lane(teardownFailed);
  const sessions = lane(teardownFailed);
  const repairs = lane(teardownFailed);
  const probes = lane(teardownFailed);
  const time = alarm(scheduler, endFrameSoon);

  const classify = (error: unknown): Verdict => {
    try {
      const verdict: unknown = transport.classify?.(error) ?? UNREACHABLE;
      if (isVerdict(verdict)) return verdict;
      report('classify', new TypeError('classify: not a verdict'));
    } catch (thrown) {
      report('classify', thrown);
    }
    return UNREACHABLE;
  };

  const listener = {
    next: hear,
    error: (error: unknown): void => {
      report('link', error);
    },
  };

  function hear(input: RoomInput<L>): void {
    if (input.type === 'linked') {
      tellClose('superseded');
      joined = input.link;
    }
    if (input.type === 'ended') joined = null; // it closed itself
    if (isOver(model) || (heard.length === 0 && !isNews(model, input) && !isDue())) return;
    heard.push(input);
    endFrameSoon();
  }

  function endFrameSoon(): void {
    frameEnd ??= frame.schedule(() => {
      frameEnd = null;
      const inputs = heard;
      heard = [];
      judge(inputs);
    });
  }

  function judge(inputs: readonly RoomInput<L>[]): void {
    queue.push(inputs);
    inTurn(() => undefined);
  }

  /** Commands that are given while this work runs are judged after it. */
  function inTurn(work: () => void): void {
    if (judging) {
      work();
      return;
    }
    judging = true;
    try {
      work();
      while (queue.length > 0) {
        for (let next = queue.shift(); next !== undefined; next = queue.shift() ?? sequel()) act(next);
        follow();
      }
    } finally {
      judging = false;
    }
    if (disposed) for (const stream of [model$, errors$, events$]) stream.complete();
  }

  function leave(): void {
    judge([{ type: 'leave' }]);
  }

  /** Announced and already given up: the end follows in the same frame. */
  function sequel(): readonly [] | undefined {
    return nextAt(model, policy) === -Infinity ? [] : undefined;
  }

  function isDue(): boolean {
    const at = nextAt(model, policy);
    return at !== Infinity && at <= scheduler.now();
  }

  /** Tears down the old, then tells. The new is started when the queue is empty. */
  function act(inputs: readonly RoomInput<L>[]): void {
    if (inputs[0]?.type === 'join' && !isOver(model)) {
      // It joins what is going on; a deadline that timers were late for is judged with its whole frame.
      if (isDue()) endFrameSoon();
      return;
    }
    const before = model;
    const { model: after, events } = transition(before, inputs, scheduler.now(), policy);
    model = after;
    tearDown(before, after);
    for (const event of events) events$.next(event);
    if (before.state !== after.state || before.episode !== after.episode) model$.next(after);
  }

  function tearDown(before: Model<L>, after: Model<L>): void {
    if (before.probe?.id !== after.probe?.id) probes.stop();
    if (before.episode?.work?.id !== after.episode?.work?.id) repairs.stop();
    if (before.session?.id !== after.session?.id) {
      tellClose(closeReason(before, after));
      joined = null;
      sessions.stop();
    }
    if (!isOver(after)) return;
    device.stop();
    time.set(Infinity);
    frameEnd?.unsubscribe();
    frameEnd = null;
    heard = [];
  }

  function tellClose(why: CloseReason): void {
    try {
      joined?.close?.(why);
    } catch (error) {
      report('close', error);
    }
  }

  /** Starts what the model names and is not running yet, and sets the one timer. */
  function follow(): void {
    device.run(isOver(model) ? null : 0, () => surroundings(wake$, leave$, report).subscribe(listener));
    followSession(model.session);
    followProbe(model.probe);
    followRepair(model.episode?.work ?? null);
    time.set(nextAt(model, policy));
  }

  function followSession(session: Session<L> | null): void {
    sessions.run(session?.id ?? null, () =>
      session === null
        ? Subscription.EMPTY
        : sessionInputs(transport, session, { classify, report, inTurn }).subscribe(listener),
    );
  }

  function followProbe(probe: Probe | null): void {
    const link = joined;
    if (probe === null || link === null) return;
    probes.run(probe.id, () => probeInputs<L>(probe.id, link).subscribe(listener));
  }

  function followRepair(work: Work<L> | null): void {
    const link = joined;
    if (work === null || link === null) return;
    const { kind } = work.attempt;
    // A media repair needs live signalling: it waits for the probe's answer.
    if (kind === 'resume' || (kind === 'restart' && model.probe === null)) {
      repairs.run(work.id, () => repairInputs(transport, link, work, classify).subscribe(listener));
    }
  }

  const snapshot$ = model$.pipe(map(snapshotOf), distinctUntilChanged(sameSnapshot));

  return {
    connectionState$: model$.pipe(
      map(({ state }) => state),
      distinctUntilChanged(),
    ),
    get connectionState() {
      return model$.value.state;
    },
    progress$: model$.pipe(map(progressOf), distinctUntilChanged(sameProgress)),
    link$: model$.pipe(
      map(({ state }) => linkOf(state)),
      distinctUntilChanged(),
    ),
    snapshot$,
    errors$: errors$.asObservable(),
    events$: events$.asObservable(),
    join() {
      if (!disposed) judge([{ type: 'join' }]);
    },
    leave,
    retryNow() {
      hear({ type: 'retryNow' });
    },
    [Symbol.dispose]() {
      disposed = true;
      leave();
    },
  };
}

const linkOf = <L>(state: ConnectionState<L>): L | null => ('link' in state ? state.link : null);

const snapshotOf = <L>(model: Model<L>): RoomSnapshot<L> => ({
  connectionState: model.state,
  progress: progressOf(model),
  link: linkOf(model.state),
});

const sameSnapshot = <L>(a: RoomSnapshot<L>, b: RoomSnapshot<L>): boolean =>
  a.connectionState === b.connectionState && sameProgress(a.progress, b.progress);
