export interface Line {
  readonly name: string;
  /** x and y in the units of the axes; a `y` that is not finite breaks the line. */
  readonly points: readonly (readonly [number, number])[];
  readonly style: LineStyle;
}

export type LineStyle = 'ours' | 'hint' | 'ideal' | number;

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const width = 860;
const left = 56;
const right = 16;
const plotHeight = 260;
const panelHeight = plotHeight + 84;

/** Light and dark: the page's own preference, with a ground of its own either way. */
const style = `
  .ground { fill: #fff } text { fill: #24292f; font: 12px system-ui, sans-serif } .title { font-size: 14px; font-weight: 600 }
  .grid { stroke: #d8dee4 } .line { fill: none; stroke-width: 1.4; stroke-linejoin: round }
  .ours { stroke: #0969da; stroke-width: 3.2 } .hint { stroke: #0969da; stroke-width: 2.2; stroke-dasharray: 7 3 }
  .ideal { stroke: #24292f; stroke-width: 1.2; stroke-dasharray: 2 3 }
  .p0 { stroke: #bc4c00 } .p1 { stroke: #1a7f37 } .p2 { stroke: #8250df } .p3 { stroke: #cf222e } .p4 { stroke: #9a6700 } .p5 { stroke: #bf3989 } .p6 { stroke: #57606a }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d }
    .ours, .hint { stroke: #58a6ff } .ideal { stroke: #e6edf3 }
    .p0 { stroke: #f0883e } .p1 { stroke: #56d364 } .p2 { stroke: #bc8cff } .p3 { stroke: #ff7b72 } .p4 { stroke: #e3b341 } .p5 { stroke: #f778ba } .p6 { stroke: #8b949e }
  }`;

/** Panels one below the other with one legend, as SVG. */
export function chart(title: string, panels: readonly Panel[]): string {
  const names = [...new Map(panels.flatMap(({ lines }) => lines).map((line) => [line.name, line.style]))];
  const perRow = 4;
  const legendTop = 40;
  const top = legendTop + Math.ceil(names.length / perRow) * 20 + 8;
  const height = top + panels.length * panelHeight;
  const legend = names.map(([name, how], at) => {
    const x = left + (at % perRow) * ((width - left - right) / perRow);
    const y = legendTop + Math.floor(at / perRow) * 20;
    return `<path class="line ${classOf(how)}" d="M${x} ${y - 4}h26"/><text x="${x + 32}" y="${y}">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title><style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    `<text class="title" x="${left}" y="20">${title}</text>`,
    ...legend,
    ...panels.map((panel, at) => `<g transform="translate(0 ${top + at * panelHeight})">${draw(panel, at)}</g>`),
    '</svg>',
    '',
  ].join('\n');
}

function draw({ title, x, y, lines }: Panel, number: number): string {
  const atX = (value: number): number => left + ((value - x.from) / (x.to - x.from)) * (width - left - right);
  const atY = (value: number): number => 24 + plotHeight - ((value - y.from) / (y.to - y.from)) * plotHeight;
  const ticks = ({ from, to, step }: Axis): number[] =>
    Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, at) => from + at * step);
  const clip = `clip${number}`;
  return [
    `<text class="title" x="${left}" y="14">${title}</text>`,
    `<clipPath id="${clip}"><rect x="${left}" y="22" width="${width - left - right}" height="${plotHeight + 4}"/></clipPath>`,
    ...ticks(y).map(
      (value) =>
        `<path class="grid" d="M${left} ${round(atY(value))}H${width - right}"/><text x="${left - 8}" y="${round(atY(value) + 4)}" text-anchor="end">${label(value)}</text>`,
    ),
    ...ticks(x).map(
      (value) =>
        `<text x="${round(atX(value))}" y="${24 + plotHeight + 18}" text-anchor="middle">${label(value)}</text>`,
    ),
    `<text x="${(left + width - right) / 2}" y="${24 + plotHeight + 38}" text-anchor="middle">${x.label}</text>`,
    `<text transform="translate(14 ${24 + plotHeight / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>`,
    `<g clip-path="url(#${clip})">`,
    ...[...lines]
      .sort((a, b) => Number(typeof b.style === 'number') - Number(typeof a.style === 'number'))
      .map((line) => `<path class="line ${classOf(line.style)}" d="${pathOf(line, atX, atY, y.to)}"/>`),
    '</g>',
  ].join('\n');
}

function pathOf(
  { points }: Line,
  atX: (value: number) => number,
  atY: (value: number) => number,
  most: number,
): string {
  let path = '';
  let pen: 'M' | 'L' = 'M';
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${round(atX(x))} ${round(atY(Math.min(y, most * 2)))}`;
    pen = 'L';
  }
  return path;
}

const classOf = (how: LineStyle): string => (typeof how === 'number' ? `p${how}` : how);

const round = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

const label = (value: number): string => (value >= 10_000 ? `${value / 1_000}k` : String(Math.round(value * 10) / 10));
