import { inspect } from 'node:util';
import type { Entry, Recording } from './recording.js';
import type { Violation } from './invariants.js';

interface Mark {
  readonly at: number;
  readonly sign: string;
}

/**
 * A recording as marble lanes, to be pasted into a spec:
 *
 *     signal    'u 99ms d'
 *     join      '^ 199ms !'
 *     result    '(dc) 96ms C'
 */
export function diagram({ entries, script }: Recording, violations: readonly Violation[]): string {
  const lanes = new Map<string, Mark[]>();
  const legend: string[] = [];
  const mark = (lane: string, at: number, sign: string): void => {
    lanes.set(lane, [...(lanes.get(lane) ?? []), { at, sign }]);
  };
  for (const entry of entries) {
    const told = laneOf(entry);
    if (told !== null) mark(told[0], entry.at, told[1]);
  }
  const states = entries.filter((entry) => entry.kind === 'state');
  states.forEach(({ at, value }, i) => {
    const sign = String.fromCharCode(97 + (i % 26));
    mark('result', at, sign);
    legend.push(`${sign}: ${value.state}/${String(value.reason)}`);
  });
  const width = Math.max(...[...lanes.keys()].map((name) => name.length)) + 2;
  return [
    ...[...lanes].map(([name, marks]) => `//  ${name.padEnd(width)}${lane(marks)}`),
    `//  ${' '.repeat(width)}u up, d down, # error, | completion, ^ subscribed, ! unsubscribed, * link, j join(), l leave(), r retryNow(), w wake, s sleep`,
    `//  ${' '.repeat(width)}${legend.join(', ')}`,
    ...violations.map(
      ({ invariant, rows, at, message }) => `//  ✗ ${invariant} (${rows.join(' ')}) at ${at} ms: ${message}`,
    ),
    `const script: Script = ${inspect(script, { depth: 12, breakLength: 120 })};`,
    'expect(check(play(script))).toEqual([]);',
  ].join('\n');
}

function laneOf(entry: Entry): readonly [string, string] | null {
  switch (entry.kind) {
    case 'health':
      if (!entry.heard) return null;
      return [
        entry.source,
        entry.say === 'up'
          ? 'u'
          : entry.say === 'error'
            ? '#'
            : entry.say === 'complete'
              ? '|'
              : entry.say === 'nonsense'
                ? '?'
                : 'd',
      ];
    case 'word':
      return entry.heard ? ['words', 'w'] : null;
    case 'link':
      return [`join ${entry.owner}`, '*'];
    case 'open':
      return isWork(entry.what) ? [laneName(entry), '^'] : null;
    case 'end':
      return isWork(entry.what) ? [laneName(entry), entry.how === 'failed' ? '#' : '|'] : null;
    case 'shut':
      return isWork(entry.what) && !entry.ended ? [laneName(entry), '!'] : null;
    case 'wake':
      return ['device', 'w'];
    case 'sleep':
      return ['device', 's'];
    case 'call':
      return ['commands', entry.command.charAt(0)];
    default:
      return null;
  }
}

const isWork = (what: string): boolean => ['request', 'join', 'repair', 'probe'].includes(what);

const laneName = ({ what, owner }: { readonly what: string; readonly owner: number }): string =>
  what === 'join' || what === 'request' ? `${what} ${owner}` : what;

/** Marks as a marble string of rxjs's `run` mode, in which a group takes as many frames as it has signs. */
function lane(marks: readonly Mark[]): string {
  let text = '';
  let now = 0;
  for (let i = 0; i < marks.length;) {
    const at = marks[i]?.at ?? 0;
    let signs = '';
    for (; marks[i]?.at === at; i++) signs += marks[i]?.sign ?? '';
    const gap = Number((at - now).toFixed(3));
    if (gap > 0) text += text === '' ? `${gap}ms ` : ` ${gap}ms `;
    // A group that is still under way cannot be drawn: its overlap is told.
    if (gap < 0) text += ` <${gap}ms> `;
    text += signs.length === 1 ? signs : `(${signs})`;
    now = at + (signs.length === 1 ? 1 : signs.length + 2);
  }
  return `'${text}'`;
}
