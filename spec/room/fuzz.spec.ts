import { reached } from '../../fuzz/coverage.js';
import { diagram } from '../../fuzz/diagram.js';
import { fuzz } from '../../fuzz/fuzz.js';
import { check, invariants } from '../../fuzz/invariants.js';
import { play } from '../../fuzz/play.js';
import type { Entry, Happening, Recording, State } from '../../fuzz/recording.js';
import type { Act, Fault, JoinScript, Script, ScriptOptions, Step } from '../../fuzz/script.js';
import { DeadlineExceededError } from '../../lib/index.js';

const says = (kind: string, more: object = {}): Fault => ({ says: { kind, ...more }, throws: false, unanswered: false });

const wellJoin: JoinScript = {
  request: { how: 'value', after: 0, fault: says('unreachable'), calls: [] },
  how: 'link',
  after: 0,
  fault: says('unreachable'),
  link: { signal: [{ after: 0, say: 'up' }], media: [{ after: 0, say: 'up' }], calls: null },
  second: null,
  ends: null,
  calls: [],
};

const options: ScriptOptions = {
  deadline: 4_000,
  joinDeadline: 2_000,
  attemptLimit: 1_000,
  openingLimit: 300,
  stableAfter: 400,
  lastChanceFrom: 300,
  settle: { signal: 100, media: 50 },
  probeLimit: 200,
  probeHold: 50,
  wakeFloor: 100,
  endpoints: ['a', 'b'],
  random: 0.5,
  schedule: { kind: 'spaced', ms: 300 },
};

const scriptOf = ({ options: changed, can, ...rest }: { options?: Partial<ScriptOptions>; can?: Partial<Script['can']> } & Partial<Omit<Script, 'options' | 'can'>>): Script => ({
  options: { ...options, ...changed },
  can: { request: true, repair: true, media: true, probe: false, classify: true, ...can },
  joins: [],
  repairs: [],
  probes: [],
  rounds: 1,
  afterwards: 'well',
  timeline: [],
  reactors: [],
  thrower: false,
  throttle: 0,
  ending: 'leave',
  ...rest,
});

const at = (after: number, act: Act): Step => ({ after, act });
const health = (first: 'signal' | 'media', say: 'up' | 'down'): Act => ({ do: 'health', first, both: false, say });
const calls = (...names: ('join' | 'leave' | 'retryNow')[]): Act => ({ do: 'calls', calls: names });

/** Joins, and leaves at 1 s. */
const steady = scriptOf({ timeline: [at(0, calls('join')), at(1_000, calls('leave'))] });
/** Signalling breaks at 1 s; the second repair heals it. */
const broken = scriptOf({
  repairs: [{ how: 'error', after: 100, fault: says('unreachable'), asks: null, calls: [] }],
  timeline: [at(0, calls('join')), at(1_000, health('signal', 'down'))],
});
/** The same without repairs: the link is replaced. */
const replaced = scriptOf({ can: { repair: false }, timeline: [at(0, calls('join')), at(1_000, health('signal', 'down'))] });
/** Nobody is there. */
const hopeless = scriptOf({ joins: [], afterwards: 'hang' });
const unreachable = scriptOf({ joins: [{ ...wellJoin, how: 'error' }, wellJoin] });
const refusedFatally = scriptOf({ joins: [{ ...wellJoin, how: 'error', fault: says('fatal') }] });
const busy = scriptOf({ joins: [{ ...wellJoin, how: 'error', fault: says('busy', { retryAfter: 500 }) }] });
const kicked = scriptOf({ timeline: [at(0, calls('join')), at(500, { do: 'word', word: { kind: 'kicked' } })] });
const sent = scriptOf({ timeline: [at(0, calls('join')), at(500, { do: 'word', word: { kind: 'redispatch', endpoint: 'z' } })] });
const asleep = scriptOf({ timeline: [at(0, calls('join')), at(500, { do: 'sleep', ms: 5_000, told: true })] });
const givingUp = scriptOf({ options: { schedule: { kind: 'times', count: 0, ms: 100 } }, joins: [{ ...wellJoin, how: 'error' }] });
const silent = scriptOf({ timeline: [at(0, calls('join')), at(1_000, health('media', 'down')), at(20, health('media', 'up'))] });

/** Something is called in an emission. */
const nested = scriptOf({
  timeline: [at(0, calls('join')), at(1_000, calls('leave'))],
  reactors: [{ stream: 'state', nth: 3, calls: ['retryNow'], subscribes: false }],
});
/** The law of attempts holds for it: the default schedule, and times as a room has them. */
const lawful = scriptOf({ options: { schedule: { kind: 'default' }, deadline: 40_000, stableAfter: 10_000 } });

type Doctor = (entries: readonly Entry[]) => readonly Happening[];

const isState = (state: State['state'], reason?: string) => (entry: Happening): boolean =>
  entry.kind === 'state' && entry.value.state === state && (reason === undefined || entry.value.reason === reason);
const isEvent = (type: string) => (entry: Happening): boolean => entry.kind === 'event' && entry.value.type === type;
const isAttempt = (number: number) => (entry: Happening): boolean =>
  entry.kind === 'event' && entry.value.type === 'attempt' && entry.value.number === number;
const isKind = (kind: Happening['kind']) => (entry: Happening): boolean => entry.kind === kind;

const without =
  (which: (entry: Happening) => boolean): Doctor =>
  (entries) =>
    entries.filter((entry) => !which(entry));

/** Changes the first of a kind. */
const first =
  (which: (entry: Happening) => boolean, change: (entry: never) => Happening | readonly Happening[]): Doctor =>
  (entries) => {
    const i = entries.findIndex(which);
    if (i === -1) throw new Error('nothing to doctor');
    return entries.flatMap((entry, j) => (i === j ? change(entry as never) : [entry]));
  };

const twice = (which: (entry: Happening) => boolean): Doctor => first(which, (entry: Happening) => [entry, entry]);

const changed =
  (changes: object) =>
  (entry: Happening): Happening => ({ ...entry, ...changes });
const revalued = (changes: object) => (entry: Extract<Happening, { value: object }>): Happening => ({ ...entry, value: { ...entry.value, ...changes } }) as Happening;

/** Puts a moment of the virtual and of the wall clock on what was made from another entry. */
const resequenced = (entries: readonly Happening[]): readonly Entry[] => {
  let last = { at: 0, wall: 0 };
  return entries.map((entry, seq) => {
    const known = entry as Partial<Entry>;
    last = { at: known.at ?? last.at, wall: known.wall ?? last.wall };
    return { ...entry, ...last, seq };
  });
};

const doctored = (recording: Recording, doctor: Doctor): Recording => ({ ...recording, entries: resequenced(doctor(recording.entries)) });

/** For every invariant a script and what must not be recorded of it. */
const doctors: Readonly<Record<string, readonly [Script, Doctor]>> = {
  legalEdges: [steady, without(isState('connecting'))],
  legalPairs: [steady, first(isState('connecting'), revalued({ reason: 'joinSucceed' }))],
  firstIsJoin: [steady, first(isState('connected'), revalued({ reason: 'rejoinSucceed' }))],
  noRepeats: [steady, twice(isState('connected'))],
  oneTerminal: [steady, without(isState('disconnected', 'leaveChannel'))],
  commandsAtOnce: [
    steady,
    first((entry) => entry.kind === 'called' && entry.command === 'leave', changed({ after: { state: 'connecting', reason: 'joinChannel' } })),
  ],
  commandsInTurn: [
    nested,
    first((entry) => entry.kind === 'called' && entry.within !== null, changed({ after: { state: 'disconnected', reason: 'leaveChannel' } })),
  ],
  neverThrows: [steady, first(isKind('instant'), (entry: Entry) => [{ kind: 'thrown', error: new Error('boom') }, entry])],
  connectedMeansUp: [steady, without((entry) => entry.kind === 'health' && entry.source === 'media')],
  upMeansConnected: [steady, without(isState('connected'))],
  dipsSettle: [broken, (entries) => entries.map((entry) => (isState('reconnecting')(entry) ? { ...entry, wall: entry.wall - 1 } : entry))],
  dipsAnnounced: [broken, without(isState('reconnecting'))],
  reasonIsCause: [broken, first(isState('reconnecting'), revalued({ reason: 'mediaConnectionDisconnected' }))],
  redispatchMoves: [sent, without((entry) => ['state', 'event', 'open', 'shut'].includes(entry.kind) && (entry as Entry).at === 500)],
  saysWhatBroke: [broken, first(isState('reconnecting'), revalued({ since: 7 }))],
  dismissalsEnd: [kicked, first(isState('disconnected', 'serverKicked'), revalued({ reason: 'duplicateUser' }))],
  sleptPastDeadline: [asleep, first(isState('failed'), revalued({ suspendedFor: 1 }))],
  deadlineKept: [broken, first((entry) => entry.kind === 'progress' && entry.value?.cause === 'signal', revalued({ deadlineAt: 7 }))],
  deadlineWins: [hopeless, without(isState('failed'))],
  failsOnTime: [hopeless, without((entry) => isState('failed')(entry) || (entry.kind === 'frame' && (entry as Entry).at === 2_000))],
  failsForAReason: [hopeless, (entries) => entries.map((entry) => (entry.kind === 'frame' && entry.at === 2_000 ? { ...entry, wall: entry.wall - 1 } : entry))],
  failsWithItsCause: [hopeless, first(isState('failed'), revalued({ cause: 'media' }))],
  failsByStage: [hopeless, first(isState('failed'), revalued({ reason: 'requestChannelFailed' }))],
  fatalEnds: [refusedFatally, without(isState('failed'))],
  schedulesEnd: [givingUp, without(isState('failed'))],
  comesToRest: [steady, first(isKind('rest'), changed({ state: { state: 'connecting', reason: 'joinChannel' } }))],
  noStrayWork: [kicked, first(isKind('rest'), (entry: Entry) => [{ kind: 'open', what: 'join', id: 999, owner: 9, attempt: null }, entry])],
  oneAtATime: [steady, first(isState('disconnected', 'leaveChannel'), (entry: Entry) => [{ kind: 'open', what: 'signal$', id: 999, owner: 1, attempt: null }, { kind: 'open', what: 'signal$', id: 998, owner: 1, attempt: null }, entry])],
  callsOnce: [steady, twice((entry) => entry.kind === 'open' && entry.what === 'join')],
  neverTwoAtOnce: [unreachable, first(isAttempt(2), changed({ wall: 1_000_000 }))],
  lawOfAttempts: [lawful, first(isEvent('attempt'), (entry: Happening) => Array.from({ length: 30 }, () => entry))],
  positionsCount: [unreachable, first(isKind('asked'), changed({ position: 2 }))],
  nextRetryKept: [unreachable, first(isEvent('waiting'), (entry: Extract<Entry, { kind: 'event' }>) => revalued({ nextRetryAt: entry.wall + 301 })(entry))],
  startsOnTime: [unreachable, without((entry) => isAttempt(2)(entry) || isEvent('healed')(entry) || isState('connected')(entry))],
  wakesAreHeard: [
    unreachable,
    first((entry) => entry.kind === 'progress' && entry.value?.phase === 'waiting', (entry: Entry) => [
      entry,
      { kind: 'instant', state: { state: 'connecting', reason: 'joinChannel' }, timers: 0, open: 0 },
      { kind: 'wake', suspendedFor: 0, heard: true },
      { kind: 'frame' },
    ]),
  ],
  hintsAreKept: [busy, first(isEvent('waiting'), revalued({ hintAt: 1_000_499 }))],
  hintsAreMet: [busy, first(isEvent('waiting'), revalued({ nextRetryAt: 1_000_701 }))],
  oneLastChance: [unreachable, first(isEvent('waiting'), revalued({ nextRetryAt: null }))],
  legalRungs: [broken, first((entry) => entry.kind === 'event' && entry.value.type === 'attempt' && entry.value.kind === 'resume', revalued({ kind: 'restart' }))],
  rejoinsAreAnnounced: [replaced, without(isState('reconnecting'))],
  limitsGrow: [hopeless, (entries) => entries.map((entry) => (entry.kind === 'open' && entry.attempt !== null ? { ...entry, attempt: { ...entry.attempt, limitAt: entry.attempt.limitAt + 1 } } : entry))],
  attemptsAreCut: [hopeless, without((entry) => entry.kind === 'shut' && entry.what === 'join' && (entry as Entry).at === 1_000)],
  endpointsInTurn: [unreachable, first(isAttempt(2), revalued({ endpoint: 'b' }))],
  verdictsAreHeard: [unreachable, first(isEvent('attemptFailed'), revalued({ verdict: { kind: 'refused' } }))],
  zeroLeft: [steady, first(isKind('over'), changed({ timers: 1 }))],
  fewThings: [steady, first(isKind('instant'), changed({ timers: 3 }))],
  saneDelays: [steady, first(isKind('timer'), changed({ delay: 2 ** 31 }))],
  linksAreTold: [steady, without(isKind('close'))],
  toldTheTruth: [replaced, first(isKind('close'), changed({ why: 'left' }))],
  progressIff: [steady, first(isKind('snapshot'), (entry: Extract<Entry, { kind: 'snapshot' }>) => ({ ...entry, value: { ...entry.value, connectionState: { state: 'connecting', reason: 'joinChannel' } } }))],
  getterAgrees: [steady, first(isKind('instant'), changed({ state: { state: 'failed', reason: 'timeout', error: null, attempts: 0 } }))],
};

/** The same for those that judge a recording as a whole. */
const wholeDoctors: Readonly<Record<string, readonly [Script, (recording: Recording) => Recording]>> = {
  bounded: [steady, (recording: Recording) => ({ ...recording, overrun: true })],
  sameForAll: [steady, (recording: Recording) => ({ ...recording, sights: recording.sights.map((sight, i) => (i === recording.sights.length - 1 ? { ...sight, seen: sight.seen.slice(1) } : sight)) })],
  snapshotAgrees: [steady, (recording: Recording) => ({ ...recording, sights: recording.sights.map((sight) => (sight.stream === 'snapshot' ? { ...sight, seen: sight.seen.slice(0, -1) } : sight)) })],
  distinctValues: [steady, (recording: Recording) => ({ ...recording, sights: recording.sights.map((sight) => (sight.stream === 'link' ? { ...sight, seen: [...sight.seen, ...sight.seen.slice(-1)] } : sight)) })],
};

const patients = new Map<string, readonly [Script, (recording: Recording) => Recording]>([
  ...Object.entries(wholeDoctors),
  ...Object.entries(doctors).map(([name, [script, doctor]]) => [name, [script, (recording: Recording) => doctored(recording, doctor)]] as const),
]);

describe('fuzz: whole fault scripts', () => {
  // What a script's thrower throws comes a timer later: here, not in another spec.
  afterEach(() => new Promise((resolve) => setTimeout(resolve)));

  it('finds nothing in 300 scripts', () => {
    const { failure, runs } = fuzz({ runs: 300, seed: 20_260 });
    if (failure !== null) fail(diagram(failure.recording, failure.violations));
    expect(runs).toBe(300);
  });

  it('plays the same script the same way', () => {
    const kinds = (recording: Recording): string[] => recording.entries.map(({ kind, at: time }) => `${time} ${kind}`);
    expect(kinds(play(broken))).toEqual(kinds(play(broken)));
  });

  it('reaches what its scripts ask for', () => {
    const all = [steady, broken, replaced, hopeless, unreachable, refusedFatally, busy, kicked, sent, asleep, givingUp, silent, nested, lawful];
    for (const script of all) expect(check(play(script))).toEqual([]);
    const seen = new Set(all.flatMap((script) => [...reached(play(script))]));
    for (const what of ['rung resume', 'rung rejoin', 'failed/timeout', 'disconnected/serverKicked', 'hint', 'slept past the deadline', 'schedule gave up', 'healed quietly']) {
      expect(seen.has(what)).withContext(what).toBeTrue();
    }
  });

  it('draws a recording as marbles', () => {
    const text = diagram(play(broken), []);
    expect(text).toMatch(/signal +'u 999ms d 700ms u'/);
    expect(text).toContain('const script: Script = {');
  });

  describe('every invariant can fail:', () => {
    it('each has a doctored recording', () => {
      expect([...patients.keys()].sort()).toEqual(invariants.map(({ name }) => name).sort());
      expect(invariants.every(({ rows }) => rows.every((row) => /^[A-Z]\d+$/.test(row)))).toBeTrue();
    });

    for (const [name, [script, doctor]] of patients) {
      it(name, () => {
        const which = invariants.filter((invariant) => invariant.name === name);
        const recording = play(script);
        expect(check(recording, which)).toEqual([]);
        const bad = doctor(recording);
        expect(check(bad, which).map(({ invariant }) => invariant)).toEqual([name]);
      });
    }
  });

  it('knows the deadline error by its class', () => {
    const failed = play(hopeless).entries.flatMap((entry) => (entry.kind === 'state' && entry.value.state === 'failed' ? [entry.value.error] : []));
    expect(failed[0]).toBeInstanceOf(DeadlineExceededError);
  });
});
