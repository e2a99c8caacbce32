import fc from 'fast-check';
import { showNext, unknownQuality, type Quality, type Shown } from '../../lib/webrtc/quality.js';

/** What is shown after each rating. */
function shownAfter(ratings: readonly (number | null)[], from: Shown = unknownQuality): Quality[] {
  let shown = from;
  return ratings.map((rating) => (shown = showNext(shown, rating)).quality);
}

describe('showNext', () => {
  it('Q2 the borders are those of G.107, annex B: 90, 80, 70, 60', () => {
    const grades: readonly (readonly [number, Quality])[] = [
      [93.2, 1],
      [90, 1],
      [89.9, 2],
      [80, 2],
      [79.9, 3],
      [70, 3],
      [69.9, 4],
      [60, 4],
      [59.9, 5],
      [0, 5],
    ];
    for (const [rating, grade] of grades) expect(shownAfter([rating])).withContext(String(rating)).toEqual([grade]);
  });

  it('Q1 is unknown until there is a rating, which counts at once', () => {
    expect(shownAfter([null, null, 85])).toEqual([0, 0, 2]);
  });

  it('Q3 gets worse at the second bad rating in a row, and better at the third good one', () => {
    expect(shownAfter([93, 65, 65])).toEqual([1, 1, 4]);
    expect(shownAfter([65, 93, 93, 93])).toEqual([4, 4, 4, 1]);
  });

  it('Q3 one bad rating between good ones changes nothing, and one good one between bad ones neither', () => {
    expect(shownAfter([93, 50, 93, 50, 93])).toEqual([1, 1, 1, 1, 1]);
    expect(shownAfter([50, 93, 93, 50, 93, 93])).toEqual([5, 5, 5, 5, 5, 5]);
  });

  it('Q3 a rating within 2 of the border does not cross it', () => {
    expect(shownAfter([85, 78.1, 78.1, 78.1])).toEqual([2, 2, 2, 2]);
    expect(shownAfter([85, 77.9, 77.9])).toEqual([2, 2, 3]);
    expect(shownAfter([75, 81.9, 81.9, 81.9, 81.9])).toEqual([3, 3, 3, 3, 3]);
    expect(shownAfter([75, 82, 82, 82])).toEqual([3, 3, 3, 2]);
  });

  it('Q3 goes as far as every rating of the row goes', () => {
    expect(shownAfter([93, 75, 50])).toEqual([1, 1, 3]);
    expect(shownAfter([93, 50, 75])).toEqual([1, 1, 3]);
    expect(shownAfter([50, 93, 93, 75])).toEqual([5, 5, 5, 3]);
    expect(shownAfter([50, 75, 93, 93])).toEqual([5, 5, 5, 3]);
    expect(shownAfter([93, 50, 50, 75, 50])).withContext('a row ends with its change').toEqual([1, 1, 5, 5, 5]);
  });

  it('Q3 a row that turns begins anew', () => {
    expect(shownAfter([75, 93, 93, 50, 93, 93])).toEqual([3, 3, 3, 3, 3, 3]);
    expect(shownAfter([75, 50, 93, 93, 50])).toEqual([3, 3, 3, 3, 3]);
  });

  it('Q3 a rating that cannot be made breaks the row and changes nothing', () => {
    expect(shownAfter([93, 65, null, 65, 65])).toEqual([1, 1, 1, 1, 4]);
  });

  it('Q3 a network that stands on a border does not flicker', () => {
    const noise = fc.array(fc.double({ min: 78.01, max: 81.99, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(noise, (ratings) => {
        expect(new Set(shownAfter(ratings)).size).toBe(1);
      }),
    );
  });
});
