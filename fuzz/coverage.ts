import type { Recording } from './recording.js';
import { wordOf } from './world.js';

/** What scripts should reach, each at least once in a long run. */
export const goals: readonly string[] = [
  ...['disconnected/null', 'disconnected/leaveChannel', 'disconnected/channelClosed', 'disconnected/serverKicked'],
  ...['disconnected/duplicateUser', 'connecting/joinChannel', 'connected/joinSucceed', 'connected/rejoinSucceed'],
  ...['reconnecting/mediaConnectionDisconnected', 'reconnecting/signalDisconnected', 'reconnecting/redispatch'],
  ...['failed/timeout', 'failed/requestChannelFailed', 'failed/joinChannelFailed'],
  ...['join', 'rejoin', 'restart', 'resume'].map((kind) => `rung ${kind}`),
  ...['unreachable', 'refused', 'busy', 'fatal', 'closed', 'kicked', 'duplicateUser', 'redispatch'].map(
    (kind) => `verdict ${kind}`,
  ),
  ...['closed', 'kicked', 'duplicateUser', 'redispatch', 'endpoints', 'nonsense'].map((kind) => `word ${kind}`),
  ...['left', 'superseded', 'abandoned', 'dismissed'].map((why) => `close ${why}`),
  ...['signal', 'media', 'both', 'redispatch'].map((cause) => `cause ${cause}`),
  ...[
    'healed quietly',
    'probed alive',
    'probed dead',
    'attempt cut',
    'slept',
    'slept past the deadline',
    'woken',
    'hint',
    'hint past the deadline',
  ],
  ...[
    'waited for the deadline',
    'schedule gave up',
    'schedule failed',
    'command in an emission',
    'command in a join',
    'second link',
    'newer link connected',
  ],
];

export type Coverage = Map<string, number>;

/** Everything that one script reached. */
export function reached({ entries }: Recording): ReadonlySet<string> {
  const seen = new Set<string>();
  const owners = new Set<number>();
  let before = '';
  for (const entry of entries) {
    switch (entry.kind) {
      case 'state': {
        const { value } = entry;
        seen.add(`${value.state}/${String(value.reason)}`);
        if (value.state === 'failed' && value.suspendedFor !== undefined) seen.add('slept past the deadline');
        if (value.state === 'connected' && before === 'connected') seen.add('newer link connected');
        before = value.state;
        break;
      }
      case 'event': {
        const { value } = entry;
        if (value.type === 'attempt') seen.add(`rung ${value.kind}`).add(`cause ${String(value.cause)}`);
        else if (value.type === 'attemptFailed') seen.add(`verdict ${value.verdict.kind}`);
        else if (value.type === 'attemptCut') seen.add('attempt cut');
        else if (value.type === 'healed' && value.quiet) seen.add('healed quietly');
        else if (value.type === 'probed') seen.add(`probed ${value.alive ? 'alive' : 'dead'}`);
        else if (value.type === 'waiting') {
          if (value.nextRetryAt === null) seen.add('waited for the deadline');
          if (value.hintAt !== null) seen.add('hint');
        }
        break;
      }
      case 'progress':
        if (entry.value !== null && entry.value.hintAt !== null && entry.value.hintAt >= entry.value.deadlineAt)
          seen.add('hint past the deadline');
        break;
      case 'word':
        if (entry.heard) seen.add(`word ${wordOf(entry.word)?.kind ?? 'nonsense'}`);
        break;
      case 'close':
        seen.add(`close ${entry.why}`);
        break;
      case 'sleep':
        seen.add('slept');
        break;
      case 'wake':
        if (entry.heard) seen.add('woken');
        break;
      case 'asked':
        if (entry.answer === Infinity) seen.add('schedule gave up');
        else if (!(typeof entry.answer === 'number' && entry.answer >= 0)) seen.add('schedule failed');
        break;
      case 'call':
        if (entry.nested) seen.add('command in an emission');
        if (entry.inJoin) seen.add('command in a join');
        break;
      case 'link':
        if (owners.has(entry.owner)) seen.add('second link');
        owners.add(entry.owner);
    }
  }
  return seen;
}

export function cover(coverage: Coverage, recording: Recording): void {
  for (const what of reached(recording)) coverage.set(what, (coverage.get(what) ?? 0) + 1);
}

/** The goals with their counts, the rarest first. */
export const inOrder = (coverage: Coverage): readonly (readonly [string, number])[] =>
  goals.map((goal) => [goal, coverage.get(goal) ?? 0] as const).sort(([, a], [, b]) => a - b);
