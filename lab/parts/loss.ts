import { setTimeout } from 'node:timers/promises';
import type { Finding } from '../finding.js';
import type { CallRecord } from '../record.js';
import { situations } from '../situation.js';
import { settled, type Part } from './part.js';

/** An alarm within so long (ms) after a page stood still is about its processor: the heartbeat's limit and more. */
const aftermath = 15_000;

/** Random loss, each way, in every situation at once: nothing of it is a lost link. */
export const loss =
  (probability: number): Part =>
  async (stage, { lossMinutes, say }) => {
    const calls = [];
    for (const situation of situations) calls.push(await stage.openCall(situation));
    const findings: Finding[] = [];
    const name = `${probability * 100} % loss for ${lossMinutes} min`;
    await settled(calls);
    await stage.network.cut({ kind: 'loss', probability });
    await setTimeout(lossMinutes * 60_000);
    await stage.network.heal();
    let raw = 0;
    let stood = 0;
    for (const { situation, A, B } of calls) {
      const ends = [await A.record(), await B.record()];
      const alarms = ends.map((end) => alarmsOf(end).filter((at) => !stoodBefore(end, at)).length);
      stood += ends.flatMap((end) => alarmsOf(end).filter((at) => stoodBefore(end, at))).length;
      raw += ends.flatMap((end) => end.raw).filter(isPlatformAlarm).length;
      const late = Math.max(...ends.map((end) => end.late));
      say(`${name}, ${situation}: ${alarms.join(' + ')} false alarms, timers late by ${late} ms`);
      for (const { states, events } of ends) {
        if (states.length > 0) say([...states, ...events].map((entry) => JSON.stringify(entry)).join('\n'));
      }
      findings.push({
        part: 'loss',
        what: `${name}, ${situation}: false alarms of A and B`,
        unit: 'count',
        values: alarms,
        targets: [{ of: 'sum', limit: 0 }],
      });
    }
    for (const call of calls) await call.close();
    return [
      ...findings,
      { part: 'loss', what: `${name}: alarms after a page stood still`, unit: 'count', values: [stood], targets: [] },
      { part: 'peers', what: `${name}: 'disconnected' of Chromium`, unit: 'count', values: [raw], targets: [] },
    ];
  };

/** When a page left `connected`. */
const alarmsOf = ({ states }: CallRecord): readonly number[] =>
  states.filter(({ state }) => state !== 'connected').map(({ at }) => at);

const stoodBefore = ({ stalls }: CallRecord, alarm: number): boolean =>
  stalls.some(({ at }) => at <= alarm && at > alarm - aftermath);

const isPlatformAlarm = ({ source, value }: CallRecord['raw'][number]): boolean =>
  source === 'connectionState' && value === 'disconnected';
