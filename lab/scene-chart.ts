import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/files.js';
import type { ServerKind } from './page/member.js';
import type { Band, Scene, Sight } from './scene.js';

const width = 860;
const [left, right] = [84, 18];
/** Seconds that are drawn, before the cut and after it. */
const [first, last] = [-6, 58];
const lane = 34;
const strip = 17;
const headHeight = 62;
const rowHeight = 26 + lane + strip + lane + strip + 22;

/** The widest font's average letter, of its size: 12 px and strong, 10 px. */
const letters = { 12: 0.66, 10: 0.56 };

const x = (ms: number): number =>
  Math.round(
    (left + ((Math.min(Math.max(ms / 1000, first), last) - first) / (last - first)) * (width - left - right)) * 10,
  ) / 10;

/** Light and dark: the page's own preference, with a ground of its own either way. */
const style = `
  .ground { fill: #fff; stroke: #d8dee4 } text { fill: #24292f; font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif }
  .title { font-size: 15px; font-weight: 600 } .head { font-size: 12.5px } .strong { font-weight: 600 }
  .soft { fill: #57606a; font-size: 11px } .time { fill: #57606a; font-size: 10.5px } .why { font-size: 10px }
  .grid { stroke: #eaeef2 } .edge { stroke: #cf222e; stroke-width: 1.2; stroke-dasharray: 3 2.5 } .cut { fill: #cf222e; opacity: 0.09 }
  .wire { stroke: #cf222e; stroke-width: 2.4 } .mark { stroke: #8c959f }
  .connected rect { fill: #d2f4da } .connected .bar { fill: #1a7f37 } .connected text { fill: #116329 }
  .reconnecting rect { fill: #fdf0b8 } .reconnecting .bar { fill: #bf8700 } .reconnecting text { fill: #7d4e00 }
  .failed rect { fill: #ffdcd8 } .failed .bar { fill: #cf222e } .failed text { fill: #a40e26 }
  .here rect { fill: #d6ecff } .here .bar { fill: #0969da } .here text { fill: #0550ae }
  .frozen rect { fill: #e6eaef } .frozen .bar { fill: #8c959f } .frozen text { fill: #424a53 }
  .gone rect { fill: #ffdcd8 } .gone .bar { fill: #cf222e } .gone text { fill: #a40e26 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #30363d } text { fill: #e6edf3 } .soft, .time { fill: #9198a1 } .grid { stroke: #21262d }
    .edge, .wire { stroke: #ff7b72 } .cut { fill: #ff7b72; opacity: 0.12 } .mark { stroke: #6e7681 }
    .connected rect { fill: #12361f } .connected .bar { fill: #3fb950 } .connected text { fill: #7ee787 }
    .reconnecting rect { fill: #3b2e0a } .reconnecting .bar { fill: #d29922 } .reconnecting text { fill: #f2cc60 }
    .failed rect, .gone rect { fill: #4a1a1c } .failed .bar, .gone .bar { fill: #f85149 } .failed text, .gone text { fill: #ffa198 }
    .here rect { fill: #0c2d52 } .here .bar { fill: #58a6ff } .here text { fill: #a5d6ff }
    .frozen rect { fill: #262c36 } .frozen .bar { fill: #7d8590 } .frozen text { fill: #c9d1d9 }
  }`;

const servers: Readonly<Record<ServerKind, string>> = { janus: "Debian's Janus", demo: "the demo's own server" };
const files: Readonly<Record<ServerKind, string>> = { janus: 'lab-ab.svg', demo: 'lab-ab-demo.svg' };

/** Renews a picture for each server: A's states and A as B sees it, cut by cut. */
export function writeScenes(scenes: readonly Scene[]): void {
  for (const server of ['janus', 'demo'] as const) {
    const theirs = scenes.filter((scene) => scene.server === server);
    if (theirs.length > 0) writeFileSync(join(root, 'docs', 'pictures', files[server]), picture(server, theirs));
  }
}

function picture(server: ServerKind, scenes: readonly Scene[]): string {
  const bottom = headHeight + scenes.length * rowHeight;
  const height = bottom + 22;
  const ticks = [0, 10, 20, 30, 40, 50];
  const title = 'The network of A is cut: what A is told, and what B sees of A';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title><style>${style}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    `<text class="title" x="16" y="26">${title}</text>`,
    `<text class="soft" x="16" y="44">Measured: two Chromiums on networks of their own, ${servers[server]}, the library's defaults.</text>`,
    ...ticks.map(
      (second) =>
        `<path class="grid" d="M${x(second * 1000)} ${headHeight}V${bottom - 8}"/>` +
        `<text class="time" x="${x(second * 1000)}" y="${bottom + 6}" text-anchor="middle">${second === 0 ? 'the cut' : `${second} s`}</text>`,
    ),
    ...scenes.map((scene, index) => row(scene, headHeight + index * rowHeight)),
    '</svg>',
    '',
  ].join('\n');
}

function row(scene: Scene, top: number): string {
  const ours = top + 26;
  const theirs = ours + lane + strip;
  const end = scene.A.at(-1)?.to ?? 0;
  const healed = scene.healedAfter ?? end;
  const failed = scene.A.find(({ state }) => state === 'failed');
  return [
    `<text class="head" x="16" y="${top + 12}"><tspan class="strong">${scene.healedAfter === null ? 'For good.' : `For ${Math.round(scene.healedAfter / 1000)} s.`}</tspan> ${story(scene)}</text>`,
    `<text class="strong" x="16" y="${ours + 21}">A</text><text x="16" y="${theirs + 21}"><tspan class="strong">B</tspan> sees A</text>`,
    `<rect class="cut" x="${x(0)}" y="${ours - 6}" width="${lengthIn(0, healed)}" height="${lane * 2 + strip + 9}"/>`,
    ...scene.A.map((band) => box(band.state, band, ours, [band.state, band.reason ?? ''])),
    ...scene.B.map((sight) => box(sight.what, sight, theirs, wordsOf(sight))),
    `<path class="wire" d="M${x(0)} ${ours - 5}H${x(healed)}"/>`,
    `<path class="edge" d="M${x(0)} ${ours - 5}V${theirs + lane + 3}"/>`,
    scene.healedAfter === null ? '' : `<path class="edge" d="M${x(healed)} ${ours - 5}V${theirs + lane + 3}"/>`,
    ...times(scene.A, ours + lane),
    ...times(scene.B, theirs + lane),
    failed === undefined ? '' : promise(theirs + lane),
  ].join('');
}

/** The row in one sentence. */
function story({ A, B, healedAfter, newLinks }: Scene): string {
  const gone = B.find(({ what }) => what === 'gone');
  const final = A.at(-1);
  const leave = gone === undefined ? 'B never saw A leave' : `B is told after ${seconds(gone.from)} that A has left`;
  if (final?.state === 'failed') return `A gives up after ${seconds(final.from)}; ${leave}.`;
  if (final?.state !== 'connected') return `A is not back; ${leave}.`;
  const back = Math.max(0, final.from - (healedAfter ?? 0));
  return `A is back ${seconds(back)} after the heal, in ${newLinks === 0 ? 'the same' : 'a new'} session; ${leave}.`;
}

function wordsOf({ what, reason, code }: Sight): readonly [string, string] {
  if (what === 'here') return ['here', ''];
  if (what === 'frozen') return ['picture frozen', ''];
  return ['gone', reason === null ? 'reason null' : `${reason} ${String(code)}`];
}

/** When a band began, at its left edge; what begins with the cut, or in the words of another, needs no time. */
const times = (bands: readonly (Band | Sight)[], top: number): readonly string[] =>
  bands
    .slice(1)
    .filter(({ from }, index) => from > 300 && x(from) - x(bands[index]?.from ?? -Infinity) > 36)
    .map(
      ({ from }) =>
        `<path class="mark" d="M${x(from)} ${top}v4"/><text class="time" x="${x(from)}" y="${top + 14}">${seconds(from)}</text>`,
    );

/** Between these B is to be told. */
const promise = (top: number): string =>
  `<path class="mark" fill="none" d="M${x(40_000)} ${top + 19}v4H${x(50_000)}v-4"/>` +
  `<text class="time" x="${x(39_500)}" y="${top + 26}" text-anchor="end">promised: 40 to 50 s</text>`;

function box(kind: string, { from, to }: Band | Sight, y: number, [main, why]: readonly [string, string]): string {
  const across = lengthIn(from, to);
  const at = x(from);
  const room = across - 12;
  const lengthOf = (text: string, size: 12 | 10): number => text.length * size * letters[size];
  /** Fonts differ: what might be too long is made as long as the room. */
  const fit = (text: string, size: 12 | 10): string =>
    lengthOf(text, size) <= room ? '' : ` textLength="${Math.round(room)}" lengthAdjust="spacingAndGlyphs"`;
  const shows = (text: string, size: 12 | 10): boolean => text !== '' && lengthOf(text, size) <= room * 1.6;
  const both = shows(main, 12) && shows(why, 10);
  return [
    `<g class="${kind}"><rect x="${at}" y="${y}" width="${across}" height="${lane}"/><rect class="bar" x="${at}" y="${y}" width="3" height="${lane}"/>`,
    shows(main, 12)
      ? `<text class="strong" x="${at + 8}" y="${y + (both ? 15 : 21)}"${fit(main, 12)}>${main}</text>`
      : '',
    both ? `<text class="why" x="${at + 8}" y="${y + 28}"${fit(why, 10)}>${why}</text>` : '',
    '</g>',
  ].join('');
}

const lengthIn = (from: number, to: number): number => Math.round((x(to) - x(from)) * 10) / 10;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
