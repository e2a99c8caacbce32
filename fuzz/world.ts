import { AttemptLimitError, type Attempt, type Progress } from '../lib/index.js';
import { isStable, lostIn, type Connection, type Lost } from './budget.js';
import type { FakeLink, Source } from './fake-link.js';
import {
  hintOf,
  isDismissal,
  meaningOf,
  noticeOf,
  sleptFor,
  UNREACHABLE,
  FATAL,
  type Meaning,
  type Notice,
} from './meaning.js';
import type { Entry, Recording, State } from './recording.js';
import type { Script } from './script.js';

/** What is known of one leg of a link, from what the fake link said alone. */
export interface Leg {
  up: boolean;
  /** The frame that found it so (ms). */
  since: number;
  /** Its last proof of life, when it is down (ms). */
  aliveAt: number;
  /** Its source has ended. */
  lost: boolean;
}

/** One attempt at a link, as the transport saw it. */
export interface Session {
  readonly owner: number;
  readonly attempt: Attempt<FakeLink>;
  stage: 'request' | 'join';
  open: boolean;
  connected: boolean;
  linked: boolean;
}

export interface KnownLink {
  readonly id: number;
  readonly session: Session;
  readonly signal: Leg;
  readonly media: Leg;
  /** Its join was over before it came. */
  readonly stale: boolean;
  /** The server sent us away from it. */
  sentAway: boolean;
}

/** A break or a join that is under way. */
export interface Trouble {
  readonly kind: 'join' | 'break';
  lost: Lost;
  /** The budget that it is measured by (ms). */
  readonly deadline: number;
  readonly answered: boolean;
  /** One attempt was granted after the deadline, because timers were late. */
  extended: boolean;
  attempts: number;
  /** Errors of attempts and links. */
  readonly errors: unknown[];
  /** The link cannot be repaired any more. */
  climbed: boolean;
  /** The schedule gave up, or could not be asked. */
  gaveUp: boolean;
  /** Resumes in a row that failed with an answer. */
  answers: number;
  /** The time of the next attempt that was told last: `null` for none before the deadline, `undefined` when a new one is due. */
  promised: number | null | undefined;
  /** The legs that were not up of the last link of a join. */
  missing: string | null;
}

/** What is counted until a connection is stable. */
export interface Tally {
  /** Attempts that the schedule began. */
  begun: number;
  /** How many of these may have taken the place of a media repair that was cut before the transport was called. */
  inPlace: number;
  /** Whether signalling came back while media did not: one restart may have gone at once. */
  signalBack: boolean;
  busyCount: number;
  hintAt: number | null;
  /** Two servers spoke at once: which hint holds is not known. */
  unsure: boolean;
  limitsReached: number;
  openingsHung: number;
}

export interface StartedAttempt {
  readonly number: number;
  readonly kind: string;
  readonly wall: number;
  readonly at: number;
  readonly endpoint: string | null;
  readonly limitAt: number;
  readonly openingLimit: number;
  /** Whether the transport has been called. */
  called: boolean;
}

/** One judgement of the room: what it was given, and what it told. */
export interface Frame {
  readonly at: number;
  readonly wall: number;
  /** Whether the room was live before it. */
  readonly live: boolean;
  readonly connected: boolean;
  /** The longest sleep that a wake told of (ms). */
  slept: number;
  woken: boolean;
  retried: boolean;
  left: boolean;
  readonly notices: Notice[];
  /** What the end of the running join, or of the link, means; with its error. */
  ended: { readonly meaning: Meaning; readonly error: unknown; readonly link: boolean } | null;
  repairEnded: { readonly meaning: Meaning; readonly error: unknown } | null;
  sentTo: string | null;
  dismissed: boolean;
  /** Signalling is back and media is not. */
  signalBack: boolean;
  healths: number;
  /** The running join gave a link, or a newer one. */
  linked: boolean;
  relinked: boolean;
  /** A break was found in this frame. */
  found: boolean;
  /** The deadline has passed: nothing else may come of this frame. */
  due: boolean;
  extended: boolean;
  trouble: Trouble | null;
  readonly states: State[];
  readonly attempts: StartedAttempt[];
}

/** Slots in which the other places are tried at once. */
const SWEEPS: readonly number[] = [2, 5, 11];

/** How long after the deadline one more attempt may be granted (ms). */
const LATEST = 180_000;

export const isLive = (state: State): boolean => state.state !== 'disconnected' && state.state !== 'failed';

/**
 * What can be known from outside about a room's surroundings, folded over a recording: written from the contract, so
 * that the invariants have something independent to compare the room with.
 */
export class World {
  readonly script: Script;
  wall = 0;
  at = 0;
  /** Whether the device has slept: from then on timers may be late by any time. */
  slept = false;
  state: State = { state: 'disconnected', reason: null };
  previous: State = { state: 'disconnected', reason: null };
  progress: Progress | null = null;
  link: KnownLink | null = null;
  /** The link that the room itself let go in this frame. */
  dropped: KnownLink | null = null;
  readonly links = new Map<number, KnownLink>();
  readonly sessions = new Map<number, Session>();
  session: Session | null = null;
  trouble: Trouble | null = null;
  connection: Connection = { since: 0, spent: 0 };
  tally: Tally = freshTally();
  probe: { readonly aliveAt: number; readonly limitAt: number } | null = null;
  frame: Frame;
  /** Commands of this instant, in their order. */
  calls: string[] = [];
  /** Frames of this instant since the device slept last. */
  frames = 0;
  readonly open = new Map<number, Extract<Entry, { kind: 'open' }>>();
  readonly infoErrors = new Set<unknown>();
  running: StartedAttempt | null = null;
  lastAttempt: StartedAttempt | null = null;
  // Where to join.
  list: readonly (string | null)[];
  cursor = 0;
  slot = 0;
  offset = 0;
  /** The longest list of endpoints so far. */
  mostPlaces: number;
  /** What the verdict of the last failed attempt must be. */
  expectedVerdict = '';
  /** The next attempt may take the place of one that was cut. */
  private inPlace = false;
  private heard: Entry[] = [];
  private over = false;
  private readonly own: readonly (string | null)[];
  private readonly linkless: Leg = { up: false, since: 0, aliveAt: 0, lost: false };

  constructor({ script }: Recording) {
    this.script = script;
    const { endpoints } = script.options;
    this.own = this.list = endpoints.length === 0 ? [null] : endpoints;
    this.mostPlaces = this.list.length;
    this.frame = this.newFrame();
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

  /** How late a timer may be (ms). */
  get lateness(): number {
    return this.script.throttle;
  }

  /** Whether the room must have judged this instant. */
  get hasJudged(): boolean {
    return this.frames > 0 || (!this.slept && this.script.throttle === 0);
  }

  get downLegs(): 'signal' | 'media' | 'both' | null {
    const { signal, media } = this.link ?? { signal: this.linkless, media: this.linkless };
    return signal.up ? (media.up ? null : 'media') : media.up ? 'signal' : 'both';
  }

  apply(entry: Entry): void {
    if (this.over) {
      this.over = false;
      this.calls = [];
      this.frames = 0;
      this.dropped = null;
    }
    this.wall = entry.wall;
    this.at = entry.at;
    switch (entry.kind) {
      case 'frame':
        this.frames++;
        this.judge();
        return;
      case 'state':
        this.applyState(entry.value);
        return;
      case 'progress':
        this.progress = entry.value;
        return;
      case 'event':
        this.applyEvent(entry.value);
        return;
      case 'open':
        this.applyOpen(entry);
        return;
      case 'end':
        if (entry.what === 'request' && entry.how === 'answered') {
          const session = this.sessions.get(entry.owner);
          if (session !== undefined) session.stage = 'join';
        }
        if ((entry.what === 'join' || entry.what === 'request') && entry.how !== 'answered') this.close(entry.owner);
        this.hear(entry);
        return;
      case 'infoFailed':
        this.infoErrors.add(entry.error);
        return;
      case 'shut':
        this.open.delete(entry.id);
        if ((entry.what === 'join' || entry.what === 'request') && !entry.ended) this.drop(entry.owner);
        return;
      case 'link':
        this.register(entry.link, entry.owner);
        this.hear(entry);
        return;
      case 'health':
      case 'word':
      case 'wake':
      case 'leaveWish':
        if (entry.heard) this.hear(entry);
        return;
      case 'sleep':
        if (entry.ms > 0) this.slept = true;
        this.frames = 0;
        return;
      case 'call':
        this.calls.push(entry.command);
        if (entry.command === 'retryNow') this.hear(entry);
        return;
      case 'asked':
        if (this.trouble === null) return;
        this.trouble.gaveUp = !(typeof entry.answer === 'number' && entry.answer >= 0 && entry.answer < Infinity);
        return;
      case 'instant':
        this.over = true;
    }
  }

  private hear(entry: Entry): void {
    // A join is told of by events before its state.
    if (isLive(this.state) || this.trouble !== null) this.heard.push(entry);
  }

  private newFrame(): Frame {
    return {
      at: this.at,
      wall: this.wall,
      live: isLive(this.state),
      connected: this.state.state === 'connected',
      slept: 0,
      woken: false,
      retried: false,
      left: false,
      notices: [],
      ended: null,
      repairEnded: null,
      sentTo: null,
      dismissed: false,
      signalBack: false,
      healths: 0,
      linked: false,
      relinked: false,
      found: false,
      due: false,
      extended: false,
      trouble: null,
      states: [],
      attempts: [],
    };
  }

  /** What was heard since the frame before is judged now, all of it together. */
  private judge(): void {
    const { heard } = this;
    this.heard = [];
    this.dropped = null;
    const frame = (this.frame = this.newFrame());
    if (!frame.live) return;
    for (const entry of heard) {
      if (entry.kind !== 'wake') continue;
      frame.woken = true;
      frame.slept = Math.max(frame.slept, sleptFor(entry.suspendedFor));
    }
    const before = this.link;
    const signalBefore = before === null ? null : { ...before.signal };
    for (const entry of heard) this.take(entry, frame);
    this.judgeProbe(before, signalBefore);
    const said = [frame.ended?.meaning, frame.repairEnded?.meaning, ...frame.notices];
    frame.dismissed = said.some((one) => one !== undefined && isDismissal(one));
    frame.sentTo = said.findLast((one) => one?.kind === 'redispatch')?.endpoint ?? null;
    const wasDown = this.link !== before || signalBefore?.up === false;
    frame.signalBack = this.trouble !== null && wasDown && this.link?.signal.up === true && !this.link.media.up;
    this.findBreak(frame);
    if (frame.signalBack) this.tally.signalBack = true;
    this.judgeTime(frame);
    frame.trouble = this.trouble;
    if (this.trouble?.kind === 'join' && this.link !== null) this.trouble.missing = this.downLegs;
    if (frame.due || frame.dismissed || frame.left) return;
    this.followServer(frame);
    this.loseLink(frame);
  }

  private take(entry: Entry, frame: Frame): void {
    const { script, session } = this;
    switch (entry.kind) {
      case 'leaveWish':
        frame.left = true;
        return;
      case 'call':
        frame.retried = true;
        return;
      case 'link': {
        const link = this.links.get(entry.link);
        if (link === undefined || link.session !== session) return;
        Object.assign(link.signal, { since: frame.wall, aliveAt: frame.wall });
        Object.assign(link.media, { since: frame.wall, aliveAt: frame.wall });
        frame.relinked ||= session.linked;
        // A newer link of a join that was sent away is sent away with it.
        link.sentAway = this.link?.session === session && this.link.sentAway;
        session.linked = frame.linked = true;
        this.link = link;
        this.probe = null;
        return;
      }
      case 'health': {
        if (this.link?.id !== entry.link || entry.say === 'nonsense') return;
        frame.healths++;
        const leg = this.link[entry.source];
        if (entry.say === 'up') {
          if (!leg.up && !leg.lost) Object.assign(leg, { up: true, since: frame.wall });
          return;
        }
        // A dip with a bad time dates from its report.
        this.down(entry.source, entry.say === 'never' ? null : entry.aliveAt, frame);
        if (entry.say === 'error' || entry.say === 'complete') leg.lost = true;
        return;
      }
      case 'word': {
        const notice = noticeOf(entry.word);
        const from = this.links.get(entry.link);
        if (notice !== null && from !== undefined && from.session === session) frame.notices.push(notice);
        return;
      }
      case 'end': {
        const meaning = meaningOf(entry.fault, script);
        if (entry.what === 'probe') {
          if (this.link?.id !== entry.owner || this.probe === null) return;
          if (entry.how === 'failed') this.down('signal', this.probe.aliveAt, frame);
          this.probe = null;
        } else if (entry.what === 'repair') {
          if (entry.how === 'failed') frame.repairEnded ??= { meaning, error: entry.fault };
        } else if (entry.what !== 'info' && entry.how !== 'answered' && entry.owner === session?.owner) {
          // A join that completes together with its link was never meant to last.
          const isMistake = entry.what === 'join' && entry.how === 'completed' && frame.linked;
          const said = isMistake ? FATAL : meaning;
          frame.ended ??= { meaning: said, error: entry.fault, link: session.connected };
        }
      }
    }
  }

  private down(source: Source, reported: number | null, frame: Frame): void {
    const leg = this.link?.[source];
    if (leg === undefined || !leg.up || leg.lost) return;
    const aliveAt = reported ?? this.probe?.aliveAt ?? frame.wall - frame.slept;
    Object.assign(leg, {
      up: false,
      since: frame.wall,
      aliveAt: Math.min(frame.wall, Math.max(this.connection.since, aliveAt)),
    });
  }

  /** A signal that was heard to change has answered the probe; else its limit is an answer too. */
  private judgeProbe(before: KnownLink | null, signalBefore: Leg | null): void {
    const { probe, link } = this;
    if (probe === null || link === null) return;
    const { signal } = link;
    if (
      link !== before ||
      signalBefore === null ||
      signal.up !== signalBefore.up ||
      signal.since !== signalBefore.since
    )
      this.probe = null;
    else if (this.wall >= probe.limitAt) {
      this.down('signal', probe.aliveAt, this.frame);
      this.probe = null;
    }
  }

  private findBreak({ ended, sentTo }: Frame): void {
    const { link, wall, script, connection } = this;
    if (this.trouble !== null || this.state.state !== 'connected' || link === null) return;
    if (ended === null && sentTo === null && this.isWell) return;
    const { signal, media } = link;
    const { deadline } = script.options;
    const proofs = [signal, ...(script.can.media ? [media] : [])];
    const aliveAt =
      sentTo !== null
        ? wall
        : ended !== null
          ? Math.max(...proofs.map((leg) => (leg.up ? wall : leg.aliveAt)))
          : Math.max(...proofs.filter(({ up }) => !up).map((leg) => leg.aliveAt));
    const answered = ended?.meaning.kind === 'refused' || ended?.meaning.kind === 'busy';
    if (isStable(connection, aliveAt, script.options)) this.tally = freshTally();
    const { settle: times } = script.options;
    const settle = Math.min(signal.up ? Infinity : times.signal, media.up ? Infinity : times.media);
    const lost = lostIn(
      connection,
      { now: wall, aliveAt, answered, unannounced: ended !== null || sentTo !== null ? 0 : settle },
      script.options,
    );
    this.trouble = newTrouble('break', lost, deadline, answered);
    this.trouble.climbed = !script.can.repair;
    this.frame.found = true;
  }

  /** The deadline comes before everything else; nothing was alive while the device slept. */
  private judgeTime(frame: Frame): void {
    const { script, wall, connection, trouble } = this;
    const { options } = script;
    const sleptFrom = Math.max(connection.since, wall - frame.slept);
    if (trouble === null) {
      if (frame.slept === 0 || this.state.state !== 'connected') return;
      frame.due = lostIn(connection, { now: wall, aliveAt: sleptFrom, answered: false }, options).deadlineAt <= wall;
      return;
    }
    if (frame.slept > 0 && trouble.kind === 'break' && sleptFrom < trouble.lost.aliveAt) {
      const lost = lostIn(connection, { now: wall, aliveAt: sleptFrom, answered: trouble.answered }, options);
      // That never gives more time.
      trouble.lost = { ...lost, deadlineAt: Math.min(lost.deadlineAt, trouble.lost.deadlineAt) };
      trouble.extended = false;
    }
    const { deadlineAt, spent } = trouble.lost;
    if (wall < deadlineAt) return;
    const untried = trouble.attempts === 0 && (frame.found || (trouble.promised ?? Infinity) < deadlineAt);
    frame.extended =
      frame.slept === 0 &&
      untried &&
      !trouble.gaveUp &&
      !trouble.extended &&
      spent === 0 &&
      wall - deadlineAt <= LATEST;
    frame.due = !frame.extended;
    if (!frame.extended) return;
    trouble.extended = true;
    trouble.lost = { ...trouble.lost, deadlineAt: wall + options.attemptLimit };
  }

  private followServer({ notices, sentTo }: Frame): void {
    for (const { kind, list } of notices) if (kind === 'endpoints' && list !== undefined) this.goTo(list);
    if (sentTo === null) return;
    this.goTo([sentTo, ...this.list.filter((other) => other !== sentTo)]);
    if (this.link !== null) this.link.sentAway = true;
    // What another server said about coming back does not hold there.
    this.tally.hintAt = null;
    if (this.trouble !== null) Object.assign(this.trouble, { climbed: true, gaveUp: false });
  }

  private goTo(list: readonly (string | null)[]): void {
    this.list = list;
    this.mostPlaces = Math.max(this.mostPlaces, list.length);
    this.cursor = this.offset = 0;
  }

  /** The end of a link that was connected counts like that of an attempt. */
  private loseLink({ ended, repairEnded, sentTo }: Frame): void {
    const { session, link, tally, wall, trouble } = this;
    if (trouble !== null && (ended !== null || link?.signal.lost === true || link?.media.lost === true))
      trouble.climbed = true;
    if (ended === null || session === null) return;
    if (ended.link) {
      const { kind } = ended.meaning;
      if (repairEnded !== null) tally.unsure = true;
      if (trouble !== null) {
        trouble.errors.push(ended.error);
        if (kind === 'fatal' && sentTo === null) trouble.gaveUp = true;
      }
      if (kind === 'busy') tally.busyCount++;
      const hint = hintOf(ended.meaning);
      if (hint !== null && sentTo === null) tally.hintAt = Math.ceil(wall + hint);
      if (kind === 'refused' && sentTo === null) this.passOn(session.attempt.endpoint);
    }
    this.dropped = this.link;
    this.link = null;
    this.session = null;
    this.probe = null;
  }

  /** The server at this place said no. */
  private passOn(endpoint: string | null): void {
    const place = this.list.indexOf(endpoint);
    if (place !== -1) this.cursor = (place + 1) % this.list.length;
    this.offset = 0;
  }

  private applyState(state: State): void {
    this.previous = this.state;
    this.state = state;
    this.frame.states.push(state);
    if (state.state === 'connecting') this.beginJoin();
    else if (state.state === 'connected') {
      // Another link took the place of one that was well.
      if (this.trouble === null && this.previous.state === 'connected') {
        const lost = lostIn(
          this.connection,
          { now: this.wall, aliveAt: this.wall, answered: false },
          this.script.options,
        );
        if (isStable(this.connection, this.wall, this.script.options)) this.tally = freshTally();
        this.recovered(lost.spent);
      }
      if (this.link?.id === state.link.id) this.link.session.connected = true;
    } else if (!isLive(state)) this.end();
  }

  private beginJoin(): void {
    const { joinDeadline } = this.script.options;
    const lost = { aliveAt: this.wall, spent: 0, deadlineAt: this.wall + joinDeadline };
    this.connection = { since: this.wall, spent: 0 };
    // Events come before the state that belongs to them.
    const begun = this.trouble;
    this.trouble = newTrouble('join', lost, joinDeadline, false);
    if (begun?.kind === 'join') Object.assign(this.trouble, { attempts: begun.attempts, gaveUp: begun.gaveUp });
  }

  private end(): void {
    this.trouble = null;
    // A join that was ended while it was being subscribed is still open, but nobody's any more.
    for (const session of this.sessions.values()) session.open = false;
    this.link = null;
    this.session = null;
    this.probe = null;
    this.running = null;
    this.heard = [];
    this.tally = freshTally();
    this.inPlace = false;
    this.list = this.own;
    this.cursor = this.slot = this.offset = 0;
  }

  private recovered(spent: number): void {
    this.trouble = null;
    this.running = null;
    this.inPlace = false;
    this.connection = { since: this.wall, spent };
    this.cursor = this.slot = this.offset = 0;
  }

  private applyEvent(event: Extract<Entry, { kind: 'event' }>['value']): void {
    const { trouble, wall } = this;
    switch (event.type) {
      case 'probe':
        this.probe = {
          aliveAt: Math.max(this.connection.since, wall - this.frame.slept),
          limitAt: wall + this.script.options.probeLimit,
        };
        return;
      case 'healed': {
        if (trouble === null) return;
        const { aliveAt, spent } = trouble.lost;
        const loud = this.state.state !== 'connected';
        if (this.link !== null) this.link.session.connected = true;
        this.recovered(trouble.kind === 'join' ? 0 : loud ? Math.min(trouble.deadline, wall - aliveAt + spent) : spent);
        return;
      }
      case 'waiting':
        this.running = null;
        if (trouble !== null) trouble.promised = event.nextRetryAt;
        return;
      case 'attempt':
        this.begin(event);
        return;
      case 'attemptCut':
        // A restart that was cut before the transport was called gives its position to the resume.
        this.inPlace = event.kind === 'restart' && this.running?.called === false;
        this.running = null;
        if (trouble !== null) trouble.promised = undefined;
        return;
      case 'attemptFailed':
        this.fail(event);
    }
  }

  private begin(event: Extract<Entry, { kind: 'event' }>['value'] & { readonly type: 'attempt' }): void {
    const { wall, tally, frame } = this;
    const { options } = this.script;
    // Events come before the state that belongs to them.
    const joins = event.kind === 'join' && !isLive(this.state);
    if (joins) {
      const lost = { aliveAt: wall, spent: 0, deadlineAt: wall + options.joinDeadline };
      this.trouble = newTrouble('join', lost, options.joinDeadline, false);
    }
    const { trouble } = this;
    const isRepair = event.kind === 'restart' || event.kind === 'resume';
    const inSweep = !isRepair && this.offset > 0;
    if (!isRepair && !inSweep) this.slot++;
    const beginsSweep = !isRepair && !inSweep && this.list.length > 1 && SWEEPS.includes(this.slot);
    const deadlineAt = trouble?.lost.deadlineAt ?? Infinity;
    const limitAt = Math.min(wall + options.attemptLimit * 2 ** tally.limitsReached, deadlineAt);
    const openingLimit = beginsSweep ? options.openingLimit / 2 : options.openingLimit * 2 ** tally.openingsHung;
    const started: StartedAttempt = {
      ...event,
      wall,
      at: this.at,
      limitAt,
      openingLimit: Math.min(openingLimit, limitAt - wall),
      called: !isRepair,
    };
    frame.attempts.push(started);
    this.running = this.lastAttempt = started;
    if (!joins && !inSweep) tally.begun++;
    if (this.inPlace) tally.inPlace++;
    this.inPlace = false;
    if (tally.hintAt !== null && tally.hintAt <= wall) tally.hintAt = null;
    if (trouble === null) return;
    trouble.attempts++;
    if (event.kind === 'rejoin') trouble.climbed = true;
    trouble.promised = undefined;
    trouble.gaveUp = false;
  }

  private fail(event: Extract<Entry, { kind: 'event' }>['value'] & { readonly type: 'attemptFailed' }): void {
    const { wall, tally, trouble, frame, running } = this;
    const { verdict, error, kind } = event;
    this.expectedVerdict = this.verdictOf(event);
    this.running = null;
    if (trouble !== null) {
      trouble.errors.push(error);
      trouble.promised = undefined;
      // Nothing can succeed any more, but a break that was not announced may still heal by itself.
      if (verdict.kind === 'fatal' && frame.sentTo === null) trouble.gaveUp = true;
    }
    if (verdict.kind === 'busy') tally.busyCount++;
    const hint = hintOf(verdict);
    if (hint !== null) tally.hintAt = Math.ceil(wall + hint);
    if (error instanceof AttemptLimitError) tally.limitsReached++;
    if (frame.sentTo !== null) {
      tally.hintAt = null;
      // Whoever sends us elsewhere has been reached.
      tally.openingsHung = 0;
      return;
    }
    const isRepair = kind === 'restart' || kind === 'resume';
    const linked = !isRepair && [...this.sessions.values()].at(-1)?.linked === true;
    const hung =
      verdict.kind === 'unreachable' && running !== null && wall - running.wall >= running.openingLimit && !linked;
    tally.openingsHung = hung ? tally.openingsHung + 1 : 0;
    if (isRepair) {
      // Somebody answered no; or nobody did for long, and other places are left where somebody may.
      const isOld = trouble !== null && wall - trouble.lost.aliveAt > this.script.options.attemptLimit;
      const answered = (trouble?.answers ?? 0) > 0;
      const elsewhere =
        kind === 'resume' && verdict.kind === 'unreachable' && !answered && this.list.length > 1 && isOld;
      if (trouble !== null && (verdict.kind === 'refused' || elsewhere)) trouble.climbed = true;
    }
    if (isRepair || running === null) return;
    const place = this.list.indexOf(running.endpoint);
    const sweeps = verdict.kind === 'unreachable' && SWEEPS.includes(this.slot) && this.offset + 1 < this.list.length;
    this.offset = sweeps ? this.offset + 1 : 0;
    if (verdict.kind === 'refused') this.passOn(running.endpoint);
    if (verdict.kind === 'busy' && place !== -1) this.cursor = place;
  }

  /** What an attempt's error means (R1, R19); counts the answers in a row. */
  private verdictOf({ kind, error }: { readonly kind: string; readonly error: unknown }): string {
    const { script, trouble } = this;
    const isLimit = error instanceof AttemptLimitError;
    if (isLimit && kind === 'restart') return 'refused';
    const { ended } = this.frame;
    if ((kind === 'join' || kind === 'rejoin') && !isLimit && ended !== null) return ended.meaning.kind;
    if (script.can.classify || kind === 'join' || kind === 'rejoin') return meaningOf(error, script).kind;
    if (isLimit) return 'refused';
    const unanswered = (error as { readonly unanswered?: unknown } | null)?.unanswered === true;
    const ofRequest = this.infoErrors.has(error);
    const answers = kind === 'resume' && !unanswered && !ofRequest ? (trouble?.answers ?? 0) + 1 : 0;
    if (trouble !== null) trouble.answers = answers;
    if (ofRequest) return UNREACHABLE.kind;
    return kind === 'restart' || answers >= 3 ? 'refused' : UNREACHABLE.kind;
  }

  private applyOpen(entry: Extract<Entry, { kind: 'open' }>): void {
    this.open.set(entry.id, entry);
    const { what, owner, attempt } = entry;
    if (what === 'repair' && this.running !== null) this.running.called = true;
    if (attempt === null || (what !== 'request' && what !== 'join')) return;
    const known = this.sessions.get(owner);
    if (known !== undefined) {
      known.stage = what === 'request' ? what : 'join';
      return;
    }
    this.session = { owner, attempt, stage: what, open: true, connected: false, linked: false };
    this.sessions.set(owner, this.session);
  }

  /** A join is over, by itself. */
  private close(owner: number): void {
    const session = this.sessions.get(owner);
    if (session !== undefined) session.open = false;
  }

  /** The room let a join go. */
  private drop(owner: number): void {
    this.close(owner);
    if (this.session?.owner !== owner) return;
    this.dropped = this.link;
    this.link = null;
    this.session = null;
    this.probe = null;
  }

  private register(id: number, owner: number): void {
    const session = this.sessions.get(owner);
    if (session === undefined) return;
    const leg = (up: boolean): Leg => ({ up, since: this.wall, aliveAt: this.wall, lost: false });
    this.links.set(id, {
      id,
      session,
      signal: leg(false),
      media: leg(!this.script.can.media),
      stale: !session.open,
      sentAway: false,
    });
  }
}

const freshTally = (): Tally => ({
  begun: 0,
  inPlace: 0,
  signalBack: false,
  busyCount: 0,
  hintAt: null,
  unsure: false,
  limitsReached: 0,
  openingsHung: 0,
});

const newTrouble = (kind: Trouble['kind'], lost: Lost, deadline: number, answered: boolean): Trouble => ({
  kind,
  lost,
  deadline,
  answered,
  extended: false,
  attempts: 0,
  errors: [],
  climbed: false,
  gaveUp: false,
  answers: 0,
  promised: undefined,
  missing: null,
});
