/** The nearest-rank percentile of values in ascending order; `Infinity` values are people who never came back. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
