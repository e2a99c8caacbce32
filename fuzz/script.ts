import fc from 'fast-check';
import type { AttemptContext } from '../lib/index.js';
import { MAX_DELAY } from './limits.js';

/** What a fake error means: the answer of `classify`, which may be nonsense; `throws` makes `classify` throw. */
export interface Fault {
  readonly says: unknown;
  readonly throws: boolean;
  /** Whether the error says that nobody answered. */
  readonly unanswered: boolean;
}

/** One thing that a health source does. `ago` is the age of the last proof of life. */
export type Say = 'up' | 'down' | 'error' | 'complete' | 'nonsense' | 'never' | 'future' | { readonly ago: number };

export interface HealthStep {
  /** Milliseconds after the link was emitted; 0 is synchronous. */
  readonly after: number;
  readonly say: Say;
}

export interface LinkScript {
  readonly signal: readonly HealthStep[];
  readonly media: readonly HealthStep[];
  /** Commands given while the room wires this link, subscribes to its health, or closes it. */
  readonly calls: null | { readonly in: 'getter' | 'health' | 'close'; readonly calls: readonly Command[] };
}

export type Command = 'join' | 'leave' | 'retryNow';

export interface Outcome {
  readonly after: number;
  readonly fault: Fault;
}

export interface RequestScript extends Outcome {
  readonly how: 'value' | 'error' | 'hang' | 'empty' | 'throw';
  /** Called synchronously while it is subscribed. */
  readonly calls: readonly Command[];
}

export interface JoinScript extends Outcome {
  readonly request: RequestScript;
  readonly how: 'link' | 'error' | 'hang' | 'empty' | 'throw';
  readonly link: LinkScript;
  /** A second link of the same join. */
  readonly second: null | { readonly after: number; readonly link: LinkScript };
  /** How the join ends after its link; no fault is a completion. */
  readonly ends: null | { readonly after: number; readonly fault: Fault | null };
  /** Called synchronously while the join is subscribed. */
  readonly calls: readonly Command[];
}

export interface RepairScript extends Outcome {
  /** Whether it first asks for fresh credentials, and what becomes of that. */
  readonly asks: RequestScript | null;
  /** Called synchronously while the repair is subscribed. */
  readonly calls: readonly Command[];
  readonly how: 'heal' | 'error' | 'hang' | 'complete' | 'throw' | 'healMedia' | 'healSignal';
}

export interface ProbeScript {
  readonly after: number;
  readonly how: 'alive' | 'complete' | 'error' | 'hang' | 'throw';
}

export type Act =
  | { readonly do: 'health'; readonly first: 'signal' | 'media'; readonly both: boolean; readonly say: Say }
  | { readonly do: 'oldHealth'; readonly source: 'signal' | 'media'; readonly say: Say }
  | { readonly do: 'word'; readonly word: unknown }
  | { readonly do: 'end'; readonly fault: Fault | null }
  | { readonly do: 'wake'; readonly suspendedFor: unknown }
  | { readonly do: 'sleep'; readonly ms: number; readonly told: boolean }
  | { readonly do: 'calls'; readonly calls: readonly Command[] }
  | { readonly do: 'subscribe' }
  | { readonly do: 'linkError' | 'wakeError' | 'leave$' };

export interface Step {
  /** Milliseconds after the step before. */
  readonly after: number;
  readonly act: Act;
}

export interface Reactor {
  readonly stream: 'state' | 'progress' | 'events';
  /** Acts in the n-th emission that it sees, the replayed one included. */
  readonly nth: number;
  readonly calls: readonly Command[];
  readonly subscribes: boolean;
}

export type ScheduleScript =
  | { readonly kind: 'default' }
  | { readonly kind: 'spaced'; readonly ms: number }
  /** `count` waits of no length, then waits of `ms`. */
  | { readonly kind: 'quick'; readonly count: number; readonly ms: number }
  | { readonly kind: 'times'; readonly count: number; readonly ms: number }
  | { readonly kind: 'bad'; readonly after: number; readonly ms: number; readonly answer: unknown };

export interface ScriptOptions {
  readonly deadline: number;
  readonly joinDeadline: number;
  readonly attemptLimit: number;
  readonly openingLimit: number;
  readonly stableAfter: number;
  readonly lastChanceFrom: number;
  readonly settle: { readonly signal: number; readonly media: number };
  readonly probeLimit: number;
  readonly probeHold: number;
  readonly wakeFloor: number;
  readonly endpoints: readonly string[];
  /** The same every time, or drawn from there on up to 1. */
  readonly random: number | { readonly seed: number; readonly from: number };
  readonly schedule: ScheduleScript;
}

export interface Script {
  readonly options: ScriptOptions;
  /** What the transport and its links can do. */
  readonly can: {
    readonly request: boolean;
    readonly repair: boolean;
    readonly media: boolean;
    readonly probe: boolean;
    readonly classify: boolean;
  };
  /** The n-th behaves so; after the last all is well, or they hang, or nobody answers. */
  readonly joins: readonly JoinScript[];
  readonly repairs: readonly RepairScript[];
  readonly probes: readonly ProbeScript[];
  /** How often these are gone through. */
  readonly rounds: number;
  readonly afterwards: 'well' | 'hang' | 'unreachable';
  readonly timeline: readonly Step[];
  readonly reactors: readonly Reactor[];
  /** Whether a subscriber throws at every emission. */
  readonly thrower: boolean;
  /** The room's timers fire at multiples of so many ms, late; 0 for punctual ones. */
  readonly throttle: number;
  readonly ending: 'leave' | 'dispose';
}

/** Answers that are no schedule's: a string stands for itself, `throw` throws. */
export const badAnswers: readonly unknown[] = ['throw', NaN, -1, undefined, 'soon', null];

// A time is drawn by name, so that it keeps its meaning while the options shrink.
interface Drawn {
  readonly $of: Name;
  readonly plus: number;
}
type Name =
  | 'zero'
  | 'unit'
  | 'three'
  | 'ten'
  | 'settleSignal'
  | 'settleMedia'
  | 'attemptLimit'
  | 'deadline'
  | 'joinDeadline'
  | 'probeLimit'
  | 'probeHold'
  | 'wakeFloor'
  | 'stableAfter'
  | 'quarter'
  | 'late';

const unitOf = ({ deadline }: ScriptOptions): number => Math.max(1, Math.round(Math.min(deadline, 40_000) / 40));

function msOf({ $of, plus }: Drawn, options: ScriptOptions): number {
  const unit = unitOf(options);
  const named: Readonly<Record<Name, number>> = {
    zero: 0,
    unit,
    three: 3 * unit,
    ten: 10 * unit,
    settleSignal: options.settle.signal,
    settleMedia: options.settle.media,
    attemptLimit: options.attemptLimit,
    deadline: options.deadline,
    joinDeadline: options.joinDeadline,
    probeLimit: options.probeLimit,
    probeHold: options.probeHold,
    wakeFloor: options.wakeFloor,
    stableAfter: options.stableAfter,
    quarter: Math.round(options.deadline / 4),
    late: 60 * unit,
  };
  return Math.max(0, named[$of] + plus);
}

function resolved(value: unknown, options: ScriptOptions): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, options));
  if (typeof value !== 'object' || value === null) return value;
  if ('$of' in value) return msOf(value as Drawn, options);
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = resolved((value as Record<string, unknown>)[key], options);
  return copy;
}

const plus = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1);
const drawn = (...names: readonly Name[]): fc.Arbitrary<number> =>
  fc.record({ $of: fc.constantFrom(...names), plus }) as unknown as fc.Arbitrary<number>;

const soon = drawn('zero', 'zero', 'unit', 'unit', 'three', 'settleSignal', 'settleMedia', 'probeHold', 'wakeFloor');
const anyTime = drawn(
  ...(['zero', 'unit', 'three', 'ten', 'settleSignal', 'settleMedia', 'attemptLimit', 'deadline'] as const),
  ...(['joinDeadline', 'probeLimit', 'probeHold', 'wakeFloor', 'stableAfter', 'quarter', 'zero'] as const),
);
const gap = fc.oneof(
  { arbitrary: drawn('zero'), weight: 4 },
  { arbitrary: soon, weight: 4 },
  { arbitrary: anyTime, weight: 5 },
);

const kinds = (...names: readonly string[]): fc.Arbitrary<unknown> =>
  fc.constantFrom(...names.map((kind): unknown => ({ kind })));

const endpoint = fc.constantFrom('a', 'b', 'c', 'd');
const hint = fc.oneof(
  { arbitrary: drawn('zero', 'unit', 'three', 'ten', 'quarter'), weight: 4 },
  { arbitrary: drawn('deadline', 'joinDeadline'), weight: 2 },
  { arbitrary: fc.constantFrom<unknown>(NaN, -1, 'soon', Infinity, 2 ** 40, null), weight: 1 },
);

const says: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: kinds('unreachable'), weight: 6 },
  { arbitrary: kinds('refused'), weight: 4 },
  { arbitrary: kinds('fatal'), weight: 1 },
  { arbitrary: kinds('closed', 'kicked', 'duplicateUser'), weight: 1 },
  { arbitrary: kinds('busy'), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('busy'), retryAfter: hint }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('redispatch'), endpoint }), weight: 2 },
  {
    arbitrary: fc.constantFrom<unknown>(
      undefined,
      null,
      'refused',
      { kind: 'what' },
      { kind: 'redispatch' },
      { kind: 'endpoints', list: ['a'] },
    ),
    weight: 1,
  },
);

const fault: fc.Arbitrary<Fault> = fc.record({
  says,
  unanswered: fc.boolean(),
  throws: fc.constantFrom(false, false, false, false, false, false, false, false, false, true),
});

const word: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: kinds('closed', 'kicked', 'duplicateUser'), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('redispatch'), endpoint }), weight: 3 },
  {
    arbitrary: fc.record({
      kind: fc.constant('endpoints'),
      list: fc.uniqueArray(endpoint, { minLength: 1, maxLength: 3 }),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom<unknown>(
      null,
      'kicked',
      { kind: 'banned' },
      { kind: 'redispatch', endpoint: '' },
      { kind: 'endpoints', list: [] },
      { kind: 'endpoints', list: [1] },
    ),
    weight: 1,
  },
);

const say: fc.Arbitrary<Say> = fc.oneof(
  { arbitrary: fc.constant<Say>('up'), weight: 10 },
  { arbitrary: fc.constant<Say>('down'), weight: 8 },
  { arbitrary: fc.record({ ago: anyTime }), weight: 4 },
  { arbitrary: fc.constantFrom<Say>('error', 'complete', 'nonsense', 'never', 'future'), weight: 2 },
);

const healthSteps: fc.Arbitrary<readonly HealthStep[]> = fc.oneof(
  { arbitrary: fc.constant([{ after: 0, say: 'up' as const }]), weight: 16 },
  { arbitrary: fc.record({ after: anyTime, say: fc.constant('up' as const) }).map((step) => [step]), weight: 3 },
  { arbitrary: fc.array(fc.record({ after: gap, say }), { maxLength: 4 }), weight: 4 },
);

const command = fc.constantFrom<Command>('retryNow', 'join', 'leave');
const calls = fc.oneof(
  { arbitrary: command.map((one) => [one]), weight: 5 },
  {
    arbitrary: fc.constantFrom<readonly Command[]>(
      ['leave', 'join'],
      ['join', 'leave', 'join'],
      ['retryNow', 'retryNow'],
      ['leave', 'leave'],
      ['join', 'retryNow'],
    ),
    weight: 2,
  },
);

const rarely = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T, weight = 1): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(otherwise), weight: 9 }, { arbitrary, weight });

const linkScript: fc.Arbitrary<LinkScript> = fc.record({
  signal: healthSteps,
  media: healthSteps,
  calls: rarely(
    fc.record({ in: fc.constantFrom('getter' as const, 'health' as const, 'close' as const), calls }),
    null,
  ),
});

const noCalls: readonly Command[] = [];

const requestScript: fc.Arbitrary<RequestScript> = fc.record({
  how: fc.oneof(
    { arbitrary: fc.constant<RequestScript['how']>('value'), weight: 12 },
    { arbitrary: fc.constantFrom<RequestScript['how']>('error', 'hang', 'empty', 'throw'), weight: 2 },
  ),
  after: soon,
  fault,
  calls: fc.oneof({ arbitrary: fc.constant(noCalls), weight: 19 }, { arbitrary: calls, weight: 1 }),
});

const joinScript: fc.Arbitrary<JoinScript> = fc.record({
  request: requestScript,
  how: fc.oneof(
    { arbitrary: fc.constant<JoinScript['how']>('link'), weight: 12 },
    { arbitrary: fc.constant<JoinScript['how']>('error'), weight: 4 },
    { arbitrary: fc.constantFrom<JoinScript['how']>('hang', 'empty', 'throw'), weight: 2 },
  ),
  after: fc.oneof({ arbitrary: soon, weight: 4 }, { arbitrary: anyTime, weight: 1 }),
  fault,
  link: linkScript,
  second: rarely(fc.record({ after: gap, link: linkScript }), null),
  ends: rarely(fc.record({ after: anyTime, fault: fc.option(fault) }), null, 4),
  calls: rarely(calls, noCalls),
});

const repairScript: fc.Arbitrary<RepairScript> = fc.record({
  how: fc.constantFrom<RepairScript['how']>(
    'heal',
    'error',
    'error',
    'hang',
    'complete',
    'healMedia',
    'healSignal',
    'throw',
  ),
  after: gap,
  fault,
  asks: fc.oneof({ arbitrary: fc.constant(null), weight: 2 }, { arbitrary: requestScript, weight: 1 }),
  calls: rarely(calls, noCalls),
});

const probeScript: fc.Arbitrary<ProbeScript> = fc.record({
  how: fc.constantFrom<ProbeScript['how']>('alive', 'complete', 'error', 'hang', 'throw'),
  after: gap,
});

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant('health' as const),
      first: fc.constantFrom('signal' as const, 'media' as const),
      both: fc.constantFrom(false, false, true),
      say,
    }),
    weight: 14,
  },
  { arbitrary: fc.record({ do: fc.constant('calls' as const), calls }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('word' as const), word }), weight: 3 },
  {
    arbitrary: fc.record({
      do: fc.constant('wake' as const),
      suspendedFor: fc.oneof(fc.constantFrom<unknown>(0, 0, undefined, NaN, 'long', -5), anyTime),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: anyTime, told: fc.boolean() }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('end' as const), fault: fc.option(fault) }), weight: 1 },
  {
    arbitrary: fc.record({
      do: fc.constant('oldHealth' as const),
      source: fc.constantFrom('signal' as const, 'media' as const),
      say,
    }),
    weight: 1,
  },
  {
    arbitrary: fc.constantFrom<Act>({ do: 'subscribe' }, { do: 'linkError' }, { do: 'wakeError' }, { do: 'leave$' }),
    weight: 1,
  },
);

const reactor: fc.Arbitrary<Reactor> = fc.record({
  stream: fc.constantFrom<Reactor['stream']>('state', 'progress', 'events'),
  nth: fc.integer({ min: 1, max: 6 }),
  calls,
  subscribes: fc.constantFrom(false, false, true),
});

const scheduleOf = (deadline: number): fc.Arbitrary<ScheduleScript> => {
  const ms = fc.constantFrom(...[40, 8, 4, 1.5].map((part) => Math.max(1, Math.round(deadline / part))), 2 ** 40);
  return fc.oneof(
    {
      arbitrary: fc.constant<ScheduleScript>(
        deadline > 40_000 ? { kind: 'spaced', ms: Math.round(deadline / 8) } : { kind: 'default' },
      ),
      weight: 10,
    },
    { arbitrary: fc.record({ kind: fc.constant('spaced' as const), ms }), weight: 3 },
    {
      arbitrary: fc.record({ kind: fc.constant('quick' as const), count: fc.integer({ min: 1, max: 4 }), ms }),
      weight: 2,
    },
    {
      arbitrary: fc.record({ kind: fc.constant('times' as const), count: fc.integer({ min: 0, max: 4 }), ms }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant('bad' as const),
        after: fc.integer({ min: 0, max: 3 }),
        ms,
        answer: fc.constantFrom(...badAnswers),
      }),
      weight: 1,
    },
  );
};

const random: fc.Arbitrary<ScriptOptions['random']> = fc.oneof(
  { arbitrary: fc.constantFrom(0.5, 0, 0.25, 0.999), weight: 4 },
  { arbitrary: fc.record({ seed: fc.nat(), from: fc.constantFrom(0, 0.25) }), weight: 2 },
);

const ratios = (deadline: number, ...parts: readonly number[]): fc.Arbitrary<number> =>
  fc.constantFrom(...parts.map((part) => Math.min(MAX_DELAY, Math.round(deadline * part))));

const sized = (deadline: number): fc.Arbitrary<ScriptOptions> =>
  fc.record({
    deadline: fc.constant(deadline),
    joinDeadline: ratios(deadline, 0.5, 1, 0.1),
    attemptLimit: ratios(deadline, 0.25, 0.1, 0.05, 2),
    openingLimit: ratios(deadline, 0.05, 0.02),
    stableAfter: ratios(deadline, 0.25, 0, 0.1),
    lastChanceFrom: ratios(deadline, 0.075, 0, 0.5),
    settle: fc.record({ signal: ratios(deadline, 0.025, 0, 0.1, 0.5), media: ratios(deadline, 0, 0, 0.025, 0.1, 0.5) }),
    probeLimit: ratios(deadline, 0.05, 0.025, 0.3),
    probeHold: ratios(deadline, 0.0125, 0, 0.1),
    wakeFloor: ratios(deadline, 0.025, 0, 0.1),
    endpoints: fc.constantFrom<readonly string[]>([], ['a', 'b'], ['a', 'b', 'c'], ['a']),
    random,
    schedule: scheduleOf(deadline),
  });

const defaults = fc.record({
  deadline: fc.constant(40_000),
  joinDeadline: fc.constant(20_000),
  attemptLimit: fc.constant(10_000),
  openingLimit: fc.constant(3_000),
  stableAfter: fc.constant(10_000),
  lastChanceFrom: fc.constant(3_000),
  settle: fc.constant({ signal: 1_000, media: 0 }),
  probeLimit: fc.constant(2_000),
  probeHold: fc.constant(500),
  wakeFloor: fc.constant(1_000),
  endpoints: fc.constantFrom<readonly string[]>([], ['a', 'b', 'c']),
  random,
  schedule: fc.constant<ScheduleScript>({ kind: 'default' }),
});

const options: fc.Arbitrary<ScriptOptions> = fc.oneof(
  { arbitrary: sized(4_000), weight: 8 },
  { arbitrary: defaults, weight: 6 },
  { arbitrary: sized(40_000), weight: 2 },
  { arbitrary: sized(MAX_DELAY), weight: 1 },
);

/** A second where the deadline is 40 s, and a minute. */
const drawnLate = (name: 'unit' | 'late'): Drawn => ({ $of: name, plus: 0 });

const mostly = fc.constantFrom(true, true, true, false);

const draft = fc.record({
  options,
  can: fc.record({
    request: fc.boolean(),
    repair: mostly,
    media: mostly,
    probe: fc.boolean(),
    classify: mostly,
  }),
  rounds: fc.constantFrom(1, 1, 1, 8),
  joins: fc.array(joinScript, { maxLength: 5 }),
  repairs: fc.array(repairScript, { maxLength: 3 }),
  probes: fc.array(probeScript, { maxLength: 3 }),
  afterwards: fc.constantFrom('well' as const, 'well' as const, 'hang' as const, 'unreachable' as const),
  timeline: fc.array(fc.record({ after: gap, act }), { maxLength: 10 }),
  reactors: rarely(fc.array(reactor, { maxLength: 2 }), [] as readonly Reactor[], 3),
  throttle: fc.constantFrom<unknown>(0, 0, 0, 0, 0, 0, drawnLate('unit'), drawnLate('late')) as fc.Arbitrary<number>,
  thrower: fc.integer({ min: 0, max: 30 }).map((n) => n === 30),
  ending: fc.constantFrom('leave' as const, 'leave' as const, 'leave' as const, 'dispose' as const),
});

/** Whole fault scripts. The room joins at 0 ms unless the timeline begins with a call of its own. */
export const scripts: fc.Arbitrary<Script> = draft.map((raw) => resolved(raw, raw.options) as Script);

/** What a schedule of a script says; the fuzzer notes every answer. */
export function answerOf(script: ScheduleScript, { position }: Pick<AttemptContext, 'position'>): unknown {
  switch (script.kind) {
    case 'default':
      throw new Error('the default schedule is the library’s own');
    case 'spaced':
      return script.ms;
    case 'quick':
      return position <= script.count ? 0 : script.ms;
    case 'times':
      return position <= script.count ? script.ms : Infinity;
    case 'bad':
      if (position <= script.after) return script.ms;
      if (script.answer === 'throw') throw new Error('a schedule that throws');
      return script.answer;
  }
}
