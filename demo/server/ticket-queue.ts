import { fullBucket, type Bucket, type BucketOptions } from './bucket.js';

/**
 * A rate of joins with a queue before it, as a value. Whoever finds no token takes one in advance and is told when it
 * will be there; the ticket says so too, and enters ahead of newcomers.
 *
 *     rate 2/s:  a b     c        c
 *     tokens:    1 0 0  -1 .5 0   0
 *     answer:    in      1.5 s    in
 */
export interface TicketQueue {
  /** Below 0: taken in advance. */
  readonly bucket: Bucket;
  /** The tickets that are out, by the page of their slot: an immutable step copies one page, not all of them. */
  readonly pages: ReadonlyMap<number, ReadonlySet<string>>;
}

export interface QueuedRequest {
  readonly ticket?: string;
  /** How long the client would wait (ms). Without it nothing is booked: it would hardly come with a ticket. */
  readonly maxWait?: number;
}

export type QueueDecision =
  | { readonly admitted: true }
  /** Without a ticket nothing is booked: the turn would come too late. */
  | { readonly admitted: false; readonly retryAfter: number; readonly ticket?: string };

export const openQueue = (limit: BucketOptions, now: number): TicketQueue => ({
  bucket: fullBucket(limit, now),
  pages: new Map(),
});

/** A ticket is good from so many ms before its slot … */
const early = 50;
/** … until so many after it. Then its token is lost. */
const late = 10_000;
/** What a client needs after its slot: it comes up to 200 ms later, and joins. */
const entering = 400;
/** The width of a page in ms. */
const width = 250;

/**
 * Judges one join. Pure: the time (ms) and what nobody can guess come as arguments.
 *
 * A client that comes too early is told the same slot again. No token is promised twice, and none that nobody fetched is
 * given away again: overbooking costs more refusals than it fills slots.
 */
export function enter(
  queue: TicketQueue,
  { ticket, maxWait = 0 }: QueuedRequest,
  limit: BucketOptions,
  now: number,
  nonce: string,
): { readonly queue: TicketQueue; readonly decision: QueueDecision } {
  const { rate, size } = limit;
  const slot = ticket === undefined ? undefined : slotOf(queue, ticket);
  if (ticket !== undefined && slot !== undefined && now <= slot + late) {
    if (now < slot - early) return { queue, decision: { admitted: false, retryAfter: Math.ceil(slot - now), ticket } };
    return { queue: { ...queue, pages: without(queue.pages, ticket, slot) }, decision: { admitted: true } };
  }
  const { bucket } = queue;
  const tokens = Math.min(size, bucket.tokens + (Math.max(0, now - bucket.at) * rate) / 1_000);
  const pages = ticket === undefined || slot === undefined ? queue.pages : without(queue.pages, ticket, slot);
  // Thousands of additions are rounded.
  if (tokens >= 1 - 1e-9) {
    return { queue: { bucket: { tokens: tokens - 1, at: now }, pages }, decision: { admitted: true } };
  }
  const wait = Math.ceil(((1 - tokens) * 1_000) / rate);
  if (wait + entering > maxWait) {
    // Told its own limit at least: a shorter hint would bring it back in vain, at the very end again and again.
    const retryAfter = Math.max(wait, Math.ceil(maxWait));
    return { queue: { bucket: { tokens, at: now }, pages }, decision: { admitted: false, retryAfter } };
  }
  const booked = `${String(Math.ceil(now + wait))}.${nonce}`;
  return {
    queue: { bucket: { tokens: tokens - 1, at: now }, pages: withTicket(current(pages, now), booked) },
    decision: { admitted: false, retryAfter: wait, ticket: booked },
  };
}

/** The slot of a ticket that is out. */
function slotOf({ pages }: TicketQueue, ticket: string): number | undefined {
  const slot = Number.parseInt(ticket, 10);
  return pages.get(pageOf(slot))?.has(ticket) === true ? slot : undefined;
}

const pageOf = (slot: number): number => Math.floor(slot / width);

function withTicket(pages: TicketQueue['pages'], ticket: string): TicketQueue['pages'] {
  const page = pageOf(Number.parseInt(ticket, 10));
  return new Map(pages).set(page, new Set(pages.get(page)).add(ticket));
}

function without(pages: TicketQueue['pages'], ticket: string, slot: number): TicketQueue['pages'] {
  const page = new Set(pages.get(pageOf(slot)));
  page.delete(ticket);
  const rest = new Map(pages);
  if (page.size === 0) rest.delete(pageOf(slot));
  else rest.set(pageOf(slot), page);
  return rest;
}

/** Pages are added in the order of their slots, so the lapsed ones come first. */
function current(pages: TicketQueue['pages'], now: number): TicketQueue['pages'] {
  const oldest = pages.keys().next();
  if (oldest.done === true || oldest.value >= pageOf(now - late)) return pages;
  return new Map([...pages].filter(([page]) => page >= pageOf(now - late)));
}
