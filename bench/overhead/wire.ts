import { Observable, type Subscriber } from 'rxjs';
import type { Health } from '../../lib/core/machine/health.js';
import type { RoomLink } from '../../lib/room/transport.js';

/** The other end of one room. Made before anything is measured, so that only the room itself is counted. */
export class Wire {
  signal: Subscriber<Health> | null = null;
  media: Subscriber<Health> | null = null;
  /** While `false`, a join fails at once. */
  open = true;
  readonly link: RoomLink & { readonly media$: Observable<Health> };
  readonly join$ = new Observable<Wire['link']>((subscriber) => {
    if (this.open) subscriber.next(this.link);
    else subscriber.error(unreachable);
  });

  /** @param full - it also has notices, errors and a probe, as a link of `rejoin/janus` has. */
  constructor(full = false) {
    const healths = {
      signal$: new Observable<Health>((subscriber) => {
        this.signal = subscriber;
        subscriber.next('up');
      }),
      media$: new Observable<Health>((subscriber) => {
        this.media = subscriber;
        subscriber.next('up');
      }),
    };
    this.link = full ? { ...healths, notice$: silent$, errors$: silent$, probe: () => silent$ } : healths;
  }
}

const silent$ = new Observable<never>(() => undefined);

const unreachable = new Error('unreachable');
