import type { StatsReportLike } from './read-stats.js';

/** What comes in. The counters only grow while the streams stay the same. */
export interface Received {
  /** Which streams these are: other streams, other counters. */
  readonly id: string;
  /** Packets that came, and that did not. */
  readonly received: number;
  readonly lost: number;
  /** Milliseconds, of the worst stream. */
  readonly jitter: number;
}

/** The receiver's latest RTCP report on one stream that we send. Reports come every one to five seconds. */
export interface ReceiverReport {
  readonly id: string;
  /** When it came (ms). */
  readonly at: number;
  /** Share of the packets since the previous report, 0 to 1. */
  readonly loss: number;
  /** Milliseconds. */
  readonly jitter: number;
}

export interface QualityReport {
  /** Milliseconds there and back; `null` when nobody has measured it yet. */
  readonly roundTrip: number | null;
  /** `null`: no stream comes in. */
  readonly down: Received | null;
  /** Empty: nothing is sent, or no report has come yet. */
  readonly up: readonly ReceiverReport[];
}

type Stats = Readonly<Record<string, unknown>>;

/**
 * Reads loss, jitter and round trip of both directions. Pure.
 *
 * Down from the counters of `inbound-rtp`, up from `remote-inbound-rtp`. The round trip is the reports', or else that of the
 * pairs in use: it freezes on an idle link, which has no stream to rate.
 */
export function readQuality(report: StatsReportLike): QualityReport {
  const all: Stats[] = [];
  report.forEach((entry) => all.push(entry as Stats));
  const of = (type: string): Stats[] => all.filter((stats) => stats['type'] === type);
  const remote = of('remote-inbound-rtp');
  const pairs = of('candidate-pair').filter((stats) => stats['nominated'] === true && stats['state'] === 'succeeded');
  const seconds = worst(remote, 'roundTripTime') ?? worst(pairs, 'currentRoundTripTime');
  return {
    roundTrip: seconds === null ? null : 1000 * seconds,
    down: receivedOf(of('inbound-rtp').filter((stats) => 'packetsReceived' in stats)),
    up: remote.flatMap((stats) => receiverReport(stats) ?? []),
  };
}

function receivedOf(streams: readonly Stats[]): Received | null {
  if (streams.length === 0) return null;
  const total = (member: string): number => streams.reduce((sum, stats) => sum + (num(stats[member]) ?? 0), 0);
  const id = streams
    .map((stats) => String(stats['id']))
    .sort()
    .join(' ');
  return { id, received: total('packetsReceived'), lost: total('packetsLost'), jitter: jitterOf(streams) };
}

function receiverReport(stats: Stats): ReceiverReport | null {
  const loss = num(stats['fractionLost']);
  const at = num(stats['timestamp']);
  return loss === null || at === null ? null : { id: String(stats['id']), at, loss, jitter: jitterOf([stats]) };
}

const jitterOf = (streams: readonly Stats[]): number => 1000 * (worst(streams, 'jitter') ?? 0);

/** The largest of a member; `null` where nobody has it. */
function worst(streams: readonly Stats[], member: string): number | null {
  const values = streams.flatMap((stats) => num(stats[member]) ?? []);
  return values.length === 0 ? null : Math.max(...values);
}

const num = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
