import { readQuality } from '../../lib/webrtc/read-quality.js';
import type { StatsReportLike } from '../../lib/webrtc/read-stats.js';

const reportOf = (...stats: Readonly<Record<string, unknown>>[]): StatsReportLike => new Map(stats.map((one, index) => [index, one]));

const audioIn = { id: 'A', type: 'inbound-rtp', packetsReceived: 100, packetsLost: 3, jitter: 0.004 };
const videoIn = { id: 'B', type: 'inbound-rtp', packetsReceived: 50, packetsLost: 1, jitter: 0.02 };
const sound = { id: 'R', type: 'remote-inbound-rtp', timestamp: 5_000, fractionLost: 0.05, jitter: 0.01, roundTripTime: 0.12 };

describe('readQuality', () => {
  it('Q1 knows nothing of a connection without streams', () => {
    expect(readQuality(reportOf({ id: 'T', type: 'transport', bytesReceived: 9 }))).toEqual({ roundTrip: null, down: null, up: [] });
  });

  it('Q2 adds up what comes in, with the worst jitter, in ms', () => {
    expect(readQuality(reportOf(videoIn, audioIn)).down).toEqual({ id: 'A B', received: 150, lost: 4, jitter: 20 });
  });

  it('Q2 gives the latest report on each of our streams and when it came, and the longest round trip', () => {
    const later = { ...sound, id: 'S', timestamp: 5_400, fractionLost: 0.01, jitter: 0.03, roundTripTime: 0.08 };
    const { up, roundTrip } = readQuality(reportOf(sound, later));
    expect(up).toEqual([
      { id: 'R', at: 5_000, loss: 0.05, jitter: 10 },
      { id: 'S', at: 5_400, loss: 0.01, jitter: 30 },
    ]);
    expect(roundTrip).toBe(120);
  });

  it('Q2 takes the round trip of the pair in use where no report has one', () => {
    const pair = { id: 'P', type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.05 };
    const other = { ...pair, id: 'O', nominated: false, currentRoundTripTime: 9 };
    const failed = { ...pair, id: 'F', state: 'failed', currentRoundTripTime: 9 };
    expect(readQuality(reportOf(pair, other, failed)).roundTrip).toBe(50);
    expect(readQuality(reportOf(pair, sound)).roundTrip).toBe(120);
  });

  it('Q2 what is missing or no number is not there', () => {
    expect(readQuality(reportOf({ ...audioIn, packetsLost: undefined, jitter: NaN })).down).toEqual({ id: 'A', received: 100, lost: 0, jitter: 0 });
    expect(readQuality(reportOf({ id: 'A', type: 'inbound-rtp' })).down).toBeNull();
    expect(readQuality(reportOf({ ...sound, fractionLost: '0.05' })).up).toEqual([]);
    expect(readQuality(reportOf({ ...sound, timestamp: undefined })).up).toEqual([]);
  });
});
