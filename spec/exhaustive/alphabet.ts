import { nextAt } from '../../lib/core/machine/due-times.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import type { Health } from '../../lib/core/machine/health.js';
import type { ServerNotice, Verdict } from '../../lib/core/recovery/verdict.js';
import type { Input, World } from './world.js';

/** One step of a sequence: a frame at a time, or only a clock that moves while the timers are late. */
export interface Step {
  readonly label: string;
  readonly at: number;
  readonly inputs: readonly Input[] | 'late';
}

export type Alphabet = (world: World, policy: Policy) => Step[];

const verdicts: Readonly<Record<string, Verdict>> = {
  unreachable: { kind: 'unreachable' },
  refused: { kind: 'refused' },
  fatal: { kind: 'fatal' },
  busy: { kind: 'busy' },
  'busy, come back in 1 s': { kind: 'busy', retryAfter: 1_000 },
  'busy, come back past the deadline': { kind: 'busy', retryAfter: 60_000 },
  closed: { kind: 'closed' },
  kicked: { kind: 'kicked' },
  duplicateUser: { kind: 'duplicateUser' },
  'redispatch to r': { kind: 'redispatch', endpoint: 'r' },
};

const words: Readonly<Record<string, ServerNotice>> = {
  closed: { kind: 'closed' },
  kicked: { kind: 'kicked' },
  duplicateUser: { kind: 'duplicateUser' },
  'redispatch to r': { kind: 'redispatch', endpoint: 'r' },
  'endpoints p, q': { kind: 'endpoints', list: ['p', 'q'] },
};

const DOWN: Health = { down: true };

/** Whether a join fetches what it needs. */
const isRequesting = ({ session, episode }: Pick<World['model'], 'session' | 'episode'>): boolean =>
  session !== null && session.id === episode?.work?.id && episode.stage === 'request';

/** What the running work can report now, one input each. */
function reports({ model, now }: World): Readonly<Record<string, Input>> {
  const { session, episode, probe } = model;
  const all: Record<string, Input> = {};
  if (session !== null) {
    const { id } = session;
    if (isRequesting({ session, episode })) all['requested'] = { type: 'requested', id };
    else {
      const link = `${session.link ?? `link ${id}`}${session.link === null ? '' : "'"}`.replace(/'+$/, "'");
      const again = session.link === link ? link.slice(0, -1) : link;
      all['linked'] = { type: 'linked', id, link: again, media: true, canProbe: true };
      if (session.link === null) {
        all['linked, without probe'] = { type: 'linked', id, link: again, media: true, canProbe: false };
        all['linked, without media'] = { type: 'linked', id, link: again, media: false, canProbe: true };
      }
    }
    if (session.link !== null) {
      for (const source of ['signal', 'media'] as const) {
        all[`${source} up`] = { type: 'health', id, source, health: 'up' };
        all[`${source} down`] = { type: 'health', id, source, health: DOWN };
        all[`${source} down, alive 600 ms ago`] = {
          type: 'health',
          id,
          source,
          health: { down: true, aliveAt: now - 600 },
        };
        all[`${source} ended`] = { type: 'sourceEnded', id, source };
      }
      all['signal down, alive 9 s ago'] = {
        type: 'health',
        id,
        source: 'signal',
        health: { down: true, aliveAt: now - 9_000 },
      };
      for (const name in words) all[`notice ${name}`] = { type: 'notice', id, notice: words[name]! };
    }
    for (const name in verdicts) {
      all[`ended, ${name}`] = { type: 'ended', id, failure: { error: `join: ${name}`, verdict: verdicts[name]! } };
    }
  }
  const work = episode?.work;
  if (work != null && work.id !== session?.id && probe === null) {
    for (const name in verdicts) {
      all[`repair failed, ${name}`] = {
        type: 'repairFailed',
        id: work.id,
        failure: { error: `repair: ${name}`, verdict: verdicts[name]! },
      };
    }
  }
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
function times({ model, now }: World, policy: Policy): Step[] {
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
    late('the timer is late: 1 ms before the deadline', episode.deadlineAt - 1);
    late('the timer is late: at the deadline', episode.deadlineAt);
    late('the timer is late: 1 ms after the deadline', episode.deadlineAt + 1);
  } else if (model.state.state === 'connected')
    late('the connection lasts', Math.min(now + policy.stableAfter, next - 1));
  return steps;
}

/** The device sleeps: the clock moves, no timer fires, and the first that is heard is a wake. */
function sleeps({ model, now }: World, policy: Policy): Step[] {
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
  const single = { ...commands, ...reports(world) };
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
  'notice kicked',
  'probe: dead',
  'time passes until what is next',
  'the timer is late: at the deadline',
];

/** The few that make up a life. */
export const aLife: Alphabet = (world, policy) => everything(world, policy).filter(({ label }) => few.includes(label));

/** Reports of work that is over: each must change nothing. */
export function staleReports({ model, now }: World): Input[] {
  const { session, episode, probe, lastId } = model;
  const live = [session?.id, episode?.work?.id, probe?.id];
  const stale: Input[] = [];
  for (let id = lastId; id > 0 && id > lastId - 4; id--) {
    const sessionId = session?.id !== id;
    if (live.includes(id) && !sessionId) continue;
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
      ...Object.values(verdicts).map((verdict): Input => ({ type: 'ended', id, failure: { error: 'stale', verdict } })),
    );
    if (episode?.work?.id !== id) {
      stale.push(
        ...Object.values(verdicts).map((verdict): Input => ({
          type: 'repairFailed',
          id,
          failure: { error: 'stale', verdict },
        })),
      );
    }
    if (probe?.id !== id) stale.push({ type: 'probed', id, alive: true }, { type: 'probed', id, alive: false });
  }
  return stale;
}
