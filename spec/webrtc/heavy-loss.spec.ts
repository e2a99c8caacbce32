import { NEVER, of, throwError, timer, type ObservableInput } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { heavyLoss, isLossy, type StunCounts } from '../../lib/webrtc/heavy-loss.js';
import type { PeerConnectionLike } from '../../lib/webrtc/peer-connection-health.js';
import type { StatsReportLike } from '../../lib/webrtc/read-stats.js';

/** A look a second; every `every` seconds a request, of which those at the given places are answered. */
function countsOf(seconds: number, every: number, isAnswered: (request: number) => boolean): StunCounts[] {
  let requests = 0;
  let answers = 0;
  return Array.from({ length: seconds }, (_, second) => {
    if (second % every === 0) {
      if (isAnswered(requests)) answers++;
      requests++;
    }
    return { pair: 'P', requests, answers };
  });
}

describe('isLossy', () => {
  it('H14 is told by answers of which many are missing while some come', () => {
    expect(isLossy(countsOf(60, 3, (request) => request % 3 === 0))).toBe(true);
    expect(isLossy(countsOf(60, 3, (request) => request % 3 !== 0))).toBe(true);
  });

  it('H14 is not told of a network that is well, or loses little', () => {
    expect(isLossy(countsOf(60, 3, () => true))).toBe(false);
    expect(isLossy(countsOf(60, 3, (request) => request % 6 !== 0))).toBe(false);
  });

  it('H14 is not told of one that is cut, in one direction or both, however many requests are then sent', () => {
    const before = countsOf(60, 3, () => true);
    const [last] = before.slice(-1);
    for (const perSecond of [1, 16]) {
      const cut = Array.from({ length: 11 }, (_, second) => ({ ...last!, requests: last!.requests + (second + 1) * perSecond }));
      expect(isLossy([...before.slice(11), ...cut])).toBe(false);
    }
  });

  it('H14 is not told before there is something to tell', () => {
    expect(isLossy([])).toBe(false);
    expect(isLossy(countsOf(1, 1, () => false))).toBe(false);
    expect(isLossy(countsOf(12, 3, (request) => request === 3))).toBe(false);
  });
});

/** An idle connection that is asked one STUN request in 3 s. */
class FakePeer implements PeerConnectionLike {
  connectionState = 'connected';
  pair = 'P';
  looks = 0;
  answersEvery = 1;
  report: () => ObservableInput<StatsReportLike> = () => this.#counted();
  #requests = 0;
  #answers = 0;

  getStats(): ObservableInput<StatsReportLike> {
    this.looks += 1;
    if (this.looks % 3 === 0) {
      this.#requests += 1;
      if (this.#requests % this.answersEvery === 0) this.#answers += 1;
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
    // A request in three seconds: six by 18 s. Of the last twenty, fifteen are answered with the ninth one after the loss: 6 of 11, 9 of 9.
    expect(watch(pc, { 60.5: () => (pc.answersEvery = 1) }, 200)).toEqual([
      [1, false],
      [18, true],
      [87, false],
    ]);
  });

  it('H14 is silent about a connection that is cut', () => {
    const pc = new FakePeer();
    expect(watch(pc, { 60.5: () => (pc.answersEvery = Infinity) }, 200)).toEqual([[1, false]]);
  });

  it('H14 begins anew with another pair', () => {
    const pc = new FakePeer();
    pc.answersEvery = 2;
    const seen = watch(pc, { 40.5: () => (pc.pair = 'Q') }, 42);
    expect(seen.map(([, lossy]) => lossy)).toEqual([false, true, false]);
    expect(seen.at(-1)).toEqual([41, false]);
  });

  it('H14 a look that fails, or knows of no pair, is none; one that never returns is waited for alone', () => {
    const failing = new FakePeer();
    failing.report = () => throwError(() => new Error('no statistics'));
    expect(watch(failing, {}, 9.5)).toEqual([]);
    expect(failing.looks).toBe(9);
    const hung = new FakePeer();
    hung.report = () => NEVER;
    expect(watch(hung, {}, 9)).toEqual([]);
    expect(hung.looks).toBe(1);
    const empty = new FakePeer();
    empty.report = () => of(new Map());
    expect(watch(empty, {}, 9)).toEqual([[1, false]]);
  });

  it('H14 completes once the connection is closed, and looks no more when nobody listens', () => {
    const pc = new FakePeer();
    expect(watch(pc, { 3.5: () => (pc.connectionState = 'closed') }, 9)).toEqual([
      [1, false],
      [4, '|'],
    ]);
    expect(pc.looks).toBe(3);
    const left = new FakePeer();
    watch(left, {}, 4.5);
    expect(left.looks).toBe(4);
  });

  it('O1 refuses options that cannot be, at once', () => {
    const wrong = (options: object): (() => unknown) => () => heavyLoss(new FakePeer(), options);
    expect(wrong({ every: 1 })).toThrow(new TypeError('heavyLoss: unknown option "every"'));
    expect(wrong({ scheduler: {} })).toThrow(new TypeError('heavyLoss: scheduler must be a SchedulerLike'));
  });
});
