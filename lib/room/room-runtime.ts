import { BehaviorSubject, Subject, Subscription } from 'rxjs';
import { closeReason, type CloseReason } from '../core/machine/close-reason.js';
import { isOver } from '../core/machine/derivation.js';
import { nextAt } from '../core/machine/due-times.js';
import { workOf } from '../core/machine/episode.js';
import { initialModel } from '../core/machine/initial-model.js';
import type { Model, Work } from '../core/machine/model.js';
import type { Transition } from '../core/machine/judge.js';
import { isNews } from '../core/machine/moment.js';
import type { DerivePolicy } from '../core/machine/policy.js';
import type { RoomEvent } from '../core/machine/room-event.js';
import type { RoomInput } from '../core/machine/room-input.js';
import { hasMethod } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';
import { UNREACHABLE, verdictOf, type Verdict } from '../core/recovery/verdict.js';
import { Alarm } from '../operators/alarm.js';
import { frameOf } from '../operators/frame-of.js';
import { browserLeave, browserWake, type Wake } from './browser.js';
import { KeyedTask } from './keyed-task.js';
import { knownSleep, type Drift } from './known-sleep.js';
import type { ResolvedOptions } from './derive-options.js';
import type { RoomSink } from './room-sink.js';
import { RoomView } from './room-view.js';
import type { Room, RoomError } from './room.js';
import { runProbe } from './run-probe.js';
import { runSession } from './run-session.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** How a room decides, and what it does beside joining. */
export interface Engine<L extends RoomLink, P> {
  readonly judge: (model: Model<L>, inputs: readonly RoomInput<L>[], now: number, policy: P) => Transition<L>;
  readonly repair: (sink: RoomSink<L>, link: L, work: Work<L>) => Subscription;
}

/** Collects what is pushed until the frame ends, has it judged by the pure core, and lets the running work follow the model's ids. */
export class RoomRuntime<I, L extends RoomLink, P extends DerivePolicy> implements RoomSink<L> {
  readonly #model$: BehaviorSubject<Model<L>>;
  readonly #errors$ = new Subject<RoomError>();
  readonly #events$ = new Subject<RoomEvent>();
  readonly #policy: P;
  /** Ahead of `model$` while it is acted on. */
  #model: Model<L>;
  // One queue: a command given inside an emission, or inside a call of the transport, is judged when its turn comes.
  readonly #queue: (readonly RoomInput<L>[])[] = [];
  #judging = false;
  #disposed = false;
  #frame: RoomInput<L>[] = [];
  #frameEnd: Subscription | null = null;
  #joined: L | null = null;
  #drift: Drift | null = null;

  readonly #alarm: Alarm;
  readonly #device = new KeyedTask();
  readonly #session = new KeyedTask();
  readonly #repair = new KeyedTask();
  readonly #probe = new KeyedTask();

  constructor(
    readonly transport: RoomTransport<I, L, RoomLink>,
    readonly options: ResolvedOptions<P>,
    readonly engine: Engine<L, P>,
  ) {
    const { policy, endpoints, scheduler } = options;
    const { classify } = policy;
    this.#policy = classify === null ? policy : { ...policy, classify: (error) => this.#classify(classify, error) };
    this.#model = initialModel(endpoints);
    this.#model$ = new BehaviorSubject(this.#model);
    this.#alarm = new Alarm(scheduler, () => {
      this.#endFrameSoon();
    });
  }

  room(): Room<L> {
    return new RoomView(this.#model$, this.#errors$, this.#events$, {
      join: () => {
        if (this.#disposed) throw new Error('join: this room was disposed of; create another one');
        this.#judge([{ type: 'join' }]);
      },
      leave: () => {
        this.#judge([{ type: 'leave' }]);
      },
      retryNow: () => {
        this.push({ type: 'retryNow' });
      },
      dispose: () => {
        this.#disposed = true;
        this.#judge([{ type: 'leave' }]);
      },
    });
  }

  push(input: RoomInput<L>): void {
    if (input.type === 'linked') {
      this.#tellClose('superseded');
      this.#joined = input.link;
    }
    if (input.type === 'ended') this.#joined = null; // it closed itself
    if (isOver(this.#model) || (this.#frame.length === 0 && !isNews(this.#model, input) && !this.#isDue())) return;
    if (input.type === 'health' && input.health !== 'up' && isNews(this.#model, input))
      this.#tellSleep(input.health.aliveAt);
    this.#frame.push(input);
    this.#endFrameSoon();
  }

  report(from: RoomError['from'], error: unknown): void {
    this.#errors$.next({ at: this.options.scheduler.now(), from, error });
  }

  /** What the transport says about an error; trouble with that is reported and says nothing. */
  #classify(classify: (error: unknown) => Verdict | undefined, error: unknown): Verdict {
    try {
      const given = classify(error) ?? UNREACHABLE;
      const verdict = verdictOf(given);
      if (verdict !== null) return verdict;
      this.report(
        'classify',
        wrongType('classify: the return value', "a verdict such as { kind: 'fatal' }, or undefined", given),
      );
      this.#watch('classify', given);
    } catch (thrown) {
      this.report('classify', thrown);
    }
    return UNREACHABLE;
  }

  /** A Promise that a call gave back may reject: that must not end the process. */
  #watch(from: RoomError['from'], given: unknown): void {
    if (!hasMethod(given, 'then')) return;
    void Promise.resolve(given).catch((error: unknown) => {
      this.report(from, error);
    });
  }

  inTurn(work: () => void): void {
    if (this.#judging) {
      work();
      return;
    }
    this.#judging = true;
    try {
      work();
      while (this.#queue.length > 0) {
        for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#act(next);
        this.#follow();
      }
    } finally {
      this.#judging = false;
    }
    if (this.#disposed) for (const stream of [this.#model$, this.#errors$, this.#events$]) stream.complete();
  }

  #endFrameSoon(): void {
    this.#frameEnd ??= frameOf(this.options.scheduler).schedule(() => {
      this.#frameEnd = null;
      const inputs = this.#frame;
      this.#frame = [];
      this.#judge(inputs);
    });
  }

  #judge(inputs: readonly RoomInput<L>[]): void {
    this.#queue.push(inputs);
    this.inTurn(nothing);
  }

  /** Whether a timer is late. */
  #isDue(): boolean {
    return this.#alarm.at <= this.options.scheduler.now();
  }

  /** Tears down the old, then tells. The new is started when the queue is empty. */
  #act(inputs: readonly RoomInput<L>[]): void {
    const before = this.#model;
    if (inputs[0]?.type === 'join' && !isOver(before)) {
      // It joins what is going on; a deadline that timers were late for is judged with its whole frame.
      if (this.#isDue()) this.#endFrameSoon();
      return;
    }
    const { model: after, events } = this.engine.judge(before, inputs, this.options.scheduler.now(), this.#policy);
    this.#model = after;
    this.#tearDown(before, after);
    for (const event of events) this.#events$.next(event);
    if (before.state !== after.state || before.episode !== after.episode) this.#model$.next(after);
    this.#reportSilence(inputs);
  }

  /** A health that completes under a living link can never say anything again: that is a mistake, and told. */
  #reportSilence(inputs: readonly RoomInput<L>[]): void {
    if (inputs.some(({ type }) => type === 'ended')) return;
    for (const input of inputs) {
      if (input.type === 'sourceEnded' && input.error === undefined) {
        const name = `${input.source}$` as const;
        this.report(
          name,
          new Error(`${name} completed; it must stay open while the link lives, e.g. concat(health$, NEVER)`),
        );
      }
    }
  }

  #tearDown(before: Model<L>, after: Model<L>): void {
    if (before.session?.probe?.id !== after.session?.probe?.id) this.#stop(this.#probe);
    if (workOf(before.episode)?.id !== workOf(after.episode)?.id) this.#stop(this.#repair);
    if (before.session?.id !== after.session?.id) {
      this.#tellClose(closeReason(before, after));
      this.#stop(this.#session);
    }
    if (!isOver(after)) return;
    this.#stop(this.#device);
    this.#alarm.set(Infinity);
    this.#frameEnd?.unsubscribe();
    this.#frameEnd = null;
    this.#frame = [];
  }

  #stop(task: KeyedTask): void {
    try {
      task.stop();
    } catch (error) {
      this.report('teardown', error);
    }
  }

  #tellClose(why: CloseReason): void {
    const link = this.#joined;
    // Whatever the call does, a link is told once.
    this.#joined = null;
    try {
      this.#watch('close', link?.close?.(why));
    } catch (error) {
      this.report('close', error);
    }
  }

  /** Starts what the model names and is not running yet, and sets the one timer. */
  #follow(): void {
    const { transport, engine } = this;
    const { session, episode } = this.#model;
    const work = workOf(episode);
    const probe = session?.probe ?? null;
    const link = this.#joined;
    if (!isOver(this.#model)) this.#device.run(0, () => this.#followDevice());
    if (session !== null) this.#session.run(session.id, () => runSession(this, transport, session));
    if (link !== null) {
      if (probe !== null) this.#probe.run(probe.id, () => runProbe(this, link, probe.id));
      if (work?.called === true && work.id !== session?.id)
        this.#repair.run(work.id, () => engine.repair(this, link, work));
    }
    this.#alarm.set(nextAt(this.#model, this.#policy));
  }

  /** What comes from the device: wakes, and the wish to leave. */
  #followDevice(): Subscription {
    const { wake$ = browserWake(), leave$ = browserLeave() } = this.options;
    const device = new Subscription();
    device.add(
      wake$.subscribe({
        next: (wake: Partial<Wake> | undefined) => {
          try {
            this.#drift = driftOf(wake?.drift) ?? this.#drift;
            this.push({ type: 'wake', suspendedFor: msOf(wake?.suspendedFor), onlyAsk: wake?.onlyAsk === true });
            this.#tellSleep(this.#model.episode?.loss.aliveAt);
          } catch (error) {
            this.report('wake$', error);
          }
        },
        error: (error: unknown) => {
          this.report('wake$', error);
        },
      }),
    );
    device.add(
      leave$.subscribe({
        next: () => {
          this.push({ type: 'leave' });
        },
        error: (error: unknown) => {
          this.report('leave$', error);
        },
      }),
    );
    return device;
  }

  /** Of a drift of the clocks, only a last proof of life shows how much was sleep; that part is told, once. */
  #tellSleep(aliveAt = Infinity): void {
    const { standing } = this.#model;
    const suspendedFor = this.#drift === null ? 0 : knownSleep(this.#drift, Math.max(standing.since, aliveAt));
    if (!(suspendedFor > 0)) return;
    this.#drift = null;
    this.push({ type: 'wake', suspendedFor, onlyAsk: true });
  }
}

const nothing = (): void => undefined;

/** A time that came from outside; nonsense tells of no sleep. */
const msOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

const driftOf = (drift: Partial<Drift> | null | undefined): Drift | null =>
  drift == null ? null : { since: msOf(drift.since), ms: msOf(drift.ms) };
