import type { Recording, Sight, Snapshot, State, Stream } from '../recording.js';
import { always, invariant, type Invariant } from './invariant.js';

const isReplayed = (stream: Stream): boolean => stream !== 'events';

const sameValue = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  const [first, second] = [a, b] as Record<string, unknown>[];
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.is(first?.[key], second?.[key]) || (key === 'progress' && sameValue(first?.[key], second?.[key])),
    )
  );
};

/** Runs once for a recording, at its first entry. */
const whole = (name: string, rows: string, judge: (recording: Recording) => string | undefined): Invariant =>
  invariant(name, rows, (recording) => (entry) => (entry.seq === 0 ? judge(recording) : undefined));

/** Every subscriber sees the same; one that comes late sees the current value and then the same as all. */
export const sameForAll = whole('sameForAll', 'M1 M2 M3', ({ sights }) => {
  const first = new Map<Stream, Sight>();
  for (const sight of sights) {
    const main = first.get(sight.stream);
    if (main === undefined) {
      first.set(sight.stream, sight);
      continue;
    }
    const problem = difference(main, sight);
    if (problem !== undefined) return `${sight.stream}, subscribed after ${sight.from}: ${problem}`;
  }
  return undefined;
});

function difference(main: Sight, { stream, from, seen }: Sight): string | undefined {
  let begin = main.seen.findIndex(({ seq }) => seq > from);
  if (begin === -1) begin = main.seen.length;
  if (isReplayed(stream)) begin--;
  const expected = main.seen.slice(begin);
  if (expected.length !== seen.length) return `saw ${seen.length} values, not ${expected.length}`;
  const at = expected.findIndex(({ value }, i) => !sameValue(value, seen[i]?.value));
  return at === -1 ? undefined : `value ${at + 1} differs`;
}

/** `progress$` is there while connecting and reconnecting, and only then. */
export const progressIff = always('progressIff', 'M5 J1', (entry, { progress, state }) => {
  const busy = (s: State): boolean => s.state === 'connecting' || s.state === 'reconnecting';
  if (entry.kind === 'snapshot') {
    return busy(entry.value.connectionState) === (entry.value.progress !== null)
      ? undefined
      : `${entry.value.connectionState.state} with ${entry.value.progress === null ? 'no ' : ''}progress`;
  }
  if (entry.kind !== 'instant') return undefined;
  return busy(state) === (progress !== null)
    ? undefined
    : `${state.state} with ${progress === null ? 'no ' : ''}progress`;
});

/** `snapshot$` is what the three streams say, value for value. */
export const snapshotAgrees = whole('snapshotAgrees', 'M5', ({ sights }) => {
  const seen = (stream: Stream): unknown[] =>
    sights.find((sight) => sight.stream === stream)?.seen.map(({ value }) => value) ?? [];
  const snapshots = seen('snapshot') as Snapshot[];
  const linkOf = (state: State): unknown => ('link' in state ? state.link : null);
  if (snapshots.some(({ connectionState, link }) => linkOf(connectionState) !== link))
    return 'a snapshot with the link of another state';
  const projected: readonly [Stream, unknown[]][] = [
    ['state', snapshots.map(({ connectionState }) => connectionState)],
    ['progress', snapshots.map(({ progress }) => progress)],
    ['link', snapshots.map(({ link }) => link)],
  ];
  for (const [stream, values] of projected) {
    const distinct = values.filter((value, i) => i === 0 || !sameValue(value, values[i - 1]));
    const own = seen(stream);
    if (own.length !== distinct.length || own.some((value, i) => !sameValue(value, distinct[i])))
      return `${stream}$ and snapshot$ differ`;
  }
  return undefined;
});

/** No replaying stream says the same thing twice. */
export const distinctValues = whole('distinctValues', 'S4 M5', ({ sights }) => {
  const sight = sights.find(
    ({ stream, seen }) =>
      isReplayed(stream) && seen.some(({ value }, i) => i > 0 && sameValue(value, seen[i - 1]?.value)),
  );
  return sight === undefined ? undefined : `${sight.stream}$ says the same thing twice`;
});

/** The getter and the stream say the same at the end of an instant. */
export const getterAgrees = always('getterAgrees', 'M5', (entry, { state }) =>
  entry.kind === 'instant' && entry.state !== state
    ? `the getter says ${entry.state.state}, the stream ${state.state}`
    : undefined,
);
