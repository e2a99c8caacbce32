/** A report of `getStats()`: the platform's is a map, of which only the iteration is needed. */
export interface StatsReportLike {
  forEach(visit: (stats: unknown) => void): void;
}

/** A number that only ever grows, as long as its `id` stays: another pair, another counter. */
export interface Counter {
  readonly id: string;
  readonly value: number;
}

/** The counters of a report that show whether a connection is alive. One that the report does not have is absent. */
export interface Counters {
  /** Bytes received, STUN not among them. Stops within one poll of a cut; still on an idle data channel. */
  readonly bytes?: Counter;
  /** STUN answers of every pair, selected or not, by id: one that is selected later is known before. `Infinity` when unknown. */
  readonly pairs?: Readonly<Record<string, number>>;
  /** STUN answers received on the selected pair: the only life of an idle connection, one in 2.7 s. */
  readonly responses?: Counter;
  /** STUN requests sent on the selected pair: one in 2.7 s, and 16 a second once nothing came for 2.5 s. */
  readonly requests?: Counter;
  /** RTP packets received and sent: whether there is media at all, or only data. */
  readonly media?: Counter;
}

interface Stats {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

/**
 * Reads the counters of a report. Pure.
 *
 * Bytes are the transport's, which counts over all its pairs and so outlives an ICE restart, or else the selected
 * pair's. STUN requests are the larger of `requestsSent` and `consentRequestsSent`: Chromium 156 counts every check in the
 * first and all but the earliest in the second (measured; the sum would count them twice), and where the first stops at
 * the first answer the second goes on. With several transports (no bundle) counters are added up: one that lives speaks
 * for all.
 *
 * No evidence, since they mislead: `currentRoundTripTime` froze for 30 s on a live link, `requestsReceived` does not move,
 * `state` and `nominated` outlive the path.
 */
export function readStats(report: StatsReportLike): Counters {
  const transports: Stats[] = [];
  const pairs: Stats[] = [];
  const streams: Stats[] = [];
  report.forEach((entry) => {
    const stats = entry as Stats;
    if (stats.type === 'transport') transports.push(stats);
    else if (stats.type === 'candidate-pair') pairs.push(stats);
    else if (stats.type === 'inbound-rtp' || stats.type === 'outbound-rtp') streams.push(stats);
  });
  const selected = selectedOf(pairs, transports);
  const bytes = sum('transport', transports, 'bytesReceived') ?? sum('pair', selected, 'bytesReceived');
  const responses = sum('pair', selected, 'responsesReceived');
  const requests = larger(sum('pair', selected, 'requestsSent'), sum('pair', selected, 'consentRequestsSent'));
  // One counter over all streams: one that is added counts from zero, one that goes is a new baseline.
  const packets = sum('rtp', streams, 'packetsReceived', 'packetsSent');
  return {
    ...(bytes && { bytes }),
    ...(pairs.length > 0 && { pairs: answersOf(pairs) }),
    ...(responses && { responses }),
    ...(requests && { requests }),
    ...(packets && { media: { id: 'rtp', value: packets.value } }),
  };
}

/** The transport names its pair; Firefox marks the pair itself; older engines only say which were nominated. */
function selectedOf(pairs: readonly Stats[], transports: readonly Stats[]): readonly Stats[] {
  const named = new Set(transports.map((transport) => transport['selectedCandidatePairId']));
  for (const isSelected of [
    (pair: Stats) => named.has(pair.id),
    (pair: Stats) => pair['selected'] === true,
    (pair: Stats) => pair['nominated'] === true && pair['state'] === 'succeeded',
  ]) {
    const selected = pairs.filter(isSelected);
    if (selected.length > 0) return selected;
  }
  return [];
}

/** The sum over the members that are numbers; absent when none is. Its id names everything that was added up. */
function sum(prefix: string, entries: readonly Stats[], ...members: readonly string[]): Counter | undefined {
  const values = entries
    .flatMap((entry) => members.map((member) => entry[member]))
    .filter((value) => typeof value === 'number');
  if (values.length === 0) return undefined;
  const ids = entries.map(({ id }) => id).sort();
  return { id: [prefix, ...ids].join(' '), value: values.reduce((total, value) => total + value, 0) };
}

/** A number that a pair does not have, as after a failure, is none that could be exceeded. */
const answersOf = (pairs: readonly Stats[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    pairs.map(({ id, responsesReceived }) => [
      id,
      typeof responsesReceived === 'number' ? responsesReceived : Infinity,
    ]),
  );

const larger = (a: Counter | undefined, b: Counter | undefined): Counter | undefined =>
  a && b ? (a.value >= b.value ? a : b) : (a ?? b);
