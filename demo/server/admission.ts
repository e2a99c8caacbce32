import { fullBucket, take, type Bucket, type BucketOptions } from './bucket.js';

/** Whether the server lets joins in, as a value. A queue with tickets would be another fold of the same shape. */
export interface Admission {
  readonly joins: Bucket;
  /** `null`: not busy by command. */
  readonly busy: { readonly retryAfter?: number } | null;
}

/** What a queue would look at. */
export interface JoinRequest {
  readonly ticket?: string;
  readonly maxWait?: number;
}

export type AdmissionDecision =
  { readonly admitted: true } | { readonly admitted: false; readonly retryAfter?: number };

export const openAdmission = (limit: BucketOptions, now: number): Admission => ({
  joins: fullBucket(limit, now),
  busy: null,
});

/** Judges one join: the command first, then the rate, which says when it will have room again. */
export function admit(
  admission: Admission,
  _request: JoinRequest,
  limit: BucketOptions,
  now: number,
): { readonly admission: Admission; readonly decision: AdmissionDecision } {
  if (admission.busy !== null) return { admission, decision: { admitted: false, ...admission.busy } };
  const { bucket, waitFor } = take(admission.joins, limit, now);
  return {
    admission: { ...admission, joins: bucket },
    decision: waitFor === 0 ? { admitted: true } : { admitted: false, retryAfter: waitFor },
  };
}
