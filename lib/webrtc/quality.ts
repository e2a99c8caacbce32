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
  /** How many ratings in a row have called for a better or a worse one. */
  readonly better: number;
  readonly worse: number;
}

export const unknownQuality: Shown = { quality: 0, better: 0, worse: 0 };

/** How far (R) a rating must be beyond a border before it counts: what stands on one does not flicker. */
const MARGIN = 2;
/** Ratings in a row that make it worse, and better: bad news first. */
const TO_WORSE = 2;
const TO_BETTER = 3;

/**
 * What is shown after one more rating; `null` is a rating that could not be made. Pure.
 *
 * The first rating counts at once. After it a change needs 2 ratings in a row that are worse, or 3 that are better, each
 * beyond its border by 2. Where several qualities are skipped the last rating of the row decides. One that cannot be made
 * changes nothing and breaks the row.
 */
export function showNext({ quality, better, worse }: Shown, rating: number | null): Shown {
  if (rating === null) return { quality, better: 0, worse: 0 };
  if (quality === 0 || quality === 6) return { quality: gradeOf(rating), better: 0, worse: 0 };
  const up = gradeOf(rating - MARGIN);
  const down = gradeOf(rating + MARGIN);
  if (up < quality)
    return better + 1 < TO_BETTER ? { quality, better: better + 1, worse: 0 } : { quality: up, better: 0, worse: 0 };
  if (down > quality)
    return worse + 1 < TO_WORSE ? { quality, better: 0, worse: worse + 1 } : { quality: down, better: 0, worse: 0 };
  return { quality, better: 0, worse: 0 };
}
