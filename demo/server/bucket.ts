/** A token bucket as a value: `tokens` at the time `at` (ms). */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export interface BucketOptions {
  /** Tokens that come back a second. */
  readonly rate: number;
  /** The most it holds; what a burst may take at once. */
  readonly size: number;
}

export const fullBucket = ({ size }: BucketOptions, now: number): Bucket => ({ tokens: size, at: now });

/** Takes one token, or says in how many milliseconds there will be one. */
export function take(bucket: Bucket, { rate, size }: BucketOptions, now: number): { bucket: Bucket; waitFor: number } {
  const tokens = Math.min(size, bucket.tokens + (Math.max(0, now - bucket.at) * rate) / 1000);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, at: now }, waitFor: 0 };
  return { bucket: { tokens, at: now }, waitFor: Math.ceil(((1 - tokens) * 1000) / rate) };
}
