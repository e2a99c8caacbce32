import fc from 'fast-check';
import { concat, delay, NEVER, of, throwError, VirtualTimeScheduler } from 'rxjs';
import { Calendar } from '../../bench/simulate/calendar.js';
import { backlogCells, capacity, fullGrid, loadCells, runCell } from '../../bench/simulate/grid.js';
import { healToBack } from '../../bench/simulate/heal-to-back.js';
import { idealTime, simulateHerd } from '../../bench/simulate/herd.js';
import { hintPastDeadline, ticketServer } from '../../bench/simulate/hint.js';
import { loneClient } from '../../bench/simulate/lone-client.js';
import { checkPeers } from '../../bench/simulate/peers-check.js';
import { grpc, livekit, nertcLike, partysocket, phoenix, signalr, socketio } from '../../bench/simulate/peers.js';
import { ourContender, peerContender } from '../../bench/simulate/planner.js';
import { seeded } from '../../bench/simulate/random.js';
import { oneServerFor, silentServer } from '../../bench/simulate/server.js';
import { percentile } from '../../bench/simulate/stats.js';
import type { Health } from '../../lib/core/machine/health.js';
import { UNREACHABLE, type Verdict } from '../../lib/core/recovery/verdict.js';
import { createRoom } from '../../lib/room/create-room.js';
import type { RoomLink } from '../../lib/room/transport.js';

const limit = { rate: 500, size: 50 };
const ours = ourContender('ours');

describe('the model of the simulation', () => {
  it('draws the same from the same seed, other things from another, evenly', () => {
    const draws = (seed: number): number[] => Array.from({ length: 10_000 }, seeded(seed));
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1).slice(0, 5)).not.toEqual(draws(2).slice(0, 5));
    const tenths = new Array<number>(10).fill(0);
    for (const draw of draws(3)) tenths[Math.floor(draw * 10)]!++;
    for (const each of tenths) expect(Math.abs(each - 1_000)).toBeLessThan(120);
  });

  it('takes clients from the calendar in the order of their times, equal ones as they were put', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 5 }), { maxLength: 30 }), (waits) => {
        const calendar = new Calendar(waits.length, 100);
        const taken: { readonly time: number; readonly put: number }[] = [];
        const puts = new Array<number>(waits.length).fill(0);
        let put = 0;
        waits.forEach(([first = 0], client) => {
          puts[client] = put++;
          calendar.put(client, first);
        });
        const rest = waits.map((each) => each.slice(1));
        for (let client = calendar.take(); client !== -1; client = calendar.take()) {
          const time = calendar.time(client);
          taken.push({ time, put: puts[client]! });
          const wait = rest[client]!.shift();
          if (wait === undefined) continue;
          puts[client] = put++;
          calendar.put(client, time + wait);
        }
        expect(taken.length).toBe(waits.flat().length);
        expect(taken).toEqual([...taken].sort((a, b) => a.time - b.time || a.put - b.put));
      }),
    );
  });

  it('has the nearest-rank percentile', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 95, 99, 100]);
  });

  it('lets in what the bucket holds, then the rate', () => {
    const server = silentServer({ rate: 10, size: 2 }, 0);
    const answers = [0, 0, 0, 99, 100, 100, 199.9, 200].map((now) => server.ask(0, now, Infinity) === null);
    expect(answers).toEqual([true, true, false, false, true, false, false, true]);
  });

  it('gives each crowd a server of its own', () => {
    const server = oneServerFor(2)({ rate: 10, size: 1 }, 0);
    const answers = [0, 1, 0, 1, 2, 3].map((client) => server.ask(client, 0, Infinity) === null);
    expect(answers).toEqual([true, true, false, false, false, false]);
  });

  /** When a real room tries to come back after a cut, in ms since then; the n-th attempt fails with the n-th verdict. */
  const attemptsOfRoom = (verdicts: readonly Verdict[], seed: number): number[] => {
    const scheduler = new VirtualTimeScheduler();
    const cutAt = 15_000;
    const attempts: number[] = [];
    const link: RoomLink = {
      signal$: concat(of<Health>('up'), of<Health>({ down: true }).pipe(delay(cutAt, scheduler)), NEVER),
      media$: null,
    };
    const room = createRoom(
      {
        join: ({ kind }) => {
          if (kind === 'join') return concat(of(link), NEVER);
          attempts.push(scheduler.now() - cutAt);
          return throwError(() => new Error('down'));
        },
        classify: () => verdicts[attempts.length - 1] ?? UNREACHABLE,
      },
      // A rejoin waits until the break is announced: at once.
      { scheduler, random: seeded(seed), settle: { signal: 0 } },
    );
    room.join();
    scheduler.flush();
    room[Symbol.dispose]();
    return attempts;
  };

  for (const [name, verdicts] of Object.entries<readonly Verdict[]>({
    'that nobody answers': [],
    'that hears "busy" from the fourth attempt on': [
      ...new Array<Verdict>(3).fill(UNREACHABLE),
      ...new Array<Verdict>(50).fill({ kind: 'busy' }),
    ],
    'that gets hints, near and far': [1_000, 0, 5_000, 0, 60_000].map((retryAfter): Verdict => ({ kind: 'busy', retryAfter })),
  })) {
    it(`plans the attempts of a client ${name} as a real room does, draw for draw`, () => {
      for (const seed of [1, 2, 3]) {
        const planner = ours.planner(1, seeded(seed));
        const planned: number[] = [];
        let at = planner.next(0, 0, UNREACHABLE);
        while (at < planner.deadlineAt) {
          planned.push(at);
          at = planner.next(0, at, verdicts[planned.length - 1] ?? UNREACHABLE);
        }
        const made = attemptsOfRoom(verdicts, seed);
        expect(made.length).toBe(planned.length);
        planned.forEach((time, n) => expect(made[n]).toBeCloseTo(time, 6));
      }
    });
  }
});

describe("the peers' policies", () => {
  const waits = ({ delay }: typeof livekit, length: number, random = 0.5): number[] =>
    Array.from({ length }, (_, failures) => delay(failures, 0, 0.5, () => random));

  it('wait as the field notes say', () => {
    expect(waits(livekit, 11)).toEqual([250, 300, 1200, 2700, 4800, 7000, 7000, 7000, 7000, 7000, Infinity]);
    expect(waits(signalr, 5)).toEqual([0, 2000, 10000, 30000, Infinity]);
    expect(waits(partysocket, 6).map(Math.round)).toEqual([3000, 3900, 5070, 6591, 8568, 10000]);
    expect(waits(phoenix, 11)).toEqual([10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000, 5000]);
    expect(waits(grpc, 4).map(Math.round)).toEqual([0, 1000, 1600, 2560]);
    expect(waits(socketio, 4)).toEqual([1250, 2500, 5000, 5000]);
    expect(nertcLike.delay(0, 37_001, 0.5, () => 0)).toBe(Infinity);
  });

  it('repeat what socket.io does after 1,015 failures', () => {
    expect(socketio.delay(1_015, 0, 0, () => 0.25)).toBe(0);
  });

  it('say so when a package is not installed, and never that an absent one is equal', async () => {
    const checks = await checkPeers(['/nowhere']);
    expect(checks.length).toBe(13);
    for (const { outcome, version } of checks) expect([outcome, version]).toEqual(['not installed', null]);
  });

  it('are those of the packages that are installed', async () => {
    for (const { name, outcome, detail } of await checkPeers([process.cwd()])) {
      if (outcome === 'differs') fail(`${name}: ${detail}`);
    }
    expect().nothing();
  });
});

describe('heal → back', () => {
  it('is what the list of SignalR says', () => {
    const outages = [1_000, 5_000, 10_000, 30_000, 45_000];
    const results = healToBack(peerContender(signalr), { clients: 20, seed: 1, outages });
    expect(results.map(({ p95 }) => p95)).toEqual([1_200, 7_200, 2_200, 12_200, Infinity]);
    expect(results.map(({ attemptsDown }) => attemptsDown)).toEqual([1, 2, 2, 3, 4]);
  });

  it('ends at the deadline, and counts whom a healed network left behind', () => {
    const [early, late, beyond] = healToBack(ours, { clients: 500, seed: 1, outages: [20_000, 39_700, 40_000] });
    expect(early!.lost).toBe(0);
    expect(late!.lost).toBeGreaterThan(100);
    expect(beyond).toEqual(jasmine.objectContaining({ p50: Infinity, lost: 0 }));
  });
});

describe('the grid', () => {
  it('has every backlog at every server that can take it in, and the largest crowds of each', () => {
    const cells = backlogCells(fullGrid);
    const { backlogs, rates, buckets, outages } = fullGrid;
    // 30 s do not fit into the 20 s that an outage of 20 s leaves.
    expect(cells.length).toBe(rates.length * buckets.length * (backlogs.length * outages.length - 1));
    for (const { clients, limit, downFor } of [...cells, ...loadCells(fullGrid)]) {
      expect(clients).toBeLessThanOrEqual(0.95 * capacity(limit, downFor));
    }
    expect(loadCells(fullGrid).length).toBe(2 * rates.length * buckets.length * outages.length);
  });

  it('knows whom a server can let in before the deadline', () => {
    // A second's worth at once, then 500 a second until 200 ms before the deadline.
    expect(capacity({ rate: 500, size: 500 }, 5_000)).toBe(500 + 34.8 * 500);
  });

  it('repeats a small crowd, so that a percentile is one, and measures by 4 s at least', () => {
    const cell = { clients: 10, limit: { rate: 50, size: 50 }, downFor: 5_000, backlog: 0.2 };
    // All are back with the first attempt after the outage.
    const { clients, failed, refused, over } = runCell(peerContender(partysocket), cell, [1, 2], 60_000);
    expect([clients, failed, refused]).toEqual([4_000, 0, 0]);
    // The attempts are at 3 s and 6.9 s, the join takes 0.2 s: 2.1 s after the outage.
    expect(over).toBeCloseTo(2_100 / 4_000, 9);
  });

  it('counts whom the contender leaves behind', () => {
    const cell = { clients: 100, limit: { rate: 500, size: 500 }, downFor: 20_000, backlog: 0.2 };
    const { failed, over } = runCell(peerContender({ name: 'tired', delay: () => Infinity }), cell, [1], 60_000);
    expect([failed, over]).toEqual([2_000, Infinity]);
  });
});

describe('a lone client', () => {
  const each = (delay: number, downFor: number, busyFor: number) =>
    loneClient(peerContender({ name: 'steady', delay: () => delay }), { clients: 10, seed: 1, downFor, busyFor });

  it('is timed from when the server lets it in', () => {
    // Attempts at 0.7, 1.4, 2.1 s …; the join takes 0.2 s.
    expect(each(700, 0, 1_000).p95).toBeCloseTo(600, 9);
    expect(each(700, 1_000, 1_000).p50).toBeCloseTo(300, 9);
    expect(each(700, 0, 1_400).p95).toBeCloseTo(200, 9);
  });

  it('is told "busy" only when the outage is over', () => {
    const told: Verdict[] = [];
    const contender = peerContender({ name: 'steady', delay: () => 700 });
    const { planner } = contender;
    const spying = {
      ...contender,
      planner: (...args: Parameters<typeof planner>) => {
        const inner = planner(...args);
        return {
          ...inner,
          next: (...asked: Parameters<typeof inner.next>) => {
            told.push(asked[2]);
            return inner.next(...asked);
          },
        };
      },
    };
    loneClient(spying, { clients: 1, seed: 1, downFor: 1_000, busyFor: 1_000 });
    expect(told.map(({ kind }) => kind)).toEqual(['unreachable', 'unreachable', 'busy']);
  });
});

describe('a herd', () => {
  const herd = (clients: number, rest = {}) => simulateHerd(ours, { clients, limit, seed: 1, horizon: 60_000, ...rest });

  it('is the same from the same seed', () => {
    expect(herd(2_000)).toEqual(herd(2_000));
  });

  it('comes back whole, never faster than the server lets it', () => {
    const result = herd(4_000);
    expect(result.back).toBe(4_000);
    expect(result.ideal).toBe(idealTime(3_960, limit));
    expect(result.t99).toBeGreaterThan(result.ideal);
    expect(result.attempts).toBeGreaterThan(result.refused + result.back);
  });

  it('gives up only where it has to, at the deadline', () => {
    const result = herd(20_000);
    expect(result.lastGaveUpAt).toBe(40_000);
    expect(result.back + result.gaveUp).toBe(20_000);
    // The price of few attempts a client: late refusals wait long, and a few slots near the deadline stay free.
    expect(result.gaveUp - result.hadTo).toBeLessThan(0.01 * 20_000);
  });

  it('with tickets is refused once at most and back within a few per cent of the ideal', () => {
    const result = herd(5_000, { server: ticketServer });
    expect(result.peakRefused).toBe(1);
    expect(result.t99 / result.ideal).toBeLessThan(1.02);
  });

  it('with tickets and a turn past the deadline tries once more', () => {
    const result = herd(30_000, { server: ticketServer });
    expect(result.peakRefused).toBe(2);
    expect(result.gaveUp - result.hadTo).toBeLessThan(0.002 * 30_000);
  });

  it('R11 D4: a hint past the deadline is shown, probed once, and ends in failed/timeout on time', () => {
    for (const seed of [1, 2, 3]) {
      const { attempts, hintAt, failedAt, reason } = hintPastDeadline(seed);
      expect(attempts.length).toBe(2);
      expect(hintAt).toBe(attempts[0]! + 60_000);
      expect(failedAt).toBe(40_000);
      expect(reason).toBe('timeout');
    }
  });
});
