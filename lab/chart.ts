import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/files.js';
import { statistic, type Finding } from './finding.js';

const width = 860;
const left = 250;
const right = 130;
const rowHeight = 26;

/** Light and dark: the page's own preference, with a ground of its own either way. */
const style = `
  .ground { fill: #fff } text { fill: #24292f; font: 12px system-ui, sans-serif } .title { font-size: 14px; font-weight: 600 }
  .grid { stroke: #d8dee4 } .span { stroke: #8c959f; stroke-width: 2 } .span.ours { stroke: #0969da }
  .dot { fill: #57606a } .dot.ours { fill: #0969da } .target { stroke: #cf222e; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .span { stroke: #6e7681 }
    .span.ours { stroke: #58a6ff } .dot { fill: #8b949e } .dot.ours { fill: #58a6ff } .target { stroke: #ff7b72 }
  }`;

/** Renews both pictures: when a cut is noticed, and when a call is back. */
export function writePictures(findings: readonly Finding[]): void {
  const pictures = {
    'lab-noticed.svg': picture(
      'Everything cut: seconds until it is noticed',
      findings.filter(({ what }) => what.startsWith('everything cut')),
    ),
    'lab-back.svg': picture(
      'After the heal: seconds until it is back',
      findings.filter(({ what }) => /^\d+ s cut: /.test(what)),
    ),
  };
  for (const [name, text] of Object.entries(pictures)) writeFileSync(join(root, 'docs', 'pictures', name), text);
}

/** One line a finding: from the best to the worst, a dot at the median, a stroke at the target for the median. */
function picture(title: string, findings: readonly Finding[]): string {
  const finite = findings.flatMap(({ values }) => values).filter((value) => value !== null);
  const most = Math.max(1_000, ...finite);
  const step = [500, 1_000, 2_000, 5_000, 10_000].find((one) => most / one <= 9) ?? 20_000;
  const to = Math.ceil(most / step) * step;
  const at = (ms: number): number => Math.round(left + (ms / to) * (width - left - right));
  const bottom = 44 + findings.length * rowHeight;
  const ticks = Array.from({ length: to / step + 1 }, (_, index) => index * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 30}" width="${width}" height="${bottom + 30}" role="img">`,
    `<title>${title}</title><style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${bottom + 30}" rx="6"/>`,
    `<text class="title" x="16" y="24">${title}</text>`,
    ...ticks.map(
      (ms) =>
        `<path class="grid" d="M${at(ms)} 40V${bottom}"/><text x="${at(ms)}" y="${bottom + 18}" text-anchor="middle">${ms / 1000}</text>`,
    ),
    ...findings.map((finding, index) => line(finding, 40 + (index + 0.5) * rowHeight, at)),
    '</svg>',
    '',
  ].join('\n');
}

function line(finding: Finding, y: number, at: (ms: number) => number): string {
  const [best, median, worst] = (['best', 'median', 'worst'] as const).map((of) => statistic(finding.values, of)) as [
    number,
    number,
    number,
  ];
  const mine = finding.part === 'peers' ? '' : ' ours';
  const target = finding.targets.find(({ of }) => of === 'median');
  const name = finding.what
    .replace(/^everything cut, (.*): noticed$/, 'rejoin, $1')
    .replace(/^everything cut: noticed by /, '')
    .replace('connected after the heal', 'rejoin')
    .replace(/echo of |media of /, '');
  const says = Number.isFinite(best) ? `${seconds(median)} (${seconds(best)} – ${seconds(worst)})` : 'never';
  return [
    `<text x="${left - 10}" y="${y + 4}" text-anchor="end">${name}</text>`,
    Number.isFinite(best)
      ? `<path class="span${mine}" d="M${at(best)} ${y}H${Number.isFinite(worst) ? at(worst) : width - right}"/>`
      : '',
    Number.isFinite(median) ? `<circle class="dot${mine}" cx="${at(median)}" cy="${y}" r="5"/>` : '',
    target ? `<path class="target" d="M${at(target.limit)} ${y - 9}v18"/>` : '',
    `<text x="${width - right + 8}" y="${y + 4}">${says}</text>`,
  ].join('');
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : 'never');
