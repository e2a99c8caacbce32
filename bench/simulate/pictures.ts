import { chart, type Line, type LineStyle } from './chart.js';
import type { HealToBack } from './heal-to-back.js';
import type { HerdResult } from './herd.js';

export interface Drawn<T> {
  readonly name: string;
  readonly style: LineStyle;
  readonly result: T;
}

export function healToBackPicture(drawn: readonly Drawn<readonly HealToBack[]>[]): string {
  const lines = (of: 'p50' | 'p95'): Line[] =>
    drawn.map(({ name, style, result }) => ({
      name,
      style,
      points: result.map((each) => [each.outage / 1_000, each[of] / 1_000] as const),
    }));
  const x = { label: 'length of the outage (s)', from: 0, to: 45, step: 5 };
  const y = { label: 's', from: 0, to: 18, step: 2 };
  return chart('From the healing of the network until a client is back', [
    { title: 'Nineteen out of twenty are back within (p95)', x, y, lines: lines('p95') },
    { title: 'Half are back within (p50)', x, y: { ...y, to: 8, step: 1 }, lines: lines('p50') },
  ]);
}

export function herdPicture(drawn: readonly Drawn<HerdResult>[], downFor: number): string {
  const span = 60;
  const lines = (valueAt: (result: HerdResult, slice: number) => number, every: number): Line[] =>
    drawn
      .filter(({ style }) => style !== 'ideal')
      .map(({ name, style, result }) => {
        const slices = Math.ceil(((span + downFor / 1_000) * 1_000) / result.timeline.slice);
        const points: [number, number][] = [];
        for (let at = 0; at <= slices; at += every) {
          points.push([(at * result.timeline.slice - downFor) / 1_000, valueAt(result, at)]);
        }
        return { name, style, points };
      });
  const sum = (counts: Uint32Array, from: number, to: number): number =>
    counts.subarray(Math.max(0, from), to).reduce((total, each) => total + each, 0);
  const clients = drawn[0]?.result.clients ?? 1;
  const x = { label: 'seconds since the server is there again', from: -downFor / 1_000, to: span, step: 5 };
  const back = lines(({ timeline, clients: all }, at) => (100 * sum(timeline.back, 0, at)) / all, 2);
  const ideal: Line = {
    name: 'a server that is never idle',
    style: 'ideal',
    points: [
      [0.2, (100 * 500) / clients],
      [0.2 + (clients - 500) / 500, 100],
      [span, 100],
    ],
  };
  return chart(
    `${clients.toLocaleString('en')} clients cut together for ${downFor / 1_000} s, then 500 joins a second`,
    [
      {
        title: 'Back (%)',
        x,
        y: { label: '%', from: 0, to: 100, step: 20 },
        lines: [...back, ideal],
      },
      {
        title: 'Attempts that reach the server or find nobody, a second',
        x,
        y: { label: 'a second', from: 0, to: 6_000, step: 1_000 },
        lines: lines(({ timeline }, at) => (sum(timeline.attempts, at - 5, at + 5) * 1_000) / (10 * timeline.slice), 2),
      },
    ],
  );
}
