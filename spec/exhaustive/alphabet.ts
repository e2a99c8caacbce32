import { nextAt } from '../../lib/core/machine/due-times.js';
import { workOf } from '../../lib/core/machine/episode.js';
import type { Health } from '../../lib/core/machine/health.js';
import type { Stage } from '../../lib/core/machine/room-input.js';
import type { ServerNotice } from '../../lib/core/recovery/verdict.js';
import { errors, unclassified } from './errors.js';
import type { Terms } from './policies.js';
import type { Input, World } from './world.js';

/** One step of a sequence: a frame at a time, or only a clock that moves while the timers are late. */
export interface Step {
  readonly label: string;
  readonly at: number;
  readonly inputs: readonly Input[] | 'late';
}

export type Alphabet = (world: World, policy: Terms) => Step[];

const words: Readonly<Record<string, ServerNotice>> = {
  closed: { kind: 'closed' },
  kicked: { kind: 'kicked', message: 'by a moderator' },
  duplicateUser: { kind: 'duplicateUser' },
  'redispatch to r': { kind: 'redispatch', endpoint: 'r' },
  'endpoints p, q': { kind: 'endpoints', list: ['p', 'q'] },
};

const gone = new Error('the source of media is gone');

const DOWN: Health = { down: true };

/** What can go wrong where this policy judges. */
const failuresOf = ({ classify }: Terms): Readonly<Record<string, unknown>> => (classify === null ? unclassified : errors);

/** What a repair can fail with before it has what it needs. */
const requestFailures = ['unreachable', 'answered', 'refused', 'fatal'];

/** Whether a join fetches what it needs. */
const isRequesting = ({ session, episode }: World['model']): boolean =>
  session !== null && session.joining && session.link === null && episode?.stage === 'request';

/** What the running work can report now, one input each. */
function reports({ model, now }: World, policy: Terms): Readonly<Record<string, Input>> {
  const { session } = model;
  const all: Record<string, Input> = {};
  const failures = failuresOf(policy);
  if (session !== null) {
    const { id } = session;
    const before = session.link;
    if (isRequesting(model) && policy.attempts) all['requested'] = { type: 'requested', id };
    else {
      const link = `${before ?? `link ${id}`}${before === null ? '' : "'"}`.replace(/'+$/, "'");
      const again = before === link ? link.slice(0, -1) : link;
      all['linked'] = { type: 'linked', id, link: again, media: true, canProbe: true };
      if (before === null) {
        all['linked, without probe'] = { type: 'linked', id, link: again, media: true, canProbe: false };
        all['linked, without media'] = { type: 'linked', id, link: again, media: false, canProbe: true };
      }
    }
    if (before !== null) {
      for (const source of session.hasMedia ? (['signal', 'media'] as const) : (['signal'] as const)) {
        all[`${source} up`] = { type: 'health', id, source, health: 'up' };
        all[`${source} down`] = { type: 'health', id, source, health: DOWN };
        all[`${source} down, alive 600 ms ago`] = {
          type: 'health',
          id,
          source,
          health: { down: true, aliveAt: now - 600 },
        };
        all[`${source} ended`] = { type: 'sourceEnded', id, source, ...(source === 'media' && { error: gone }) };
      }
      all['signal down, alive 9 s ago'] = {
        type: 'health',
        id,
        source: 'signal',
        health: { down: true, aliveAt: now - 9_000 },
      };
      for (const name in words) all[`notice ${name}`] = { type: 'notice', id, notice: words[name]! };
    }
    for (const name in failures) all[`ended, ${name}`] = { type: 'ended', id, error: failures[name] };
  }
  const work = workOf(model.episode);
  if (work !== null && work.id !== session?.id && work.called) {
    const { id } = work;
    const fail = (name: string, stage: Stage): Input => ({ type: 'repairFailed', id, error: failures[name], stage });
    for (const name in failures) {
      all[`repair failed, ${name}`] = fail(name, 'join');
      if (requestFailures.includes(name)) all[`repair failed, its request ${name}`] = fail(name, 'request');
    }
  }
  const probe = session?.probe ?? null;
  if (probe !== null) {
    all['probe: alive'] = { type: 'probed', id: probe.id, alive: true };
    all['probe: dead'] = { type: 'probed', id: probe.id, alive: false };
  }
  return all;
}

const commands: Readonly<Record<string, Input>> = {
  join: { type: 'join' },
  leave: { type: 'leave' },
  retryNow: { type: 'retryNow' },
  wake: { type: 'wake', suspendedFor: 0 },
};

/** Frames of several inputs: one physical cause, two witnesses, either order; and the order of judging. */
const together: readonly (readonly string[])[] = [
  ['signal down', 'media down'],
  ['media down', 'signal down'],
  ['signal up', 'media up'],
  ['media up', 'signal up'],
  ['signal down', 'media up'],
  ['signal up', 'media down'],
  ['signal down', 'signal up'],
  ['media down', 'media up'],
  ['signal down, alive 600 ms ago', 'media down'],
  ['media down', 'signal down, alive 600 ms ago'],
  ['linked', 'signal up', 'media up'],
  ['linked, without media', 'signal up'],
  ['requested', 'ended, unreachable'],
  ['signal up', 'media up', 'leave'],
  ['leave', 'signal up', 'media up'],
  ['signal up', 'media up', 'notice kicked'],
  ['notice kicked', 'signal up', 'media up'],
  ['signal down', 'notice closed'],
  ['signal down', 'media down', 'notice redispatch to r'],
  ['notice redispatch to r', 'ended, unreachable'],
  ['notice redispatch to r', 'notice redispatch to r'],
  ['notice redispatch to r', 'notice endpoints p, q'],
  ['notice redispatch to r', 'notice kicked'],
  ['ended, unreachable', 'notice kicked'],
  ['ended, unreachable', 'leave'],
  ['ended, unreachable', 'retryNow'],
  ['signal up', 'media up', 'ended, unreachable'],
  ['notice endpoints p, q', 'ended, unreachable'],
  ['repair failed, refused', 'signal up', 'media up'],
  ['repair failed, unreachable', 'retryNow'],
  ['signal down', 'repair failed, unreachable'],
  ['repair failed, refused', 'signal down'],
  ...['unreachable', 'busy, come back in 1 s', 'fatal', 'kicked', 'redispatch to r'].flatMap((repair) =>
    ['unreachable', 'busy, come back in 1 s', 'fatal', 'closed', 'redispatch to r'].map((end) => [
      `repair failed, ${repair}`,
      `ended, ${end}`,
    ]),
  ),
  ['repair failed, refused', 'ended, unreachable'],
  ['repair failed, refused', 'ended, refused'],
  ['repair failed, unreachable', 'ended, refused'],
  ['repair failed, answered', 'signal up', 'media up'],
  ['repair failed, answered', 'signal down'],
  ['repair failed, answered', 'ended, answered'],
  ['repair failed, unreachable', 'signal up'],
  ['signal down', 'ended, unreachable'],
  ['signal down, alive 600 ms ago', 'ended, refused'],
  ['signal down, alive 9 s ago', 'media down', 'ended, busy, come back in 1 s'],
  ['repair failed, fatal', 'notice redispatch to r'],
  ['repair failed, kicked', 'notice redispatch to r'],
  ['repair failed, kicked', 'linked'],
  ['repair failed, busy, come back in 1 s', 'signal down'],
  ['notice redispatch to r', 'ended, kicked'],
  ['notice redispatch to r', 'ended, redispatch to r'],
  ['notice redispatch to r', 'ended, busy, come back in 1 s'],
  ['linked', 'ended, unreachable'],
  ['linked', 'ended, busy, come back in 1 s'],
  ['linked', 'repair failed, fatal'],
  ['probe: alive', 'media up'],
  ['probe: dead', 'media up'],
  ['media down', 'probe: dead'],
  ['wake', 'wake'],
  ['wake', 'retryNow'],
  ['wake', 'signal down'],
  ['wake', 'media down'],
  ['retryNow', 'signal down'],
  ['retryNow', 'media up'],
];

const wakeAfter = (suspendedFor: number): Input => ({ type: 'wake', suspendedFor });

/** The times that matter from here: nothing between two of them is told apart by any rule. */
function times({ model, now }: World, policy: Terms): Step[] {
  const next = nextAt(model, policy);
  const steps: Step[] = [];
  const late = (label: string, at: number): void => {
    if (at > now && at < Infinity) steps.push({ label, at, inputs: 'late' });
  };
  if (next > now && next < Infinity) {
    steps.push({ label: 'time passes until what is next', at: next, inputs: [] });
    late('time passes until 1 ms before what is next', next - 1);
    late('the timer is late by nothing: inputs come first', next);
    late('the timer is late by 150 ms', next + 150);
  } else if (next <= now) steps.push({ label: 'the timer comes', at: now, inputs: [] });
  late('time passes: 250 ms', Math.min(now + 250, next - 1));
  const { episode } = model;
  if (episode !== null) {
    const { deadlineAt } = episode.loss;
    late('the timer is late: 1 ms before the deadline', deadlineAt - 1);
    late('the timer is late: at the deadline', deadlineAt);
    late('the timer is late: 1 ms after the deadline', deadlineAt + 1);
    if (episode.recovery.attempts === 0) {
      late('the timer is late: a minute after the deadline', deadlineAt + 60_000);
      late('the timer is late: 3 minutes after the deadline', deadlineAt + 180_000);
      late('the timer is late: more than 3 minutes after the deadline', deadlineAt + 180_001);
    }
  } else if (model.state.state === 'connected')
    late('the connection lasts', Math.min(now + policy.stableAfter, next - 1));
  return steps;
}

/** The device sleeps: the clock moves, no timer fires, and the first that is heard is a wake. */
function sleeps({ model, now }: World, policy: Terms): Step[] {
  if (model.session === null && model.episode === null) return [];
  const { session } = model;
  const steps: Step[] = [];
  for (const ms of [1_200, policy.deadline - 1, policy.deadline, policy.deadline + 2_000]) {
    const at = now + ms;
    steps.push({ label: `the device sleeps ${ms} ms and wakes`, at, inputs: [wakeAfter(ms)] });
    if (session?.link != null) {
      const { id } = session;
      const down: Input = { type: 'health', id, source: 'signal', health: { down: true, aliveAt: now } };
      steps.push({ label: `the device sleeps ${ms} ms, wakes, signal down since`, at, inputs: [wakeAfter(ms), down] });
      steps.push({ label: `signal down, and the device slept ${ms} ms`, at, inputs: [down, wakeAfter(ms)] });
      const unknown: Input = { type: 'health', id, source: 'signal', health: DOWN };
      steps.push({
        label: `signal down, nobody knows since when, and the device slept ${ms} ms`,
        at,
        inputs: [unknown, wakeAfter(ms)],
      });
    }
  }
  return steps;
}

/** Every event that can come in this state, alone and in the frames of several, and every time that matters. */
export const everything: Alphabet = (world, policy) => {
  const { now } = world;
  const single = { ...commands, ...reports(world, policy) };
  const steps: Step[] = Object.entries(single).map(([label, input]) => ({ label, at: now, inputs: [input] }));
  for (const labels of together) {
    const inputs = labels.map((label) => single[label]);
    if (!inputs.includes(undefined)) steps.push({ label: labels.join(' + '), at: now, inputs: inputs as Input[] });
  }
  const { session } = world.model;
  if (session?.link === null && !isRequesting(world.model)) {
    const linked = single['linked'] as Input;
    const bothUp: Input[] = (['signal', 'media'] as const).map((source) => ({
      type: 'health',
      id: session.id,
      source,
      health: 'up',
    }));
    steps.push({ label: 'linked + signal up + media up', at: now, inputs: [linked, ...bothUp] });
  }
  return [...steps, ...times(world, policy), ...sleeps(world, policy)];
};

const few = [
  'join',
  'leave',
  'retryNow',
  'wake',
  'requested',
  'linked + signal up + media up',
  'signal up',
  'signal down',
  'media up',
  'media down',
  'ended, unreachable',
  'repair failed, refused',
  'repair failed, answered',
  'repair failed, unreachable',
  'notice kicked',
  'probe: dead',
  'time passes until what is next',
  'the timer is late: at the deadline',
];

/** The few that make up a life. */
export const aLife: Alphabet = (world, policy) => everything(world, policy).filter(({ label }) => few.includes(label));

/** Reports of work that is over: each must change nothing. */
export function staleReports({ model, now }: World, policy: Terms): Input[] {
  const { session, lastId } = model;
  const work = workOf(model.episode);
  const probe = session?.probe ?? null;
  const live = [session?.id, work?.id, probe?.id];
  const failures = Object.values(failuresOf(policy));
  const stale: Input[] = [];
  for (let id = lastId; id > 0 && id > lastId - 4; id--) {
    if (live.includes(id) && session?.id === id) continue;
    stale.push(
      { type: 'requested', id },
      { type: 'linked', id, link: 'stale', media: true, canProbe: true },
      { type: 'health', id, source: 'signal', health: 'up' },
      { type: 'health', id, source: 'media', health: 'up' },
      { type: 'health', id, source: 'signal', health: { down: true, aliveAt: now - 20_000 } },
      { type: 'health', id, source: 'media', health: DOWN },
      { type: 'sourceEnded', id, source: 'signal' },
      { type: 'sourceEnded', id, source: 'media' },
      ...Object.values(words).map((notice): Input => ({ type: 'notice', id, notice })),
      ...failures.map((error): Input => ({ type: 'ended', id, error })),
    );
    if (work?.id !== id)
      stale.push(...failures.map((error): Input => ({ type: 'repairFailed', id, error, stage: 'join' })));
    if (probe?.id !== id) stale.push({ type: 'probed', id, alive: true }, { type: 'probed', id, alive: false });
  }
  return stale;
}
