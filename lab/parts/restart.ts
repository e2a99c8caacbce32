import { settled, type Part } from './part.js';

/** Milliseconds by which the signalling of a restart is late, at most. */
const mostDelay = 1_000;
const all = 50;
const few = 4;

/** Forced ICE restarts of living connections, the offer being late by up to a second: each must live on. */
export const restart: Part = async (stage, { short, say }) => {
  const calls = [await stage.openCall('active'), await stage.openCall('muted')];
  await settled(calls);
  const wanted = short ? few : all;
  const alive = await Promise.all(
    calls.map(async ({ situation, A }) => {
      let living = 0;
      for (let at = 1; at <= wanted / calls.length; at++) if (await A.restart(mostDelay)) living++;
      say(`${situation}: ${living} of ${wanted / calls.length} alive`);
      return living;
    }),
  );
  const announced = await Promise.all(
    calls.flatMap(({ A, B }) => [A, B]).map(async (end) => (await end.record()).states.length),
  );
  for (const call of calls) await call.close();
  const part = 'restart';
  return [
    {
      part,
      what: `alive after ${wanted} ICE restarts with late signalling`,
      unit: 'count',
      values: alive,
      targets: [{ of: 'sum', limit: wanted, bound: 'atLeast' }],
    },
    { part, what: 'states announced meanwhile', unit: 'count', values: announced, targets: [{ of: 'sum', limit: 0 }] },
  ];
};
