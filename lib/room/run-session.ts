import { Subscription, type Observable, type Observer } from 'rxjs';
import { healthOf } from '../core/machine/health.js';
import { LinkEndedError } from '../core/machine/link-ended-error.js';
import type { Session } from '../core/machine/model.js';
import { hasMethod } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';
import { noticeOf } from '../core/recovery/verdict.js';
import { linkFault } from './link-fault.js';
import { isMistake, mistake } from './mistake.js';
import { requestOf } from './request-of.js';
import type { RoomSink } from './room-sink.js';
import type { RoomError } from './room.js';
import type { RoomLink, RoomTransport } from './transport.js';

/**
 * Runs one join from its request on and reports what becomes of it; unsubscribing closes everything.
 *
 *     request:  ----i|
 *     join:         ---l--------#
 *     signal$:         (u)--d-
 *     media$:          --u----
 *     pushed:   ----r--l-Mu-d---e     r requested, l linked, u and d health, e ended
 *
 * A newer link of the same join takes the place of the older one; the end of the join is the end of its link.
 *
 * Observers instead of operators: a process may hold a hundred thousand rooms, and each waits on five streams.
 */
export function runSession<I, L extends RoomLink>(
  sink: RoomSink<L>,
  transport: RoomTransport<I, L, RoomLink>,
  { id, attempt }: Session<L>,
): Subscription {
  const session = new Subscription();
  let link: L | undefined;
  let isLinked = false;
  let sources = Subscription.EMPTY;

  const ended = (error: unknown): void => {
    try {
      session.unsubscribe();
    } catch (thrown) {
      sink.report('teardown', thrown);
    }
    sink.push({ type: 'ended', id, error, mistake: isMistake(error) });
  };

  const join = (info: I): void => {
    sink.push({ type: 'requested', id });
    // A join that is ended while it is being subscribed is over before the next one begins.
    sink.inTurn(() => {
      try {
        const link$ = transport.join(attempt, info);
        if (!hasMethod(link$, 'subscribe')) throw notAStream(link$);
        session.add(
          link$.subscribe({
            next: linked,
            error: ended,
            complete: () => {
              ended(new LinkEndedError(isLinked ? LINK_LOST : NO_LINK));
            },
          }),
        );
      } catch (error) {
        ended(error);
      }
    });
  };

  const linked = (next: L): void => {
    if (isLinked && next === link) return;
    isLinked = true;
    link = next;
    // A command given while the link is wired is judged when all of it is.
    sink.inTurn(() => {
      try {
        sources.unsubscribe();
      } catch (error) {
        sink.report('teardown', error);
      }
      try {
        const fault = linkFault('link', next);
        if (fault !== null) throw mistake(fault);
        session.add((sources = new Subscription()));
        wireLink(sink, id, next, sources);
      } catch (error) {
        ended(error);
      }
    });
  };

  session.add(requestOf(transport, attempt).subscribe({ next: join, error: ended }));
  return session;
}

const NO_LINK = 'join completed without giving a link';
const LINK_LOST = 'join completed; it must stay open while the link lives, e.g. concat(of(link), NEVER)';

const notAStream = (given: unknown): TypeError =>
  mistake(
    wrongType(
      'join: the return value',
      'an Observable that gives the link and stays open, e.g. concat(of(link), NEVER)',
      given,
    ),
  );

function wireLink<L extends RoomLink>(sink: RoomSink<L>, id: number, link: L, sources: Subscription): void {
  const { signal$, media$, notice$, errors$ } = link;
  sink.push({ type: 'linked', id, link, media: media$ !== null, canProbe: link.probe !== undefined });
  const wire = <T>(source$: Observable<T>, observer: Observer<T>): void => {
    // The join may have ended while an earlier source was subscribed to.
    if (!sources.closed) sources.add(source$.subscribe(observer));
  };
  wire(signal$, new HealthObserver(sink, id, 'signal'));
  if (media$ !== null) wire(media$, new HealthObserver(sink, id, 'media'));
  if (notice$ !== undefined) wire(notice$, new NoticeObserver(sink, 'notice$', id));
  if (errors$ !== undefined) wire(errors$, new TroubleObserver(sink, 'link'));
}

/** Trouble is reported and changes nothing; so is an error, which ends its source and no other. */
class TroubleObserver<L> implements Observer<unknown> {
  constructor(
    readonly sink: RoomSink<L>,
    readonly from: RoomError['from'],
  ) {}

  next(value: unknown): void {
    this.error(value);
  }

  error(error: unknown): void {
    this.sink.report(this.from, error);
  }

  complete(): void {
    // Trouble, and notices, may stop coming.
  }
}

class NoticeObserver<L> extends TroubleObserver<L> {
  constructor(
    sink: RoomSink<L>,
    from: RoomError['from'],
    readonly id: number,
  ) {
    super(sink, from);
  }

  override next(value: unknown): void {
    const { sink, id } = this;
    try {
      const notice = noticeOf(value);
      if (notice !== null) sink.push({ type: 'notice', id, notice });
      else this.error(wrongType('notice$', "a notice such as { kind: 'kicked' }", value));
    } catch (error) {
      this.error(error);
    }
  }
}

class HealthObserver<L> implements Observer<unknown> {
  constructor(
    readonly sink: RoomSink<L>,
    readonly id: number,
    readonly source: 'signal' | 'media',
  ) {}

  next(value: unknown): void {
    const { sink, id, source } = this;
    try {
      const read = healthOf(value);
      if (read?.exact !== true)
        sink.report(`${source}$`, wrongType(`${source}$`, "'up' or { down: true, aliveAt?: ms }", value));
      if (read !== null) sink.push({ type: 'health', id, source, health: read.health });
    } catch (error) {
      sink.report(`${source}$`, error);
    }
  }

  error(error: unknown): void {
    this.sink.report(`${this.source}$`, error);
    this.sink.push({ type: 'sourceEnded', id: this.id, source: this.source, error });
  }

  complete(): void {
    this.sink.push({ type: 'sourceEnded', id: this.id, source: this.source });
  }
}
