import { setTimeout } from 'node:timers/promises';
import type { CallRecord } from '../record.js';
import { situations } from '../situation.js';
import type { LabCall } from '../stage.js';
import { allBack, mostVoid, seconds, seenBy, settled, watched, type Part } from './part.js';

/** Heartbeat 5 s, its answer 5 s, settle time 1 s, and what a timer is late: since the last thing that was heard. */
const heartbeatLimit = 11_250;
const cutLength = 15_000;
const backLimit = 20_000;

/**
 * One direction only. What A sends is lost while what is sent to A arrives: media flows, and only the heartbeat can tell.
 * The other way round nothing arrives, and the media tells first.
 */
export const oneway: Part = async (stage, { repetitions, say }) => {
  const calls: LabCall[] = [];
  for (const situation of situations) calls.push(await stage.openCall(situation));
  const silence: (number | null)[] = [];
  const outbound: (number | null)[] = [];
  const inbound: (number | null)[] = [];
  const measure = async (kind: 'outbound' | 'inbound', what: string, last: boolean): Promise<boolean> => {
    await settled(calls);
    const cutAt = await stage.network.cut({ kind });
    await setTimeout(cutLength);
    await stage.network.heal();
    await allBack(calls, backLimit);
    await watched();
    const records = await seenBy(calls, { what, last, say });
    if (records === null) return false;
    for (const { situation, record } of records) {
      const said = record.states.find(({ state }) => state === 'reconnecting')?.at ?? null;
      const after = said === null ? null : said - cutAt;
      (kind === 'outbound' ? outbound : inbound).push(after);
      if (kind === 'outbound') silence.push(said === null ? null : said - lastHeard(record, cutAt));
      say(`${what}, ${situation}: noticed ${seconds(after)}, timers late by ${record.late} ms`);
    }
    return true;
  };
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const kind of ['outbound', 'inbound'] as const) {
      for (let left = mostVoid; !(await measure(kind, `${repetition}. ${kind} cut`, left === 0)); left--);
    }
  }
  for (const call of calls) await call.close();
  const part = 'oneway';
  return [
    {
      part,
      what: 'what A sends is cut: noticed, since A last heard the server',
      unit: 'ms',
      values: silence,
      targets: [{ of: 'worst', limit: heartbeatLimit }],
    },
    { part, what: 'what A sends is cut: noticed', unit: 'ms', values: outbound, targets: [] },
    {
      part,
      what: 'what is sent to A is cut: noticed',
      unit: 'ms',
      values: inbound,
      targets: [{ of: 'worst', limit: heartbeatLimit }],
    },
  ];
};

/** The last proof of life that the room knew of when signalling was found dead. */
function lastHeard({ events }: CallRecord, cutAt: number): number {
  const lost = events.find(({ type, text, at }) => type === 'signal' && at >= cutAt && text.includes('"up":false'));
  const { aliveAt } = JSON.parse(lost?.text ?? '{}') as { aliveAt?: number };
  return aliveAt ?? cutAt;
}
