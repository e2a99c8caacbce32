import { setTimeout } from 'node:timers/promises';
import type { Finding, Target } from '../finding.js';
import type { PeerRecord } from '../record.js';
import { situations, type Situation } from '../situation.js';
import type { LabCall, LabPeers } from '../stage.js';
import {
  backAfter,
  echoedAfter,
  flowsAfter,
  noticedAfter,
  peerNoticedAfter,
  platformNoticedAfter,
  type CutTimes,
} from '../timeline.js';
import { allBack, mostVoid, seconds, seenBy, settled, watched, type Part } from './part.js';

/** Milliseconds from the cut to `reconnecting`. */
const noticeLimits: Readonly<Record<Situation, number>> = {
  active: 2_000,
  muted: 2_000,
  dtx: 3_000,
  held: 4_200,
  data: 4_200,
};
/** Long enough to be noticed in every situation, and by Chromium. */
const noticeable = 8_000;

const lengths = [3_000, 8_000, 20_000, 30_000];

const backTargets = (length: number): readonly Target[] =>
  length < 15_000
    ? [{ of: 'median', limit: 500 }]
    : [
        { of: 'median', limit: 1_000 },
        { of: 'worst', limit: 3_800 },
      ];

const backLimit = 20_000;
const echoLimit = 45_000;

/** Everything cut, in every situation at once: when it is noticed, when it is back. The clients of others stand beside. */
export function heal(only?: readonly number[]): Part {
  return async (stage, { repetitions, short, say }) => {
    const calls: LabCall[] = [];
    for (const situation of situations) calls.push(await stage.openCall(situation));
    const peers = short ? null : await stage.openPeers();
    const noticed = collector<Situation>();
    const platform = collector<'all'>();
    const back = collector<string>();
    const rawBack = collector<string>();
    const peerNoticed = collector<string>();
    const peerBack = collector<string>();

    const measure = async (length: number, nth: string, last: boolean): Promise<boolean> => {
      // A new one each time: the last may not have come back.
      const raw = short ? null : await stage.openRaw('active');
      await settled(calls);
      await peers?.clear();
      const cutAt = await stage.network.cut({ kind: 'everything' });
      await setTimeout(Math.max(0, cutAt + length - Date.now()));
      const healedAt = await stage.network.heal();
      const times: CutTimes = { cutAt, healedAt };
      await allBack(calls, backLimit);
      await watched();

      const records = await seenBy(calls, { what: `${nth} ${length / 1000} s cut`, last, say });
      if (records === null) {
        await raw?.close();
        return false;
      }
      const words = [];
      for (const { situation, record } of records) {
        const after = backAfter(record, times);
        if (length >= noticeable) {
          noticed.add(situation, noticedAfter(record, times));
          platform.add('all', platformNoticedAfter(record, times));
        }
        back.add(`${length} ${situation}`, after);
        words.push(`${situation} ${seconds(noticedAfter(record, times))} / ${seconds(after)}`);
      }
      if (peers !== null) {
        for (const record of await echoed(peers, healedAt)) {
          // Whoever has not noticed in the longest cut would not notice in a shorter one.
          if (length === Math.max(...(only ?? lengths))) peerNoticed.add(record.name, peerNoticedAfter(record, times));
          const after = echoedAfter(record, times);
          peerBack.add(`${length} ${record.name}`, after);
          words.push(`${record.name} ${seconds(after)}`);
        }
      }
      if (raw !== null) {
        const after = flowsAfter(await raw.flow(), times);
        rawBack.add(String(length), after);
        words.push(`RTCPeerConnection ${seconds(after)}`);
        await raw.close();
      }
      say(`${nth} ${length / 1000} s cut: ${words.join(', ')}`);
      return true;
    };

    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (const length of only ?? lengths) {
        for (let left = mostVoid; !(await measure(length, `${repetition}.`, left === 0)); left--);
      }
    }
    for (const call of calls) await call.close();
    await peers?.close();
    return [
      ...noticed.entries((situation) => ({
        part: 'heal',
        what: `everything cut, ${situation}: noticed`,
        targets: [{ of: 'median', limit: noticeLimits[situation] }],
      })),
      ...platform.entries(() => ({ part: 'peers', what: 'everything cut: noticed by Chromium', targets: [] })),
      ...(only ?? lengths).map((length): Finding => ({
        part: 'heal',
        what: `${length / 1000} s cut: connected after the heal`,
        unit: 'ms',
        values: situations.flatMap((situation) => back.of(`${length} ${situation}`)),
        targets: backTargets(length),
      })),
      ...rawBack.entries((length) => ({
        part: 'peers',
        what: `${Number(length) / 1000} s cut: media of RTCPeerConnection alone`,
        targets: [],
      })),
      ...peerNoticed.entries((name) => ({ part: 'peers', what: `everything cut: noticed by ${name}`, targets: [] })),
      ...peerBack.entries((key) => {
        const [length, ...name] = key.split(' ');
        return { part: 'peers', what: `${Number(length) / 1000} s cut: echo of ${name.join(' ')}`, targets: [] };
      }),
    ];
  };
}

/** What the peers wrote down, once all have heard an echo after the heal or nobody waits any longer. */
async function echoed(peers: LabPeers, healedAt: number): Promise<readonly PeerRecord[]> {
  for (;;) {
    const records = await peers.record();
    const all = records.every((record) => echoedAfter(record, { cutAt: 0, healedAt }) !== null);
    if (all || Date.now() > healedAt + echoLimit) return records;
    await setTimeout(500);
  }
}

interface Collector<K extends string> {
  add(key: K, value: number | null): void;
  of(key: K): readonly (number | null)[];
  entries(describe: (key: K) => Omit<Finding, 'unit' | 'values'>): readonly Finding[];
}

function collector<K extends string>(): Collector<K> {
  const lists = new Map<K, (number | null)[]>();
  return {
    add: (key, value) => {
      const list = lists.get(key) ?? [];
      list.push(value);
      lists.set(key, list);
    },
    of: (key) => lists.get(key) ?? [],
    entries: (describe) => [...lists].map(([key, values]) => ({ ...describe(key), unit: 'ms', values })),
  };
}
