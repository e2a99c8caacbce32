import { concat, NEVER, of, throwError, timer, map, type Observable, type ObservableInput } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { networkQuality, type NetworkQuality, type NetworkQualityOptions } from '../../lib/webrtc/network-quality.js';
import type { Health } from '../../lib/core/machine/health.js';
import type { PeerConnectionLike } from '../../lib/webrtc/peer-connection-health.js';
import type { StatsReportLike } from '../../lib/webrtc/read-stats.js';

type Stats = Readonly<Record<string, unknown>>;

/** A connection with one stream each way: 50 packets a second, of which a share is lost. */
class FakePeer implements PeerConnectionLike {
  connectionState = 'connected';
  downLoss = 0;
  upLoss = 0;
  roundTrip = 0.02;
  sends = true;
  receives = true;
  flows = true;
  samples = 0;
  #received = 0;
  #lost = 0;

  getStats(): ObservableInput<StatsReportLike> {
    this.samples += 1;
    if (this.flows) {
      this.#lost += 100 * this.downLoss;
      this.#received += 100 * (1 - this.downLoss);
    }
    const down: Stats = { id: 'D', type: 'inbound-rtp', packetsReceived: this.#received, packetsLost: this.#lost, jitter: 0.005 };
    const up: Stats = {
      id: 'U',
      type: 'remote-inbound-rtp',
      timestamp: this.flows ? this.samples : 0,
      fractionLost: this.upLoss,
      jitter: 0.005,
      roundTripTime: this.roundTrip,
    };
    return of(new Map([...(this.receives ? [down] : []), ...(this.sends ? [up] : [])].map((stats) => [String(stats['id']), stats])));
  }

  addEventListener(): void {
    // Its state never changes.
  }

  removeEventListener(): void {
    // As above.
  }
}

const up$: Observable<Health> = concat(of<Health>('up'), NEVER);

function watch(
  pc: FakePeer,
  script: (at: (ms: number, deed: () => void) => void, scheduler: TestScheduler) => Partial<NetworkQualityOptions> | undefined,
  until: number,
): [number, string][] {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  const seen: [number, string][] = [];
  scheduler.run(() => {
    const at = (ms: number, deed: () => void): void => {
      timer(ms).subscribe(deed);
    };
    const options = script(at, scheduler);
    const note = (text: string): void => {
      seen.push([scheduler.now(), text]);
    };
    const subscription = networkQuality(pc, { health$: up$, ...options }).subscribe({
      next: ({ up, down }: NetworkQuality) => {
        note(`${up}${down}`);
      },
      error: (error: unknown) => {
        note((error as Error).message);
      },
      complete: () => {
        note('|');
      },
    });
    at(until, () => {
      subscription.unsubscribe();
    });
  });
  return seen;
}

describe('networkQuality', () => {
  it('Q1 is unknown until it has measured: up after the first report, down after two', () => {
    expect(watch(new FakePeer(), () => undefined, 9_000)).toEqual([
      [0, '00'],
      [2_000, '10'],
      [4_000, '11'],
    ]);
  });

  it('Q1 a direction without a stream stays unknown, and becomes it', () => {
    const pc = new FakePeer();
    pc.sends = false;
    const seen = watch(
      pc,
      (at) => {
        at(7_000, () => (pc.receives = false));
        return undefined;
      },
      11_000,
    );
    expect(seen).toEqual([
      [0, '00'],
      [4_000, '01'],
      [8_000, '00'],
    ]);
  });

  it('Q2 Q3 8 % loss in one direction is seen there alone, at the second sample', () => {
    // R = 93.2 − 95·8/(8 + 25.1) = 70.2: fair, but within 2 of bad.
    const pc = new FakePeer();
    const seen = watch(
      pc,
      (at) => {
        at(5_000, () => (pc.downLoss = 0.08));
        at(13_000, () => (pc.downLoss = 0));
        return undefined;
      },
      25_000,
    );
    expect(seen).toEqual([
      [0, '00'],
      [2_000, '10'],
      [4_000, '11'],
      [8_000, '13'],
      [18_000, '11'],
    ]);
  });

  it('Q2 delay alone counts for both directions', () => {
    // 750 ms there and back and 10 ms of jitter: 375 + 10 + 20 = 405 ms, R ≈ 68.6.
    const pc = new FakePeer();
    pc.roundTrip = 0.75;
    expect(watch(pc, () => undefined, 5_000)).toEqual([
      [0, '00'],
      [2_000, '40'],
      [4_000, '44'],
    ]);
  });

  it('Q2 a report that was heard before says nothing new: what is sent keeps its quality', () => {
    const pc = new FakePeer();
    const seen = watch(
      pc,
      (at) => {
        at(5_000, () => {
          pc.flows = false;
          pc.upLoss = 1;
        });
        return undefined;
      },
      20_000,
    );
    // The stamp of the last report jumps once, to 0, and stays: one bad rating alone.
    expect(seen.at(-1)).toEqual([4_000, '11']);
  });

  it('Q4 is 6 at once while the health is down, and measured anew after it', () => {
    const pc = new FakePeer();
    const health$ = concat(
      of<Health>('up'),
      timer(5_000).pipe(map((): Health => ({ down: true }))),
      timer(4_500).pipe(map((): Health => 'up')),
      NEVER,
    );
    expect(watch(pc, () => ({ health$ }), 15_000)).toEqual([
      [0, '00'],
      [2_000, '10'],
      [4_000, '11'],
      [5_000, '66'],
      [9_500, '00'],
      [12_000, '11'],
    ]);
  });

  it('Q4 what the other side tells of the outage is no rating of what comes after it', () => {
    const pc = new FakePeer();
    const report = (id: string, timestamp: number, fractionLost: number): Stats => ({ id, type: 'remote-inbound-rtp', timestamp, fractionLost });
    // Two streams, reported at different times; each of them tells once that everything was lost.
    const reports: readonly (readonly Stats[])[] = [
      [report('S', 1, 0), report('V', 1, 0)],
      [report('S', 1, 0), report('V', 2, 0)],
      [report('S', 1, 0), report('V', 2, 0)], // down
      [report('S', 1, 0), report('V', 3, 1)], // up again
      [report('S', 1, 0), report('V', 4, 0)],
      [report('S', 5, 1), report('V', 4, 0)],
      [report('S', 5, 1), report('V', 6, 0)],
    ];
    pc.getStats = () => of(new Map((reports[pc.samples++] ?? []).map((stats) => [stats['id'], stats])));
    const health$ = concat(
      of<Health>('up'),
      timer(5_000).pipe(map((): Health => ({ down: true }))),
      timer(2_500).pipe(map((): Health => 'up')),
      NEVER,
    );
    expect(watch(pc, () => ({ health$ }), 15_000)).toEqual([
      [0, '00'],
      [2_000, '10'],
      [5_000, '66'],
      [7_500, '00'],
      [10_000, '10'],
    ]);
  });

  it('Q4 a stream that is first reported while the health is down has its next report to tell of that too', () => {
    const pc = new FakePeer();
    const report = (timestamp: number, fractionLost: number): Stats => ({ id: 'S', type: 'remote-inbound-rtp', timestamp, fractionLost });
    const reports: readonly (readonly Stats[])[] = [
      [],
      [report(1, 1)], // down
      [report(1, 1)], // up again
      [report(2, 1)],
      [report(3, 0)],
    ];
    pc.getStats = () => of(new Map((reports[pc.samples++] ?? [report(3, 0)]).map((stats) => [stats['id'], stats])));
    const health$ = concat(of<Health>({ down: true }), timer(5_000).pipe(map((): Health => 'up')), NEVER);
    expect(watch(pc, () => ({ health$ }), 15_000)).toEqual([
      [0, '00'],
      [0, '66'],
      [5_000, '00'],
      [10_000, '10'],
    ]);
  });

  it('Q2 the report of one stream is not counted again because another stream has a new one', () => {
    const pc = new FakePeer();
    pc.getStats = () => {
      pc.samples += 1;
      const sound: Stats = { id: 'S', type: 'remote-inbound-rtp', timestamp: pc.samples < 3 ? 1 : 2, fractionLost: pc.samples < 3 ? 0 : 0.5 };
      const picture: Stats = { id: 'V', type: 'remote-inbound-rtp', timestamp: pc.samples, fractionLost: 0 };
      return of(new Map([sound, picture].map((stats) => [stats['id'], stats])));
    };
    expect(watch(pc, () => undefined, 15_000)).toEqual([
      [0, '00'],
      [2_000, '10'],
    ]);
  });

  it('Q4 ends with the health, and stops sampling', () => {
    const pc = new FakePeer();
    const seen = watch(pc, () => ({ health$: concat(of<Health>('up'), timer(3_000).pipe(map((): Health => 'up'))) }), 9_000);
    expect(seen).toEqual([
      [0, '00'],
      [2_000, '10'],
      [3_000, '|'],
    ]);
    expect(pc.samples).toBe(1);
    const failing = watch(new FakePeer(), () => ({ health$: throwError(() => new Error('gone')) }), 9_000);
    expect(failing).toEqual([
      [0, '00'],
      [0, 'gone'],
    ]);
  });

  it('Q1 skips a sample that fails', () => {
    const pc = new FakePeer();
    spyOn(pc, 'getStats').and.throwError('no statistics');
    expect(watch(pc, () => undefined, 9_000)).toEqual([[0, '00']]);
  });

  it('Q1 takes another pace, and the health of its own when none is given', () => {
    const pc = new FakePeer();
    const seen = watch(pc, () => ({ every: 500, health$: undefined as unknown as Observable<Health> }), 1_800);
    expect(seen.slice(0, 3)).toEqual([
      [0, '00'],
      [500, '10'],
      [1_000, '11'],
    ]);
  });

  it('O1 refuses options that cannot be, at once', () => {
    const wrong = (options: object): (() => unknown) => () => networkQuality(new FakePeer(), options);
    expect(wrong({ evry: 1 })).toThrow(new TypeError('networkQuality: unknown option "evry"'));
    expect(wrong({ every: 0 })).toThrowError(RangeError, /networkQuality: every/);
    expect(wrong({ health$: 'up' })).toThrow(new TypeError('networkQuality: health$ must be an Observable, got a string'));
    expect(wrong({ scheduler: {} })).toThrow(new TypeError('networkQuality: scheduler must be a SchedulerLike such as asyncScheduler, got an object'));
  });
});
