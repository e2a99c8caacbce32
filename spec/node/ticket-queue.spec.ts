import { enter, openQueue, type QueueDecision, type QueuedRequest, type TicketQueue } from '../../demo/server/ticket-queue.js';

const limit = { rate: 2, size: 2 };

/** A queue and a clock; tickets are named n1, n2 … */
function scene(options = limit) {
  let queue: TicketQueue = openQueue(options, 0);
  let issued = 0;
  return {
    at: (now: number, request: QueuedRequest = { maxWait: 60_000 }): QueueDecision => {
      const entered = enter(queue, request, options, now, `n${++issued}`);
      queue = entered.queue;
      return entered.decision;
    },
    queue: () => queue,
  };
}

const tickets = ({ pages }: TicketQueue): string[] => [...pages.values()].flatMap((page) => [...page]);

describe('the queue with tickets', () => {
  it('lets in while there are tokens, then gives each the time of its own', () => {
    const { at } = scene();
    expect(at(0)).toEqual({ admitted: true });
    expect(at(0)).toEqual({ admitted: true });
    expect(at(0)).toEqual({ admitted: false, retryAfter: 500, ticket: '500.n3' });
    expect(at(0)).toEqual({ admitted: false, retryAfter: 1_000, ticket: '1000.n4' });
    expect(at(100)).toEqual({ admitted: false, retryAfter: 1_400, ticket: '1500.n5' });
  });

  it('lets a due ticket in ahead of newcomers, once', () => {
    const { at, queue } = scene();
    for (let n = 0; n < 4; n++) at(0);
    expect(at(600)).toEqual(jasmine.objectContaining({ admitted: false, retryAfter: 900 }));
    expect(at(600, { ticket: '500.n3', maxWait: 60_000 })).toEqual({ admitted: true });
    expect(at(600, { ticket: '500.n3' }).admitted).toBe(false);
    expect(tickets(queue())).toEqual(['1000.n4', '1500.n5']);
  });

  it('tells one that comes too early its own slot again, and takes no second token', () => {
    const { at, queue } = scene();
    for (let n = 0; n < 3; n++) at(0);
    const before = queue();
    expect(at(449, { ticket: '500.n3', maxWait: 60_000 })).toEqual({ admitted: false, retryAfter: 51, ticket: '500.n3' });
    expect(queue()).toBe(before);
    expect(at(450, { ticket: '500.n3' })).toEqual({ admitted: true });
  });

  it('knows a ticket for ten seconds after its slot, then forgets it and its token', () => {
    const late = scene();
    for (let n = 0; n < 3; n++) late.at(0);
    for (let n = 0; n < 2; n++) late.at(10_500);
    expect(late.at(10_500, { ticket: '500.n3' })).toEqual({ admitted: true });
    const lapsed = scene();
    for (let n = 0; n < 3; n++) lapsed.at(0);
    for (let n = 0; n < 2; n++) lapsed.at(10_501);
    expect(lapsed.at(10_501, { ticket: '500.n3', maxWait: 60_000 })).toEqual(
      jasmine.objectContaining({ admitted: false, retryAfter: 500 }),
    );
    expect(tickets(lapsed.queue())).toEqual(['11001.n6']);
  });

  it('takes nobody for a ticket that was never given', () => {
    const { at } = scene();
    for (let n = 0; n < 2; n++) at(0);
    for (const ticket of ['0.n9', '500.n3', '', 'x', '-1.n1', 'Infinity.n1']) {
      expect(at(0, { ticket, maxWait: 400 }).admitted).toBe(false);
    }
  });

  it('books nothing beyond what the client would wait, and tells it no time within that', () => {
    const { at, queue } = scene();
    for (let n = 0; n < 2; n++) at(0);
    const before = queue().bucket.tokens;
    expect(at(0, { maxWait: 899 })).toEqual({ admitted: false, retryAfter: 899 });
    expect(at(0, {})).toEqual({ admitted: false, retryAfter: 500 });
    expect(queue().bucket.tokens).toBe(before);
    expect(tickets(queue())).toEqual([]);
    expect(at(0, { maxWait: 900 })).toEqual({ admitted: false, retryAfter: 500, ticket: '500.n5' });
  });

  it('changes no queue that it was given', () => {
    const { at, queue } = scene();
    for (let n = 0; n < 3; n++) at(0);
    const before = queue();
    const held = tickets(before);
    at(0);
    at(500, { ticket: '500.n3' });
    expect(tickets(before)).toEqual(held);
  });

  it('keeps only the tickets that are still good', () => {
    const { at, queue } = scene({ rate: 100, size: 1 });
    for (let now = 0; now < 60_000; now += 5) at(now, { maxWait: 5_000 });
    const oldest = Math.min(...tickets(queue()).map(Number.parseFloat));
    expect(oldest).toBeGreaterThanOrEqual(60_000 - 10_000 - 260);
    expect(tickets(queue()).length).toBeLessThan(1_600);
  });

  it('never lets in more than the rate and one bucket', () => {
    const { at } = scene({ rate: 100, size: 10 });
    const waiting: { due: number; ticket: string }[] = [];
    let admitted = 0;
    for (let now = 0; now < 10_000; now += 2) {
      const due = waiting.findIndex((each) => each.due <= now);
      const [turn] = due === -1 ? [] : waiting.splice(due, 1);
      const decision = at(now, turn === undefined ? { maxWait: 3_000 } : { ticket: turn.ticket, maxWait: 3_000 });
      if (decision.admitted) admitted++;
      else if (decision.ticket !== undefined) waiting.push({ due: now + decision.retryAfter, ticket: decision.ticket });
      expect(admitted).toBeLessThanOrEqual(10 + ((now + 50) * 100) / 1_000);
    }
    expect(admitted).toBeGreaterThan(900);
  });
});
