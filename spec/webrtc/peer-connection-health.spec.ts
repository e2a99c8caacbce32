import { expectTypeOf } from 'expect-type';
import { EMPTY, map, NEVER, of, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { peerConnectionHealth } from '../../lib/webrtc/peer-connection-health.js';
import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { Health } from '../../lib/core/machine/health.js';
import type { PeerConnectionHealthOptions, PeerConnectionLike } from '../../lib/webrtc/peer-connection-health.js';
import type { StatsReportLike } from '../../lib/webrtc/read-stats.js';

const u: Health = 'up';
const down = (aliveAt?: number): Health => (aliveAt === undefined ? { down: true } : { down: true, aliveAt });

type EventType = 'connectionstatechange' | 'iceconnectionstatechange';

/** A peer connection whose counters grow by 100 bytes a sample while `flows`. */
class FakePeer implements PeerConnectionLike {
  connectionState = 'new';
  flows = false;
  bytes = 0;
  samples = 0;
  readonly #listeners: [EventType, () => void][] = [];
  readonly #answer: (report: StatsReportLike) => ObservableInput<StatsReportLike>;

  constructor(answer: (report: StatsReportLike) => ObservableInput<StatsReportLike> = (report) => of(report)) {
    this.#answer = answer;
  }

  getStats(): ObservableInput<StatsReportLike> {
    this.samples += 1;
    if (this.flows) this.bytes += 100;
    const transport = { id: 'T', type: 'transport', bytesReceived: this.bytes };
    const rtp = { id: 'I', type: 'inbound-rtp', packetsReceived: this.bytes / 100 };
    return this.#answer(new Map([transport, rtp].map((stats) => [stats.id, stats])));
  }

  addEventListener(type: EventType, listener: () => void): void {
    this.#listeners.push([type, listener]);
  }

  removeEventListener(type: EventType, listener: () => void): void {
    const index = this.#listeners.findIndex(([ofType, one]) => ofType === type && one === listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  get listeners(): number {
    return this.#listeners.length;
  }

  becomes(state: string): void {
    this.connectionState = state;
    for (const [type, listener] of [...this.#listeners]) if (type === 'connectionstatechange') listener();
  }
}

interface Bench {
  readonly expectHealth: (pc: PeerConnectionLike, end: number, options?: PeerConnectionHealthOptions) => {
    toBe(marbles: string, values?: Record<string, Health>): void;
  };
  readonly at: (ms: number, deed: () => void) => void;
  readonly scheduler: SchedulerLike;
}

function run(spec: (bench: Bench) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ expectObservable }) => {
    spec({
      scheduler,
      expectHealth: (pc, end, options) =>
        expectObservable(peerConnectionHealth(pc, { scheduler, ...options }), `^ ${end - 1}ms !`),
      at: (ms, deed) => void scheduler.schedule(deed, ms),
    });
  });
}

/** Connected at 100 ms, media from then on. */
function connected({ at }: Bench, pc: FakePeer): void {
  at(100, () => {
    pc.flows = true;
    pc.becomes('connected');
  });
}

describe('peerConnectionHealth', () => {
  it('says nothing before the first proof, and is up at the sample that brings it', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.expectHealth(pc, 2000).toBe('100ms u', { u });
      const silent = new FakePeer();
      bench.at(100, () => silent.becomes('connected'));
      bench.expectHealth(silent, 2000).toBe('');
    });
  });

  it('is down when media falls silent for 1.5 s, and S9 up at the first sample with bytes', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => (pc.flows = false));
      bench.at(6100, () => (pc.flows = true));
      // The last bytes are seen at 3000, the next at 6250.
      bench.expectHealth(pc, 8000).toBe('100ms u 4399ms d 1749ms u', { u, d: down(3000) });
    });
  });

  it('S9 is not up for a state, be it connected', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => (pc.flows = false));
      ['disconnected', 'checking', 'connecting', 'connected'].forEach((state, index) =>
        bench.at(6000 + index, () => pc.becomes(state)),
      );
      bench.expectHealth(pc, 8000).toBe('100ms u 4399ms d', { u, d: down(3000) });
    });
  });

  it('H13 is not down for disconnected while anything gets through, but samples at once', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => {
        const before = pc.samples;
        pc.becomes('disconnected');
        expect(pc.samples).toBe(before + 1);
      });
      bench.expectHealth(pc, 20_000).toBe('100ms u', { u });
    });
  });

  it('is down at once when the connection failed, also before it ever was up, and up after a proof', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => {
        pc.flows = false;
        pc.becomes('failed');
      });
      bench.at(4100, () => {
        pc.flows = true;
        pc.becomes('connecting'); // a sample: the new baseline
      });
      bench.expectHealth(pc, 6000).toBe('100ms u 2999ms d 1149ms u', { u, d: down(3000) });
      const never = new FakePeer();
      bench.at(700, () => never.becomes('failed'));
      bench.expectHealth(never, 2000).toBe('700ms d', { d: down() });
    });
  });

  it('is down and completes when the connection is closed, which no event tells', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(600, () => (pc.connectionState = 'closed'));
      bench.expectHealth(pc, 2000).toBe('100ms u 649ms (d|)', { u, d: down(500) });
      bench.at(1999, () => expect([pc.listeners, pc.samples]).toEqual([0, 4]));
    });
  });

  describe('when statistics cannot be had', () => {
    it('takes a failing getStats for no evidence, thrown or rejected', () => {
      run((bench) => {
        const rejecting = new FakePeer(() => throwError(() => 'error'));
        const throwing = new FakePeer(() => {
          throw 'error';
        });
        const empty = new FakePeer(() => EMPTY);
        const odd = new FakePeer(() => of({ forEach: (visit: (stats: unknown) => void) => visit(null) }));
        for (const pc of [rejecting, throwing, empty, odd]) {
          connected(bench, pc);
          bench.expectHealth(pc, 5000).toBe('');
          bench.at(4999, () => expect(pc.samples).toBeGreaterThan(15));
        }
      });
    });

    it('keeps one call out, and then has only the states to judge by', () => {
      run((bench) => {
        const pc = new FakePeer(() => NEVER);
        connected(bench, pc);
        bench.at(5000, () => pc.becomes('failed'));
        bench.expectHealth(pc, 9000).toBe('5s d', { d: down() });
        bench.at(8999, () => expect(pc.samples).toBe(1));
      });
    });

    it('takes an answer that comes after 2 s for no evidence', () => {
      run((bench) => {
        const delayed = (ms: number) => (report: StatsReportLike) => timer(ms, bench.scheduler).pipe(map(() => report));
        const slow = new FakePeer(delayed(2000));
        connected(bench, slow);
        bench.expectHealth(slow, 7000).toBe('4s u', { u });
        const tooSlow = new FakePeer(delayed(2001));
        connected(bench, tooSlow);
        bench.expectHealth(tooSlow, 20_000).toBe('');
      });
    });

    it('leaves no unhandled rejection behind', async () => {
      const unhandled = jasmine.createSpy('unhandledRejection');
      process.on('unhandledRejection', unhandled);
      const pc = new FakePeer(() => Promise.reject(new Error('no stats')));
      const subscription = peerConnectionHealth(pc, { poll: 50 }).subscribe();
      await new Promise((resolve) => setTimeout(resolve, 120));
      subscription.unsubscribe();
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.off('unhandledRejection', unhandled);
      expect(pc.samples).toBeGreaterThan(1);
      expect(unhandled).not.toHaveBeenCalled();
    });
  });

  it('H13 sees no silence while the device is too busy to take samples', () => {
    run((bench) => {
      let lag = 0;
      const busy: SchedulerLike = {
        now: () => bench.scheduler.now(),
        schedule: (...[work, delay = 0, state]: Parameters<SchedulerLike['schedule']>) =>
          bench.scheduler.schedule(work, delay + lag, state),
      };
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => {
        lag = 3000; // samples every 3.25 s, and for three of them nothing came
        pc.flows = false;
      });
      bench.at(12_000, () => (pc.flows = true));
      bench.expectHealth(pc, 20_000, { scheduler: busy }).toBe('100ms u', { u });
    });
  });

  it('tells of a doubt at half of the loss, once a silence', () => {
    run((bench) => {
      const pc = new FakePeer();
      const doubts: number[] = [];
      connected(bench, pc);
      bench.at(3100, () => (pc.flows = false));
      bench.at(4100, () => (pc.flows = true)); // no loss; with such a pause it flows sparsely from now on
      bench.at(7100, () => (pc.flows = false));
      const onDoubt = (): void => void doubts.push(bench.scheduler.now());
      bench.expectHealth(pc, 12_000, { onDoubt }).toBe('100ms u 9399ms d', { u, d: down(7000) });
      bench.at(11_999, () => expect(doubts).toEqual([3750, 8250]));
    });
  });

  it('errors with what is thrown in a doubt', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => (pc.flows = false));
      const onDoubt = (): never => {
        throw 'error';
      };
      bench.expectHealth(pc, 12_000, { onDoubt }).toBe('100ms u 3649ms #', { u });
    });
  });

  it('takes limits of your own', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3150, () => (pc.flows = false));
      const options = { poll: 100, silence: 3500, sparseSilence: 3500 };
      bench.expectHealth(pc, 9000, options).toBe('100ms u 6499ms d', { u, d: down(3100) });
    });
  });

  it('waits no shorter for a sparse flow than for a steady one, where only that is given', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.at(3100, () => (pc.flows = false));
      bench.at(4100, () => (pc.flows = true)); // with such a pause it flows sparsely from now on
      bench.at(7100, () => (pc.flows = false));
      bench.expectHealth(pc, 14_000, { silence: 5000 }).toBe('100ms u 11899ms d', { u, d: down(7000) });
    });
  });

  it('stops looking and listening when unsubscribed, and leaves the connection alone', () => {
    run((bench) => {
      const pc = new FakePeer();
      connected(bench, pc);
      bench.expectHealth(pc, 1100).toBe('100ms u', { u });
      bench.at(1000, () => expect(pc.listeners).toBeGreaterThan(0));
      bench.at(9000, () => expect([pc.listeners, pc.samples, pc.connectionState]).toEqual([0, 6, 'connected']));
    });
  });

  it('refuses limits that make no sense, by name', () => {
    const make = (options: PeerConnectionHealthOptions) => () => peerConnectionHealth(new FakePeer(), options);
    expect(make({ poll: 49 })).toThrowError(RangeError, 'peerConnectionHealth: poll must be from 50 to 1000, got 49');
    expect(make({ silence: 100 })).toThrowError(RangeError, 'peerConnectionHealth: silence must be from 250 to 60000, got 100');
    expect(make({ sparseSilence: 1000 })).toThrowError(RangeError, /^peerConnectionHealth: sparseSilence/);
    expect(make({ silence: 5000, sparseSilence: 2500 })).toThrowError(
      RangeError,
      'peerConnectionHealth: sparseSilence must be from 5000 to 60000, got 2500',
    );
    expect(make({ onDoubt: 1 as never })).toThrowError(TypeError, 'peerConnectionHealth: onDoubt must be a function, got 1');
    expect(make({ unanswered: NaN })).toThrowError(RangeError, /^peerConnectionHealth: unanswered/);
  });

  it('fits the RTCPeerConnection of the platform', () => {
    expectTypeOf<RTCPeerConnection>().toExtend<PeerConnectionLike>();
    expectTypeOf(peerConnectionHealth(new FakePeer())).toEqualTypeOf<Observable<Health>>();
    // @ts-expect-error: statistics are needed
    expect(() => peerConnectionHealth({ connectionState: 'new' })).toThrow(
      new TypeError('peerConnectionHealth: pc must be an RTCPeerConnection, got an object'),
    );
  });
});
