import type { BucketOptions } from './bucket.js';
import { enter, openQueue, type QueueDecision, type QueuedRequest, type TicketQueue } from './ticket-queue.js';

/** Whether the server lets joins in, as a value. */
export interface Admission {
  readonly queue: TicketQueue;
  /** `null`: not busy by command. */
  readonly busy: { readonly retryAfter?: number } | null;
}

export type AdmissionDecision =
  QueueDecision | { readonly admitted: false; readonly retryAfter?: number; readonly ticket?: string };

/** Nothing is booked further ahead (ms), however long a client says that it would wait. */
const longestWait = 60_000;

export const openAdmission = (limit: BucketOptions, now: number): Admission => ({
  queue: openQueue(limit, now),
  busy: null,
});

/** Judges one join: the command first, then the queue, which says whose turn is when. `nonce` is what nobody can guess. */
export function admit(
  admission: Admission,
  { ticket, maxWait = 0 }: QueuedRequest,
  limit: BucketOptions,
  now: number,
  nonce: string,
): { readonly admission: Admission; readonly decision: AdmissionDecision } {
  if (admission.busy !== null) return { admission, decision: { admitted: false, ...admission.busy } };
  const request = { maxWait: Math.min(longestWait, maxWait), ...(ticket !== undefined && { ticket }) };
  const { queue, decision } = enter(admission.queue, request, limit, now, nonce);
  return { admission: { ...admission, queue }, decision };
}
