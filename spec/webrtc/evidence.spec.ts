import fc from 'fast-check';
import { evaluate, evaluateState, noEvidence } from '../../lib/webrtc/evidence.js';
import type { Health } from '../../lib/core/machine/health.js';
import type { Evidence } from '../../lib/webrtc/evidence.js';
import type { Counters } from '../../lib/webrtc/read-stats.js';

const limits = { poll: 250, silence: 1500, sparseSilence: 2500, unanswered: 20 };

/** One sample: how much every counter has grown since the last, or what else is special about it. */
interface Sampled {
  readonly bytes?: number;
  readonly responses?: number;
  readonly requests?: number;
  readonly media?: number;
  /** Milliseconds since the last sample. */
  readonly after?: number;
  readonly state?: string;
  readonly pair?: string;
  /** The report has no counters at all. */
  readonly blank?: boolean;
  /** The counters begin again from zero. */
  readonly reset?: boolean;
}

/** Plays samples, 250 ms apart, to a connection that has just connected; the first three bring it up. */
function play(samples: readonly Sampled[]): { readonly evidence: Evidence; readonly healths: readonly string[] } {
  const total = { bytes: 0, responses: 0, requests: 0, media: 0 };
  let at = 0;
  let evidence = noEvidence;
  let pair = 'A';
  const healths: string[] = [];
  for (const sample of samples) {
    at += sample.after ?? 250;
    pair = sample.pair ?? pair;
    for (const name of ['bytes', 'responses', 'requests', 'media'] as const) {
      total[name] = (sample.reset === true ? 0 : total[name]) + (sample[name] ?? 0);
    }
    const counters: Counters = sample.blank
      ? {}
      : {
          bytes: { id: 'transport', value: total.bytes },
          responses: { id: pair, value: total.responses },
          requests: { id: pair, value: total.requests },
          media: { id: 'rtp', value: total.media },
        };
    evidence = evaluate(evidence, { at, connectionState: sample.state ?? 'connected', counters }, limits);
    healths.push(evidence.health === null ? '-' : evidence.health === 'up' ? 'u' : 'd');
  }
  return { evidence, healths };
}

const times = <T>(count: number, ...samples: readonly T[]): T[] => Array.from({ length: count }, () => samples).flat();

const FLOW: Sampled = { bytes: 1000, media: 10 };
const NOTHING: Sampled = {};
/** What a cut leaves to see: our own packets and requests still go out, four requests a sample after 2.5 s. */
const CUT: readonly Sampled[] = [...times(10, { media: 10 }), ...times(40, { media: 10, requests: 4 })];
const IDLE: readonly Sampled[] = [...times(10, NOTHING), { requests: 1, responses: 1 }];

/** Milliseconds of sampled time from the cut to `down`. */
const lossAfter = (before: readonly Sampled[], cut: readonly Sampled[]): number => {
  const { healths } = play([...before, ...cut]);
  expect(healths.slice(0, before.length)).not.toContain('d');
  const index = healths.indexOf('d', before.length);
  return index < 0 ? Infinity : (index - before.length + 1) * 250;
};

describe('evaluate', () => {
  describe('the first proof', () => {
    const cases: readonly [title: string, samples: readonly Sampled[], healths: string][] = [
      ['nothing moves', times(4, NOTHING), '----'],
      ['bytes move', [NOTHING, NOTHING, FLOW], '--u'],
      ['an answer comes', [NOTHING, { responses: 1 }], '-u'],
      ['the counters are only history', [{ bytes: 5000, responses: 9 }, NOTHING, NOTHING], '---'],
      ['they move before it is connected', [NOTHING, { ...FLOW, state: 'connecting' }, NOTHING], '--u'],
      ['they moved long before it is connected', [NOTHING, { ...FLOW, state: 'connecting' }, ...times(6, { state: 'connecting' }), NOTHING], '---------'],
      ['only our own packets and requests move', [NOTHING, ...times(3, { media: 5, requests: 9 })], '----'],
      ['the pair shows up with its answers', [{ blank: true, state: 'new' }, { responses: 2 }], '-u'],
    ];
    for (const [title, samples, healths] of cases) {
      it(`is ${healths.includes('u') ? 'there' : 'not there'} when ${title}`, () => {
        expect(play(samples).healths.join('')).toBe(healths);
      });
    }
  });

  describe('a loss', () => {
    const up = [NOTHING, FLOW];

    it('is seen after 1.5 s of silence while media flows steadily', () => {
      expect(lossAfter([...up, ...times(8, FLOW)], CUT)).toBe(1500);
      expect(lossAfter([...up, ...times(400, FLOW)], times(9, NOTHING))).toBe(1500);
    });

    it('is seen after 2.5 s while it flows as DTX audio does', () => {
      const dtx = times(20, { media: 5 }, FLOW);
      expect(lossAfter([...up, ...dtx], CUT)).toBe(2500);
    });

    it('is seen after 20 STUN requests while nothing flows, also before a flow is known', () => {
      expect(lossAfter([...up, ...times(3, ...IDLE)], CUT)).toBe(2500 + 1250);
      expect(lossAfter([...up, ...times(3, FLOW)], CUT)).toBe(2500 + 1250);
    });

    it('is never seen on an idle connection that answers', () => {
      expect(play([...up, ...times(50, ...IDLE)]).healths).not.toContain('d');
    });

    it('is not made of a stream of data that ends', () => {
      const dataOnly = times(20, { bytes: 50_000 });
      expect(lossAfter([...up, ...dataOnly], times(3, ...IDLE))).toBe(Infinity);
      const heldMedia = [...times(20, FLOW), ...times(40, { bytes: 50_000 })];
      expect(lossAfter([...up, ...heldMedia], times(3, ...IDLE))).toBe(Infinity);
    });

    it('counts from the last sample at which something advanced', () => {
      const { evidence } = play([...up, ...times(10, FLOW), ...CUT]);
      expect(evidence.health).toEqual({ down: true, aliveAt: 12 * 250 });
    });

    it('H13 is not read from ICE: disconnected alone changes nothing', () => {
      const doubted = times(40, { ...FLOW, state: 'disconnected' });
      expect(play([...up, ...times(10, FLOW), ...doubted]).healths).not.toContain('d');
    });

    it('is not heard in time that was not sampled', () => {
      const late = times(4, { after: 10_000 });
      expect(lossAfter([...up, ...times(10, FLOW)], late)).toBe(1000); // four samples, 375 ms each
      expect(play([...up, ...times(10, FLOW), ...times(3, { after: 10_000 }), FLOW]).healths).not.toContain('d');
      expect(play([...up, ...times(10, FLOW), { after: -10_000 }, FLOW]).healths).not.toContain('d'); // a clock set back
    });

    it('H13 is not read from random losses while anything gets through', () => {
      // At least one sample in five moves bytes, or of 19 requests one is answered: whatever else is lost.
      const steady = fc.array(fc.tuple(fc.nat(4), fc.constant(FLOW)), { minLength: 20, maxLength: 80 });
      const idle = fc.array(fc.nat(19), { minLength: 3, maxLength: 40 });
      fc.assert(
        fc.property(steady, idle, (pauses, unanswered) => {
          const flowing = pauses.flatMap(([pause, flow]) => [...times(pause, NOTHING), flow]);
          const silent = unanswered.flatMap((count) => [...times(count, { requests: 1 }), { requests: 1, responses: 1 }]);
          expect(play([...up, ...flowing]).healths.slice(1)).not.toContain('d');
          expect(play([...up, ...silent]).healths.slice(1)).not.toContain('d');
        }),
      );
    });
  });

  describe('a doubt', () => {
    /** Milliseconds of sampled time from the cut to the doubt. */
    const doubtAfter = (before: readonly Sampled[], cut: readonly Sampled[]): number => {
      for (let count = 1; count <= cut.length; count++) {
        const { evidence } = play([...before, ...cut.slice(0, count)]);
        if (evidence.doubtful) return count * 250;
      }
      return Infinity;
    };
    const up = [NOTHING, FLOW];

    it('comes at half of the loss, in every situation', () => {
      expect(doubtAfter([...up, ...times(8, FLOW)], CUT)).toBe(750);
      expect(doubtAfter([...up, ...times(20, { media: 5 }, FLOW)], CUT)).toBe(1250);
      expect(doubtAfter([...up, ...times(3, ...IDLE)], CUT)).toBe(2500 + 750);
    });

    it('ends with the next byte or answer, and with the loss', () => {
      const doubted = [...up, ...times(8, FLOW), ...times(3, NOTHING)];
      expect(play(doubted).evidence.doubtful).toBe(true);
      expect(play([...doubted, { bytes: 1 }]).evidence.doubtful).toBe(false);
      expect(play([...doubted, { responses: 1 }]).evidence.doubtful).toBe(false);
      expect(play([...doubted, ...times(3, NOTHING)]).evidence.doubtful).toBe(false);
      expect(play([...doubted, { state: 'failed' }]).evidence.doubtful).toBe(false);
    });

    it('is none before the first proof, nor on an idle connection that answers', () => {
      expect(doubtAfter([], times(40, { media: 10, requests: 4 }))).toBe(Infinity);
      expect(doubtAfter(up, times(20, ...IDLE))).toBe(Infinity);
    });
  });

  describe('a return', () => {
    const lost = [NOTHING, ...times(10, FLOW), ...CUT];
    const after = (...samples: readonly Sampled[]): string => play([...lost, ...samples]).healths.slice(lost.length).join('');

    it('S9 is believed of bytes or answers that advanced after the loss', () => {
      expect(after(NOTHING, { bytes: 1 })).toBe('du');
      expect(after(NOTHING, { responses: 1 })).toBe('du');
    });

    it('S9 is not believed of any state', () => {
      for (const state of ['new', 'checking', 'connecting', 'connected', 'completed']) {
        expect(after(...times(4, { state }))).toBe('dddd');
      }
    });

    it('S9 is not believed of our own packets and requests', () => {
      expect(after(...times(4, { media: 20, requests: 4 }))).toBe('dddd');
    });

    it('S9 takes counters that vanish, and come back as they were, for no movement', () => {
      expect(after({ blank: true }, { blank: true }, NOTHING)).toBe('ddd');
      expect(after({ blank: true }, { bytes: 1 })).toBe('du');
    });

    it('S9 takes counters that are lower for a new baseline', () => {
      expect(after({ reset: true, bytes: 7 }, NOTHING, { bytes: 1 })).toBe('ddu');
    });

    it('S9 counts another pair by its own answers', () => {
      expect(after({ pair: 'B', reset: true, responses: 50 }, NOTHING, { responses: 1 })).toBe('ddu');
    });

    it('S9 believes the answers of a pair that was made or selected after the loss, if they are new', () => {
      const { evidence } = play(lost);
      const before = { ...evidence, counters: { ...evidence.counters, pairs: { old: 8, older: 50, young: 0, failed: Infinity } } };
      const healthAfter = (pair: string, value: number): string => {
        const pairs = { old: 8, [pair]: value };
        const counters: Counters = { responses: { id: `pair ${pair}`, value }, pairs };
        return evaluate(before, { at: 99_000, connectionState: 'connected', counters }, limits).health === 'up' ? 'u' : 'd';
      };
      expect([healthAfter('new', 1), healthAfter('young', 1), healthAfter('older', 51)]).toEqual(['u', 'u', 'u']);
      expect([healthAfter('new', 0), healthAfter('young', 0), healthAfter('older', 50), healthAfter('older', 49), healthAfter('failed', 8), healthAfter('old', Infinity)]).toEqual(Array.from({ length: 6 }, () => 'd'));
    });

    it('S9 believes nothing while the connection is failed', () => {
      expect(after(...times(2, { state: 'failed', bytes: 9 }), { state: 'connecting', bytes: 9 })).toBe('ddu');
    });

    it('must flow anew before short silence counts again', () => {
      expect(after(FLOW, ...times(7, NOTHING))).toBe('uuuuuuuu');
    });
  });
});

describe('evaluateState', () => {
  const up = play([NOTHING, FLOW]).evidence;

  it('believes failed and closed at once, also before the first proof', () => {
    expect(evaluateState(up, 'failed').health).toEqual({ down: true, aliveAt: 500 });
    expect(evaluateState(up, 'closed')).toEqual(jasmine.objectContaining<Evidence>({ health: { down: true, aliveAt: 500 }, closed: true }));
    expect(evaluateState(noEvidence, 'failed').health).toEqual({ down: true });
  });

  it('believes no other state, and keeps an earlier loss', () => {
    for (const state of ['new', 'checking', 'connecting', 'connected', 'disconnected']) expect(evaluateState(up, state)).toBe(up);
    const health: Health = { down: true, aliveAt: 1 };
    expect(evaluateState({ ...up, health }, 'failed').health).toBe(health);
  });

  it('S9 takes what moved before the failure for no return', () => {
    const failed = evaluateState(up, 'failed');
    const counters = { bytes: { id: 'transport', value: 9000 }, responses: { id: 'A', value: 9 } };
    const baseline = evaluate(failed, { at: 750, connectionState: 'connecting', counters }, limits);
    expect(baseline.health).toEqual({ down: true, aliveAt: 500 });
    const moved = { ...counters, responses: { id: 'A', value: 10 } };
    expect(evaluate(baseline, { at: 1000, connectionState: 'connecting', counters: moved }, limits).health).toBe('up');
  });
});
