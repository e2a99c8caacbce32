import {
  config,
  Observable,
  Subject,
  VirtualTimeScheduler,
  type SchedulerLike,
  type Subscriber,
  type Subscription,
} from 'rxjs';
import {
  createRoom,
  defaultSchedule,
  honouringServer,
  type Attempt,
  type Room,
  type RoomOptions,
  type RoomTransport,
  type Schedule,
  type Verdict,
  type Wake,
} from '../lib/index.js';
import { fakeLink, type FakeLink, type Stage } from './fake-link.js';
import type { Entry, Happening, Place, Recording, Sight, State, Stream, What } from './recording.js';
import {
  answerOf,
  type Act,
  type Command,
  type Fault,
  type JoinScript,
  type LinkScript,
  type RepairScript,
  type Script,
} from './script.js';

/** What the device's clock shows when a script begins. */
export const EPOCH = 1_000_000;

const MOST_ENTRIES = 6_000;
const MOST_READINGS = 60_000;

class Overrun extends Error {}

const well: LinkScript = { signal: [{ after: 0, say: 'up' }], media: [{ after: 0, say: 'up' }], calls: null };

const nobody: Fault = { says: { kind: 'unreachable' }, throws: false, unanswered: true };

class ThrownBySubscriber extends Error {}

// The errors of a script's thrower are meant, and a script that does not end is told by its recording; every other error
// goes into the process, as ever.
config.onUnhandledError = (error) => {
  if (!(error instanceof ThrownBySubscriber || error instanceof Overrun)) throw error;
};

/** Plays a script on a room in virtual time and records everything that can be seen from outside. */
export function play(script: Script): Recording {
  const { options, can } = script;
  const clock = new VirtualTimeScheduler();
  const entries: Entry[] = [];
  const sights: Sight[] = [];
  const open = new Set<number>();
  const endedIds = new Set<number>();
  const timers = new Set<number>();
  const links: FakeLink[] = [];
  const attempts = new Map<unknown, number>();
  const wake$ = new Subject<Wake>();
  const leave$ = new Subject<unknown>();
  let skew = EPOCH;
  let lastId = 0;
  let readings = 0;
  let wokenAt = -1;
  /** Where the room is being watched, or calls something, just now. */
  let within: Place | null = null;
  let overrun = false;
  let ended = false;
  /** Ends the join that runs. */
  let endJoin: ((fault: Fault | null) => void) | null = null;
  let joins = 0;
  let repairs = 0;
  let probes = 0;

  const wall = (): number => clock.frame + skew;

  function log(happening: Happening): void {
    if (entries.length > MOST_ENTRIES) overflow();
    entries.push(Object.assign(happening, { seq: entries.length, at: clock.frame, wall: wall() }));
  }

  function overflow(): never {
    overrun = true;
    throw new Overrun('more was done than the script can ask for');
  }

  function later(ms: number, work: () => void): () => void {
    const action: Subscription = clock.schedule(work, ms);
    return () => {
      action.unsubscribe();
    };
  }

  /** A hidden page's timers fire together, late. */
  function late(delay: number): number {
    if (script.throttle === 0 || delay === 0) return delay;
    return Math.ceil((clock.frame + delay) / script.throttle) * script.throttle - clock.frame;
  }

  const scheduler: SchedulerLike = {
    now() {
      if (++readings > MOST_READINGS) overflow();
      return wall();
    },
    schedule<T>(work: (this: never, state?: T) => void, given?: number, state?: T): Subscription {
      // What ends a frame is asked for without a delay, a timer with one.
      const endsFrame = given === undefined;
      const delay = given ?? 0;
      log({ kind: 'timer', delay });
      const id = ++lastId;
      timers.add(id);
      const action = clock.schedule<T>(
        function (given) {
          timers.delete(id);
          if (endsFrame) log({ kind: 'frame' });
          work.call(this as never, given);
        },
        late(delay),
        state,
      );
      action.add(() => timers.delete(id));
      return action;
    },
  };

  function tracked<T>(
    what: What,
    owner: number,
    body: (subscriber: Subscriber<T>, id: number) => () => void,
    attempt: Attempt<FakeLink> | null = null,
  ): Observable<T> {
    return new Observable<T>((subscriber) => {
      const id = ++lastId;
      open.add(id);
      log({ kind: 'open', what, id, owner, attempt });
      const stop = body(subscriber, id);
      return () => {
        stop();
        open.delete(id);
        log({ kind: 'shut', what, id, owner, ended: endedIds.has(id) });
      };
    });
  }

  function finish(subscriber: Subscriber<unknown>, what: What, id: number, owner: number, fault: unknown): void {
    if (subscriber.closed) return;
    endedIds.add(id);
    log({ kind: 'end', what, id, owner, how: fault === null ? 'completed' : 'failed', fault });
    if (fault === null) subscriber.complete();
    else subscriber.error(fault);
  }

  function answered(what: What, id: number, owner: number): void {
    endedIds.add(id);
    log({ kind: 'end', what, id, owner, how: 'answered', fault: null });
  }

  const stage: Stage = {
    tracked,
    later,
    wall,
    heardHealth: (link, source, say, aliveAt, heard) => log({ kind: 'health', link, source, say, aliveAt, heard }),
    heardWord: (link, word, heard) => log({ kind: 'word', link, word, heard }),
    closed: (link, why) => log({ kind: 'close', link, why }),
    command: (name, place) => call([name], place),
  };

  const ownerOf = (attempt: Attempt<FakeLink>): number => {
    const known = attempts.get(attempt);
    if (known !== undefined) return known;
    attempts.set(attempt, attempts.size + 1);
    return attempts.size;
  };

  const joinScripts = new Map<number, JoinScript | undefined>();
  const joinScriptOf = (owner: number): JoinScript | undefined => {
    if (!joinScripts.has(owner)) joinScripts.set(owner, nth(script.joins, joins++));
    return joinScripts.get(owner);
  };
  const nth = <T>(all: readonly T[], n: number): T | undefined =>
    n < all.length * script.rounds ? all[n % all.length] : undefined;
  const call = (calls: readonly Command[] | undefined, place: Place): void => {
    if (!ended) for (const name of calls ?? []) inside(place, () => command(name));
  };

  /** A subscription to something that throws instead of giving one. */
  function thrown(what: What, owner: number, attempt: Attempt<FakeLink> | null, fault: Fault): never {
    const id = ++lastId;
    log({ kind: 'open', what, id, owner, attempt });
    log({ kind: 'end', what, id, owner, how: 'failed', fault });
    log({ kind: 'shut', what, id, owner, ended: true });
    throw fault as unknown as Error;
  }

  /** The repairs that run, by the attempt that asks for them. */
  const repairScripts = new Map<unknown, RepairScript | undefined>();

  function request(attempt: Attempt<FakeLink>): Observable<unknown> {
    const isInfo = attempt.kind === 'restart' || attempt.kind === 'resume';
    const what = isInfo ? 'info' : 'request';
    const owner = ownerOf(attempt);
    const it = isInfo ? repairScripts.get(attempt)?.asks : joinScriptOf(owner)?.request;
    if (it?.how === 'throw') thrown(what, owner, attempt, it.fault);
    return tracked<unknown>(
      what,
      owner,
      (subscriber, id) => {
        call(it?.calls, 'request');
        const act = (): void => {
          if (it === undefined || it === null || it.how === 'value') {
            if (subscriber.closed) return;
            answered(what, id, owner);
            subscriber.next(1);
            subscriber.complete();
          } else if (it.how === 'error') finish(subscriber, what, id, owner, it.fault);
          else if (it.how === 'empty') finish(subscriber, what, id, owner, null);
        };
        if (it?.how === 'hang') return () => undefined;
        if (it === undefined || it === null || it.after === 0) {
          act();
          return () => undefined;
        }
        return later(it.after, act);
      },
      attempt,
    );
  }

  function join(attempt: Attempt<FakeLink>): Observable<FakeLink> {
    const owner = ownerOf(attempt);
    const it = joinScriptOf(owner);
    if (it?.how === 'throw') thrown('join', owner, attempt, it.fault);
    return tracked<FakeLink>(
      'join',
      owner,
      (subscriber, id) => {
        const stops: (() => void)[] = [];
        const soon = (ms: number, work: () => void): void => {
          if (ms === 0) work();
          else stops.push(later(ms, work));
        };
        const emit = (of: JoinScript['link']): void => {
          if (subscriber.closed) return;
          const link: FakeLink = fakeLink(links.length + 1, stage, of, {
            media: can.media,
            probe: can.probe ? () => probe(link) : null,
          });
          links.push(link);
          log({ kind: 'link', link: link.id, owner });
          stops.push(link.begin(of));
          subscriber.next(link);
        };
        const mine = (fault: Fault | null): void => finish(subscriber, 'join', id, owner, fault);
        endJoin = mine;
        if (it === undefined) {
          if (script.afterwards === 'well') emit(well);
          if (script.afterwards === 'unreachable') soon(1, () => mine(nobody));
        } else {
          call(it.calls, 'join');
          soon(it.after, () => {
            if (it.how === 'error') mine(it.fault);
            else if (it.how === 'empty') mine(null);
            else if (it.how === 'link') {
              emit(it.link);
              const { second, ends } = it;
              if (second !== null) soon(second.after, () => emit(second.link));
              if (ends !== null) soon(ends.after, () => mine(ends.fault));
            }
          });
        }
        return () => {
          if (endJoin === mine) endJoin = null;
          for (const stop of stops) stop();
        };
      },
      attempt,
    );
  }

  function repair(link: FakeLink, attempt: Attempt<FakeLink>, info$: Observable<unknown>): Observable<unknown> {
    const it = nth(script.repairs, repairs++);
    repairScripts.set(attempt, it);
    if (it?.how === 'throw') thrown('repair', link.id, attempt, it.fault);
    return tracked<unknown>(
      'repair',
      link.id,
      (subscriber, id) => {
        call(it?.calls, 'repair');
        const stops: (() => void)[] = [];
        const act = (): void => {
          if (it === undefined && script.afterwards === 'unreachable')
            finish(subscriber, 'repair', id, link.id, nobody);
          else if (it?.how === 'error') finish(subscriber, 'repair', id, link.id, it.fault);
          else if (it?.how === 'complete') finish(subscriber, 'repair', id, link.id, null);
          else {
            if (it?.how !== 'healMedia') link.say('signal', 'up');
            if (it?.how !== 'healSignal') link.say('media', 'up');
          }
        };
        const begin = (): void => {
          if (it?.how === 'hang' || (it === undefined && script.afterwards === 'hang')) return;
          if (it !== undefined && it.after === 0) act();
          else stops.push(later(it?.after ?? 1, act));
        };
        if (it === undefined || it.asks === null) begin();
        else {
          const asking = info$.subscribe({
            next: begin,
            error: (error: unknown) => {
              log({ kind: 'infoFailed', error });
              finish(subscriber, 'repair', id, link.id, error);
            },
          });
          stops.push(() => asking.unsubscribe());
        }
        return () => {
          for (const stop of stops) stop();
        };
      },
      attempt,
    );
  }

  function probe(link: FakeLink): Observable<unknown> {
    const it = nth(script.probes, probes++);
    if (it?.how === 'throw') thrown('probe', link.id, null, nobody);
    return tracked<unknown>('probe', link.id, (subscriber, id) => {
      const act = (): void => {
        if (it === undefined ? script.afterwards === 'well' : it.how === 'alive') {
          if (subscriber.closed) return;
          answered('probe', id, link.id);
          subscriber.next('pong');
        } else finish(subscriber, 'probe', id, link.id, it?.how === 'complete' ? null : nobody);
      };
      if (it?.how === 'hang' || (it === undefined && script.afterwards === 'hang')) return () => undefined;
      if (it !== undefined && it.after === 0) {
        act();
        return () => undefined;
      }
      return later(it?.after ?? 1, act);
    });
  }

  const transport: RoomTransport<unknown, FakeLink> = {
    join,
    ...(can.request ? { request } : {}),
    ...(can.repair ? { repair } : {}),
    ...(can.classify ? { classify } : {}),
  };

  const { schedule: answers, random, ...times } = options;
  const inner: Schedule =
    answers.kind === 'default' ? defaultSchedule : honouringServer((context) => answerOf(answers, context) as number);
  const schedule: Schedule = (context) => {
    let answer: unknown;
    let threw = true;
    try {
      answer = inner(context);
      threw = false;
    } finally {
      log({ kind: 'asked', position: context.position, answer, threw, remaining: context.remaining });
    }
    return answer as number;
  };

  const roomOptions: RoomOptions = {
    ...times,
    scheduler,
    random: typeof random === 'number' ? () => random : drawing(random),
    wake$: watched('wake$', wake$),
    leave$: watched('leave$', leave$),
    schedule,
  };

  function watched<T>(what: 'wake$' | 'leave$', source: Observable<T>): Observable<T> {
    return tracked<T>(what, 0, (subscriber, id) => {
      const subscription = source.subscribe({
        next: (value) => subscriber.next(value),
        error: () => finish(subscriber, what, id, 0, nobody),
      });
      return () => subscription.unsubscribe();
    });
  }

  const room: Room<FakeLink> = createRoom(transport, roomOptions);

  function watch(stream: Stream, note: ((value: never) => void) | null): Sight {
    const sight: Sight = { stream, from: entries.length - 1, seen: [] };
    sights.push(sight);
    const source: Observable<unknown> = {
      state: room.connectionState$,
      progress: room.progress$,
      link: room.link$,
      snapshot: room.snapshot$,
      events: room.events$,
    }[stream];
    source.subscribe((value) => {
      note?.(value as never);
      sight.seen.push({ seq: entries.length - 1, value });
    });
    return sight;
  }

  function inside(place: Place, work: () => void): void {
    const outer = within;
    within = place;
    try {
      work();
    } finally {
      within = outer;
    }
  }

  function command(name: Command | 'dispose'): void {
    const where = within;
    const before: State = room.connectionState;
    log({ kind: 'call', command: name, within: where });
    within = null;
    try {
      if (name === 'dispose') room[Symbol.dispose]();
      else room[name]();
    } catch (error) {
      if (error instanceof Overrun) throw error;
      log({ kind: 'thrown', error });
    } finally {
      within = where;
    }
    log({ kind: 'called', command: name, within: where, before, after: room.connectionState });
  }

  function subscribeAll(): void {
    for (const stream of ['state', 'progress', 'link', 'snapshot', 'events'] as const) watch(stream, null);
  }

  function perform(act: Act): void {
    const link = links.at(-1);
    switch (act.do) {
      case 'health': {
        link?.say(act.first, act.say);
        if (act.both) link?.say(act.first === 'signal' ? 'media' : 'signal', act.say);
        return;
      }
      case 'oldHealth':
        links.at(-2)?.say(act.source, act.say);
        return;
      case 'word':
        link?.word(act.word);
        return;
      case 'end':
        endJoin?.(act.fault);
        return;
      case 'wake':
        tellWake(act.suspendedFor);
        return;
      case 'sleep':
        // Nobody wakes and sleeps again within an instant.
        if (wokenAt === clock.frame) return;
        skew += act.ms;
        log({ kind: 'sleep', ms: act.ms });
        if (act.told) tellWake(act.ms);
        return;
      case 'calls':
        for (const name of act.calls) command(name);
        return;
      case 'subscribe':
        subscribeAll();
        return;
      case 'linkError':
        link?.trouble();
        return;
      case 'wakeError':
        wake$.error('a wake source that fails');
        return;
      case 'leave$':
        log({ kind: 'leaveWish', heard: leave$.observed });
        leave$.next('bye');
    }
  }

  function tellWake(suspendedFor: unknown): void {
    wokenAt = clock.frame;
    log({ kind: 'wake', suspendedFor, heard: wake$.observed });
    wake$.next((suspendedFor === undefined ? undefined : { suspendedFor }) as Wake);
  }

  function flush(): void {
    for (let next = clock.actions[0]; next !== undefined; next = clock.actions[0]) {
      clock.maxFrames = next.delay;
      clock.flush();
      log({ kind: 'instant', state: room.connectionState, timers: timers.size, open: open.size });
    }
  }

  try {
    if (script.thrower) {
      room.connectionState$.subscribe(() => {
        throw new ThrownBySubscriber();
      });
    }
    watch('events', (value) => log({ kind: 'event', value }));
    watch('state', (value) => log({ kind: 'state', value }));
    watch('progress', (value) => log({ kind: 'progress', value }));
    watch('link', null);
    watch('snapshot', (value) => log({ kind: 'snapshot', value }));
    room.errors$.subscribe((value) => log({ kind: 'error', value }));
    for (const reactor of script.reactors) {
      let seen = 0;
      let subscribed = false;
      const stream = { state: room.connectionState$, progress: room.progress$, events: room.events$ }[reactor.stream];
      (stream as Observable<unknown>).subscribe(() => {
        if (++seen !== reactor.nth || ended) return;
        // What a late subscriber is given first is no emission of the room.
        if (subscribed) call(reactor.calls, 'emission');
        else for (const name of reactor.calls) command(name);
        if (reactor.subscribes) subscribeAll();
      });
      subscribed = true;
    }
    subscribeAll();
    let at = 0;
    if (script.timeline[0]?.act.do !== 'calls') later(0, () => command('join'));
    for (const { after, act } of script.timeline) {
      at += after;
      later(at, () => perform(act));
    }
    flush();
    log({ kind: 'rest', state: room.connectionState });
    ended = true;
    command(script.ending);
    flush();
    log({ kind: 'over', timers: timers.size, open: open.size });
  } catch (error) {
    if (!(error instanceof Overrun))
      entries.push({ kind: 'thrown', error, seq: entries.length, at: clock.frame, wall: wall() });
  }
  return { script, entries, sights, overrun };
}

/** Numbers from `from` up to 1 that are the same for the same seed (mulberry32). */
function drawing({ seed, from }: { readonly seed: number; readonly from: number }): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return from + (1 - from) * (((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32);
  };
}

/** `classify` of every fake transport. */
function classify(error: unknown): Verdict | undefined {
  if (typeof error !== 'object' || error === null || !('says' in error)) return undefined;
  const { says, throws } = error as Fault;
  if (throws) throw new Error('a classify that throws');
  return says as Verdict;
}
