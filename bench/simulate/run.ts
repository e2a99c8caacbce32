/**
 * `npm run simulate`: the reconnect policies of the peers and ours, on one seeded model. `--quick`: fewer sizes, within a
 * minute; `--write`: also the pictures and the tables of docs/performance.md. Exit code 1 when a goal is missed.
 */
import { installPeers } from '../peers/install.js';
import { atMost, type Goal } from '../report/goals.js';
import { Report } from '../report/report.js';
import { busyAtEveryScale } from './busy.js';
import { everyOutage, healToBack, type HealToBack } from './heal-to-back.js';
import { simulateHerd, type HerdOptions, type HerdResult } from './herd.js';
import { hintPastDeadline, ticketServer } from './hint.js';
import { checkPeers } from './peers-check.js';
import { centrifuge, chime, livekit, partysocket, peers, signalr, socketio, type Peer } from './peers.js';
import { healToBackPicture, herdPicture, type Drawn } from './pictures.js';
import { ourContender, peerContender, type Contender } from './planner.js';
import { count, percent, seconds } from './table.js';

const quick = process.argv.includes('--quick');

/** Out of the way of every outage: the schedule alone. */
const noDeadline = 600_000;
const rate = 500;
/** Buckets of a second and of a tenth. */
const buckets = [rate, rate / 10];
const seeds = Array.from({ length: 10 }, (_, at) => at + 1);
const drawnPeers: readonly Peer[] = [livekit, chime, socketio, signalr, partysocket, centrifuge];

const ours = ourContender('rejoin');
const contenders: readonly Contender[] = [ours, ...peers.map(peerContender)];

const herdHead = [
  'policy',
  't50 s',
  't99 s',
  'refused',
  'attempts',
  'most of one',
  'peak a second',
  'back',
  'gave up',
  'had to',
];

const goals: Goal[] = [];
const report = new Report('simulate');
const json: Record<string, unknown> = { quick, seeds: seeds.length, rate, buckets };

await installPeers();
await peerTable();
for (const part of [outages, herds, busy, hints]) part();
report.finish(goals, json);

/** Whether the peers' policies here are those of their packages. */
async function peerTable(): Promise<void> {
  const checks = await checkPeers();
  report.show(
    'peers',
    'Peers, each compared with its own package to the millisecond',
    ['policy', 'version', 'outcome', 'asked'],
    checks.map(({ name, version, outcome, detail }) => [name, version ?? '–', outcome, detail]),
  );
  const differing = checks.filter(({ outcome }) => outcome === 'differs').length;
  goals.push(atMost('peers that differ', differing, 0));
  json['peers'] = checks;
}

function outages(): void {
  const run = (contender: Contender): readonly HealToBack[] =>
    healToBack(contender, { clients: 2_000, seed: 1, outages: everyOutage });
  const schedule = ourContender('rejoin', { deadline: noDeadline });
  const drawn: Drawn<readonly HealToBack[]>[] = [];
  const at = [1_000, 5_000, 10_000, 20_000, 30_000, 45_000];
  const rows = [schedule, ...peers.map(peerContender)].map((contender) => {
    const results = run(contender);
    const style = contender.ours ? 'ours' : drawnPeers.findIndex(({ name }) => name === contender.name);
    if (style !== -1) drawn.push({ name: contender.name, style, result: results });
    const back = results.filter(({ p95 }) => Number.isFinite(p95));
    const worst = back.reduce((a, b) => (b.p95 > a.p95 ? b : a));
    const never = results.find(({ p95 }) => !Number.isFinite(p95));
    return [
      contender.name,
      ...at.map((outage) => {
        const result = results.find((each) => each.outage === outage);
        return result === undefined ? '' : `${seconds(result.p50)} / ${seconds(result.p95)}`;
      }),
      `${seconds(worst.p95, 2)} at ${seconds(worst.outage)}${never === undefined ? '' : `, never from ${seconds(never.outage)}`}`,
      (results.find((each) => each.outage === 30_000)?.attemptsDown ?? NaN).toFixed(1),
    ];
  });
  report.show(
    'heal-to-back',
    'Heal → back, p50 / p95 in s, by the length of the outage (2,000 clients; worst of 449 lengths, 0.2 to 45 s)',
    ['policy', ...at.map((outage) => `${outage / 1_000} s`), 'worst p95', 'attempts in 30 s'],
    rows,
  );
  report.picture('heal-to-back.svg', healToBackPicture(drawn));
  json['healToBack'] = Object.fromEntries(drawn.map(({ name, result }) => [name, result]));

  const clients = 10_000;
  const worsts = seeds.map((seed) =>
    healToBack(schedule, { clients, seed, outages: everyOutage }).reduce((a, b) => (b.p95 > a.p95 ? b : a)),
  );
  const worst = worsts.reduce((a, b) => (b.p95 > a.p95 ? b : a));
  console.log(
    `Worst p95 of rejoin over ${seeds.length} seeds of ${count(clients)} clients: ${seconds(worst.p95, 3)} s, at ${seconds(worst.outage)} s.`,
  );
  goals.push(atMost('worst p95', worst.p95, 3_800, (ms) => `${seconds(ms, 3)} s`));
  json['worstP95'] = worsts;

  const near = healToBack(ours, { clients: 20_000, seed: 1, outages: [35_000, 36_000, 37_000, 38_000, 39_000] });
  console.log(
    `With the default deadline of 40 s, left behind by an outage of ${near.map(({ outage, lost }) => `${outage / 1_000} s: ${percent(lost / 20_000)}`).join(', ')}.`,
  );
  json['nearTheDeadline'] = near;
}

function herd(
  contender: Contender,
  clients: number,
  size: number,
  seed: number,
  rest: Partial<HerdOptions> = {},
): HerdResult {
  // Whom a million leave behind is known by then.
  const horizon = clients > 100_000 ? 60_000 : quick ? 200_000 : 400_000;
  return simulateHerd(contender, { clients, seed, limit: { rate, size }, horizon, ...rest });
}

function herds(): void {
  const sizes = quick ? [10_000] : [100, 1_000, 3_000, 5_000, 10_000, 100_000, 1_000_000];
  const results: Record<string, unknown>[] = [];
  const drawn: Drawn<HerdResult>[] = [];
  for (const clients of sizes) {
    for (const size of clients > 100_000 ? [rate] : buckets) {
      const rows = contenders.map((contender) => {
        const result = herd(contender, clients, size, 1);
        if (clients === 10_000 && size === rate) keep(drawn, contender, result);
        results.push({ policy: contender.name, size, ...withoutTimeline(result) });
        return herdRow(contender.name, result);
      });
      const ideal = seconds(rows.length === 0 ? NaN : herd(ours, clients, size, 1).ideal, 1);
      report.show(
        `herd-${clients}-${size}`,
        `${count(clients)} cut together, bucket of ${size} (ideal ${ideal} s${clients > 100_000 ? '; looked at for 60 s' : ''})`,
        herdHead,
        rows,
      );
    }
  }
  const tickets = herd(ours, 10_000, rate, 1, { server: ticketServer });
  drawn.push({ name: 'rejoin, with tickets', style: 'hint', result: tickets });
  report.picture('herd.svg', herdPicture(drawn, 5_000));

  const millionBegan = performance.now();
  const cpuBegan = process.cpuUsage();
  const million = herd(ours, 1_000_000, rate, 1);
  const wall = performance.now() - millionBegan;
  const { user, system } = process.cpuUsage(cpuBegan);
  const took = (user + system) / 1_000;
  console.log(
    `A million clients of rejoin in ${seconds(took)} s of one processor, ${seconds(wall)} s by the clock; ${count(million.back)} back, ${count(million.gaveUp)} gave up, ${count(million.hadTo)} had to.`,
  );
  // The processor's time: the clock's depends on who else is at work here.
  goals.push(atMost('a million in', took, 60_000, (ms) => `${seconds(ms)} s`));
  const crowd = buckets.map((size) => herd(ours, 100_000, size, 1));
  // The contract's law, for a crowd that is far too large.
  goals.push(atMost('attempts a client at 100,000', Math.max(...crowd.map(({ peakAttempts }) => peakAttempts)), 25));
  json['herds'] = results;
  json['million'] = { cpu: took, wall, ...withoutTimeline(million) };
}

function herdRow(name: string, result: HerdResult): string[] {
  return [
    name,
    seconds(result.t50),
    seconds(result.t99),
    count(result.refused),
    count(result.attempts),
    String(result.peakAttempts),
    count(result.peakRate),
    count(result.back),
    count(result.gaveUp),
    count(result.hadTo),
  ];
}

function keep(drawn: Drawn<HerdResult>[], contender: Contender, result: HerdResult): void {
  const style = contender === ours ? 'ours' : drawnPeers.findIndex(({ name }) => name === contender.name);
  if (style !== -1) drawn.push({ name: contender.name, style, result });
}

/** The grid that the rule for the busy is judged by. */
function busy(): void {
  const found = busyAtEveryScale(report, quick);
  goals.push(...found.goals);
  json['busy'] = found.json;
}

function hints(): void {
  const rows: string[][] = [];
  const of = quick ? seeds.slice(0, 2) : seeds;
  const found: Record<string, unknown>[] = [];
  for (const quitters of [0, 0.05]) {
    for (const clients of [3_000, 5_000, 10_000]) {
      const results = buckets.flatMap((size) =>
        of.map((seed) => herd(ours, clients, size, seed, { server: ticketServer, quitters })),
      );
      const over = Math.max(...results.map(({ t99, ideal }) => t99 / ideal - 1));
      const most = Math.max(...results.map(({ peakRefused }) => peakRefused));
      rows.push([`${quitters * 100} % unused`, count(clients), percent(over), String(most)]);
      found.push({ quitters, clients, over, most });
      if (clients !== 10_000) continue;
      if (quitters === 0) {
        goals.push(atMost('tickets over ideal', over, 0.01, percent));
        goals.push(atMost('refusals a client', most, 1));
      } else goals.push(atMost('with 5 % unused', over, 0.065, percent));
    }
  }
  report.show(
    'hints',
    `The queue with tickets and honouringServer: t99 over ideal (worst of both buckets, ${of.length} seeds)`,
    ['slots', 'clients', 't99 over ideal', 'refusals a client'],
    rows,
  );
  const crowd = herd(ours, 100_000, rate / 10, 1, { server: ticketServer });
  console.log(
    `100,000 with tickets: ${count(crowd.back)} back, ${count(crowd.gaveUp)} gave up, ${count(crowd.hadTo)} had to; at most ${crowd.peakRefused} refusals and ${crowd.peakAttempts} attempts a client.`,
  );
  const rooms = seeds.map((seed) => hintPastDeadline(seed));
  const wrong = rooms.filter(
    ({ attempts, hintAt, failedAt, reason }) =>
      attempts.length !== 2 || hintAt !== (attempts[0] ?? NaN) + 60_000 || failedAt !== 40_000 || reason !== 'timeout',
  );
  console.log(
    `A hint past the deadline, in ${rooms.length} real rooms: shown, probed once (${rooms.map(({ attempts }) => seconds(attempts[1] ?? NaN)).join(', ')} s), failed/timeout at 40.0 s in ${rooms.length - wrong.length}.`,
  );
  goals.push(atMost('rooms that end otherwise', wrong.length, 0));
  json['hints'] = { queue: found, crowd: withoutTimeline(crowd), pastDeadline: rooms };
}

/** A timeline is left out of the JSON. */
function withoutTimeline(result: HerdResult): object {
  return { ...result, timeline: undefined };
}
