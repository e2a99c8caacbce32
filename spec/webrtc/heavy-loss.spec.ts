import { NEVER, of, switchMap, throwError, timer, type ObservableInput } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { heavyLoss, isLossy, type StunCounts } from '../../lib/webrtc/heavy-loss.js';
import type { PeerConnectionLike } from '../../lib/webrtc/peer-connection-health.js';
import type { StatsReportLike } from '../../lib/webrtc/read-stats.js';

/** A sample a second; every `every` seconds a request, of which those at the given places are answered. */
function countsOf(seconds: number, every: number, isAnswered: (request: number) => boolean): StunCounts[] {
  let requests = 0;
  let answers = 0;
  return Array.from({ length: seconds }, (_, second) => {
    if (second % every === 0) {
      if (isAnswered(requests)) answers++;
      requests++;
    }
    return { at: 1_000 * second, pair: 'P', requests, answers };
  });
}

/** What is reported after the last of the samples. */
const judge = (counts: readonly StunCounts[]): boolean => isLossy(counts, counts.at(-1)?.at ?? 0);

describe('isLossy', () => {
  it('H14 reports answers of which many are missing while some come', () => {
    expect(judge(countsOf(60, 3, (request) => request % 3 === 0))).toBe(true);
    expect(judge(countsOf(60, 3, (request) => request % 3 !== 0))).toBe(true);
  });

  it('H14 does not report a healthy network, or one that loses little', () => {
    expect(judge(countsOf(60, 3, () => true))).toBe(false);
    expect(judge(countsOf(60, 3, (request) => request % 6 !== 0))).toBe(false);
  });

  it('H14 does not report a network that is cut, in one direction or both, however many requests are then sent', () => {
    const before = countsOf(60, 3, () => true);
    const [last] = before.slice(-1);
    for (const perSecond of [1, 16]) {
      const cut = Array.from({ length: 11 }, (_, second) => ({
        ...last!,
        at: last!.at + (second + 1) * 1_000,
        requests: last!.requests + (second + 1) * perSecond,
      }));
      for (const second of cut.keys()) expect(judge([...before.slice(second), ...cut.slice(0, second + 1)])).toBe(false);
    }
  });

  it('H14 reports nothing when a slow sample brings the last answer together with requests that nobody answered', () => {
    const before = countsOf(60, 3, () => true);
    const [last] = before.slice(-1);
    const slow = { ...last!, at: last!.at + 4_000, requests: last!.requests + 25, answers: last!.answers + 1 };
    expect(judge([...before, slow])).toBe(false);
    expect(judge([...before, slow, { ...slow, at: slow.at + 4_000, requests: slow.requests + 64 }])).toBe(false);
  });

  it('H14 goes on reporting for 9 s after the last sample before the last answer, however many samples that is', () => {
    const counts = countsOf(61, 3, (request) => request % 2 === 0);
    expect(counts.at(-1)).toEqual({ at: 60_000, pair: 'P', requests: 21, answers: 11 });
    expect(isLossy(counts, 68_000)).toBe(true);
    expect(isLossy(counts, 68_001)).toBe(false);
  });

  it('H14 does not report an outage that is over, but a loss around it: eight in a row without an answer are not counted', () => {
    for (const missing of [8, 9, 100]) {
      for (const every of [1, 2]) {
        const before = countsOf(30, 3, (request) => request % every === 0);
        const from = before.at(-1)!;
        const after = countsOf(30, 3, (request) => request % every === 0).map((sample) => ({
          ...sample,
          at: from.at + 5_000 + sample.at,
          requests: from.requests + missing + sample.requests,
          answers: from.answers + sample.answers,
        }));
        expect(judge([...before, ...after])).withContext(`${missing} missing, every ${every}`).toBe(every === 2);
      }
    }
    // Seven among twenty are a third.
    const seven = countsOf(60, 3, (request) => request < 5 || request > 11);
    expect(judge(seven)).toBe(true);
    expect(judge(countsOf(60, 3, (request) => request < 5 || request > 12))).toBe(false);
  });

  it('H14 reports nothing before there is something to report', () => {
    expect(judge([])).toBe(false);
    expect(judge(countsOf(1, 1, () => false))).toBe(false);
    expect(judge(countsOf(12, 3, (request) => request === 3))).toBe(false);
    // A request a second, the first of them answered before the first sample: six before the next answer, or five.
    expect(judge(countsOf(8, 1, (request) => request === 7))).toBe(true);
    expect(judge(countsOf(7, 1, (request) => request === 6))).toBe(false);
  });
});

/** An idle connection that is asked one STUN request in 3 s; once it is cut, nothing is answered, and 2 s later it is 16 a second. */
class FakePeer implements PeerConnectionLike {
  connectionState = 'connected';
  pair = 'P';
  samples = 0;
  requestsEvery = 3;
  answersEvery = 1;
  isCut = false;
  report: () => ObservableInput<StatsReportLike> = () => this.#counted();
  #requests = 0;
  #answers = 0;
  #cutLooks = 0;

  getStats(): ObservableInput<StatsReportLike> {
    this.samples += 1;
    this.#cutLooks = this.isCut ? this.#cutLooks + 1 : 0;
    if (this.#cutLooks > 2) this.#requests += 16;
    else if (this.samples % this.requestsEvery === 0) {
      this.#requests += 1;
      if (!this.isCut && this.#requests % this.answersEvery === 0) this.#answers += 1;
    }
    return this.report();
  }

  #counted(): ObservableInput<StatsReportLike> {
    const stats = { id: this.pair, type: 'candidate-pair', selected: true, requestsSent: this.#requests, responsesReceived: this.#answers };
    return of(new Map([[this.pair, stats]]));
  }

  addEventListener(): void {
    // It is asked, not listened to.
  }

  removeEventListener(): void {
    // As above.
  }
}

/** When it said what, in seconds of virtual time. */
function watch(pc: FakePeer, deeds: Readonly<Record<number, () => void>>, until: number): [number, boolean | '|'][] {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  const seen: [number, boolean | '|'][] = [];
  scheduler.run(() => {
    const note = (what: boolean | '|'): void => {
      seen.push([scheduler.now() / 1_000, what]);
    };
    const subscription = heavyLoss(pc).subscribe({ next: note, complete: () => note('|') });
    for (const [at, deed] of Object.entries(deeds)) timer(1_000 * Number(at)).subscribe(deed);
    timer(1_000 * until).subscribe(() => subscription.unsubscribe());
  });
  return seen;
}

describe('heavyLoss', () => {
  it('H14 says so after six requests of which half is answered, and no more when more than three quarters of a minute’s are', () => {
    const pc = new FakePeer();
    pc.answersEvery = 2;
    // A request in three seconds: six by 18 s, and the next answer at 24 s. Of the nineteen before an answer, fifteen are
    // answered with the 30th: 5 of those from the 12th to the 20th, and the ten since the loss.
    expect(watch(pc, { 60.5: () => (pc.answersEvery = 1) }, 200)).toEqual([
      [1, false],
      [24, true],
      [93, false],
    ]);
  });

  it('H14 says in no second of a clean cut that it is a heavy loss', () => {
    for (const at of [4.5, 20.5, 21.5, 22.5, 60.5, 61.5, 62.5, 120.5, 121.5, 122.5]) {
      const pc = new FakePeer();
      expect(watch(pc, { [at]: () => (pc.isCut = true) }, at + 100)).toEqual([[1, false]]);
    }
  });

  it('H14 says nothing of an outage that is over, in any second of the minute after it, nor when the network is cut again', () => {
    for (const seconds of [4, 8, 30]) {
      const pc = new FakePeer();
      const deeds = { 60.5: () => (pc.isCut = true), [60.5 + seconds]: () => (pc.isCut = false), 110.5: () => (pc.isCut = true) };
      expect(watch(pc, deeds, 200)).withContext(`${seconds} s`).toEqual([[1, false]]);
    }
  });

  it('H14 says no more that it is one, 9 s after the last answer', () => {
    const pc = new FakePeer();
    pc.answersEvery = 2;
    expect(watch(pc, { 60.5: () => (pc.isCut = true) }, 200)).toEqual([
      [1, false],
      [24, true],
      [69, false],
    ]);
  });

  it('H14 looks back on a minute, however slow the samples are', () => {
    const pc = new FakePeer();
    pc.requestsEvery = 1;
    pc.answersEvery = 2;
    const { report } = pc;
    pc.report = () => timer(3_000).pipe(switchMap(report));
    const seen = watch(pc, { 100.5: () => (pc.answersEvery = 1) }, 400);
    expect(seen.map(([, lossy]) => lossy)).toEqual([false, true, false]);
    // Whatever was asked before 100 s is over a minute ago.
    expect(seen.at(-1)![0]).toBeLessThanOrEqual(165);
  });

  it('H14 trusts an old sample for 9 s while another one hangs', () => {
    const pc = new FakePeer();
    pc.answersEvery = 2;
    expect(watch(pc, { 60.5: () => (pc.report = () => NEVER) }, 100)).toEqual([
      [1, false],
      [24, true],
      [69, false],
    ]);
  });

  it('H14 begins anew with another pair', () => {
    const pc = new FakePeer();
    pc.answersEvery = 2;
    const seen = watch(pc, { 40.5: () => (pc.pair = 'Q') }, 42);
    expect(seen.map(([, lossy]) => lossy)).toEqual([false, true, false]);
    expect(seen.at(-1)).toEqual([41, false]);
  });

  it('H14 skips a sample that fails or knows of no pair, and starts no other while one hangs', () => {
    const failing = new FakePeer();
    failing.report = () => throwError(() => new Error('no statistics'));
    expect(watch(failing, {}, 9.5)).toEqual([[1, false]]);
    expect(failing.samples).toBe(9);
    const hung = new FakePeer();
    hung.report = () => NEVER;
    expect(watch(hung, {}, 9)).toEqual([[1, false]]);
    expect(hung.samples).toBe(1);
    const empty = new FakePeer();
    empty.report = () => of(new Map());
    expect(watch(empty, {}, 9)).toEqual([[1, false]]);
  });

  it('H14 completes once the connection is closed, and stops sampling when nobody listens', () => {
    const pc = new FakePeer();
    expect(watch(pc, { 3.5: () => (pc.connectionState = 'closed') }, 9)).toEqual([
      [1, false],
      [4, '|'],
    ]);
    expect(pc.samples).toBe(3);
    const hung = new FakePeer();
    hung.report = () => NEVER;
    expect(watch(hung, { 3.5: () => (hung.connectionState = 'closed') }, 9)).toEqual([
      [1, false],
      [4, '|'],
    ]);
    const left = new FakePeer();
    watch(left, {}, 4.5);
    expect(left.samples).toBe(4);
  });

  it('O1 refuses options that cannot be, at once', () => {
    const wrong = (options: object): (() => unknown) => () => heavyLoss(new FakePeer(), options);
    expect(wrong({ every: 1 })).toThrow(new TypeError('heavyLoss: unknown option "every"'));
    expect(wrong({ scheduler: {} })).toThrow(new TypeError('heavyLoss: scheduler must be a SchedulerLike such as asyncScheduler, got an object'));
  });
});
