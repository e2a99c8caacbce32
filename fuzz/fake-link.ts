import type { Observable, Subscriber } from 'rxjs';
import type { CloseReason, Health, RoomLink, ServerNotice } from '../lib/index.js';
import type { Place, What } from './recording.js';
import type { Command, LinkScript, Say } from './script.js';

export type Source = 'signal' | 'media';

/** What a fake needs of the stage it plays on. */
export interface Stage {
  readonly tracked: <T>(what: What, owner: number, body: (subscriber: Subscriber<T>) => () => void) => Observable<T>;
  readonly later: (ms: number, work: () => void) => () => void;
  readonly wall: () => number;
  readonly heardHealth: (link: number, source: Source, say: Say, aliveAt: number | null, heard: boolean) => void;
  readonly heardWord: (link: number, word: unknown, heard: boolean) => void;
  readonly closed: (link: number, why: CloseReason) => void;
  readonly command: (name: Command, within: Place) => void;
}

export interface FakeLink extends RoomLink {
  readonly id: number;
  say(source: Source, say: Say): void;
  word(word: unknown): void;
  trouble(): void;
  /** Begins the healths that the script has for this link; ends them. */
  begin(script: LinkScript): () => void;
}

/** A link whose every word is scripted. Late subscribers of a health are told its last value. */
export function fakeLink(
  id: number,
  stage: Stage,
  { calls }: Pick<LinkScript, 'calls'>,
  { media, probe }: { readonly media: boolean; readonly probe: (() => Observable<unknown>) | null },
): FakeLink {
  let called = false;
  const call = (within: Place): void => {
    if (called || calls?.in !== within) return;
    called = true;
    for (const name of calls.calls) stage.command(name, within);
  };
  const healths = {
    signal: fakeHealth(id, 'signal', stage, () => call('health')),
    media: fakeHealth(id, 'media', stage, () => undefined),
  };
  const listeners = new Set<Subscriber<unknown>>();
  const troubled = new Set<Subscriber<unknown>>();
  const listened = <T>(what: What, to: Set<Subscriber<unknown>>): Observable<T> =>
    stage.tracked<T>(what, id, (subscriber) => {
      to.add(subscriber);
      return () => to.delete(subscriber);
    });
  return {
    id,
    get signal$() {
      call('getter');
      return healths.signal.health$;
    },
    media$: media ? healths.media.health$ : null,
    notice$: listened<ServerNotice>('notice$', listeners),
    errors$: listened('errors$', troubled),
    ...(probe === null ? {} : { probe }),
    close(why) {
      stage.closed(id, why);
      call('close');
    },
    say(source, say) {
      healths[source].say(say);
    },
    word(word) {
      stage.heardWord(id, word, listeners.size > 0);
      for (const listener of [...listeners]) listener.next(word);
    },
    trouble() {
      for (const listener of [...troubled]) listener.next('trouble');
    },
    begin(script) {
      const stops = (['signal', 'media'] as const).flatMap((source) => {
        let after = 0;
        return script[source].map((step) => {
          after += step.after;
          if (after > 0) return stage.later(after, () => healths[source].say(step.say));
          healths[source].say(step.say);
          return () => undefined;
        });
      });
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

interface FakeHealth {
  readonly health$: Observable<Health>;
  say(say: Say): void;
}

function fakeHealth(link: number, source: Source, stage: Stage, subscribed: () => void): FakeHealth {
  const subscribers = new Set<Subscriber<Health>>();
  let last: Say | null = null;
  let lastAliveAt: number | null = null;
  const ended = (): boolean => last === 'error' || last === 'complete';

  function tell(say: Say, to: readonly Subscriber<Health>[]): void {
    const aliveAt = lastAliveAt;
    stage.heardHealth(link, source, say, aliveAt, to.length > 0);
    for (const subscriber of to) {
      if (say === 'error') subscriber.error('a health source that fails');
      else if (say === 'complete') subscriber.complete();
      else subscriber.next(valueOf(say, aliveAt));
    }
  }

  return {
    health$: stage.tracked<Health>(`${source}$`, link, (subscriber) => {
      subscribers.add(subscriber);
      subscribed();
      if (last !== null) tell(last, [subscriber]);
      return () => subscribers.delete(subscriber);
    }),
    say(say) {
      if (ended()) return;
      last = say;
      lastAliveAt = aliveAtOf(say, stage.wall());
      tell(say, [...subscribers]);
    },
  };
}

function aliveAtOf(say: Say, wall: number): number | null {
  if (say === 'future') return wall + 1_000;
  if (say === 'never') return NaN;
  return typeof say === 'object' ? wall - say.ago : null;
}

function valueOf(say: Say, aliveAt: number | null): Health {
  if (say === 'up') return 'up';
  if (say === 'nonsense') return { down: false } as unknown as Health;
  return aliveAt === null ? { down: true } : { down: true, aliveAt };
}
