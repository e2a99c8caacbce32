import { candidateThroughGate, sdpThroughGate, throughGate } from '../../demo/server/candidates.js';

const gate = { address: '127.0.0.1', port: 7400 };

describe('candidateThroughGate', () => {
  const atGate = 'candidate:1 1 udp 2122260223 127.0.0.1 7400 typ host generation 0 ufrag AIct';

  for (const [what, line] of [
    ['an address', 'candidate:2723941223 1 udp 2122194687 192.0.2.2 50608 typ host generation 0 ufrag AIct network-id 1'],
    ['an mDNS name', 'candidate:1 1 udp 2122194687 6f1e2b9c-77a1.local 50608 typ host generation 0 ufrag AIct'],
    ['IPv6', 'candidate:1 1 UDP 2122265343 fd00::2 44884 typ host generation 0 ufrag AIct network-id 2'],
    ['a reflexive one', 'candidate:1 1 udp 1677729535 203.0.113.9 50608 typ srflx raddr 192.0.2.2 rport 50608 generation 0 ufrag AIct'],
    ['a relayed one', 'candidate:1 1 udp 41885439 203.0.113.9 3478 typ relay raddr 203.0.113.1 rport 5 generation 0 ufrag AIct'],
  ] as const) {
    it(`puts the gate in the place of ${what}`, () => expect(candidateThroughGate(line, gate)).toBe(atGate));
  }

  it('drops TCP, RTCP on a port of its own, and what is no candidate', () => {
    for (const line of [
      'candidate:1 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0 ufrag AIct',
      'candidate:1 2 udp 2122194686 192.0.2.2 50609 typ host',
      'candidate:1',
      'nonsense',
    ]) {
      expect(candidateThroughGate(line, gate)).toBeNull();
    }
  });

  it('does without a ufrag', () => {
    expect(candidateThroughGate('candidate:1 1 udp 1 h 1 typ host', gate)).toBe('candidate:1 1 udp 2122260223 127.0.0.1 7400 typ host generation 0');
  });
});

describe('sdpThroughGate', () => {
  it('leaves one candidate a section, and no address of the page', () => {
    const sdp = [
      'v=0',
      'o=- 1 2 IN IP4 127.0.0.1',
      'm=audio 50608 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 192.0.2.2',
      'a=rtcp:9 IN IP4 192.0.2.2',
      'a=candidate:1 1 udp 2122194687 192.0.2.2 50608 typ host generation 0',
      'a=candidate:2 1 udp 2122194687 fd00::2 50609 typ host generation 0',
      'a=candidate:3 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active',
      'a=ice-ufrag:AIct',
      'm=video 50610 UDP/TLS/RTP/SAVPF 96',
      'c=IN IP6 fd00::2',
      'a=candidate:3 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active',
      'a=candidate:1 1 udp 2122194687 6f1e.local 50610 typ host generation 0',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      '',
    ];
    expect(sdpThroughGate(sdp.join('\r\n'), gate).split('\r\n')).toEqual([
      'v=0',
      'o=- 1 2 IN IP4 127.0.0.1',
      'm=audio 50608 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      'a=candidate:1 1 udp 2122260223 127.0.0.1 7400 typ host generation 0',
      'a=ice-ufrag:AIct',
      'm=video 50610 UDP/TLS/RTP/SAVPF 96',
      'c=IN IP4 0.0.0.0',
      'a=candidate:1 1 udp 2122260223 127.0.0.1 7400 typ host generation 0',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      '',
    ]);
  });
});

describe('throughGate', () => {
  it('passes the end of the candidates', () => {
    for (const candidate of [null, {}, { candidate: '', sdpMid: '0' }]) {
      expect(throughGate({ kind: 'candidate', candidate }, gate)).toEqual({ kind: 'candidate', candidate });
    }
  });

  it('keeps which section a candidate belongs to', () => {
    const candidate = { candidate: 'candidate:1 1 udp 1 h 1 typ host', sdpMid: '1', sdpMLineIndex: 1, usernameFragment: 'AIct' };
    expect(throughGate({ kind: 'candidate', candidate }, gate)).toEqual({
      kind: 'candidate',
      candidate: { ...candidate, candidate: jasmine.stringMatching(/ 127\.0\.0\.1 7400 /) as unknown as string },
    });
  });
});
