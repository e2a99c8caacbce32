import { defer, of, Subscription, take, throwIfEmpty, type Observer } from 'rxjs';
import { isDown, isHealth, type Health } from '../core/health.js';
import { LinkEndedError } from '../core/link-ended-error.js';
import type { Session } from '../core/model.js';
import { isServerNotice } from '../core/verdict.js';
import type { Hearer } from './hearer.js';
import type { RoomError } from './room.js';
import type { RoomLink, RoomTransport } from './transport.js';

/**
 * Runs one join from its request on and tells what comes of it; unsubscribing closes everything.
 *
 *     request:  ----i|
 *     join:         ---l--------#
 *     signal$:         (u)--d-
 *     media$:          --u----
 *     heard:    ----r--l-Mu-d---e     r requested, l linked, u and d health, e ended
 *
 * A newer link of the same join takes the place of the older one; the end of the join is the end of its link.
 *
 * Observers instead of operators: a process may hold a hundred thousand rooms, and each waits on five streams.
 */
export function runSession<I, L extends RoomLink>(
  hearer: Hearer<L>,
  transport: RoomTransport<I, L, RoomLink>,
  { id, attempt }: Session<L>,
): Subscription {
  const session = new Subscription();
  let link: L | undefined;
  let sources = Subscription.EMPTY;

  const ended = (error: unknown): void => {
    try {
      session.unsubscribe();
    } catch (thrown) {
      hearer.report('teardown', thrown);
    }
    hearer.hear({ type: 'ended', id, failure: { error, verdict: hearer.classify(error) } });
  };

  const join = (info: I): void => {
    hearer.hear({ type: 'requested', id });
    // A join that is ended while it is being subscribed is over before the next one begins.
    hearer.inTurn(() => {
      session.add(
        defer(() => transport.join(attempt, info)).subscribe({
          next: linked,
          error: ended,
          complete: () => {
            ended(new LinkEndedError());
          },
        }),
      );
    });
  };

  const linked = (next: L): void => {
    if (next === link) return;
    link = next;
    try {
      sources.unsubscribe();
    } catch (error) {
      hearer.report('teardown', error);
    }
    try {
      session.add((sources = new Subscription()));
      hearLink(hearer, id, next, sources);
    } catch (error) {
      ended(error);
    }
  };

  const request$ = defer(() => transport.request?.(attempt) ?? of(undefined as I)).pipe(
    take(1),
    throwIfEmpty(() => new LinkEndedError()),
  );
  session.add(request$.subscribe({ next: join, error: ended }));
  return session;
}

function hearLink<L extends RoomLink>(hearer: Hearer<L>, id: number, link: L, sources: Subscription): void {
  const { signal$, media$, notice$, errors$ } = link;
  hearer.hear({ type: 'linked', id, link, media: media$ !== null, canProbe: link.probe !== undefined });
  sources.add(signal$.subscribe(new HealthObserver(hearer, id, 'signal')));
  if (media$ !== null) sources.add(media$.subscribe(new HealthObserver(hearer, id, 'media')));
  if (notice$ !== undefined) sources.add(notice$.subscribe(new NoticeObserver(hearer, 'notice$', id)));
  if (errors$ !== undefined) sources.add(errors$.subscribe(new TroubleObserver(hearer, 'link')));
}

/** Trouble is reported and changes nothing; so is an error, which ends its source and no other. */
class TroubleObserver<L> implements Observer<unknown> {
  constructor(
    readonly hearer: Hearer<L>,
    readonly from: RoomError['from'],
  ) {}

  next(value: unknown): void {
    this.error(value);
  }

  error(error: unknown): void {
    this.hearer.report(this.from, error);
  }

  complete(): void {
    // Trouble, and words, may stop coming.
  }
}

class NoticeObserver<L> extends TroubleObserver<L> {
  constructor(
    hearer: Hearer<L>,
    from: RoomError['from'],
    readonly id: number,
  ) {
    super(hearer, from);
  }

  override next(notice: unknown): void {
    const { hearer, id } = this;
    if (isServerNotice(notice)) hearer.hear({ type: 'notice', id, notice });
    else this.error(new TypeError('notice$: not a notice of a server'));
  }
}

class HealthObserver<L> implements Observer<Health> {
  constructor(
    readonly hearer: Hearer<L>,
    readonly id: number,
    readonly source: 'signal' | 'media',
  ) {}

  next(health: Health): void {
    const { hearer, id, source } = this;
    if (isHealth(health)) hearer.hear({ type: 'health', id, source, health });
    else {
      hearer.report(`${source}$`, new TypeError(`${source}$: expected 'up' or { down: true, aliveAt?: ms }`));
      // A dip with a bad time is a dip all the same: it dates from its report.
      if (isDown(health)) hearer.hear({ type: 'health', id, source, health: { down: true } });
    }
  }

  error(error: unknown): void {
    this.hearer.report(`${this.source}$`, error);
    this.complete();
  }

  complete(): void {
    this.hearer.hear({ type: 'sourceEnded', id: this.id, source: this.source });
  }
}
