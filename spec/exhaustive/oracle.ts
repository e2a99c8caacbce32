import type { AttemptKind, Cause } from '../../lib/core/machine/attempt.js';
import type { RoomInput, Stage } from '../../lib/core/machine/room-input.js';
import { AttemptLimitError } from '../../lib/core/recovery/attempt-limit-error.js';
import type { ServerNotice, Verdict } from '../../lib/core/recovery/verdict.js';
import type { Terms } from './policies.js';
import {
  answersOf,
  beginAt,
  brokenLegs,
  busyCountOf,
  chanceTaken,
  deadlineOf,
  favours,
  hintOf,
  inPlace,
  isOldLine,
  isOver,
  isSweep,
  kindOf,
  lastError,
  limitsReachedOf,
  openingsHungOf,
  positionOf,
  slotsOf,
  spentOn,
  stageOf,
  tellAt,
  tries,
  unreachableAtOf,
  type Entry,
  type FailedEntry,
  type Favour,
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
  /** What was broken before the frame. */
  readonly was: Cause | null | undefined;
  /** All that was known before the frame. */
  readonly before: Story;
  readonly now: number;
  readonly policy: Terms;
  readonly told: Told[];
  readonly begun: Try[];
}

interface Ended {
  readonly error: unknown;
  readonly verdict: Verdict;
}

interface RepairEnded extends Ended {
  readonly stage: Stage;
  /** At its limit. */
  readonly cut: boolean;
  readonly answered: boolean;
  /** Nobody can have been reached. */
  readonly unanswered: boolean;
}

interface Frame {
  readonly words: ServerNotice[];
  ended: Ended | null;
  repairFailed: RepairEnded | null;
  /** What a source of health ended with. */
  sourceError: unknown;
  woken: boolean;
  slept: number;
  hurry: boolean;
  silenced: boolean;
  relinked: boolean;
  /** The break was found in this frame. */
  isNew: boolean;
  /** Signalling was heard to change, if only for a moment. */
  moved: boolean;
}

const found: Ended = { error: undefined, verdict: { kind: 'unreachable' } };

const dismissals = { closed: 'channelClosed', kicked: 'serverKicked', duplicateUser: 'duplicateUser' } as const;

const NEW_LINE = -1;
const NEW_REPAIR = -2;

/** D8: how late an attempt may still be made. */
const LATEST_MS = 180_000;
/** R8: the floor of a command, where that of a wake is not lower. */
const COMMAND_FLOOR_MS = 250;

/**
 * The contract written a second time: what a room must tell and begin in one frame.
 *
 * A list of rules, each with its row, asked in the order leave > deadline > the server's word > everything else, until
 * none applies any more.
 */
export function judge(story: Story, inputs: readonly Input[], now: number, policy: Terms): Judgement {
  const sheet: Sheet = { s: story, was: story.trip?.cause, before: story, now, policy, told: [], begun: [] };
  rules(sheet, inputs);
  return { story: sheet.s, told: sheet.told, begun: sheet.begun };
}

function rules(sheet: Sheet, inputs: readonly Input[]): void {
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
  noticeBreak(sheet, frame);
  noticeSleep(sheet, frame);
  // D1, D2, Z1.
  if (sheet.s.trip !== null) {
    if (isLate(sheet)) endLate(sheet, frame);
  } else if (frame.slept > 0 && isLateSince(sheet, sheet.now - frame.slept)) failLate(sheet, frame.slept);
  if (isOver(sheet.s)) return;
  // T1.
  for (const word of [...frame.words, frame.repairFailed?.verdict, frame.ended?.verdict]) {
    if (word?.kind === 'kicked' || word?.kind === 'closed' || word?.kind === 'duplicateUser') {
      end(sheet, dismissals[word.kind], word.message);
      return;
    }
  }
  // R13: the server's list replaces ours.
  for (const word of frame.words) if (word.kind === 'endpoints') goBy(sheet, word.list);
  if (sheet.s.trip !== null) alter(sheet, { why: sheet.s.trip.why ?? frame.ended?.error ?? frame.sourceError });
  const steps = [
    noticeNewLink,
    noticeSendOff,
    noticeEnd,
    noticeWell,
    noticeCause,
    noticeRepair,
    noticeTrouble,
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
    sourceError: null,
    woken: false,
    slept: 0,
    hurry: false,
    silenced: false,
    relinked: false,
    isNew: false,
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
        if (line?.id === input.id && trip?.running?.id === line.id && line.link === null) log(sheet, { what: 'requested' });
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
        if (line?.id === input.id) {
          frame.sourceError ??= input.error ?? null;
          setLeg(sheet, line, input.source, false, proofOf(sheet, undefined, frame.slept), true);
        }
        break;
      case 'notice':
        if (line?.id === input.id) frame.words.push(input.notice);
        break;
      case 'ended':
        if (line?.id === input.id) frame.ended ??= { error: input.error, verdict: meaningOf(sheet, input.error) };
        break;
      case 'repairFailed':
        if (trip?.running?.id === input.id && trip.running.id !== line?.id)
          frame.repairFailed ??= judgeRepair(sheet, input.error, input.stage, false);
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
  if (frame.moved || sheet.s.line?.signal.up === false) hush(sheet);
  frame.silenced = mediaWasUp && sheet.s.line?.media.up === false;
  return frame;
}

const meaningOf = ({ policy }: Sheet, error: unknown): Verdict => policy.classify?.(error) ?? { kind: 'unreachable' };

/** R1, R19: what the end of a repair means: `classify` says so, else how it ended and what it was doing. */
function judgeRepair(sheet: Sheet, error: unknown, stage: Stage, cut: boolean): RepairEnded {
  const { trip } = sheet.s;
  const isRestart = trip!.running!.kind === 'restart';
  const said = meaningOf(sheet, error);
  const isClassified = sheet.policy.classify !== null;
  const silent = cut || stage === 'request' || (error as { unanswered?: unknown } | null)?.unanswered === true;
  const answered = !isClassified && !silent;
  const isFailedRestart = isRestart && stage === 'join' && !cut;
  const isThirdNo = !isRestart && (cut || (answered && answersOf(trip!) + 1 >= 3));
  const isRefusal = !isClassified && (isFailedRestart || isThirdNo);
  // Signalling is well, and yet the media was not repaired in time: that is a no of its own.
  const isTooSlow = isRestart && cut && said.kind === 'unreachable';
  const verdict: Verdict = isRefusal || isTooSlow ? { kind: 'refused' } : said;
  return { error, stage, cut, verdict, answered, unanswered: verdict.kind === 'unreachable' && !answered };
}

/** D1, Z2: the last proof of life, as far as it is known; both healths up was one, and a question asked is none. */
function proofOf({ s, now }: Sheet, known: number | undefined, slept: number): number {
  return Math.floor(Math.min(now, Math.max(s.calmSince, known ?? s.asked?.proof ?? now - slept)));
}

function hearLinked(sheet: Sheet, line: Line, { link, media, canProbe }: Extract<Input, { type: 'linked' }>): void {
  // S8, S5: nothing is up before it says so, but for media that this room has none of.
  const unheard: Leg = { up: false, heardAt: sheet.now, proof: sheet.now, dead: false };
  hush(sheet);
  sheet.s = {
    ...sheet.s,
    line: { ...line, link, answers: canProbe, hasMedia: media, signal: unheard, media: { ...unheard, up: !media } },
  };
  if (sheet.s.trip?.running?.id === line.id) log(sheet, { what: 'requested' });
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
  hush(sheet);
  if (!alive && line !== null && asked !== null)
    setLeg(sheet, line, 'signal', false, Math.max(sheet.s.calmSince, asked.proof), false);
}

/** No question is out any more: a restart that waited for the answer calls now, if its signalling is up. */
function hush(sheet: Sheet): void {
  sheet.s = { ...sheet.s, asked: null };
}

/* ---- everything else, in its order ---- */

/** J8, H6: a newer link of the same join; a repair of the older one is over, unless its server says more. */
function noticeNewLink(sheet: Sheet, { relinked, ended, repairFailed }: Frame): void {
  // What is well again needs no repair.
  if (!relinked || ended !== null || sheet.s.trip?.running == null || !isOldLine(sheet.s) || brokenLegs(sheet.s.line) === null) return;
  if (repairFailed !== null && weightOf(repairFailed) > 0) return;
  cutRepair(sheet);
}

/** H8: a repair is over; where nobody was called for it, a resume stands in for it at once. */
function cutRepair(sheet: Sheet): void {
  const { running, called } = sheet.s.trip!;
  alter(sheet, { running: null });
  if (running?.kind === 'restart' && !called && !favours(sheet.s).includes('resume')) favour(sheet, 'resume', false);
  else plan(sheet, found);
}

/** R14: straight to the named endpoint, once; servers that send us to each other make us wait. */
function noticeSendOff(sheet: Sheet, frame: Frame): void {
  const endpoint = orderOf(frame);
  if (endpoint === undefined) return;
  goBy(sheet, [endpoint, ...sheet.s.map.filter((other) => other !== endpoint)]);
  if (!sheet.policy.attempts) {
    // P5: it is for others to follow; these sources count no more.
    if (sheet.s.trip?.way === 'in') loseLine(sheet);
    else alter(sheet, { cause: 'redispatch' });
    return;
  }
  // T2: what the same server ends at the same time carries the order out.
  const failure = frame.ended ?? frame.repairFailed;
  const tried = sheet.s.trip?.running ?? null;
  const isOwn = tried !== null && (tried.id === sheet.s.line?.id ? frame.ended : frame.repairFailed) !== null;
  if (failure !== null) logFailure(sheet, failure, isOwn ? tried.kind : 'link', { sentOff: true });
  if (frame.ended !== null || !isOldLine(sheet.s)) loseLine(sheet);
  // The server's word beats a schedule that gave up.
  alter(sheet, { running: null, due: null, quits: null, cause: sheet.s.trip?.way === 'in' ? null : 'redispatch' });
  const isFirst = !favours(sheet.s).includes('redispatch');
  log(sheet, { what: 'sent elsewhere' });
  if (isFirst) favour(sheet, 'redispatch', true);
  // What the schedule is told of is the other server: nothing is known of it yet.
  else plan(sheet, { error: failure?.error, verdict: found.verdict });
  frame.ended = frame.repairFailed = null;
}

/** Of several the last wins, and a notice before what an end says. */
function orderOf({ words, repairFailed, ended }: Frame): string | undefined {
  const all = [...words.toReversed(), repairFailed?.verdict, ended?.verdict];
  const order = all.find((word) => word?.kind === 'redispatch');
  return order?.kind === 'redispatch' ? order.endpoint : undefined;
}

/** J8: a link that ends is lost at once. An attempt that ends has failed. */
function noticeEnd(sheet: Sheet, frame: Frame): void {
  const { trip, line } = sheet.s;
  const { ended, repairFailed } = frame;
  if (ended === null) return;
  if (!sheet.policy.attempts) {
    // P5: sources that end as a whole are a mistake.
    if (trip?.way === 'back' && trip.cause !== 'redispatch') alter(sheet, { cause: lostWith(line) });
    close(sheet, { ...failure(sheet, 'joinChannelFailed', ended.error), late: false });
    return;
  }
  if (line === null) return;
  if (trip?.running != null && trip.running.id === line.id) {
    failTry(sheet, { ...ended, stage: stageOf(trip), cut: false, answered: false, unanswered: false });
    return;
  }
  if (trip !== null && trip.cause !== 'redispatch') alter(sheet, { cause: lostWith(line) });
  // A repair is cut with its link, unless its server says more than the end.
  const running = trip?.running ?? null;
  const more = repairFailed !== null && running !== null && weightOf(repairFailed) >= Math.max(1, weightOf(ended));
  const said = more ? repairFailed : ended;
  logFailure(sheet, said, more ? running.kind : 'link');
  log(sheet, { what: 'climbed' });
  loseLine(sheet);
  alter(sheet, { running: null });
  // R13, R18: also as the verdict of a link's end.
  if (ended.verdict.kind === 'refused') moveCursor(sheet, line.endpoint, ended.verdict);
  frame.repairFailed = null;
  // J2, R18.
  if (said.verdict.kind === 'fatal') failNow(sheet, said.error);
  // R11: a server that is busy says when to come back, also when it was us who waited.
  else if (frame.isNew || running !== null || (said.verdict.kind === 'busy' && trip?.quits == null)) plan(sheet, said);
  if (frame.isNew && sheet.s.trip?.graceUntil != null) goLate(sheet);
  hurryLate(sheet);
}

/** How much a server says with an end: R11, a hint from whichever of two. */
function weightOf({ verdict }: Ended): number {
  if (verdict.kind === 'fatal') return 3;
  if (verdict.kind !== 'busy') return 0;
  return verdict.retryAfter === undefined ? 1 : 2;
}

const lostWith = (line: Line | null): Cause => (line?.hasMedia === false ? 'signal' : 'both');

/** D9: a leg that was up was alive until now; one that does not exist proves nothing. */
function endOf({ now }: Sheet, { signal, media, hasMedia }: Line): number {
  const proofs = [signal, ...(hasMedia ? [media] : [])].map((leg) => (leg.up ? now : leg.proof));
  return Math.max(...proofs);
}

/** S7, H1: what is broken by now. */
function noticeCause(sheet: Sheet): void {
  const { trip, line } = sheet.s;
  const cause = brokenLegs(line);
  if (cause === null || line === null || !isOldLine(sheet.s) || trip === null || trip.cause === 'redispatch') return;
  alter(sheet, { cause });
  // A source that has ended can never say that a repair was one.
  if (line.signal.dead || line.media.dead) log(sheet, { what: 'climbed' });
}

/** R1, H8: a repair that failed; one that failed because its signalling died is cut with that, unless it was told more. */
function noticeRepair(sheet: Sheet, { repairFailed }: Frame): void {
  const { trip, line } = sheet.s;
  if (repairFailed === null || trip?.running == null) return;
  const kind = repairFailed.verdict.kind;
  if (trip.running.kind === 'restart' && line?.signal.up === false && kind !== 'fatal' && kind !== 'busy') return;
  failTry(sheet, repairFailed);
}

function failTry(sheet: Sheet, said: RepairEnded): void {
  const { trip, line, told } = sheet.s;
  const running = trip?.running;
  if (trip == null || running == null) return;
  const { error, verdict } = said;
  const isRepair = line?.id !== running.id;
  logFailure(sheet, said, running.kind, said);
  alter(sheet, { running: null });
  if (isRepair) {
    const isLong = sheet.now - trip.proof > sheet.policy.attemptLimit;
    const reachesNobody = running.kind === 'resume' && said.unanswered && isLong && sheet.s.map.length > 1;
    const isTooSlow = running.kind === 'restart' && said.cut;
    if (verdict.kind === 'refused' || isTooSlow || reachesNobody) log(sheet, { what: 'climbed' });
  } else loseLine(sheet);
  if (verdict.kind === 'fatal') {
    // H1: a dip that is not told yet may still end by itself; then nothing was tried in vain.
    if (told.state === 'connected') alter(sheet, { due: null, quits: { error } });
    else failNow(sheet, error);
    return;
  }
  if (!isRepair) {
    if (verdict.kind === 'busy' || verdict.kind === 'refused') moveCursor(sheet, running.endpoint, verdict);
    // R13: in some slots the other places are tried at once after the first.
    const { offset } = sheet.s.trip!;
    if (verdict.kind === 'unreachable' && isSweep(sheet.s, slotsOf(trip)) && offset + 1 < sheet.s.map.length) {
      alter(sheet, { offset: offset + 1 });
      goAtOnce(sheet, false);
      return;
    }
    alter(sheet, { offset: 0 });
  }
  planOrFavour(sheet, said, isRepair && verdict.kind === 'refused');
}

/** R20: the schedule is asked whether it gives up, and no last chance is taken. */
function planOrFavour(sheet: Sheet, said: Ended, isRefusedRepair: boolean): void {
  const isFirst = !favours(sheet.s).includes('rejoin');
  plan(sheet, said);
  if (!isRefusedRepair || !isFirst || sheet.s.trip!.quits !== null) return;
  dropChance(sheet);
  favour(sheet, 'rejoin', true);
}

/** R13: behind a server that refuses; at one that is busy, for it has our place in its queue. */
function moveCursor(sheet: Sheet, endpoint: string | null, { kind }: Verdict): void {
  const at = sheet.s.map.indexOf(endpoint);
  alter(sheet, { offset: 0 });
  if (at < 0) return;
  if (kind === 'busy') sheet.s = { ...sheet.s, cursor: at };
  if (kind === 'refused') sheet.s = { ...sheet.s, cursor: (at + 1) % sheet.s.map.length };
}

/** S2, R2, D3: both healths up is the only way in or back; not over a link that the server has sent us away from. */
function noticeWell(sheet: Sheet): void {
  const { trip, line, told } = sheet.s;
  if (line?.link == null || !line.signal.up || !line.media.up) return;
  if (trip !== null && isOldLine(sheet.s) && trip.cause === 'redispatch') return;
  const news = told.state !== 'connected' || told.link !== line.link;
  if (trip === null && !news) return;
  const { now, policy } = sheet;
  // J8: a newer link ends what the older one has lasted.
  if (trip === null) breakDown(sheet, 'both', now, false);
  const way = sheet.s.trip!;
  const before = spentOn(sheet.s, way, policy);
  // D3: only a break that was told spends time, and a join neither spends nor inherits.
  const lost = way.way === 'in' ? 0 : told.state === 'connected' ? before : now - way.proof + before;
  const log = trip === null ? [] : trip.log;
  sheet.s = { ...sheet.s, past: [...sheet.s.past, ...log], spent: Math.min(policy.deadline, lost) };
  sheet.s = { ...sheet.s, trip: null, calmSince: now, previous: null, cursor: 0 };
  const reason = trip?.way === 'in' ? 'joinSucceed' : 'rejoinSucceed';
  if (news) tell(sheet, { state: 'connected', reason, link: line.link });
}

/** A connection breaks: sent away, ended, or a leg is down. Time is lost from here on, and nothing is told yet. */
function noticeBreak(sheet: Sheet, frame: Frame): void {
  const { trip, line, told } = sheet.s;
  if (trip !== null || told.state !== 'connected' || line === null) return;
  const { ended } = frame;
  const legs = brokenLegs(line);
  const isSentAway = orderOf(frame) !== undefined;
  if (!isSentAway && ended === null && legs === null) return;
  const answered = ended !== null && (ended.verdict.kind === 'refused' || ended.verdict.kind === 'busy');
  const cause = isSentAway ? 'redispatch' : ended === null ? legs! : lostWith(line);
  const proof = isSentAway ? sheet.now : ended === null ? silentSince(line) : endOf(sheet, line);
  const { settle } = sheet.policy;
  // D7: a used-up budget leaves the time until this break is told.
  const patience =
    isSentAway || ended !== null
      ? 0
      : legs === 'media'
        ? settle.media
        : legs === 'signal'
          ? settle.signal
          : Math.min(settle.signal, settle.media);
  breakDown(sheet, cause, proof, answered, patience);
  if (ended === null && !isSentAway) log(sheet, { what: 'lost', at: sheet.now });
  frame.isNew = true;
}

/** D9: the latest proof of life of what is down. */
const silentSince = ({ signal, media }: Line): number =>
  Math.max(...[signal, media].filter((leg) => !leg.up).map((leg) => leg.proof));

/** S6, H1, H8: what the link that was connected needs first. */
function noticeTrouble(sheet: Sheet, { isNew }: Frame): void {
  const { trip, line } = sheet.s;
  const cause = brokenLegs(line);
  if (cause === null || line === null || !isOldLine(sheet.s) || trip === null || trip.cause === 'redispatch') return;
  if (isNew) {
    plan(sheet, found);
    if (trip.graceUntil !== null) goLate(sheet);
    return;
  }
  const { running } = trip;
  if (running?.kind === 'restart' && !line.signal.up) {
    cutRepair(sheet);
  } else if (inPlace(sheet.s, sheet.policy) && trip.quits === null && sheet.was !== 'media' && cause === 'media') {
    // H8: signalling is back and media is not: its repair starts at once, the first time.
    if (running !== null && sheet.now >= running.limitAt) return;
    alter(sheet, { running: null });
    if (!favours(sheet.s).includes('restart')) favour(sheet, 'restart', false);
    else if (running !== null) plan(sheet, found);
  }
}

/** Straight there, once: without a wait, though never before a busy server's hint. */
function favour(sheet: Sheet, of: Favour, counts: boolean): void {
  log(sheet, { what: 'favour', of });
  goAtOnce(sheet, counts);
}

/** R7: but nothing is promised for the very deadline. */
function goAtOnce(sheet: Sheet, counts: boolean): void {
  const at = soonest(sheet);
  const isInTime = at < deadlineOf(sheet.s, sheet.s.trip!, sheet.policy);
  alter(sheet, isInTime ? { due: at, counts } : { due: null });
}

/** D8: the late attempt is not put off by what is planned in its frame, but for a hint. */
function hurryLate(sheet: Sheet): void {
  const { trip } = sheet.s;
  if (trip?.graceUntil != null && trip.due !== null && tries(trip) === 0) alter(sheet, { due: Math.min(trip.due, soonest(sheet)) });
}

/** D8: the late attempt, unless the schedule allows none. */
function goLate(sheet: Sheet): void {
  if (sheet.s.trip!.quits !== null) return;
  dropChance(sheet);
  goAtOnce(sheet, true);
}

const longestSettle = ({ policy: { settle } }: Sheet): number => Math.max(settle.signal, settle.media);

function breakDown(sheet: Sheet, cause: Cause, proof: number, answered: boolean, patience = longestSettle(sheet)): void {
  const { calmSince, past } = sheet.s;
  const lasted = proof - calmSince >= sheet.policy.stableAfter;
  sheet.s = {
    ...sheet.s,
    past: lasted ? [] : past,
    trip: {
      way: 'back',
      proof,
      tellBy: sheet.now + patience,
      cap: Infinity,
      answered,
      graceUntil: null,
      cause,
      why: null,
      log: [{ what: 'set out', at: sheet.now }],
      running: null,
      called: false,
      due: null,
      counts: true,
      quits: null,
      offset: 0,
    },
  };
}

/* ---- the deadline ---- */

/** Z2: nothing was alive while the device slept. */
function noticeSleep(sheet: Sheet, { slept }: Frame): void {
  const { trip, calmSince } = sheet.s;
  const proof = Math.max(calmSince, sheet.now - slept);
  if (slept === 0 || trip?.way !== 'back' || proof >= trip.proof) return;
  const cap = deadlineOf(sheet.s, trip, sheet.policy);
  alter(sheet, { proof, cap, tellBy: sheet.now + longestSettle(sheet), graceUntil: null });
}

const isLate = ({ s, now, policy }: Sheet): boolean => s.trip !== null && now >= deadlineOf(s, s.trip, policy);

/** Z1: whether a room in which all is well has slept past the deadline that a break would have had. */
function isLateSince(sheet: Sheet, since: number): boolean {
  const asleep: Sheet = { ...sheet };
  breakDown(asleep, 'both', Math.max(sheet.s.calmSince, since), false);
  return isLate(asleep);
}

/** D8: where timers come so late that nothing was tried, one attempt is made; else it is over. */
function endLate(sheet: Sheet, { slept, isNew }: Frame): void {
  const { now, policy } = sheet;
  const trip = sheet.s.trip!;
  const deadlineAt = deadlineOf(sheet.s, trip, policy);
  const isPatient =
    policy.lateGrace > 0 &&
    trip.way === 'back' &&
    trip.graceUntil === null &&
    tries(trip) === 0 &&
    (isNew || beginAt(sheet.before, policy) < deadlineAt) &&
    slept === 0 &&
    spentOn(sheet.s, trip, policy) === 0 &&
    now - deadlineAt <= LATEST_MS;
  if (!isPatient) failLate(sheet, slept);
  else {
    alter(sheet, { graceUntil: now + policy.lateGrace });
    if (trip.due !== null) alter(sheet, { due: Math.min(trip.due, soonest(sheet)) });
  }
}

/** J6, R1: whoever takes too long is cut. */
function noticeLimit(sheet: Sheet): void {
  const { trip, line } = sheet.s;
  const running = trip?.running;
  if (trip == null || running == null || sheet.now < running.limitAt) return;
  const error = new AttemptLimitError(running.limitAt - sheet.s.triedAt);
  if (line?.id !== running.id) failTry(sheet, judgeRepair(sheet, error, 'join', true));
  else {
    const verdict = meaningOf(sheet, error);
    failTry(sheet, { error, verdict, stage: stageOf(trip), cut: true, answered: false, unanswered: true });
  }
}

/* ---- when ---- */

/** R8, R11, R17: not before a busy server's hint that lies within the deadline, and never two in one millisecond. */
const soonest = (sheet: Sheet): number => Math.max(sheet.now, sheet.s.triedAt + 1, floorOf(sheet));

function floorOf({ s, policy }: Sheet): number {
  const hint = hintOf(s);
  return hint !== null && s.trip !== null && hint < deadlineOf(s, s.trip, policy) ? hint : -Infinity;
}

/** R8, R9, R11, R21, Z2: wakes and commands; what looks alive is asked, and a loss of media asks for its cause. */
function noticeHurry(sheet: Sheet, { woken, slept, hurry, silenced }: Frame): void {
  const { now, policy } = sheet;
  const { trip, line, triedAt } = sheet.s;
  if (trip !== null && trip.running === null && trip.quits === null && policy.attempts) {
    const { due } = trip;
    const from = soonest(sheet);
    if (hurry) {
      const at = Math.max(from, triedAt + Math.min(COMMAND_FLOOR_MS, policy.wakeFloor));
      if (due !== null) alter(sheet, { due: Math.min(due, at) });
      else if (at < deadlineOf(sheet.s, trip, policy)) alter(sheet, { due: at, counts: true });
    } else if (woken && due !== null) {
      alter(sheet, { due: Math.min(due, Math.max(from, triedAt + policy.wakeFloor)) });
    }
  }
  if (line === null || (trip !== null && !isOldLine(sheet.s))) return;
  if (woken && slept > 0 && sheet.s.asked !== null && line.signal.up) hush(sheet);
  if (woken || silenced || hurry) ask(sheet, now - slept);
}

/** Time's own rules, until nothing is due. */
function settle(sheet: Sheet): void {
  const { now, policy } = sheet;
  callWhenAnswered(sheet);
  for (;;) {
    const { trip, told, line } = sheet.s;
    if (trip === null || isOver(sheet.s)) return;
    if (now >= tellAt(sheet.s, policy)) {
      // One emission: who gave up tells nothing else.
      if (trip.quits !== null) failNow(sheet, trip.quits.error ?? lastError(trip));
      else
        tell(sheet, {
          state: 'reconnecting',
          reason:
            trip.cause === 'redispatch'
              ? 'redispatch'
              : trip.cause === 'media'
                ? 'mediaConnectionDisconnected'
                : 'signalDisconnected',
          link: line?.link ?? null,
          error: trip.why,
          since: trip.proof,
        });
    } else if (trip.quits !== null && told.state !== 'connected') {
      failNow(sheet, trip.quits.error ?? lastError(trip));
    } else if (now >= beginAt(sheet.s, policy)) {
      begin(sheet);
    } else return;
  }
}

/** H12: a restart calls its transport when the question before it was answered. */
function callWhenAnswered(sheet: Sheet): void {
  const { trip, asked } = sheet.s;
  if (trip?.running != null && !trip.called && asked === null) alter(sheet, { called: true });
}

/** D4, R3, R7, R11, R12: when to try next. */
function plan(sheet: Sheet, { error, verdict }: Ended): void {
  const { now, policy } = sheet;
  if (!policy.attempts) return;
  const trip = sheet.s.trip!;
  const deadlineAt = deadlineOf(sheet.s, trip, policy);
  const remaining = deadlineAt - now;
  let asked: unknown;
  try {
    asked = policy.schedule({
      position: positionOf(sheet.s) + 1,
      error,
      verdict,
      busyCount: busyCountOf(sheet.s),
      sinceUnreachable: now - (unreachableAtOf(sheet.s) ?? now),
      elapsed: now - trip.proof,
      remaining,
      random: policy.random,
    });
  } catch {
    asked = NaN;
  }
  if (asked === Infinity) {
    alter(sheet, { due: null, quits: { error: lastError(sheet.s.trip!) } });
    return;
  }
  if (typeof asked !== 'number' || !(asked >= 0)) {
    alter(sheet, { due: null, quits: { error: 'schedule' } });
    return;
  }
  const wanted = Math.max(Math.ceil(now + asked), soonest(sheet), trip.due ?? -Infinity);
  if (wanted < deadlineAt && !chanceTaken(sheet.s)) alter(sheet, { due: wanted, counts: true });
  // R7: what was promised stands, but for the hint.
  else if (trip.due !== null) alter(sheet, { due: Math.max(trip.due, soonest(sheet)), counts: true });
  else if (!chanceTaken(sheet.s) && remaining >= policy.lastChanceFrom) {
    log(sheet, { what: 'last chance' });
    const from = Math.max(now, floorOf(sheet));
    const by = Math.ceil(from + policy.random() * (deadlineAt - from));
    alter(sheet, { due: Math.max(by, soonest(sheet)), counts: true });
  }
}

/** A last chance that nobody waits for was none. */
function dropChance(sheet: Sheet): void {
  const entries = sheet.s.trip!.log;
  if (entries.at(-1)?.what === 'last chance') alter(sheet, { log: entries.slice(0, -1) });
}

/* ---- what is done ---- */

function setOut(sheet: Sheet): void {
  const { now } = sheet;
  const trip: Trip = {
    way: 'in',
    proof: now,
    tellBy: now,
    cap: Infinity,
    answered: false,
    graceUntil: null,
    cause: null,
    why: null,
    log: [{ what: 'set out', at: now }],
    running: null,
    called: false,
    due: soonest(sheet),
    counts: false,
    quits: null,
    offset: 0,
  };
  sheet.s = { ...sheet.s, trip, line: null, asked: null, past: [], spent: 0, calmSince: now };
  tell(sheet, { state: 'connecting', reason: 'joinChannel', link: null });
  begin(sheet);
}

function begin(sheet: Sheet): void {
  const { now, policy } = sheet;
  const { trip, line, map, cursor } = sheet.s;
  if (trip === null) return;
  const kind: AttemptKind = kindOf(sheet.s, policy);
  const isRepair = kind === 'restart' || kind === 'resume';
  const endpoint = isRepair ? line!.endpoint : (map[(cursor + trip.offset) % map.length] ?? null);
  const previous = line?.link ?? sheet.s.previous;
  const deadlineAt = deadlineOf(sheet.s, trip, policy);
  const limit = policy.attempts
    ? Math.min(policy.attemptLimit * 2 ** limitsReachedOf(sheet.s), deadlineAt - now)
    : deadlineAt - now;
  const isFirstOfSweep = !isRepair && trip.offset === 0 && isSweep(sheet.s, slotsOf(trip) + 1);
  const opening = isFirstOfSweep ? policy.openingLimit / 2 : policy.openingLimit * 2 ** openingsHungOf(sheet.s);
  const attempt: Try = {
    id: isRepair ? NEW_REPAIR : NEW_LINE,
    kind,
    number: tries(trip) + 1,
    cause: trip.way === 'in' ? null : trip.cause,
    endpoint,
    previous,
    openingLimit: policy.attempts ? Math.min(opening, limit) : limit,
    limitAt: now + limit,
    deadlineAt,
  };
  if (!isRepair) loseLine(sheet);
  alter(sheet, { due: null });
  if (policy.attempts) {
    sheet.begun.push(attempt);
    log(sheet, { what: 'tried', at: now, kind, counts: trip.counts, place: isRepair ? null : trip.offset });
    alter(sheet, { running: attempt, called: true });
    sheet.s = { ...sheet.s, triedAt: now };
  }
  if (kind === 'restart') {
    ask(sheet, now);
    if (sheet.s.asked !== null) alter(sheet, { called: false });
  }
  if (isRepair) return;
  const unheard: Leg = { up: false, heardAt: now, proof: now, dead: false };
  sheet.s = {
    ...sheet.s,
    line: { id: NEW_LINE, endpoint, link: null, answers: false, hasMedia: true, signal: unheard, media: unheard },
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

function logFailure(
  sheet: Sheet,
  { error, verdict }: Ended,
  of: FailedEntry['of'],
  { stage, cut = false, answered = false, sentOff = false }: Partial<RepairEnded & { readonly sentOff: boolean }> = {},
): void {
  const { trip, line, triedAt } = sheet.s;
  const running = trip?.running;
  const isOpening = running != null && (running.id !== line?.id || line.link === null);
  const hung = isOpening && !sentOff && verdict.kind === 'unreachable' && sheet.now - triedAt >= running.openingLimit;
  log(sheet, {
    what: 'failed',
    at: sheet.now,
    verdict,
    error,
    of,
    stage: stage ?? (trip === null || of === 'link' ? 'join' : stageOf(trip)),
    cut,
    hung,
    answered,
  });
}

/** The list of places, from its first on. */
function goBy(sheet: Sheet, map: readonly (string | null)[]): void {
  sheet.s = { ...sheet.s, map, cursor: 0 };
  alter(sheet, { offset: 0 });
}

const failedAs = (trip: Trip): string => (stageOf(trip) === 'request' ? 'requestChannelFailed' : 'joinChannelFailed');

function failure({ s }: Sheet, reason: string, error: unknown): Told {
  const { trip, line } = s;
  // Z1: of one that slept too long, nobody knows what is missing.
  const legs = trip?.way === 'in' && line?.link != null ? brokenLegs(line) : (trip?.cause ?? null);
  const cause = legs === 'redispatch' ? null : legs;
  return { state: 'failed', reason, link: null, attempts: trip === null ? 0 : tries(trip), error, cause };
}

function failLate(sheet: Sheet, slept: number): void {
  const { trip } = sheet.s;
  const reason = trip?.way === 'in' ? failedAs(trip) : 'timeout';
  const error = trip === null ? undefined : lastError(trip);
  close(sheet, { ...failure(sheet, reason, error), late: true, ...(slept > 0 ? { slept } : {}) });
}

const failNow = (sheet: Sheet, error: unknown): void =>
  close(sheet, { ...failure(sheet, failedAs(sheet.s.trip!), error), late: false });

/** J7: after a leave or a dismissal there is no link to name. */
function end(sheet: Sheet, reason: string, message?: string): void {
  close(sheet, { state: 'disconnected', reason, link: null, ...(message !== undefined && { message }) });
  sheet.s = { ...sheet.s, previous: null };
}

/** R13: the server's list lasts until here. */
function close(sheet: Sheet, told: Told): void {
  loseLine(sheet);
  sheet.s = { ...sheet.s, trip: null, past: [], spent: 0, triedAt: -Infinity, map: sheet.s.home, cursor: 0 };
  tell(sheet, told);
}

function tell(sheet: Sheet, told: Told): void {
  sheet.s = { ...sheet.s, told };
  sheet.told.push(told);
}

/** Nothing is left of the line but its name, for the join that replaces it. */
function loseLine(sheet: Sheet): void {
  const { line, previous, trip } = sheet.s;
  // D5: what a join fails for is what its last link lacked.
  if (trip?.way === 'in' && line?.link != null) alter(sheet, { cause: brokenLegs(line) });
  sheet.s = { ...sheet.s, previous: line?.link ?? previous, line: null, asked: null };
}

function alter(sheet: Sheet, change: Partial<Trip>): void {
  if (sheet.s.trip !== null) sheet.s = { ...sheet.s, trip: { ...sheet.s.trip, ...change } };
}

function log(sheet: Sheet, entry: Entry): void {
  const { trip } = sheet.s;
  if (trip !== null) sheet.s = { ...sheet.s, trip: { ...trip, log: [...trip.log, entry] } };
}
