import { MAX_DELAY } from './limits.js';
import type { Attempt, Progress } from '../lib/index.js';
import type { FakeLink, Source } from './fake-link.js';
import type { Entry, Recording, State } from './recording.js';
import type { Fault, Script } from './script.js';

/** What the recorder knows of one leg of a link, from what the fake link said alone. */
export interface Leg {
  up: boolean;
  /** The clock at the report that brought it down, and at the end of the first instant that found it down. */
  since: number;
  sinceInstant: number;
  aliveAt: number | null;
  lost: boolean;
}

/** One attempt at a link, as the transport saw it. */
export interface Session {
  readonly owner: number;
  readonly attempt: Attempt<FakeLink>;
  readonly openedAt: number;
  stage: 'request' | 'join';
  open: boolean;
  connected: boolean;
}

export interface KnownLink {
  readonly id: number;
  readonly session: Session;
  readonly signal: Leg;
  readonly media: Leg;
  /** Both were up when an instant began; since then. */
  connected: boolean;
  /** Its join was over before it came. */
  readonly stale: boolean;
  closes: string[];
  /** The server sent us away from it. */
  redispatched: boolean;
}

/** A break or a join that is under way, and when it must end: between these two, which are one when nothing is unclear. */
export interface Trouble {
  readonly kind: 'join' | 'break';
  readonly beganAt: number;
  /** When a wake last told that the device had slept. */
  redatedAt: number;
  earliest: number;
  latest: number;
  /** The first deadline that the room named. */
  named: number | null;
  attempts: number;
  /** Attempts that were cut; they may count or not. */
  cuts: number;
  /** Errors of attempts and links. */
  readonly errors: unknown[];
  gaveUp: boolean;
  rejoining: boolean;
  lastChances: number;
}

export interface StartedAttempt {
  readonly number: number;
  readonly kind: string;
  readonly wall: number;
  readonly at: number;
  readonly endpoint: string | null;
}

/** What happened in the instant so far. */
export interface Instant {
  wakes: unknown[];
  calls: string[];
  /** Server words heard on the current link, in their order. */
  words: { readonly kind: string; readonly endpoint?: string; readonly list?: readonly string[] }[];
  healths: Extract<Entry, { kind: 'health' }>[];
  /** Whether a join, repair or probe ended. */
  ends: Extract<Entry, { kind: 'end' }>[];
  states: State[];
  attempts: StartedAttempt[];
  leftByPage: boolean;
  redispatched: boolean;
  probeShut: boolean;
  retries: number;
  gaveUp: boolean;
  /** Whether something was heard or told since the device slept last. */
  judged: boolean;
}

const freshInstant = (): Instant => ({
  wakes: [],
  calls: [],
  words: [],
  healths: [],
  ends: [],
  states: [],
  attempts: [],
  leftByPage: false,
  redispatched: false,
  probeShut: false,
  retries: 0,
  gaveUp: false,
  judged: false,
});

export const isLive = (state: State): boolean => state.state !== 'disconnected' && state.state !== 'failed';

/** What a fault means to the room: nonsense, or a `classify` that throws or is not there, is nobody's answer. */
export function meaningOf(
  fault: Fault | null,
  script: Script,
): { readonly kind: string; readonly retryAfter?: unknown; readonly endpoint?: string } {
  const unreachable = { kind: 'unreachable' };
  if (fault === null || fault.throws || !script.can.classify) return unreachable;
  const says = fault.says as { kind?: unknown; endpoint?: unknown } | null | undefined;
  if (typeof says !== 'object' || says === null) return unreachable;
  if (['refused', 'fatal', 'busy', 'closed', 'kicked', 'duplicateUser'].includes(says.kind as string))
    return says as { kind: string };
  if (says.kind === 'redispatch' && typeof says.endpoint === 'string' && says.endpoint !== '')
    return says as { kind: string };
  return unreachable;
}

/** A server's word that a room can understand, or `null`. */
export function wordOf(word: unknown): Instant['words'][number] | null {
  const it = word as { kind?: unknown; endpoint?: unknown; list?: unknown } | null | undefined;
  if (typeof it !== 'object' || it === null) return null;
  if (['closed', 'kicked', 'duplicateUser'].includes(it.kind as string)) return it as { kind: string };
  const isEndpoint = (value: unknown): boolean => typeof value === 'string' && value !== '';
  if (it.kind === 'redispatch' && isEndpoint(it.endpoint)) return it as { kind: string };
  if (it.kind === 'endpoints' && Array.isArray(it.list) && it.list.length > 0 && it.list.every(isEndpoint))
    return it as { kind: string };
  return null;
}

/** The hint of a busy server in ms, where it makes sense. */
export function hintOf(retryAfter: unknown): number | null {
  return typeof retryAfter === 'number' && retryAfter >= 0 ? Math.min(MAX_DELAY, retryAfter) : null;
}

export const sleptFor = (suspendedFor: unknown): number =>
  typeof suspendedFor === 'number' && suspendedFor > 0 ? suspendedFor : 0;

/**
 * What can be known from outside about a room's surroundings, folded over a recording: written from the contract, so
 * that the invariants have something independent to compare the room with.
 */
export class World {
  readonly script: Script;
  wall = 0;
  at = 0;
  /** Whether the device has slept: from then on timers may be late. */
  slept = false;
  state: State = { state: 'disconnected', reason: null };
  previous: State = { state: 'disconnected', reason: null };
  /** Whether any state was seen yet. */
  started = false;
  progress: Progress | null = null;
  link: KnownLink | null = null;
  /** The link that the room itself let go in this instant. */
  dropped: KnownLink | null = null;
  readonly links = new Map<number, KnownLink>();
  readonly sessions = new Map<number, Session>();
  session: Session | null = null;
  trouble: Trouble | null = null;
  /** Since when both healths are up, as the instants' ends found them. */
  wellSince = 0;
  wellSinceReport = 0;
  /** The `wellSince` at the beginning of this instant. */
  wellBefore: number | null = null;
  troubleBefore: Trouble | null = null;
  instant: Instant = freshInstant();
  readonly open = new Map<number, Extract<Entry, { kind: 'open' }>>();
  lastAttempt: StartedAttempt | null = null;
  private over = false;

  constructor({ script }: Recording) {
    this.script = script;
  }

  get isWell(): boolean {
    const { link } = this;
    return link !== null && link.signal.up && link.media.up;
  }

  opened(what: string): number {
    let count = 0;
    for (const subscription of this.open.values()) if (subscription.what === what) count++;
    return count;
  }

  /** Whether the room must have judged something in this instant, even when its timers are late. */
  get hasJudged(): boolean {
    return !this.slept || this.instant.judged;
  }

  apply(entry: Entry): void {
    if (this.over) {
      this.instant = freshInstant();
      this.dropped = null;
      this.over = false;
      this.wellBefore = this.isWell && this.trouble === null ? this.wellSince : null;
      this.troubleBefore = this.trouble;
    }
    this.wall = entry.wall;
    this.at = entry.at;
    switch (entry.kind) {
      case 'state':
        this.applyState(entry.value);
        return;
      case 'progress':
        this.progress = entry.value;
        if (entry.value !== null) this.name(entry.value.deadlineAt);
        return;
      case 'event':
        this.applyEvent(entry.value);
        return;
      case 'open':
        this.applyOpen(entry);
        return;
      case 'end':
        this.applyEnd(entry);
        return;
      case 'shut':
        this.applyShut(entry);
        return;
      case 'link':
        this.applyLink(entry.link, entry.owner);
        return;
      case 'close':
        this.links.get(entry.link)?.closes.push(entry.why);
        return;
      case 'health':
        if (entry.heard) this.applyHealth(entry);
        return;
      case 'word': {
        const word = wordOf(entry.word);
        if (!entry.heard || word === null || this.link?.id !== entry.link) return;
        this.instant.words.push(word);
        this.instant.judged = true;
        if (word.kind === 'redispatch') {
          this.link.redispatched = true;
          this.instant.redispatched = true;
        }
        return;
      }
      case 'wake':
        if (!entry.heard) return;
        this.instant.wakes.push(entry.suspendedFor);
        this.instant.judged = true;
        this.redate(sleptFor(entry.suspendedFor));
        return;
      case 'leaveWish':
        if (entry.heard) this.instant.leftByPage = true;
        return;
      case 'sleep':
        if (entry.ms > 0) this.slept = true;
        this.instant.judged = false;
        return;
      case 'call':
        this.instant.calls.push(entry.command);
        if (entry.command === 'retryNow') this.instant.retries++;
        return;
      case 'asked':
        this.noticeBreak();
        if (typeof entry.answer === 'number' && entry.answer >= 0 && entry.answer < Infinity) return;
        // A schedule may be asked before the first sign of the break is seen from outside.
        if (this.trouble === null) this.instant.gaveUp = true;
        else this.trouble.gaveUp = true;
        return;
      case 'instant':
        this.noticeBreak();
        for (const leg of [this.link?.signal, this.link?.media]) {
          if (leg !== undefined && !leg.up && leg.sinceInstant === Infinity) leg.sinceInstant = this.wall;
        }
        this.over = true;
    }
  }

  private applyState(state: State): void {
    this.previous = this.state;
    if (this.started) this.instant.states.push(state);
    this.instant.judged = true;
    this.started = true;
    if (state.state === 'reconnecting' && this.state.state === 'connected') this.noticeBreak(true);
    this.state = state;
    if (state.state === 'connecting') {
      const deadline = this.wall + this.script.options.joinDeadline;
      this.trouble = newTrouble('join', this.wall, deadline, deadline);
      // Events come before the state that belongs to them.
      if (this.lastAttempt?.kind === 'join' && this.instant.attempts.includes(this.lastAttempt))
        this.trouble.attempts = this.lastAttempt.number;
    } else if (state.state === 'connected') {
      this.recovered();
      if (this.link !== null && this.link.id === state.link.id) {
        this.link.connected = true;
        this.link.session.connected = true;
      }
    } else if (!isLive(state)) {
      this.trouble = null;
      // A join that was ended while it was being subscribed is still open, but nobody's any more.
      for (const session of this.sessions.values()) session.open = false;
      this.link = null;
      this.session = null;
      // What sent the ended life away does not concern the next one, which may begin in the same instant.
      this.instant.redispatched = false;
    }
  }

  private recovered(): void {
    this.trouble = null;
    this.wellSince = this.wellSinceReport = this.wall;
  }

  private applyEvent(event: Extract<Entry, { kind: 'event' }>['value']): void {
    switch (event.type) {
      case 'healed':
        this.recovered();
        return;
      case 'attempt': {
        this.noticeBreak();
        const started: StartedAttempt = { ...event, wall: this.wall, at: this.at };
        this.instant.attempts.push(started);
        this.lastAttempt = started;
        if (this.trouble === null) return;
        this.trouble.attempts++;
        if (event.kind === 'rejoin') this.trouble.rejoining = true;
        return;
      }
      case 'attemptCut':
        if (this.trouble !== null) this.trouble.cuts++;
        return;
      case 'waiting':
        this.noticeBreak();
        return;
      case 'attemptFailed':
        this.noticeBreak();
        if (this.trouble === null) return;
        this.trouble.errors.push(event.error);
        // Nothing can succeed any more, but a break that was not announced may still heal by itself.
        if (event.verdict.kind === 'fatal' && this.state.state === 'connected') this.trouble.gaveUp = true;
    }
  }

  private applyOpen(entry: Extract<Entry, { kind: 'open' }>): void {
    this.open.set(entry.id, entry);
    const { what, owner, attempt } = entry;
    if (attempt === null) return;
    const known = what === 'repair' ? undefined : this.sessions.get(owner);
    if (known !== undefined) {
      known.stage = what === 'request' ? what : 'join';
      return;
    }
    // A media repair may wait for its probe: what it is told was fixed when it began.
    if (what !== 'repair' || this.lastAttempt?.at === this.at) this.name(attempt.deadlineAt);
    if (what !== 'request' && what !== 'join') return;
    this.session = { owner, attempt, openedAt: this.wall, stage: what, open: true, connected: false };
    this.sessions.set(owner, this.session);
  }

  private applyEnd(entry: Extract<Entry, { kind: 'end' }>): void {
    this.instant.ends.push(entry);
    const { what, owner, how, fault } = entry;
    if (what === 'request' && how === 'answered') {
      const session = this.sessions.get(owner);
      if (session !== undefined) session.stage = 'join';
    }
    if (
      ['request', 'join', 'repair'].includes(what) &&
      how !== 'answered' &&
      meaningOf(fault, this.script).kind === 'redispatch'
    ) {
      this.instant.redispatched = true;
    }
    if (what === 'join') this.endSession(owner);
    if (what === 'request' && how !== 'answered') this.endSession(owner);
    if (what === 'probe' && how === 'failed') this.down('signal', owner, null);
  }

  private applyShut({ what, owner, id, ended }: Extract<Entry, { kind: 'shut' }>): void {
    const openedAt = this.open.get(id)?.wall ?? this.wall;
    this.open.delete(id);
    if (what === 'probe' && !ended) {
      this.instant.probeShut = true;
      // A signal that was heard to go down, and maybe up again, in this very instant has answered.
      const answered = this.instant.healths.some(({ source, say }) => source === 'signal' && say !== 'up');
      if (!answered && this.wall >= openedAt + this.script.options.probeLimit) this.down('signal', owner, null);
    }
    if ((what !== 'join' && what !== 'request') || ended) return;
    if (this.link?.session.owner === owner) this.dropped = this.link;
    this.endSession(owner);
  }

  private endSession(owner: number): void {
    const session = this.sessions.get(owner);
    if (session !== undefined) session.open = false;
    if (this.link?.session.owner === owner) this.link = null;
    if (this.session?.owner === owner) this.session = null;
  }

  private applyLink(id: number, owner: number): void {
    const session = this.sessions.get(owner);
    if (session === undefined) return;
    const leg = (up: boolean): Leg => ({ up, since: this.wall, sinceInstant: this.wall, aliveAt: null, lost: false });
    const link: KnownLink = {
      id,
      session,
      signal: leg(false),
      media: leg(!this.script.can.media),
      connected: false,
      stale: !session.open,
      closes: [],
      // A newer link of a join that was sent away is sent away with it.
      redispatched: this.link?.session === session && this.link.redispatched,
    };
    this.links.set(id, link);
    if (!session.open) return;
    this.link = link;
    this.dropped = null;
  }

  private applyHealth(entry: Extract<Entry, { kind: 'health' }>): void {
    const { say, source } = entry;
    if (this.link?.id !== entry.link || say === 'nonsense') return;
    this.instant.healths.push(entry);
    const leg = this.link[source];
    if (leg.lost) return;
    if (say !== 'up') {
      // A dip with a bad time dates from its report.
      this.down(source, entry.link, say === 'never' ? null : entry.aliveAt);
      if (say === 'error' || say === 'complete') leg.lost = true;
      return;
    }
    if (leg.up) return;
    Object.assign(leg, { up: true, since: this.wall, sinceInstant: Infinity, aliveAt: null });
    if (this.isWell) this.wellSinceReport = this.wall;
  }

  private down(source: Source, link: number, aliveAt: number | null): void {
    if (this.link?.id !== link) return;
    const leg = this.link[source];
    if (!leg.up) return;
    Object.assign(leg, { up: false, since: this.wall, sinceInstant: Infinity, aliveAt });
  }

  /** Nothing was alive while the device slept: a break that was found right after it dates from before. */
  private redate(slept: number): void {
    const { trouble } = this;
    if (slept === 0 || trouble?.kind !== 'break') return;
    const deadlineAt = Math.max(this.wellSince, this.wall - slept) + this.script.options.deadline;
    trouble.earliest = Math.min(trouble.earliest, deadlineAt);
    trouble.latest = Math.min(trouble.latest, deadlineAt);
    trouble.redatedAt = this.wall;
    if (trouble.named !== null) trouble.named = Math.min(trouble.named, deadlineAt);
  }

  /** The deadline that the room names, to the transport or in its progress. */
  private name(deadlineAt: number): void {
    this.noticeBreak();
    if (this.trouble !== null) this.trouble.named ??= deadlineAt;
  }

  /** Fixes the deadline of a break when the first sign of it is at hand. */
  private noticeBreak(sure = false): void {
    if (this.trouble !== null || this.state.state !== 'connected') return;
    if (!sure && this.link !== null && this.isWell && !this.link.redispatched) return;
    const { deadline } = this.script.options;
    const { link, wall } = this;
    const clamp = (aliveAt: number): number => Math.min(wall, Math.max(this.wellSince, aliveAt));
    const down = link === null ? [] : [link.signal, link.media].filter(({ up }) => !up);
    const probed =
      this.opened('probe') > 0 ||
      this.instant.probeShut ||
      this.instant.ends.some(({ what }) => what === 'probe') ||
      this.instant.wakes.length > 0;
    let earliest = wall;
    let latest = wall;
    if (
      link === null ||
      this.instant.redispatched ||
      probed ||
      this.instant.healths.length > down.length ||
      this.wellSinceReport !== this.wellSince
    ) {
      earliest = probed
        ? this.wellSince
        : Math.min(wall, ...this.instant.healths.map(({ aliveAt }) => clamp(aliveAt ?? wall)));
    } else {
      earliest = latest = Math.max(...down.map(({ aliveAt }) => clamp(aliveAt ?? wall)));
    }
    this.trouble = newTrouble('break', wall, earliest + deadline, latest + deadline);
    this.trouble.gaveUp = this.instant.gaveUp;
  }
}

const newTrouble = (kind: Trouble['kind'], beganAt: number, earliest: number, latest: number): Trouble => ({
  kind,
  beganAt,
  redatedAt: beganAt,
  earliest,
  latest,
  named: null,
  attempts: 0,
  cuts: 0,
  errors: [],
  gaveUp: false,
  rejoining: false,
  lastChances: 0,
});
