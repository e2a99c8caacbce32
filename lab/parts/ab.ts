import { setTimeout } from 'node:timers/promises';
import type { Finding } from '../finding.js';
import type { Pair } from '../pair.js';
import { standstill } from '../record.js';
import { keepScenes } from '../results.js';
import { sceneOf, type Scene } from '../scene.js';
import type { ServerKind } from '../page/member.js';
import { mostVoid, seconds, type Part } from './part.js';

/** Milliseconds until A's network is healed; `null`: never. */
const lengths = [8_000, 30_000, null] as const;

const joinLimit = 30_000;
const stable = 10_500;
/** Milliseconds to see before the cut and after the end. */
const [before, after] = [6_000, 8_000];
const backLimit = 20_000;
const goneLimit = 65_000;
const deadline = 40_000;

const names: Readonly<Record<ServerKind, string>> = { janus: 'Janus', demo: "the demo's server" };
/** What the server says of one who is gone. Janus does not tell a closed tab from a timeout. */
const reasons: Readonly<Record<ServerKind, string | null>> = { janus: null, demo: 'timeout' };

/** A's outage as A and B see it, over Janus and on the demo's server in the same cuts. */
export const ab: Part = async (stage, { say }) => {
  const pairs = [await stage.openPair('janus'), await stage.openPair('demo')];
  const joined = async (): Promise<void> => {
    for (const { A, B } of pairs) {
      for (const member of [A, B]) {
        const { state } = await member.look();
        if (state === 'disconnected' || state === 'failed') await member.join();
        await member.until('connected', joinLimit);
      }
    }
  };

  const play = async (length: number | null): Promise<readonly Scene[] | null> => {
    await joined();
    await setTimeout(stable);
    await Promise.all(pairs.flatMap(({ A, B }) => [A.clear(), B.clear()]));
    const takes = await Promise.all(pairs.map(async (pair) => ({ pair, links: (await pair.A.record()).links })));
    const from = Date.now();
    await setTimeout(before);
    const cutAt = await stage.network.cut({ kind: 'everything' });
    let healedAt: number | null = null;
    if (length === null) {
      await Promise.allSettled(pairs.map((pair) => over(pair)));
    } else {
      await setTimeout(Math.max(0, cutAt + length - Date.now()));
      healedAt = await stage.network.heal();
      await Promise.allSettled(pairs.map(({ A }) => A.until('connected', backLimit)));
    }
    await setTimeout(after);
    const to = Date.now();
    const seen = await Promise.all(
      takes.map(async ({ pair: { server, A, B }, links }) => ({
        server,
        links,
        records: { A: await A.record(), B: await B.record() },
      })),
    );
    if (healedAt === null) await stage.network.heal();
    const stood = Math.max(...seen.flatMap(({ records: { A, B } }) => [A.late, B.late]));
    const what = length === null ? 'cut for good' : `${length / 1000} s cut`;
    if (stood > standstill) say(`${what}: a page stood still for ${seconds(stood)}`);
    const scenes = seen.map(({ server, links, records }) =>
      sceneOf(server, records, links, { from, cutAt, healedAt, to }),
    );
    for (const scene of scenes) say(`${what}, ${names[scene.server]}: ${textOf(scene)}`);
    return stood > standstill ? null : scenes;
  };

  const scenes: Scene[] = [];
  for (const length of lengths) {
    let played = await play(length);
    for (let left = mostVoid; played === null && left > 0; left--) played = await play(length);
    scenes.push(...(played ?? []));
  }
  for (const pair of pairs) await pair.close();
  keepScenes(scenes);
  return (['janus', 'demo'] as const).flatMap((server) =>
    lengths.flatMap((length, index) =>
      findingsOf(server, length, scenes.filter((one) => one.server === server)[index]),
    ),
  );
};

/** A has given up, and B has heard that A is gone. */
async function over({ A, B }: Pair): Promise<void> {
  const end = Date.now() + goneLimit;
  const isOver = async (): Promise<boolean> =>
    (await A.look()).state === 'failed' && (await B.look()).users.length === 0;
  while (Date.now() < end && !(await isOver())) await setTimeout(200);
}

function findingsOf(server: ServerKind, length: number | null, scene: Scene | undefined): readonly Finding[] {
  const name = names[server];
  const time = (what: string, value: number | null | undefined, from: number, to: number): Finding => ({
    part: 'ab',
    what,
    unit: 'ms',
    values: [value ?? null],
    targets: [
      ...(from > -Infinity ? [{ of: 'worst', limit: from, bound: 'atLeast' } as const] : []),
      { of: 'worst', limit: to },
    ],
  });
  const none = (what: string, count: number | undefined): Finding => ({
    part: 'ab',
    what,
    unit: 'count',
    values: count === undefined ? [] : [count],
    targets: [{ of: 'sum', limit: 0 }],
  });
  const gone = scene?.B.find(({ what }) => what === 'gone');
  if (length !== null) {
    const last = scene?.A.at(-1);
    const back = last?.state === 'connected' ? Math.max(0, last.from - (scene?.healedAfter ?? 0)) : null;
    const cut = `${name}, A cut for ${length / 1000} s`;
    return [
      time(`${cut}: A connected after the heal`, back, -Infinity, 3_800),
      none(`${cut}: new sessions of A`, scene?.newLinks),
      none(`${cut}: leaves of A that B heard of`, scene && (gone ? 1 : 0)),
      none(`${cut}: states that B announced`, scene && scene.ofB.length - 1),
    ];
  }
  const failed = scene?.A.find(({ state }) => state === 'failed');
  const alive = scene === undefined || scene.deadlineAt === null ? null : scene.deadlineAt - deadline;
  const cut = `${name}, A cut for good`;
  return [
    // A timer may be late by the standstill that makes a run void.
    time(
      `${cut}: A failed, since its last proof of life`,
      failed && alive !== null ? failed.from - alive : null,
      deadline,
      deadline + standstill,
    ),
    // What had arrived is found by looking, every quarter of a second; a cut is in force within 50 ms.
    time(`${cut}: A's last proof of life, since the cut`, alive, -750, 250),
    none(`${cut}: other reasons than failed/timeout`, failed && (failed.reason === 'timeout' ? 0 : 1)),
    time(`${cut}: B hears that A is gone`, gone?.from, 40_000, 50_000),
    none(`${cut}: other reasons than ${String(reasons[server])}`, gone && (gone.reason === reasons[server] ? 0 : 1)),
    none(`${cut}: states that B announced`, scene && scene.ofB.length - 1),
  ];
}

function textOf({ A, B }: Scene): string {
  const ours = A.slice(1).map(({ from, state, reason }) => `${state}/${String(reason)} ${seconds(from)}`);
  const theirs = B.slice(1).map(
    ({ from, what, reason }) => `${what}${reason === null ? '' : ` (${reason})`} ${seconds(from)}`,
  );
  return `A ${ours.join(', ')}; B sees A ${theirs.join(', ')}`;
}
