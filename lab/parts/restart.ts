import type { Finding } from '../finding.js';
import type { RestartOrder } from '../page/echo-call.js';
import type { LabEchoCall, Stage } from '../stage.js';
import { settled, type Part, type PartOptions } from './part.js';

/** Milliseconds by which the signalling of a restart is late, at most. */
const mostDelay = 1_000;
const all = 50;
const few = 4;

const situations = ['active', 'muted'] as const;

/** Forced ICE restarts of living connections, the offer being late by up to a second: each must live on. */
export const restart: Part = async (stage, { short, say }) => {
  const wanted = (short ? few : all) / situations.length;
  const [inRooms, ours, usual] = await Promise.all([
    betweenUsers(stage, wanted, say),
    short ? null : atJanus('ours', stage, wanted, say),
    short ? null : atJanus('usual', stage, wanted, say),
  ]);
  const part = 'restart';
  const of = (restarts: string): string => `alive after ${wanted * situations.length} ${restarts} with late signalling`;
  const every = { of: 'sum', limit: wanted * situations.length, bound: 'atLeast' } as const;
  const findings: Finding[] = [
    { part, what: of('ICE restarts'), unit: 'count', values: inRooms.alive, targets: [every] },
    {
      part,
      what: 'states announced meanwhile',
      unit: 'count',
      values: inRooms.announced,
      targets: [{ of: 'sum', limit: 0 }],
    },
  ];
  if (ours !== null)
    findings.push({ part, what: of('ICE restarts at Janus'), unit: 'count', values: ours, targets: [every] });
  if (usual !== null)
    findings.push({
      part: 'peers',
      what: of('ICE restarts at Janus in the usual order'),
      unit: 'count',
      values: usual,
      targets: [],
    });
  return findings;
};

/** Calls of A and B in rooms: A restarts their ICE. */
async function betweenUsers(
  stage: Stage,
  wanted: number,
  say: PartOptions['say'],
): Promise<{ readonly alive: readonly number[]; readonly announced: readonly number[] }> {
  const calls = [];
  for (const situation of situations) calls.push(await stage.openCall(situation));
  await settled(calls);
  const alive = await Promise.all(calls.map(({ A }) => counted(wanted, () => A.restart(mostDelay))));
  say(`in rooms: ${alive.join(' + ')} alive of ${wanted} each`);
  const ends = calls.flatMap(({ A, B }) => [A, B]);
  const announced = await Promise.all(ends.map(async (end) => (await end.record()).states.length));
  for (const call of calls) await call.close();
  return { alive, announced };
}

/** Calls without a room with the echo test of Janus; one that died is made anew. */
async function atJanus(
  order: RestartOrder,
  stage: Stage,
  wanted: number,
  say: PartOptions['say'],
): Promise<readonly number[]> {
  const alive = await Promise.all(
    situations.map(async (situation) => {
      let call: LabEchoCall | null = null;
      const living = await counted(wanted, async () => {
        call ??= await stage.openEchoCall(situation);
        const lives = await call.restart(order, mostDelay).catch(() => false);
        if (!lives) {
          await call.close();
          call = null;
        }
        return lives;
      });
      await (call as LabEchoCall | null)?.close();
      return living;
    }),
  );
  say(`at Janus, ${order} order: ${alive.join(' + ')} alive of ${wanted} each`);
  return alive;
}

/** How often it held, one after the other. */
async function counted(times: number, holds: () => Promise<boolean>): Promise<number> {
  let held = 0;
  for (let at = 1; at <= times; at++) if (await holds()) held++;
  return held;
}
