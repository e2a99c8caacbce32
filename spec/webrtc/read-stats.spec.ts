import { readStats } from '../../lib/webrtc/read-stats.js';

interface Entry {
  readonly id: string;
  readonly [member: string]: unknown;
}

const report = (...entries: readonly Entry[]): ReadonlyMap<string, unknown> =>
  new Map(entries.map((entry) => [entry.id, entry]));
const transport = { id: 'T01', type: 'transport', bytesReceived: 2329, selectedCandidatePairId: 'CP1' };
const pair = {
  id: 'CP1',
  type: 'candidate-pair',
  state: 'succeeded',
  nominated: true,
  bytesReceived: 2300,
  requestsSent: 15,
  consentRequestsSent: 14,
  responsesReceived: 8,
};
const otherPair = { ...pair, id: 'CP2', responsesReceived: 99, requestsSent: 99 };

describe('readStats', () => {
  it("reads Chromium's report: bytes of the transport, STUN of the pair that it names, RTP both ways", () => {
    const rtp = [
      { id: 'I1', type: 'inbound-rtp', packetsReceived: 10 },
      { id: 'I2', type: 'inbound-rtp', packetsReceived: 5 },
      { id: 'O1', type: 'outbound-rtp', packetsSent: 100 },
      { id: 'R1', type: 'remote-inbound-rtp', packetsReceived: 1000 },
    ];
    expect(readStats(report(otherPair, pair, transport, ...rtp))).toEqual({
      bytes: { id: 'transport T01', value: 2329 },
      pairs: { CP1: 8, CP2: 99 },
      responses: { id: 'pair CP1', value: 8 },
      requests: { id: 'pair CP1', value: 15 },
      media: { id: 'rtp', value: 115 },
    });
  });

  it('counts STUN requests once, in whichever member they go on', () => {
    expect(readStats(report(transport, { ...pair, requestsSent: 2, consentRequestsSent: 31 })).requests?.value).toBe(31);
    expect(readStats(report(transport, { ...pair, consentRequestsSent: undefined })).requests?.value).toBe(15);
  });

  it('finds the pair that is marked, or else nominated, where no transport names one', () => {
    const bare = { id: 'T01', type: 'transport' };
    expect(readStats(report(bare, otherPair, { ...pair, selected: true }))).toEqual({
      bytes: { id: 'pair CP1', value: 2300 },
      pairs: { CP1: 8, CP2: 99 },
      responses: { id: 'pair CP1', value: 8 },
      requests: { id: 'pair CP1', value: 15 },
    });
    expect(readStats(report(pair, { ...otherPair, state: 'waiting' })).responses).toEqual({ id: 'pair CP1', value: 8 });
  });

  it('adds several transports up under an id of their own', () => {
    const second = { ...transport, id: 'T02', bytesReceived: 1, selectedCandidatePairId: 'CP2' };
    expect(readStats(report(second, transport, pair, otherPair))).toEqual({
      bytes: { id: 'transport T01 T02', value: 2330 },
      pairs: { CP1: 8, CP2: 99 },
      responses: { id: 'pair CP1 CP2', value: 107 },
      requests: { id: 'pair CP1 CP2', value: 114 },
    });
  });

  it('leaves out what a report does not have, as after a failure', () => {
    const bare = { id: 'CP1', type: 'candidate-pair', requestsSent: undefined, responsesReceived: undefined };
    expect(readStats(report({ ...transport, bytesReceived: undefined }, bare))).toEqual({ pairs: { CP1: Infinity } });
    expect(readStats(report())).toEqual({});
  });
});
