import fc from 'fast-check';
import { healthOf, sameHealth, worstHealth, type Health } from '../../../lib/core/machine/health.js';

const health: fc.Arbitrary<Health> = fc.oneof(
  fc.constant<Health>('up'),
  fc.constant<Health>({ down: true }),
  fc.nat(100).map((aliveAt): Health => ({ down: true, aliveAt })),
);

const down = (aliveAt?: number): Health => (aliveAt === undefined ? { down: true } : { down: true, aliveAt });

describe('sameHealth', () => {
  it('S4 a down that is repeated says the same, with another time too', () => {
    expect(sameHealth(down(), down())).toBeTrue();
    expect(sameHealth(down(1), down(2))).toBeTrue();
    expect(sameHealth('up', 'up')).toBeTrue();
    expect(sameHealth('up', down())).toBeFalse();
    expect(sameHealth(down(), 'up')).toBeFalse();
  });
});

describe('worstHealth', () => {
  it('P3 is up when all are up, and of none', () => {
    expect(worstHealth(['up', 'up'])).toBe('up');
    expect(worstHealth([])).toBe('up');
  });

  it('P3 is down when any is down, since the earliest last proof of life that is known', () => {
    expect(worstHealth(['up', down(7), 'up'])).toEqual(down(7));
    expect(worstHealth([down(9), down(7), down(8)])).toEqual(down(7));
    expect(worstHealth([down(), down(7)])).toEqual(down(7));
    expect(worstHealth([down(0), down(7)])).toEqual(down(0));
  });

  it('P3 knows no time when nobody does', () => {
    expect(worstHealth(['up', down()])).toEqual(down());
    expect(Object.keys(worstHealth([down(), down()]))).toEqual(['down']);
  });

  it('P3 is associative', () => {
    fc.assert(
      fc.property(health, health, health, (a, b, c) => {
        expect(worstHealth([worstHealth([a, b]), c])).toEqual(worstHealth([a, worstHealth([b, c])]));
        expect(worstHealth([worstHealth([a, b]), c])).toEqual(worstHealth([a, b, c]));
      }),
    );
  });

  it('P3 is commutative', () => {
    fc.assert(fc.property(health, health, (a, b) => expect(worstHealth([a, b])).toEqual(worstHealth([b, a]))));
  });

  it('P3 is idempotent, and up is its identity', () => {
    fc.assert(
      fc.property(health, (a) => {
        expect(worstHealth([a, a])).toEqual(a);
        expect(worstHealth([a, 'up'])).toEqual(a);
      }),
    );
  });
});

describe('healthOf', () => {
  it('T3 M8 takes a health from outside as a plain value of its own', () => {
    expect(healthOf('up')).toEqual({ health: 'up', exact: true });
    expect(healthOf({ down: true, more: 5 })).toEqual({ health: { down: true }, exact: true });
    expect(healthOf(Object.freeze({ down: true, aliveAt: 7 }))).toEqual({ health: { down: true, aliveAt: 7 }, exact: true });
  });

  it('T3 takes a dip with a time that makes no sense for a dip all the same', () => {
    for (const aliveAt of [NaN, Infinity, '7', null]) {
      expect(healthOf({ down: true, aliveAt })).withContext(String(aliveAt)).toEqual({ health: { down: true }, exact: false });
    }
  });

  it('T3 takes nothing else for a health', () => {
    for (const value of [undefined, null, 'down', true, 5, [], {}, { down: 'yes' }, { up: true }, () => 'up']) {
      expect(healthOf(value)).withContext(JSON.stringify(value)).toBeNull();
    }
  });

  it('M8 lets what reading a member throws through, for its caller to report', () => {
    const broken = {
      get down(): boolean {
        throw new Error('broken');
      },
    };
    expect(() => healthOf(broken)).toThrowError('broken');
  });
});
