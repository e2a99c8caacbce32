import { setTimeout } from 'node:timers/promises';
import type { Finding } from '../finding.js';
import type { Situation } from '../situation.js';
import type { LabCall, Stage } from '../stage.js';
import { backAfter, longestPause, noticedAfter } from '../timeline.js';
import { allBack, mostVoid, seconds, seenBy, settled, watched, type Part } from './part.js';

/** Media that never pauses by itself for longer than 0.4 s. */
const steady: readonly Situation[] = ['active', 'muted'];
/** Heartbeat 5 s, its answer 5 s, settle time 1 s, and what a timer is late; from the cut on, for the media says nothing. */
const noticeLimit = 11_250;
const pauseLimit = 1_000;
const cutLength = 13_000;
const backLimit = 20_000;

type Trouble = readonly [name: string, begin: () => Promise<number>, end: () => Promise<number>];

/** Signalling alone is gone: it is noticed by the heartbeat, repaired in place, and media flows all the while. */
export const signalling: Part = async (stage, { repetitions, short, say }) => {
  const calls: LabCall[] = [];
  for (const situation of steady) calls.push(await stage.openCall(situation));
  const findings: Finding[] = [];
  for (const [name, begin, end] of short ? troubles(stage).slice(0, 1) : troubles(stage)) {
    const noticed: (number | null)[] = [];
    const back: (number | null)[] = [];
    const pauses: number[] = [];
    let renewed = 0;
    const measure = async (repetition: number, last: boolean): Promise<boolean> => {
      await settled(calls);
      const cutAt = await begin();
      await setTimeout(cutLength);
      const healedAt = await end();
      await allBack(calls, backLimit);
      await watched();
      const records = await seenBy(calls, { what: `${repetition}. ${name}`, last, say });
      if (records === null) return false;
      for (const { situation, record } of records) {
        const times = { cutAt, healedAt };
        const after = noticedAfter(record, times);
        const backAt = backAfter(record, times);
        const pause = longestPause(record.flow, cutAt, record.flow.at(-1)?.at ?? Date.now());
        noticed.push(after);
        back.push(backAt);
        pauses.push(pause);
        renewed += record.raw.filter(({ value }) => value !== 'connected').length;
        const words = `noticed ${seconds(after)}, back ${seconds(backAt)}, longest pause of media ${seconds(pause)}`;
        say(`${repetition}. ${name}, ${situation}: ${words}`);
      }
      return true;
    };
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (let left = mostVoid; !(await measure(repetition, left === 0)); left--);
    }
    const part = 'signalling';
    findings.push(
      {
        part,
        what: `${name}: noticed`,
        unit: 'ms',
        values: noticed,
        targets: [{ of: 'worst', limit: noticeLimit }],
      },
      { part, what: `${name}: connected after the heal`, unit: 'ms', values: back, targets: [] },
      {
        part,
        what: `${name}: longest pause of media`,
        unit: 'ms',
        values: pauses,
        targets: [{ of: 'worst', limit: pauseLimit }],
      },
      {
        part,
        what: `${name}: peer connections disturbed`,
        unit: 'count',
        values: [renewed],
        targets: [{ of: 'sum', limit: 0 }],
      },
    );
  }
  for (const call of calls) await call.close();
  return findings;
};

const troubles = (stage: Stage): readonly Trouble[] => [
  ['signalling cut', () => stage.network.cut({ kind: 'tcp' }), () => stage.network.heal()],
  ['server stopped', () => Promise.resolve(stage.stopServer()), () => Promise.resolve(stage.continueServer())],
];
