/** What a part of the laboratory found of one thing, and what it should be. */
export interface Finding {
  readonly part: PartName;
  readonly what: string;
  readonly unit: 'ms' | 'count';
  /** One value a repetition; `null`: it did not happen while somebody looked. */
  readonly values: readonly (number | null)[];
  readonly targets: readonly Target[];
}

export type PartName = 'ab' | 'chaos' | 'heal' | 'signalling' | 'oneway' | 'restart' | 'loss' | 'peers';

export interface Target {
  /** Of a value that did not happen, the median and the worst are infinite. */
  readonly of: 'median' | 'worst' | 'sum';
  readonly limit: number;
  /** @defaultValue 'atMost' */
  readonly bound?: 'atMost' | 'atLeast';
}

const sorted = (values: readonly (number | null)[]): number[] =>
  values.map((value) => value ?? Infinity).sort((a, b) => a - b);

export function statistic(values: readonly (number | null)[], of: Target['of'] | 'best'): number {
  const all = sorted(values);
  switch (of) {
    case 'median': {
      const upper = all[Math.floor(all.length / 2)] ?? NaN;
      const lower = all[Math.ceil(all.length / 2) - 1] ?? NaN;
      return upper === lower ? upper : (lower + upper) / 2;
    }
    case 'best':
      return all[0] ?? NaN;
    case 'worst':
      return all.at(-1) ?? NaN;
    case 'sum':
      return all.reduce((total, value) => total + value, 0);
  }
}

/** The same finding with limits of time that are so many times as wide: for machines that others use as well. */
export const widened = (finding: Finding, slack: number): Finding =>
  finding.unit === 'ms'
    ? {
        ...finding,
        targets: finding.targets.map((target) => ({
          ...target,
          limit: target.bound === 'atLeast' ? target.limit / slack : target.limit * slack,
        })),
      }
    : finding;

/** Nothing measured is nothing met. */
export function isMet({ values }: Finding, { of, limit, bound = 'atMost' }: Target): boolean {
  if (values.length === 0) return false;
  const found = statistic(values, of);
  return bound === 'atMost' ? found <= limit : found >= limit;
}
