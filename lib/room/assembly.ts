import { BehaviorSubject, Subject, Subscription } from 'rxjs';
import { closeReason, type CloseReason } from '../core/close-reason.js';
import { initialModel, type Model } from '../core/model.js';
import { isNews } from '../core/note.js';
import type { RoomEvent } from '../core/room-event.js';
import type { RoomInput } from '../core/room-input.js';
import { isOver } from '../core/step.js';
import { nextAt } from '../core/times.js';
import { transition } from '../core/transition.js';
import { isVerdict, UNREACHABLE, type Verdict } from '../core/verdict.js';
import { frameOf } from '../operators/frame-of.js';
import { Alarm } from './alarm.js';
import { browserLeave, browserWake, type Wake } from './browser.js';
import type { Hearer } from './hearer.js';
import { Lane } from './lane.js';
import type { ResolvedOptions } from './room-options.js';
import { RoomView } from './room-view.js';
import type { Room, RoomError } from './room.js';
import { runProbe, runRepair } from './run-repair.js';
import { runSession } from './run-session.js';
import type { RoomLink, RoomTransport } from './transport.js';

/** Judges what is heard by the pure transition, and lets the running work follow the model's ids. */
export class Assembly<I, L extends RoomLink> implements Hearer<L> {
  readonly #model$: BehaviorSubject<Model<L>>;
  readonly #errors$ = new Subject<RoomError>();
  readonly #events$ = new Subject<RoomEvent>();
  /** Ahead of `model$` while it is acted on. */
  #model: Model<L>;
  // One queue: a command given inside an emission, or inside a call of the transport, is judged when its turn comes.
  readonly #queue: (readonly RoomInput<L>[])[] = [];
  #judging = false;
  #disposed = false;
  #heard: RoomInput<L>[] = [];
  #frameEnd: Subscription | null = null;
  #joined: L | null = null;

  readonly #alarm: Alarm;
  readonly #device = new Lane();
  readonly #session = new Lane();
  readonly #repair = new Lane();
  readonly #probe = new Lane();

  constructor(
    readonly transport: RoomTransport<I, L, RoomLink>,
    readonly options: ResolvedOptions,
  ) {
    this.#model = initialModel(options.endpoints);
    this.#model$ = new BehaviorSubject(this.#model);
    this.#alarm = new Alarm(options.scheduler, () => {
      this.#endFrameSoon();
    });
  }

  room(): Room<L> {
    return new RoomView(this.#model$, this.#errors$, this.#events$, {
      join: () => {
        if (!this.#disposed) this.#judge([{ type: 'join' }]);
      },
      leave: () => {
        this.#judge([{ type: 'leave' }]);
      },
      retryNow: () => {
        this.hear({ type: 'retryNow' });
      },
      dispose: () => {
        this.#disposed = true;
        this.#judge([{ type: 'leave' }]);
      },
    });
  }

  hear(input: RoomInput<L>): void {
    if (input.type === 'linked') {
      this.#tellClose('superseded');
      this.#joined = input.link;
    }
    if (input.type === 'ended') this.#joined = null; // it closed itself
    if (isOver(this.#model) || (this.#heard.length === 0 && !isNews(this.#model, input) && !this.#isDue())) return;
    this.#heard.push(input);
    this.#endFrameSoon();
  }

  report(from: RoomError['from'], error: unknown): void {
    this.#errors$.next({ at: this.options.scheduler.now(), from, error });
  }

  classify(error: unknown): Verdict {
    try {
      const verdict: unknown = this.transport.classify?.(error) ?? UNREACHABLE;
      if (isVerdict(verdict)) return verdict;
      this.report('classify', new TypeError('classify: not a verdict'));
    } catch (thrown) {
      this.report('classify', thrown);
    }
    return UNREACHABLE;
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
        for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift() ?? this.#sequel())
          this.#act(next);
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
      const inputs = this.#heard;
      this.#heard = [];
      this.#judge(inputs);
    });
  }

  #judge(inputs: readonly RoomInput<L>[]): void {
    this.#queue.push(inputs);
    this.inTurn(nothing);
  }

  /** Announced and already given up: the end follows in the same frame. */
  #sequel(): readonly [] | undefined {
    return nextAt(this.#model, this.options.policy) === -Infinity ? [] : undefined;
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
    const { scheduler, policy } = this.options;
    const { model: after, events } = transition(before, inputs, scheduler.now(), policy);
    this.#model = after;
    this.#tearDown(before, after);
    for (const event of events) this.#events$.next(event);
    if (before.state !== after.state || before.episode !== after.episode) this.#model$.next(after);
  }

  #tearDown(before: Model<L>, after: Model<L>): void {
    if (before.probe?.id !== after.probe?.id) this.#stop(this.#probe);
    if (before.episode?.work?.id !== after.episode?.work?.id) this.#stop(this.#repair);
    if (before.session?.id !== after.session?.id) {
      this.#tellClose(closeReason(before, after));
      this.#joined = null;
      this.#stop(this.#session);
    }
    if (!isOver(after)) return;
    this.#stop(this.#device);
    this.#alarm.set(Infinity);
    this.#frameEnd?.unsubscribe();
    this.#frameEnd = null;
    this.#heard = [];
  }

  #stop(lane: Lane): void {
    try {
      lane.stop();
    } catch (error) {
      this.report('teardown', error);
    }
  }

  #tellClose(why: CloseReason): void {
    try {
      this.#joined?.close?.(why);
    } catch (error) {
      this.report('close', error);
    }
  }

  /** Starts what the model names and is not running yet, and sets the one timer. */
  #follow(): void {
    const { transport, options } = this;
    const { session, probe, episode } = this.#model;
    const work = episode?.work;
    const link = this.#joined;
    if (!isOver(this.#model)) this.#device.run(0, () => this.#hearDevice());
    if (session !== null) this.#session.run(session.id, () => runSession(this, transport, session));
    if (link !== null) {
      if (probe !== null) this.#probe.run(probe.id, () => runProbe(this, link, probe.id));
      // A media repair needs live signalling: it waits for the probe's answer.
      const kind = work?.attempt.kind;
      if (work != null && (kind === 'resume' || (kind === 'restart' && probe === null)))
        this.#repair.run(work.id, () => runRepair(this, transport, link, work));
    }
    this.#alarm.set(nextAt(this.#model, options.policy));
  }

  /** What a room hears from its device: wakes, and the wish to leave. */
  #hearDevice(): Subscription {
    const { wake$ = browserWake(), leave$ = browserLeave() } = this.options;
    const device = new Subscription();
    device.add(
      wake$.subscribe({
        next: (wake: Partial<Wake> | undefined) => {
          this.hear({ type: 'wake', suspendedFor: msOf(wake?.suspendedFor) });
        },
        error: (error: unknown) => {
          this.report('wake$', error);
        },
      }),
    );
    device.add(
      leave$.subscribe({
        next: () => {
          this.hear({ type: 'leave' });
        },
        error: (error: unknown) => {
          this.report('leave$', error);
        },
      }),
    );
    return device;
  }
}

const nothing = (): void => undefined;

const msOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
