import type { AttemptKind, Cause } from '../../lib/core/machine/attempt.js';
import type { Policy } from '../../lib/core/machine/policy.js';
import type { RoomInput } from '../../lib/core/machine/room-input.js';
import type { ServerNotice, Verdict } from '../../lib/core/recovery/verdict.js';
import {
  beginAt,
  busyPlans,
  chanceTaken,
  deadlineOf,
  inPlace,
  isOldLine,
  isOver,
  kindOf,
  lastError,
  lastOther,
  stageOf,
  tellAt,
  tries,
  waitsOf,
  type Entry,
  type Leg,
  type Line,
  type Story,
  type Told,
  type Trip,
  type Try,
} from './story.js';

type Input = RoomInput<string>;

/** What the contract expects of one frame: everything told and begun until nothing more is due at `now`. */
export interface Judgement {
  readonly story: Story;
  readonly told: readonly Told[];
  readonly begun: readonly Try[];
}

interface Sheet {
  s: Story;
  readonly now: number;
  readonly policy: Policy;
  readonly told: Told[];
  readonly begun: Try[];
}

interface Ended {
  readonly error: unknown;
  readonly verdict: Verdict;
}

interface Frame {
  readonly words: ServerNotice[];
  ended: Ended | null;
  repairFailed: Ended | null;
  woken: boolean;
  slept: number;
  hurry: boolean;
  silenced: boolean;
  relinked: boolean;
  /** Signalling was heard to change, if only for a moment. */
  moved: boolean;
}

const found: Ended = { error: undefined, verdict: { kind: 'unreachable' } };

const dismissals = { closed: 'channelClosed', kicked: 'serverKicked', duplicateUser: 'duplicateUser' } as const;

const NEW_LINE = -1;
const NEW_REPAIR = -2;

/**
 * The contract written a second time: what a room must tell and begin in one frame.
 *
 * A list of rules, each with its row, asked in the order leave > deadline > the server's word > everything else, until
 * none applies any more.
 */
export function judge(story: Story, inputs: readonly Input[], now: number, policy: Policy): Judgement {
  const sheet: Sheet = { s: story, now, policy, told: [], begun: [] };
  rules(sheet, inputs);
  return { story: sheet.s, told: sheet.told, begun: sheet.begun };
}

function rules(sheet: Sheet, inputs: readonly Input[]): void {
  const { now, policy } = sheet;
  // D6, L1: when it is over only a join counts.
  if (isOver(sheet.s)) {
    if (inputs.some(({ type }) => type === 'join')) setOut(sheet);
    return;
  }
  if (inputs.some(({ type }) => type === 'leave')) {
    end(sheet, 'leaveChannel');
    return;
  }
  const frame = hear(sheet, inputs);
  noticeSleep(sheet, frame.slept);
  const known = sheet.s.trip;
  // D1, D2, Z1: a deadline that is known already comes before the server's word, one that is found out now after it.
  if (known !== null && now >= deadlineOf(known, policy)) {
    failLate(sheet, frame.slept);
    return;
  }
  if (known === null && sheet.s.calmSince + policy.deadline <= now && frame.slept >= policy.deadline) {
    failLate(sheet, frame.slept);
    return;
  }
  // T1.
  for (const word of [...frame.words, frame.repairFailed?.verdict, frame.ended?.verdict]) {
    if (word?.kind === 'kicked' || word?.kind === 'closed' || word?.kind === 'duplicateUser') {
      end(sheet, dismissals[word.kind]);
      return;
    }
  }
  for (const word of frame.words) if (word.kind === 'endpoints') sheet.s = { ...sheet.s, map: word.list };
  const steps = [
    noticeNewLink,
    noticeSendOff,
    noticeEnd,
    noticeRepair,
    noticeWell,
    noticeTrouble,
    noticeLate,
    noticeLimit,
    noticeHurry,
  ];
  for (const step of steps) {
    step(sheet, frame);
    if (isOver(sheet.s)) return;
  }
  settle(sheet);
}

/* ---- what was heard ---- */

function hear(sheet: Sheet, inputs: readonly Input[]): Frame {
  const frame: Frame = {
    words: [],
    ended: null,
    repairFailed: null,
    woken: false,
    slept: 0,
    hurry: false,
    silenced: false,
    relinked: false,
    moved: false,
  };
  const mediaWasUp = sheet.s.line?.media.up !== false;
  // Z1: a wake is judged before what was buffered with it.
  for (const input of inputs) if (input.type === 'wake') frame.slept = Math.max(frame.slept, input.suspendedFor);
  for (const input of inputs) {
    const { line, trip, asked } = sheet.s;
    switch (input.type) {
      case 'wake':
        frame.woken = true;
        break;
      case 'retryNow':
        frame.hurry = true;
        break;
      case 'requested':
        if (line?.id === input.id && !line.requested) {
          sheet.s = { ...sheet.s, line: { ...line, requested: true } };
          log(sheet, { what: 'requested' });
        }
        break;
      case 'linked':
        if (line?.id === input.id) {
          frame.relinked ||= line.link !== null;
          hearLinked(sheet, line, input);
        }
        break;
      case 'health':
        if (line?.id === input.id) {
          const { health } = input;
          if (input.source === 'signal') frame.moved ||= line.signal.up !== (health === 'up') && !line.signal.dead;
          const known = health === 'up' ? undefined : health.aliveAt;
          setLeg(sheet, line, input.source, health === 'up', proofOf(sheet, known, frame.slept), false);
        }
        break;
      case 'sourceEnded':
        if (line?.id === input.id)
          setLeg(sheet, line, input.source, false, proofOf(sheet, undefined, frame.slept), true);
        break;
      case 'notice':
        if (line?.id === input.id) frame.words.push(input.notice);
        break;
      case 'ended':
        if (line?.id === input.id) frame.ended = input.failure;
        break;
      case 'repairFailed':
        if (trip?.running?.id === input.id && trip.running.id !== line?.id) frame.repairFailed = input.failure;
        break;
      case 'probed':
        if (asked?.id === input.id) answer(sheet, input.alive);
        break;
      case 'join':
      case 'leave':
        break;
    }
  }
  if (sheet.s.asked !== null && sheet.now >= sheet.s.asked.limitAt && !frame.moved) answer(sheet, false);
  // H6: whoever has gone down, or up again, since it was asked, has answered.
  if (frame.moved || sheet.s.line?.signal.up === false) sheet.s = { ...sheet.s, asked: null };
  frame.silenced = mediaWasUp && sheet.s.line?.media.up === false;
  return frame;
}

/** D1, Z2: the last proof of life, as far as it is known; both healths up was one, and a question asked is none. */
function proofOf({ s, now }: Sheet, known: number | undefined, slept: number): number {
  return Math.min(now, Math.max(s.calmSince, known ?? s.asked?.proof ?? now - slept));
}

function hearLinked(sheet: Sheet, line: Line, { link, media, canProbe }: Extract<Input, { type: 'linked' }>): void {
  // S8, S5: nothing is up before it says so, but for media that this room has none of.
  const unheard: Leg = { up: false, heardAt: sheet.now, proof: sheet.now, dead: false };
  sheet.s = {
    ...sheet.s,
    line: {
      ...line,
      link,
      answers: canProbe,
      hasMedia: media,
      requested: true,
      signal: unheard,
      media: { ...unheard, up: !media },
    },
    asked: null,
  };
}

function setLeg(sheet: Sheet, line: Line, source: 'signal' | 'media', up: boolean, proof: number, dead: boolean): void {
  const leg = line[source];
  if (leg.dead || line.link === null) return;
  const next: Leg = leg.up === up ? { ...leg, dead } : { up, heardAt: sheet.now, proof, dead };
  sheet.s = { ...sheet.s, line: { ...line, [source]: next } };
}

/** H11, Z2: no answer is a dead signalling, since before it was asked. */
function answer(sheet: Sheet, alive: boolean): void {
  const { line, asked } = sheet.s;
  sheet.s = { ...sheet.s, asked: null };
  if (!alive && line !== null && asked !== null)
    setLeg(sheet, line, 'signal', false, Math.max(sheet.s.calmSince, asked.proof), false);
}

const brokenLegs = ({ signal, media }: Line): Cause | null =>
  signal.up ? (media.up ? null : 'media') : media.up ? 'signal' : 'both';

/* ---- everything else, in its order ---- */

/** R14: straight to the named endpoint, once; servers that send us to each other make us wait. */
function noticeSendOff(sheet: Sheet, frame: Frame): void {
  const verdicts = [...frame.words.toReversed(), frame.repairFailed?.verdict, frame.ended?.verdict];
  const order = verdicts.find((word) => word?.kind === 'redispatch');
  if (order?.kind !== 'redispatch') return;
  const isLost = sheet.s.trip === null || isOldLine(sheet.s);
  const { endpoint } = order;
  sheet.s = { ...sheet.s, map: [endpoint, ...sheet.s.map.filter((other) => other !== endpoint)] };
  // T2: what the same server ends at the same time adds nothing to an attempt that its word has ended.
  const byWord = frame.words.some(({ kind }) => kind === 'redispatch');
  const failure = (frame.repairFailed?.verdict === order ? frame.repairFailed : frame.ended) ?? found;
  const hasFailed = byWord ? frame.ended !== null && isLost : frame.ended !== null || frame.repairFailed !== null;
  if (frame.ended !== null || !isOldLine(sheet.s)) {
    if (sheet.s.trip !== null) loseLine(sheet);
    else if (frame.ended !== null) sheet.s = { ...sheet.s, line: null, asked: null };
  }
  frame.ended = frame.repairFailed = null;
  if (sheet.s.trip === null) {
    breakDown(sheet, 'redispatch', sheet.now);
    // Straight there takes a position, but the schedule is not asked.
    if (sheet.s.trip!.waitsBefore > 0 || !sheet.policy.attempts) plan(sheet, found);
    else {
      log(sheet, { what: 'planned', at: sheet.now, busy: false, chance: false });
      alter(sheet, { due: sheet.now });
    }
  } else {
    const again = sheet.s.trip.log.some(({ what }) => what === 'redispatched');
    alter(sheet, { running: null, hint: null, due: null, cause: sheet.s.trip.way === 'in' ? null : 'redispatch' });
    if (again) plan(sheet, byWord ? found : failure);
    else if (sheet.policy.attempts) alter(sheet, { due: sheet.now });
  }
  if (hasFailed) log(sheet, { what: 'failed', verdict: 'redispatch', error: failure.error });
  log(sheet, { what: 'redispatched' });
}

/** J8, H6: a newer link of the same join; a repair of the older one is over. */
function noticeNewLink(sheet: Sheet, { relinked }: Frame): void {
  if (!relinked || sheet.s.trip?.running == null || !isOldLine(sheet.s)) return;
  alter(sheet, { running: null });
  plan(sheet, found);
}

/** J8: a link that ends is lost at once. An attempt that ends has failed. */
function noticeEnd(sheet: Sheet, frame: Frame): void {
  const { trip, line } = sheet.s;
  const { ended } = frame;
  if (ended === null || line === null) return;
  if (trip?.running != null && trip.running.id === line.id) {
    failTry(sheet, ended);
    return;
  }
  const lost: Cause = line.hasMedia ? 'both' : 'signal';
  // J2, R11: a repair that can never succeed, or is told to wait, says more than the end of its line.
  const repair = frame.repairFailed?.verdict.kind;
  const more = repair === 'fatal' || (repair === 'busy' && ended.verdict.kind !== 'fatal');
  if (frame.repairFailed !== null && trip?.running != null && more) {
    loseLine(sheet);
    alter(sheet, { cause: trip.cause === 'redispatch' ? trip.cause : lost });
    failTry(sheet, frame.repairFailed);
    log(sheet, { what: 'climbed' });
    return;
  }
  loseLine(sheet);
  if (trip === null) breakDown(sheet, lost, sheet.now);
  else alter(sheet, { running: null, cause: trip.cause === 'redispatch' ? trip.cause : lost });
  // R11: a server that is busy says when to come back, also when it was us who waited.
  if (trip === null || trip.running !== null || ended.verdict.kind === 'busy') {
    // One that says busy without a hint leaves the hint in force that it gave before.
    const { verdict } = ended;
    const left = (trip?.hint ?? sheet.now) - sheet.now;
    const isSilent = verdict.kind === 'busy' && verdict.retryAfter === undefined && left > 0;
    plan(sheet, isSilent ? { ...ended, verdict: { kind: 'busy', retryAfter: left } } : ended);
  }
  log(sheet, { what: 'failed', verdict: ended.verdict.kind, error: ended.error });
  log(sheet, { what: 'climbed' });
}

/** R1, H8: a repair that failed; one that failed because its signalling died is cut, uncounted, with that, unless it was told more. */
function noticeRepair(sheet: Sheet, { repairFailed }: Frame): void {
  const { trip, line } = sheet.s;
  if (repairFailed === null || trip?.running == null) return;
  const kind = repairFailed.verdict.kind;
  if (trip.running.kind === 'restart' && line?.signal.up === false && kind !== 'fatal' && kind !== 'busy') return;
  failTry(sheet, repairFailed);
}

function failTry(sheet: Sheet, { error, verdict }: Ended, limit = false): void {
  const { trip, line } = sheet.s;
  const running = trip?.running;
  if (trip == null || running == null) return;
  log(sheet, { what: 'failed', verdict: limit ? 'limit' : verdict.kind, error });
  const isRepair = line?.id !== running.id;
  if (isRepair && (verdict.kind === 'refused' || (limit && running.kind === 'restart')))
    log(sheet, { what: 'climbed' });
  if (!isRepair) {
    loseLine(sheet);
    // R13: whoever failed is asked last, but a busy one has our place in its queue.
    const { map } = sheet.s;
    const { endpoint } = running;
    if (verdict.kind !== 'busy' && verdict.kind !== 'fatal' && map.includes(endpoint)) {
      sheet.s = { ...sheet.s, map: [...map.filter((other) => other !== endpoint), endpoint] };
    }
  }
  alter(sheet, { running: null });
  if (verdict.kind !== 'fatal') plan(sheet, { error, verdict });
  // J2; S3 knows no edge from connected to failed: there it is obeyed when the break is told.
  else if (sheet.s.told.state === 'connected') alter(sheet, { due: null, hint: null, quits: { error } });
  else failNow(sheet, error);
}

/** S2, R2, D3: both healths up is the only way in or back; not over a link that the server has sent us away from. */
function noticeWell(sheet: Sheet): void {
  const { trip, line, told } = sheet.s;
  if (line?.link == null || !line.signal.up || !line.media.up) return;
  if (trip !== null && isOldLine(sheet.s) && trip.cause === 'redispatch') return;
  const news = told.state !== 'connected' || told.link !== line.link;
  if (trip === null && !news) return;
  sheet.s = { ...sheet.s, trip: null, waits: trip === null ? sheet.s.waits : waitsOf(trip), calmSince: sheet.now };
  const reason = trip?.way === 'in' ? 'joinSucceed' : 'rejoinSucceed';
  if (news) tell(sheet, { state: 'connected', reason, link: line.link });
}

/** S6, S7, H1, H8: what is broken of the link that was connected, and what it needs first. */
function noticeTrouble(sheet: Sheet): void {
  const { trip, line } = sheet.s;
  const cause = line?.link == null ? null : brokenLegs(line);
  if (cause === null || line === null) return;
  if (trip === null) {
    const proofs = [line.signal, line.media].filter((leg) => !leg.up).map((leg) => leg.proof);
    breakDown(sheet, cause, Math.max(...proofs));
    if (sheet.now < deadlineOf(sheet.s.trip!, sheet.policy)) plan(sheet, found);
    if (line.signal.dead || line.media.dead) log(sheet, { what: 'climbed' });
  } else if (isOldLine(sheet.s) && trip.cause !== 'redispatch') {
    const { running } = trip;
    alter(sheet, { cause });
    // A source that has ended can never say that a repair was one.
    if (line.signal.dead || line.media.dead) log(sheet, { what: 'climbed' });
    if (running?.kind === 'restart' && !line.signal.up) {
      log(sheet, { what: 'uncounted' });
      alter(sheet, { running: null });
      plan(sheet, found);
    } else if (inPlace(sheet.s, sheet.policy) && trip.cause !== 'media' && cause === 'media') {
      // Signalling is back and media is not: its repair starts at once, but never before a busy server's hint.
      alter(sheet, { running: null, due: notBefore(sheet, trip) });
    }
  }
}

function breakDown(sheet: Sheet, cause: Cause, proof: number): void {
  const { told, calmSince, waits } = sheet.s;
  const waitsBefore = proof - calmSince >= sheet.policy.stableAfter ? 0 : waits;
  const previous = told.link;
  sheet.s = {
    ...sheet.s,
    trip: {
      way: 'back',
      proof,
      cause,
      log: [],
      running: null,
      due: null,
      hint: null,
      quits: null,
      previous,
      waitsBefore,
    },
  };
}

/** Z2: nothing was alive while the device slept. */
function noticeSleep(sheet: Sheet, slept: number): void {
  const { trip, calmSince } = sheet.s;
  if (slept > 0 && trip?.way === 'back') {
    alter(sheet, { proof: Math.min(trip.proof, Math.max(calmSince, sheet.now - slept)) });
  }
}

/** D1: a break that dates from so long ago. */
function noticeLate(sheet: Sheet, { slept }: Frame): void {
  noticeSleep(sheet, slept);
  const { trip } = sheet.s;
  if (trip !== null && sheet.now >= deadlineOf(trip, sheet.policy)) failLate(sheet, slept);
}

/** J6, R1: whoever takes too long is cut. */
function noticeLimit(sheet: Sheet): void {
  const { trip } = sheet.s;
  if (trip?.running != null && sheet.now >= trip.running.limitAt) {
    failTry(sheet, { error: 'limit', verdict: { kind: 'unreachable' } }, true);
  }
}

const notBefore = ({ now, policy }: Sheet, trip: Trip): number =>
  trip.hint !== null && trip.hint < deadlineOf(trip, policy) ? Math.max(now, trip.hint) : now;

/** R8, R9, R11, Z2: wakes and commands; what looks alive is asked, and a loss of media asks for its cause. */
function noticeHurry(sheet: Sheet, { woken, slept, hurry, silenced }: Frame): void {
  const { now, policy } = sheet;
  const { trip, line } = sheet.s;
  if (trip !== null && trip.running === null && policy.attempts) {
    const { due } = trip;
    const floor = notBefore(sheet, trip);
    if (hurry) {
      if (due === null) log(sheet, { what: 'planned', at: now, busy: false, chance: false });
      alter(sheet, { due: due === null ? floor : Math.min(due, floor) });
    } else if (woken && due !== null) {
      alter(sheet, { due: Math.min(due, Math.max(floor, sheet.s.triedAt + policy.wakeFloor)) });
    }
  }
  if (line === null || (trip !== null && !isOldLine(sheet.s))) return;
  if (woken && slept > 0 && sheet.s.asked !== null && line.signal.up) sheet.s = { ...sheet.s, asked: null };
  if (woken || silenced) ask(sheet, now - slept);
}

/** Time's own rules, until nothing is due. */
function settle(sheet: Sheet): void {
  const { now, policy } = sheet;
  for (;;) {
    const { trip, told, line } = sheet.s;
    if (trip === null || isOver(sheet.s)) return;
    if (now >= tellAt(sheet.s, policy)) {
      const reason =
        trip.cause === 'redispatch'
          ? 'redispatch'
          : trip.cause === 'media'
            ? 'mediaConnectionDisconnected'
            : 'signalDisconnected';
      tell(sheet, { state: 'reconnecting', reason, link: line?.link ?? null });
    } else if (trip.quits !== null && told.state !== 'connected') {
      failNow(sheet, trip.quits.error ?? lastError(trip));
    } else if (now >= beginAt(sheet.s, policy)) {
      begin(sheet);
    } else return;
  }
}

/* ---- what is done ---- */

function setOut(sheet: Sheet): void {
  const trip: Trip = {
    way: 'in',
    proof: sheet.now,
    cause: null,
    log: [],
    running: null,
    due: sheet.now,
    hint: null,
    quits: null,
    previous: null,
    waitsBefore: 0,
  };
  sheet.s = { ...sheet.s, trip, line: null, asked: null, waits: 0 };
  tell(sheet, { state: 'connecting', reason: 'joinChannel', link: null });
  begin(sheet);
}

function begin(sheet: Sheet): void {
  const { now, policy } = sheet;
  const { trip, line } = sheet.s;
  if (trip === null) return;
  const kind: AttemptKind = kindOf(sheet.s, policy);
  const isRepair = kind === 'restart' || kind === 'resume';
  const endpoint = sheet.s.map[0] ?? null;
  const previous = line?.link ?? trip.previous;
  const deadlineAt = deadlineOf(trip, policy);
  const attempt: Try = {
    id: isRepair ? NEW_REPAIR : NEW_LINE,
    kind,
    number: tries(trip) + 1,
    cause: trip.cause,
    endpoint,
    previous,
    limitAt: policy.attempts ? Math.min(now + policy.attemptLimit, deadlineAt) : deadlineAt,
    deadlineAt,
  };
  sheet.begun.push(attempt);
  log(sheet, { what: 'tried', kind });
  alter(sheet, { running: attempt, due: null, hint: null, previous });
  sheet.s = { ...sheet.s, triedAt: now };
  if (kind === 'restart') ask(sheet, now);
  if (isRepair) return;
  const unheard: Leg = { up: false, heardAt: now, proof: now, dead: false };
  sheet.s = {
    ...sheet.s,
    line: {
      id: NEW_LINE,
      link: null,
      answers: false,
      hasMedia: true,
      requested: false,
      signal: unheard,
      media: unheard,
    },
    asked: null,
  };
}

function ask(sheet: Sheet, proof: number): void {
  const { line, asked } = sheet.s;
  if (line?.link == null || !line.answers || !line.signal.up || asked !== null) return;
  sheet.s = {
    ...sheet.s,
    asked: { id: NEW_REPAIR, limitAt: sheet.now + sheet.policy.probeLimit, proof: Math.max(proof, sheet.s.calmSince) },
  };
}

/** D4, R3, R11, R12: when to try next. */
function plan(sheet: Sheet, { error, verdict }: Ended): void {
  const { now, policy } = sheet;
  const trip = sheet.s.trip!;
  const busy = verdict.kind === 'busy';
  const hinted = verdict.kind === 'busy' && verdict.retryAfter !== undefined ? now + verdict.retryAfter : null;
  if (!policy.attempts) return;
  alter(sheet, { due: null, hint: null });
  const remaining = deadlineOf(trip, policy) - now;
  const other = busy ? lastOther(trip) : now;
  let asked: number;
  try {
    asked = policy.schedule({
      position: waitsOf(trip) + 1,
      error,
      verdict,
      busyCount: busyPlans(trip) + (busy ? 1 : 0),
      sinceUnreachable: other === null ? 0 : now - other,
      elapsed: now - trip.proof,
      remaining,
      random: policy.random,
    });
  } catch {
    alter(sheet, { quits: { error: 'schedule' } });
    return;
  }
  if (asked === Infinity) {
    alter(sheet, { quits: { error } });
    return;
  }
  if (typeof asked !== 'number' || !(asked >= 0)) {
    alter(sheet, { quits: { error: 'schedule' } });
    return;
  }
  // R11: never before the hint, whatever the schedule says.
  const hint = hinted === null ? 0 : hinted - now;
  const wait = Math.max(asked, hint);
  const taken = chanceTaken(trip);
  // Never two attempts in one millisecond.
  const soonest = sheet.s.triedAt + 1;
  const chance = !taken && wait >= remaining && remaining >= policy.lastChanceFrom;
  log(sheet, { what: 'planned', at: now, busy, chance });
  alter(sheet, { hint: hinted });
  const from = hint < remaining ? hint : 0;
  const last = now + from + policy.random() * (remaining - from);
  if (taken || (wait >= remaining && !chance)) return;
  const due = Math.max(chance ? last : now + wait, soonest);
  if (due < deadlineOf(trip, policy)) alter(sheet, { due });
}

function failLate(sheet: Sheet, slept: number): void {
  const { trip } = sheet.s;
  const reason = trip?.way === 'in' ? failedAs(trip) : 'timeout';
  const error = trip === null ? undefined : lastError(trip);
  close(sheet, {
    state: 'failed',
    reason,
    link: null,
    attempts: trip === null ? 0 : tries(trip),
    error,
    late: true,
    ...(slept > 0 ? { slept } : {}),
  });
}

const failedAs = (trip: Trip): string => (stageOf(trip) === 'request' ? 'requestChannelFailed' : 'joinChannelFailed');

function failNow(sheet: Sheet, error: unknown): void {
  const trip = sheet.s.trip!;
  close(sheet, { state: 'failed', reason: failedAs(trip), link: null, attempts: tries(trip), error, late: false });
}

const end = (sheet: Sheet, reason: string): void => close(sheet, { state: 'disconnected', reason, link: null });

function close(sheet: Sheet, told: Told): void {
  sheet.s = { ...sheet.s, trip: null, line: null, asked: null };
  tell(sheet, told);
}

function tell(sheet: Sheet, told: Told): void {
  sheet.s = { ...sheet.s, told };
  sheet.told.push(told);
}

/** Nothing is left of the line but its name, for the join that replaces it. */
function loseLine(sheet: Sheet): void {
  const { trip, line } = sheet.s;
  if (trip !== null) alter(sheet, { previous: line?.link ?? trip.previous });
  sheet.s = { ...sheet.s, line: null, asked: null };
}

function alter(sheet: Sheet, change: Partial<Trip>): void {
  if (sheet.s.trip !== null) sheet.s = { ...sheet.s, trip: { ...sheet.s.trip, ...change } };
}

function log(sheet: Sheet, entry: Entry): void {
  const { trip } = sheet.s;
  if (trip !== null) sheet.s = { ...sheet.s, trip: { ...trip, log: [...trip.log, entry] } };
}
