import { isObservable, Subscription, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Room, RoomLink } from '../../lib/index.js';

/** What is watched lives so long (ms, virtual), then it is let go of. */
const LIFE = 4_000;

/** What is started with a value, and all that comes of it. */
export interface Watch {
  /** Takes whatever a call gave: subscribes to a stream, joins a room, waits for a promise. */
  see(given: unknown): void;
  /** Runs something later, in virtual time. */
  at(ms: number, work: () => void): void;
}

/** Runs something in virtual time, and gives the texts of all errors that it threw or told. */
export function textsOf(start: (watch: Watch) => void, late: (text: string) => void): string[] {
  const found: string[] = [];
  let tell = (text: string): void => void found.push(text);
  const note = (value: unknown): void => {
    for (const text of errorsIn(value)) tell(text);
  };
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    const life = new Subscription();
    const watch: Watch = {
      see(given) {
        if (isRoom(given)) {
          for (const stream of [given.snapshot$, given.errors$, given.events$]) life.add((stream as Observable<unknown>).subscribe(note));
          given.join();
          life.add(() => given.leave());
        } else if (isObservable(given)) {
          life.add(given.subscribe({ next: note, error: note }));
        } else if (given instanceof Promise) given.catch(note);
      },
      at: (ms, work) => void scheduler.schedule(guarded(work), ms),
    };
    const guarded = (work: () => void) => (): void => {
      try {
        work();
      } catch (error) {
        note(error);
      }
    };
    watch.at(0, () => start(watch));
    watch.at(LIFE, () => life.unsubscribe());
  });
  tell = late;
  return found;
}

const isRoom = (given: unknown): given is Room<RoomLink> =>
  typeof given === 'object' && given !== null && 'snapshot$' in given;

/** The texts of all errors in a value, and in their causes. */
function errorsIn(value: unknown, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > 5) return [];
  try {
    const inside = Object.values(value).flatMap((member) => errorsIn(member, depth + 1));
    if (!(value instanceof Error)) return inside;
    return [value.message, ...errorsIn(value.cause, depth + 1), ...inside];
  } catch {
    return []; // the value itself, which cannot be read
  }
}
