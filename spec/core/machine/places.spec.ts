import fc from 'fast-check';
import type { Draft } from '../../../lib/core/machine/draft.js';
import type { Places } from '../../../lib/core/machine/model.js';
import {
  answeredAt,
  beginsSweep,
  enterPlace,
  leavePlace,
  newPlaces,
  placeOf,
  putFirst,
  resetPlaces,
  takeList,
} from '../../../lib/core/machine/places.js';
import { connected, type Link } from './models.js';

/** Places that are changed in place, as those of a draft are. */
class Walk {
  readonly at: Pick<Draft<Link, unknown>, 'model'>;

  constructor(endpoints: readonly string[]) {
    this.at = { model: { ...connected().model, places: newPlaces(endpoints) } };
  }

  get places(): Places {
    return this.at.model.places;
  }

  /** One join that reaches nobody: where it goes, marked where it is the first of a sweep. */
  unreachable(): string {
    enterPlace(this.at);
    const visit = `${String(placeOf(this.places))}${beginsSweep(this.places) ? '½' : ''}`;
    return leavePlace(this.at) ? `${visit}+` : visit;
  }

  /** One join that somebody answers. */
  answered(verdict: 'busy' | 'refused'): string | null {
    enterPlace(this.at);
    const endpoint = placeOf(this.places);
    answeredAt(this.at, endpoint, verdict);
    return endpoint;
  }
}

describe('places', () => {
  it('R13 without endpoints are wherever the transport goes by itself', () => {
    const walk = new Walk([]);
    expect(Array.from({ length: 12 }, () => walk.unreachable())).toEqual(Array.from({ length: 12 }, () => 'null'));
  });

  it('R13 that reach nobody begin at the first every time; in slots 2, 5 and 11 the others follow at once', () => {
    const walk = new Walk(['a', 'b', 'c']);
    const sweep = ['a½+', 'b+', 'c'];
    const expected = ['a', ...sweep, 'a', 'a', ...sweep, 'a', 'a', 'a', 'a', 'a', ...sweep, 'a', 'a', 'a'];
    expect(expected.map(() => walk.unreachable())).toEqual(expected);
  });

  it('R13 have nothing to sweep where there is one only', () => {
    const walk = new Walk(['a']);
    expect([1, 2, 3].map(() => walk.unreachable())).toEqual(['a', 'a', 'a']);
  });

  it('R13 that refuse are passed over, round and round', () => {
    const walk = new Walk(['a', 'b']);
    expect([1, 2, 3].map(() => walk.answered('refused'))).toEqual(['a', 'b', 'a']);
  });

  it('R13 that are busy keep their place', () => {
    const walk = new Walk(['a', 'b', 'c']);
    walk.answered('refused');
    expect([1, 2, 3].map(() => walk.answered('busy'))).toEqual(['b', 'b', 'b']);
  });

  it('R13 that answer within a sweep end it: busy is come back to, refused is passed over', () => {
    const sweepTo = (verdict: 'busy' | 'refused'): string | null => {
      const walk = new Walk(['a', 'b', 'c']);
      walk.unreachable(); // slot 1
      walk.unreachable(); // slot 2, at a
      expect(walk.answered(verdict)).toBe('b');
      return placeOf(walk.places);
    };
    expect([sweepTo('busy'), sweepTo('refused')]).toEqual(['b', 'c']);
  });

  it('R13 are swept from the cursor on, round to those before it', () => {
    const walk = new Walk(['a', 'b', 'c']);
    walk.answered('refused'); // slot 1: the cursor is at b
    expect([1, 2, 3].map(() => walk.unreachable())).toEqual(['b½+', 'c+', 'a']);
  });

  it('R13 begin at the first again once connected', () => {
    const walk = new Walk(['a', 'b']);
    walk.answered('refused');
    walk.unreachable();
    resetPlaces(walk.at, walk.places.list);
    expect([walk.places.cursor, walk.places.slot, walk.places.offset]).toEqual([0, 0, 0]);
  });

  it('R13 that the server names replace the list until the end', () => {
    const walk = new Walk(['a', 'b']);
    walk.answered('refused');
    takeList(walk.at, ['x', 'y']);
    expect([placeOf(walk.places), walk.answered('refused'), placeOf(walk.places)]).toEqual(['x', 'x', 'y']);
    resetPlaces(walk.at, walk.places.own);
    expect([walk.places.list, placeOf(walk.places), walk.places.slot]).toEqual([['a', 'b'], 'a', 0]);
  });

  it('R14 where the server sends us comes first, once, and the others stay behind it', () => {
    const walk = new Walk(['a', 'b']);
    walk.answered('refused');
    putFirst(walk.at, 'b');
    expect([walk.places.list, placeOf(walk.places)]).toEqual([['b', 'a'], 'b']);
    putFirst(walk.at, 'z');
    expect(walk.places.list).toEqual(['z', 'b', 'a']);
  });

  it('R13 leave a newer list as it is when an attempt at an older place is answered', () => {
    const walk = new Walk(['old']);
    takeList(walk.at, ['a', 'b']);
    answeredAt(walk.at, 'old', 'refused');
    expect([walk.places.list, placeOf(walk.places)]).toEqual([['a', 'b'], 'a']);
  });

  it('R13 R17 are never reordered by failures, and cost 3 attempts more at most for every place after the first', () => {
    const outcome = fc.constantFrom('unreachable' as const, 'busy' as const, 'refused' as const);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(outcome, { maxLength: 60 }), (count, outcomes) => {
        const endpoints = Array.from({ length: count }, (_, index) => `place ${index}`);
        const walk = new Walk(endpoints);
        let atOnce = 0;
        for (const one of outcomes) {
          if (one === 'unreachable') atOnce += walk.unreachable().endsWith('+') ? 1 : 0;
          else walk.answered(one);
          expect(walk.places.list).toBe(walk.places.own);
          expect(endpoints).toContain(String(placeOf(walk.places)));
        }
        // Three sweeps a break: 3 more for every endpoint after the first.
        expect(atOnce).toBeLessThanOrEqual(3 * (count - 1));
      }),
    );
  });
});
