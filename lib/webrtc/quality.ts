/**
 * How a link feels: 0 unknown, 1 excellent, 2 good, 3 fair, 4 bad, 5 very bad, 6 down. The scale of NERTC and Agora.
 */
export type Quality = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The lowest R of the qualities 1 to 4: very satisfied, satisfied, some and many dissatisfied (ITU-T G.107, annex B). */
const least = [90, 80, 70, 60];

/** The quality of a rating. */
const gradeOf = (rating: number): Quality => (1 + least.filter((border) => rating < border).length) as Quality;

/** A quality that is shown, and what speaks against it. */
export interface Shown {
  readonly quality: Quality;
  /** What the latest ratings have called for: all of it better than what is shown, or all of it worse. */
  readonly row: readonly Quality[];
}

export const unknownQuality: Shown = { quality: 0, row: [] };

/** How far (R) a rating must be beyond a border before it counts: what stands on one does not flicker. */
const MARGIN = 2;
/** Ratings in a row that make it worse, and better: bad news first. */
const TO_WORSE = 2;
const TO_BETTER = 3;

/**
 * What is shown after one more rating; `null` is a rating that could not be made. Pure.
 *
 * The first rating counts at once. After it a change needs 2 ratings in a row that are worse, or 3 that are better, each
 * beyond its border by 2, and goes as far as every one of them goes. One that cannot be made changes nothing and breaks the
 * row.
 */
export function showNext({ quality, row }: Shown, rating: number | null): Shown {
  if (rating === null) return { quality, row: [] };
  if (quality === 0 || quality === 6) return { quality: gradeOf(rating), row: [] };
  const better = gradeOf(rating - MARGIN);
  const grade = better < quality ? better : (Math.max(quality, gradeOf(rating + MARGIN)) as Quality);
  if (grade === quality) return { quality, row: [] };
  const isBetter = grade < quality;
  const grades = [...row.filter((one) => one < quality === isBetter), grade];
  if (grades.length < (isBetter ? TO_BETTER : TO_WORSE)) return { quality, row: grades };
  return { quality: (isBetter ? Math.max(...grades) : Math.min(...grades)) as Quality, row: [] };
}
