import { transition } from '../../lib/core/machine/transition.js';
import { attemptAt } from '../../lib/core/machine/due-times.js';
import type { Model } from '../../lib/core/machine/model.js';
import { aLife, everything, type Step } from './alphabet.js';
import { enumerate, explore, told, type Exploration } from './explore.js';
import { lives } from './lives.js';
import { settings, settingNamed } from './policies.js';
import type { Driven, Input, Transit, World } from './world.js';

interface Edge {
  readonly from: World;
  readonly step: Step;
  readonly driven: Driven;
}

const usual = settingNamed('usual');
const aLifeOfBreaks = 'two breaks of either kind, kicked, a join in vain, left';

describe('transition, every sequence of events', () => {
  const edges: Edge[] = [];
  const explorations: Exploration[] = [];
  const nameOf = ({ model }: World): string => model.state.state;
  const isOver = (world: World): boolean => nameOf(world) === 'disconnected' || nameOf(world) === 'failed';
  const has = ({ inputs }: Step, type: Input['type']): boolean =>
    inputs !== 'late' && inputs.some((input) => input.type === type);
  const only = ({ inputs }: Step, type: Input['type']): boolean =>
    inputs !== 'late' && inputs.length === 1 && inputs[0]?.type === type;
  const deadlineOf = ({ model }: Pick<World, 'model'>): number => model.episode?.loss.deadlineAt ?? Infinity;
  const met = (wanted: (edge: Edge) => boolean): Edge[] => {
    const found = edges.filter(wanted);
    expect(found.length).toBeGreaterThan(10);
    return found;
  };
  const broken = (row: string): string[] =>
    explorations.flatMap(({ disagreements }) => disagreements.filter(({ kind }) => kind.includes(`${row}:`)).map(told));

  beforeAll(() => {
    const visit = (from: World, step: Step, driven: Driven): void => void edges.push({ from, step, driven });
    explorations.push(explore({ setting: usual, alphabet: everything, depth: 4, mostWrong: 100, visit }));
    for (const along of Object.values(lives)) {
      explorations.push(explore({ setting: usual, alphabet: everything, along, depth: 1, mostWrong: 100, visit }));
    }
    explorations.push(
      explore({ setting: settingNamed('no repairs'), alphabet: aLife, depth: 6, mostWrong: 100, visit }),
    );
  });

  it('S3 meets every edge of the contract table, and no other', () => {
    const pairs = met(({ driven }) => driven.told.length > 0).flatMap(({ from, driven }) =>
      driven.told.map(({ state }, i) => `${i === 0 ? nameOf(from) : driven.told[i - 1]!.state} -> ${state}`),
    );
    expect([...new Set(pairs)].sort()).toEqual([
      'connected -> connected',
      'connected -> disconnected',
      'connected -> failed',
      'connected -> reconnecting',
      'connecting -> connected',
      'connecting -> disconnected',
      'connecting -> failed',
      'disconnected -> connecting',
      'failed -> connecting',
      'reconnecting -> connected',
      'reconnecting -> disconnected',
      'reconnecting -> failed',
    ]);
    expect(broken('S3')).toEqual([]);
  });

  it('S4 never tells the same twice', () => {
    const line = ({ state, reason, link }: Driven['told'][number]): string =>
      `${state}/${String(reason)}/${String(link)}`;
    for (const { from, driven } of met(({ driven }) => driven.told.length > 0)) {
      const { state } = from.model;
      const link = 'link' in state ? state.link : null;
      const all = [line({ state: state.state, reason: state.reason, link }), ...driven.told.map(line)];
      if (all.some((one, i) => one === all[i + 1])) fail(all.join(' then '));
    }
    expect(broken('S4')).toEqual([]);
  });

  it('S8 is connected only over a link whose signal and media are up', () => {
    const joined = met(({ driven }) => driven.told.at(-1)?.state === 'connected');
    for (const { driven } of joined) {
      const { session } = driven.world.model;
      if (session?.signal.up !== true || !session.media.up) fail('connected without');
    }
    expect(broken('S8')).toEqual([]);
  });

  it('S5 says joinSucceed first and rejoinSucceed only after a break', () => {
    met(({ from, driven }) => nameOf(from) === 'connecting' && driven.told[0]?.state === 'connected').forEach(
      ({ driven }) => expect(driven.told[0]?.reason).toBe('joinSucceed'),
    );
    expect([...broken('S5'), ...broken('S2')]).toEqual([]);
  });

  it('J4 ignores a join while there is something going on', () => {
    const joins = met(({ from, step }) => only(step, 'join') && !isOver(from) && step.at < deadlineOf(from));
    for (const { from, driven } of joins) {
      const { lastId } = driven.world.model;
      if (driven.told.length === 0 && driven.world.story.trip?.running === from.story.trip?.running) {
        expect(lastId).toBe(from.model.lastId);
      }
      expect(driven.wrong).toEqual([]);
    }
  });

  it('L1 leaves at once from everywhere, whatever else is heard; changes nothing when it is over', () => {
    for (const { from, driven } of met(({ step }) => has(step, 'leave'))) {
      const expected = isOver(from) ? '' : 'disconnected/leaveChannel';
      const said = driven.told.map(({ state, reason }) => `${state}/${String(reason)}`).join();
      if (said !== expected) fail(`${said}, not ${expected}`);
    }
  });

  it('L4 leaves no work when it is over', () => {
    for (const { driven } of met(({ driven }) => isOver(driven.world))) {
      const { session, episode } = driven.world.model;
      if (session !== null || episode !== null) fail(nameOf(driven.world));
    }
    expect(broken('L4')).toEqual([]);
  });

  it('T1 ends at once with the reason of the word that the server says', () => {
    const reasons: Readonly<Record<string, string>> = {
      'notice kicked': 'serverKicked',
      'notice closed': 'channelClosed',
      'notice duplicateUser': 'duplicateUser',
      'ended, kicked': 'serverKicked',
      'ended, closed': 'channelClosed',
      'repair failed, kicked': 'serverKicked',
    };
    for (const { step, driven } of met(({ from, step }) => step.label in reasons && step.at < deadlineOf(from))) {
      expect(driven.told.map(({ state, reason }) => `${state}/${String(reason)}`)).toEqual([
        `disconnected/${reasons[step.label]!}`,
      ]);
    }
  });

  it('D1 fails at the deadline, with whatever comes then and however late the timer is; it never moves', () => {
    // D8: where timers came too late for a single attempt, one may follow; that is the oracle's to judge.
    const mayGoOn = ({ model }: World): boolean =>
      model.episode?.recovery.attempts === 0 && attemptAt(model, usual.policy) < deadlineOf({ model });
    const late = met(
      ({ from, step }) =>
        step.inputs !== 'late' && step.at >= deadlineOf(from) && !has(step, 'leave') && !mayGoOn(from),
    );
    for (const { step, driven } of late) {
      if (driven.told.length !== 1 || driven.told[0]?.state !== 'failed') fail(step.label);
    }
    expect(broken('D1')).toEqual([]);
  });

  it('D2 is back when both are up 1 ms before the deadline, and fails in its own frame', () => {
    const bothUp = (step: Step): boolean => /^(signal up \+ media up|media up \+ signal up)$/.test(step.label);
    const back = met(({ from, step }) => bothUp(step) && deadlineOf(from) < Infinity);
    for (const { from, step, driven } of back) {
      if (from.model.episode?.cause === 'redispatch' || driven.wrong.length > 0) continue;
      const lost = (from.model.session?.signal.ended ?? false) || (from.model.session?.media.ended ?? false);
      if (!lost) expect(nameOf(driven.world)).toBe(step.at < deadlineOf(from) ? 'connected' : 'failed');
    }
  });

  it('D5 tells one terminal value an episode, with the attempts that were begun', () => {
    const ended = met(({ driven }) => driven.told.some(({ state }) => state === 'failed'));
    for (const { from, driven } of ended) {
      expect(driven.told.filter(({ state }) => state === 'failed' || state === 'disconnected').length).toBe(1);
      expect(driven.told.at(-1)!.attempts).toBeGreaterThanOrEqual(from.model.episode?.recovery.attempts ?? 0);
    }
  });

  it('D6 hears nothing but a join after the end', () => {
    for (const { from, step, driven } of met(({ from, step }) => isOver(from) && !has(step, 'join'))) {
      if (driven.told.length > 0 || driven.world.model !== from.model) fail(step.label);
    }
  });

  it('H6 is deaf to the events of work that is over', () => {
    expect(broken('H6')).toEqual([]);
  });

  it('R7 begins nothing before its time, and moves at every nextAt', () => {
    expect([
      ...broken('R7'),
      ...explorations.flatMap(({ disagreements }) =>
        disagreements.filter(({ kind }) => /nextAt|come to an end/.test(kind)).map(told),
      ),
    ]).toEqual([]);
  });

  it('Z3 begins one attempt at most, however much is due at once', () => {
    expect(broken('Z3')).toEqual([]);
    for (const { from, driven } of met(({ step }) => step.label.startsWith('the timer comes'))) {
      if (driven.world.model.lastId > from.model.lastId + 2)
        fail(`${driven.world.model.lastId - from.model.lastId} ids`);
    }
  });

  for (const setting of settings) {
    it(`agrees with the oracle: ${setting.name}`, () => {
      const { disagreements, edges: count } = explore({ setting, alphabet: everything, depth: 3, mostWrong: 20 });
      expect(disagreements.map(told).join('\n\n')).toBe('');
      expect(count).toBeGreaterThan(100);
    });
  }

  it('agrees with the oracle in every place of whole lives', () => {
    expect(explorations.flatMap(({ disagreements }) => disagreements.map(told)).join('\n\n')).toBe('');
  });

  it('merges no two states that differ in a field which the key does not know', () => {
    const fields = (value: object | null | undefined): string =>
      Object.keys(value ?? {})
        .sort()
        .join(' ');
    const all = edges.map(({ driven }) => driven.world.model);
    const session = all.find((model) => model.session !== null)?.session;
    const episode = all.find((model) => model.episode !== null)?.episode;
    const probe = all.find((model) => model.session?.probe != null)?.session?.probe;
    const phases = new Map(all.flatMap(({ episode: one }) => (one === null ? [] : [[one.recovery.phase.kind, one.recovery.phase]])));
    const attempting = phases.get('attempting');
    expect(fields(all[0])).toBe('episode lastId places previous session standing state');
    expect(fields(all[0]?.places)).toBe('cursor list offset own slot');
    expect(fields(all[0]?.standing)).toBe('since spent tally');
    expect(fields(all[0]?.standing.tally)).toBe(
      'beganAt busyCount hintAt lastChanceTaken limitsReached openingsHung position unreachableAt used',
    );
    expect(fields(session)).toBe('attempt canProbe hasMedia id joining link media probe signal');
    expect(fields(session?.signal)).toBe('aliveAt ended since up');
    expect(fields(probe)).toBe('aliveAt id limitAt');
    expect(fields(episode)).toBe('answers cause error loss recovery rung stage');
    expect(fields(episode?.loss)).toBe('aliveAt answered deadline deadlineAt extended spent');
    expect(fields(episode?.recovery)).toBe('attempts lastFailure phase tally');
    expect([...phases].map(([, phase]) => fields(phase)).sort()).toEqual([
      'error kind',
      'kind',
      'counted kind until',
      'kind limitAt since work',
    ].sort());
    expect(fields(attempting?.kind === 'attempting' ? attempting.work : null)).toBe('attempt called id');
  });

  it('finds the same when no two sequences are merged', () => {
    const { disagreements, sequences } = enumerate({ setting: usual, alphabet: aLife, depth: 5 });
    expect(disagreements.map(told)).toEqual([]);
    expect(sequences).toBeGreaterThan(1_000);
  });
});

describe('the explorer, of a transition that is broken,', () => {
  const withPolicy =
    (change: Partial<Parameters<Transit>[3]>): Transit =>
    (model, inputs, now, policy) =>
      transition(model, inputs, now, { ...policy, ...change });
  const withModel =
    (change: (after: Model<string>, before: Model<string>) => Model<string>): Transit =>
    (model, inputs, now, policy) => {
      const done = transition(model, inputs, now, policy);
      return { ...done, model: change(done.model, model) };
    };
  let calls = 0;

  const broken: readonly (readonly [string, RegExp, Transit])[] = [
    ['whose deadline is 1 ms late', /deadlineAt|told/, withPolicy({ deadline: 8_001 })],
    ['that announces a dip at once', /told/, withPolicy({ settle: { signal: 0, media: 0 } })],
    ['that never asks whether signalling is alive', /asked/, withModel((after) => ({ ...after, session: after.session && { ...after.session, probe: null } }))],
    [
      'that does not hear who is kicked',
      /told/,
      (model, inputs, now, policy) =>
        transition(
          model,
          inputs.filter((input) => input.type !== 'notice' || input.notice.kind !== 'kicked'),
          now,
          policy,
        ),
    ],
    [
      'that believes whoever speaks',
      /H6/,
      (model, inputs, now, policy) =>
        transition(
          model,
          inputs.map((input): Input =>
            'id' in input && model.session !== null && input.type !== 'probed' && input.type !== 'repairFailed'
              ? { ...input, id: model.session.id }
              : input,
          ),
          now,
          policy,
        ),
    ],
    [
      'that takes signal for both',
      /media up|S8/,
      (model, inputs, now, policy) =>
        transition(
          model,
          inputs.flatMap((input): Input[] =>
            input.type === 'health' && input.health === 'up' ? [input, { ...input, source: 'media' }] : [input],
          ),
          now,
          policy,
        ),
    ],
    [
      'whose deadline moves with every event',
      /D1/,
      withModel((after, before) =>
        after.episode !== null && before.episode !== null && after !== before
          ? {
              ...after,
              episode: { ...after.episode, loss: { ...after.episode.loss, deadlineAt: after.episode.loss.deadlineAt + 1 } },
            }
          : after,
      ),
    ],
    [
      'that does not count attempts',
      /attempts/,
      withModel((after) => after.episode === null
          ? after
          : { ...after, episode: { ...after.episode, recovery: { ...after.episode.recovery, attempts: 0 } } },
      ),
    ],
    [
      'that goes back to connecting after the end',
      /S3/,
      withModel((after) =>
        after.state.state === 'failed'
          ? { ...after, state: { state: 'reconnecting', reason: 'redispatch', link: null, error: null, since: 0 } }
          : after,
      ),
    ],
    ['that names work twice', /not new/, withModel((after, before) => ({ ...after, lastId: before.lastId }))],
    [
      'that is not pure',
      /not pure|library/,
      (model, inputs, now, policy) =>
        ++calls % 50 === 0 ? transition(model, [], now, policy) : transition(model, inputs, now, policy),
    ],
    [
      'that writes into its model',
      /threw/,
      (model, inputs, now, policy) => {
        (model as { lastId: number }).lastId++;
        return transition(model, inputs, now, policy);
      },
    ],
    [
      'that never comes to an end',
      /nothing came|come to an end/,
      (model, inputs, now, policy) =>
        inputs.length === 0 ? { model, events: [] } : transition(model, inputs, now, policy),
    ],
  ];

  for (const [name, finding, transit] of broken) {
    it(`finds one ${name}`, () => {
      const { disagreements } = explore({
        setting: usual,
        alphabet: everything,
        along: lives[aLifeOfBreaks]!,
        depth: 1,
        mostWrong: 20,
        transit,
      });
      const text = disagreements.map(told).join('\n\n');
      expect(text).toMatch(finding);
      expect(disagreements[0]?.sequence.length).toBeGreaterThan(0);
    });
  }

  it('tells the shortest sequence as a list that can be replayed', () => {
    const { disagreements } = explore({
      setting: usual,
      alphabet: aLife,
      depth: 5,
      transit: withPolicy({ joinDeadline: 6_001 }),
    });
    expect(told(disagreements[0]!).split('\n').slice(0, 3)).toEqual([
      'setting: usual',
      '        0 ms  join',
      '       =>  begun deadlineAt: library 1006001; oracle 1006000',
    ]);
  });
});
