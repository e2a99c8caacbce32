import fc from 'fast-check';
import { ratingOf } from '../../lib/webrtc/e-model.js';

describe('ratingOf', () => {
  it('Q2 is 93.2 where nothing is lost and nothing late (G.107, the default of all parameters)', () => {
    expect(ratingOf({ delay: 0, loss: 0 })).toBe(93.2);
    expect(ratingOf({ delay: 100, loss: 0 })).toBe(93.2);
  });

  it('Q2 takes off what G.107 takes off for delay', () => {
    // Equation 7-28 by hand, X = log2(ms / 100). 200 ms: 25·(2^(1/6) − 3·(1 + 1/729)^(1/6) + 2).
    expect(ratingOf({ delay: 200, loss: 0 })).toBeCloseTo(93.2 - 3.04, 2);
    // 400 ms: 25·(65^(1/6) − 3·(793/729)^(1/6) + 2).
    expect(ratingOf({ delay: 400, loss: 0 })).toBeCloseTo(93.2 - 24.07, 2);
  });

  it('Q2 takes off what G.107 takes off for loss, with the concealment of G.711 (G.113: Bpl 25.1)', () => {
    // Equation 7-29 by hand: 95·2/(2 + 25.1) and 95·10/(10 + 25.1).
    expect(ratingOf({ delay: 0, loss: 0.02 })).toBeCloseTo(93.2 - 7.01, 2);
    expect(ratingOf({ delay: 0, loss: 0.1 })).toBeCloseTo(93.2 - 27.07, 2);
  });

  it('Q2 is never below 0, and never better for more loss or more delay', () => {
    const network = fc.record({ delay: fc.double({ min: 0, max: 1e6, noNaN: true }), loss: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(network, fc.double({ min: 0, max: 1e4, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (one, later, more) => {
        const rating = ratingOf(one);
        expect(rating).toBeGreaterThanOrEqual(0);
        expect(rating).toBeLessThanOrEqual(93.2);
        expect(ratingOf({ ...one, delay: one.delay + later })).toBeLessThanOrEqual(rating + 1e-9);
        expect(ratingOf({ ...one, loss: Math.min(1, one.loss + more) })).toBeLessThanOrEqual(rating + 1e-9);
      }),
    );
  });
});
