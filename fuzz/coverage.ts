import { AttemptLimitError } from '../lib/index.js';
import type { Recording } from './recording.js';
import { isDismissal, meaningOf, noticeOf } from './meaning.js';

/** What scripts should reach, each at least once in a long run. */
export const goals: readonly string[] = [
  ...['disconnected/null', 'disconnected/leaveChannel', 'disconnected/channelClosed', 'disconnected/serverKicked'],
  ...['disconnected/duplicateUser', 'connecting/joinChannel', 'connected/joinSucceed', 'connected/rejoinSucceed'],
  ...['reconnecting/mediaConnectionDisconnected', 'reconnecting/signalDisconnected', 'reconnecting/redispatch'],
  ...['failed/timeout', 'failed/requestChannelFailed', 'failed/joinChannelFailed'],
  ...['join', 'rejoin', 'restart', 'resume'].map((kind) => `rung ${kind}`),
  // A dismissal ends the room before anything is told of the attempt that brought it.
  ...['unreachable', 'refused', 'busy', 'fatal', 'redispatch'].map((kind) => `verdict ${kind}`),
  ...['unreachable', 'refused', 'busy', 'fatal', 'redispatch'].map((kind) => `link ended ${kind}`),
  'dismissed by an error',
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
    ...['emission', 'request', 'join', 'getter', 'health', 'repair', 'close'].map((place) => `command in ${place}`),
    'timers late',
    'attempt after the deadline',
    'lost time spent',
    'limit reached',
    'credentials for a repair',
    'no credentials for a repair',
    'second link',
    'newer link connected',
  ],
];

export type Coverage = Map<string, number>;

/** Everything that one script reached. */
export function reached({ entries, script }: Recording): ReadonlySet<string> {
  const seen = new Set<string>();
  if (script.throttle > 0) seen.add('timers late');
  let deadlineAt = Infinity;
  let sent = false;
  const owners = new Set<number>();
  let before = '';
  for (const entry of entries) {
    switch (entry.kind) {
      case 'state': {
        const { value } = entry;
        seen.add(`${value.state}/${String(value.reason)}`);
        if (value.state === 'failed' && value.error.message.includes('lost since')) seen.add('lost time spent');
        if (sent && value.state === 'disconnected' && value.reason !== 'leaveChannel')
          seen.add('dismissed by an error');
        if (value.state === 'failed' && value.suspendedFor !== undefined) seen.add('slept past the deadline');
        if (value.state === 'connected' && before === 'connected') seen.add('newer link connected');
        before = value.state;
        break;
      }
      case 'event': {
        const { value } = entry;
        if (value.type === 'attempt' && entry.wall >= deadlineAt) seen.add('attempt after the deadline');
        if (value.type === 'linkEnded') seen.add(`link ended ${value.verdict.kind}`);
        if (value.type === 'attemptFailed' && value.error instanceof AttemptLimitError) seen.add('limit reached');
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
      case 'end':
        sent = isDismissal(meaningOf(entry.fault, script));
        if (entry.what === 'info')
          seen.add(entry.how === 'answered' ? 'credentials for a repair' : 'no credentials for a repair');
        break;
      case 'instant':
        sent = false;
        break;
      case 'progress':
        deadlineAt = entry.value?.deadlineAt ?? Infinity;
        if (entry.value !== null && entry.value.hintAt !== null && entry.value.hintAt >= entry.value.deadlineAt)
          seen.add('hint past the deadline');
        break;
      case 'word':
        if (entry.heard) seen.add(`word ${noticeOf(entry.word)?.kind ?? 'nonsense'}`);
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
        if (entry.within !== null) seen.add(`command in ${entry.within}`);
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
