import { setTimeout } from 'node:timers/promises';
import { seeded } from '../../bench/simulate/random.js';
import { agreementOf } from '../chaos/agreement.js';
import { bound, runCycle } from '../chaos/cycle.js';
import { holdingsAtMost, holdingsCounter, leftovers, type Holdings } from '../chaos/leftovers.js';
import { drawPlan, planText, type Plan } from '../chaos/plan.js';
import { chaosText, type ChaosRow } from '../chaos/table.js';
import { troubleOf } from '../chaos/trouble.js';
import type { Finding } from '../finding.js';
import { sessionTimeout } from '../janus.js';
import type { LabMember, Pair } from '../pair.js';
import { keepChaos, keepResult } from '../results.js';
import { mostVoid, seconds, type Part } from './part.js';

const joinLimit = 30_000;
/** Milliseconds after which Janus has given up whatever nobody keeps: its timeout, its pace of 2 s, and a little. */
const givenUp = (sessionTimeout + 5) * 1_000;
const leavingLimit = 5_000;
const freeingLimit = 20_000;

/** A break of both, one of A's media, one of signalling and then of everybody's media, and a deadline that passes. */
const warmUp: readonly Plan[] = [
  { kind: 'server restarted', rest: 0, pieces: [300], pastDeadline: false, leave: null },
  { kind: 'udp', rest: 0, pieces: [6_000], pastDeadline: false, leave: null },
  { kind: 'tcp', rest: 0, pieces: [12_000], pastDeadline: false, leave: null },
  { kind: 'server stopped', rest: 0, pieces: [12_000], pastDeadline: false, leave: null },
  { kind: 'everything', rest: 0, pieces: [300], pastDeadline: true, leave: null },
];

/** Random troubles, one after the other, on one call over Janus. */
export const chaos: Part = async (stage, { cycles, seed, say }) => {
  const startedAt = Date.now();
  say(`${cycles} cycles, seed ${seed}`);
  const random = seeded(seed);
  const janus = await stage.janus();
  const pair = await stage.openPair('janus');
  const members = [pair.A, pair.B];

  // What is made once is made now.
  await together(pair);
  for (const plan of warmUp) await runCycle(pair, plan, troubleOf(plan.kind, stage.network, janus));
  await apart(members);
  await holdingsAtMost(janus, { sessions: 0, handles: 0 }, leavingLimit);
  await setTimeout(freeingLimit);
  const pages = await Promise.all(
    members.map(async (member) => {
      const counter = await holdingsCounter(member);
      return { counter, before: await counter() };
    }),
  );
  await together(pair);

  const rows: ChaosRow[] = [];
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const plan = drawPlan(random);
    let voids = 0;
    let result = await runCycle(pair, plan, troubleOf(plan.kind, stage.network, janus));
    while (result.faults.length > 0 && result.stood > 0 && voids < mostVoid) {
      voids++;
      say(`${cycle}. ${planText(plan)}: void, a page stood still for ${seconds(result.stood)}`);
      await mended(pair);
      result = await runCycle(pair, plan, troubleOf(plan.kind, stage.network, janus));
    }
    const { back, faults, failed, keptSession } = result;
    rows.push({ plan, back, wrong: faults.length > 0, voids, failed: failed.length > 0, keptSession });
    const words = faults.length > 0 ? `WRONG: ${faults.join('; ')}` : `back ${seconds(back)}`;
    say(`${cycle}. ${planText(plan)}: ${words}${failed.length > 0 ? `, ${failed.join(' and ')} had failed` : ''}`);
    if (faults.length > 0) {
      keepResult(`chaos-wrong-${seed}-${cycle}`, { plan, ...result, janus: janus.log() });
      await mended(pair);
    }
  }

  const atEnd = await holdingsAtMost(janus, { sessions: 2, handles: 4 }, givenUp);
  await apart(members);
  const atServer = await holdingsAtMost(janus, { sessions: 0, handles: 0 }, leavingLimit);
  const inPages = await Promise.all(pages.map(({ counter, before }) => leftovers(counter, before, freeingLimit)));
  await pair.close();

  const minutes = (Date.now() - startedAt) / 60_000;
  const left: [string, number][] = [
    ['sessions too many with both in the room', Math.max(0, atEnd.sessions - 2)],
    ['handles too many with both in the room', Math.max(0, atEnd.handles - 4)],
    ['sessions at the server after both left', atServer.sessions],
    ['handles at the server after both left', atServer.handles],
    ...(Object.keys(words) as (keyof Holdings)[]).map((name): [string, number] => [
      `${words[name]} too many in the pages of A and B`,
      inPages.reduce((sum, one) => sum + one[name], 0),
    ]),
  ];
  keepChaos({ seed, minutes, rows, left });
  console.log(`\n${chaosText({ seed, minutes, rows, left })}`);
  return [
    {
      part: 'chaos',
      what: `${cycles} cycles (seed ${seed}, ${minutes.toFixed(1)} min): wrong`,
      unit: 'count',
      values: [rows.filter(({ wrong }) => wrong).length],
      targets: [{ of: 'sum', limit: 0 }],
    },
    {
      part: 'chaos',
      what: 'all agree after the heal',
      unit: 'ms',
      values: rows.map(({ back }) => back),
      targets: [{ of: 'worst', limit: bound }],
    },
    ...left.map(([what, count]): Finding => ({
      part: 'chaos',
      what,
      unit: 'count',
      values: [count],
      targets: [{ of: 'sum', limit: 0 }],
    })),
  ];
};

const words: Readonly<Record<keyof Holdings, string>> = {
  peerConnections: 'peer connections',
  webSockets: 'sockets',
  timers: 'timers',
  listeners: 'listeners',
  subscriptions: 'subscriptions',
};

async function together(pair: Pair): Promise<void> {
  for (const user of ['A', 'B'] as const) {
    await pair[user].join();
    await pair[user].until('connected', joinLimit);
  }
  const { since, missing } = await agreementOf(pair, joinLimit);
  if (since === null) throw new Error(`A and B do not come together: ${missing ?? ''}`);
}

async function apart(members: readonly LabMember[]): Promise<void> {
  for (const member of members) await member.leave();
}

/** After a cycle that went wrong the next one begins from a fresh call. */
async function mended(pair: Pair): Promise<void> {
  const { since } = await agreementOf(pair, joinLimit);
  if (since !== null) return;
  await apart([pair.A, pair.B]);
  await together(pair);
}
