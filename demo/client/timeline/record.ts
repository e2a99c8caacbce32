import type { AttemptKind, ConnectionState, RoomEvent, StateName } from '../../../lib/index.js';

/** What was so from one time to another; `to` is `null` while it still is. Times in ms, wall clock. */
export interface Span<V> {
  readonly from: number;
  readonly to: number | null;
  readonly value: V;
}

export interface AttemptMark {
  readonly kind: AttemptKind;
  readonly number: number;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'cut';
}

/** All that the timeline draws. A plain value; each step makes a new one. */
export interface TimelineRecord {
  readonly states: readonly Span<StateName>[];
  /** No span: there is no link to speak of. */
  readonly signal: readonly Span<boolean>[];
  readonly media: readonly Span<boolean>[];
  readonly attempts: readonly Span<AttemptMark>[];
  readonly nextRetryAt: number | null;
  readonly deadlineAt: number | null;
}

export const emptyRecord: TimelineRecord = {
  states: [],
  signal: [],
  media: [],
  attempts: [],
  nextRetryAt: null,
  deadlineAt: null,
};

/** Milliseconds that are remembered; more than is ever drawn. */
const memory = 150_000;

/** Adds a state. Without a room there is no link: its lanes end. */
export function recordState(record: TimelineRecord, { state }: ConnectionState, at: number): TimelineRecord {
  const over = state === 'disconnected' || state === 'failed';
  return {
    states: turn(record.states, state, at),
    signal: over ? end(record.signal, at) : record.signal,
    media: over ? end(record.media, at) : record.media,
    attempts: over
      ? finish(record.attempts, at, 'cut')
      : state === 'connected'
        ? finish(record.attempts, at, 'succeeded')
        : record.attempts,
    nextRetryAt: over || state === 'connected' ? null : record.nextRetryAt,
    deadlineAt: over || state === 'connected' ? null : record.deadlineAt,
  };
}

/** Adds what the room tells of its work. */
export function recordEvent(record: TimelineRecord, event: RoomEvent): TimelineRecord {
  const { at } = event;
  switch (event.type) {
    case 'signal':
      return { ...record, signal: turn(record.signal, event.up, at) };
    case 'media':
      return { ...record, media: turn(record.media, event.up, at) };
    case 'attempt': {
      const { kind, number } = event;
      const attempts = turn(finish(record.attempts, at, 'cut'), { kind, number, outcome: 'running' as const }, at);
      // A new link begins with lanes of its own.
      const fresh = kind === 'join' || kind === 'rejoin';
      return {
        ...record,
        attempts,
        nextRetryAt: null,
        signal: fresh ? end(record.signal, at) : record.signal,
        media: fresh ? end(record.media, at) : record.media,
      };
    }
    case 'attemptFailed':
      return { ...record, attempts: finish(record.attempts, at, 'failed') };
    case 'attemptCut':
      return { ...record, attempts: finish(record.attempts, at, 'cut') };
    case 'healed':
      return { ...record, attempts: finish(record.attempts, at, 'succeeded') };
    default:
      return record;
  }
}

/** Sets what lies ahead. */
export const recordAhead = (
  record: TimelineRecord,
  nextRetryAt: number | null,
  deadlineAt: number | null,
): TimelineRecord => ({ ...record, nextRetryAt, deadlineAt });

function turn<V>(spans: readonly Span<V>[], value: V, at: number): readonly Span<V>[] {
  const last = spans.at(-1);
  if (last && last.to === null && last.value === value) return spans;
  return [...end(spans, at), { from: at, to: null, value }];
}

function end<V>(spans: readonly Span<V>[], at: number): readonly Span<V>[] {
  return spans
    .filter(({ to }) => to === null || to > at - memory)
    .map((span) => (span.to === null ? { ...span, to: at } : span));
}

const finish = (
  attempts: readonly Span<AttemptMark>[],
  at: number,
  outcome: AttemptMark['outcome'],
): readonly Span<AttemptMark>[] =>
  end(
    attempts.map((span) => (span.to === null ? { ...span, value: { ...span.value, outcome } } : span)),
    at,
  );
