import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdown, table } from '../bench/simulate/table.js';
import { root } from '../scripts/files.js';
import { isMet, statistic, type Finding, type PartName, type Target } from './finding.js';
import { keepResult, keptResult } from './results.js';

const page = join(root, 'docs', 'lab.md');
const head = ['', 'median (best – worst)', 'n', 'target', ''];
/** In the order of the page. */
const partNames: readonly PartName[] = ['ab', 'heal', 'signalling', 'oneway', 'restart', 'loss', 'peers'];

const number = (value: number, unit: Finding['unit']): string =>
  !Number.isFinite(value) ? 'never' : unit === 'ms' ? `${(value / 1000).toFixed(2)} s` : String(value);

function found({ values, unit }: Finding): string {
  if (unit === 'count') return number(statistic(values, 'sum'), unit);
  if (values.length > 0 && values.every((value) => value === null)) return 'never';
  const [median, best, worst] = (['median', 'best', 'worst'] as const).map((of) => number(statistic(values, of), unit));
  return `${median} (${best} – ${worst})`;
}

function target({ of, limit, bound = 'atMost' }: Target, unit: Finding['unit']): string {
  return `${of === 'sum' ? '' : `${of} `}${bound === 'atMost' ? '≤' : '≥'} ${number(limit, unit)}`;
}

const verdict = (finding: Finding): string =>
  finding.targets.length === 0 ? '' : finding.targets.every((one) => isMet(finding, one)) ? 'met' : 'MISSED';

const row = (finding: Finding): string[] => [
  finding.what,
  found(finding),
  finding.unit === 'ms' ? String(finding.values.length) : '',
  finding.targets.map((one) => target(one, finding.unit)).join(', '),
  verdict(finding),
];

export const asText = (findings: readonly Finding[]): string => table(head, findings.map(row));

/** One line with every figure that has a target. */
export function lastLine(findings: readonly Finding[]): string {
  const judged = findings.filter(({ targets }) => targets.length > 0);
  const missed = judged.filter((finding) => verdict(finding) !== 'met').length;
  const figures = judged.map(
    (finding) => `${finding.what} ${found(finding)}${verdict(finding) === 'met' ? '' : ' MISSED'}`,
  );
  return `lab: ${judged.length - missed} targets met, ${missed} missed: ${figures.join('; ')}`;
}

export const countMet = (findings: readonly Finding[]): { readonly met: number; readonly missed: number } => {
  const judged = findings.filter(({ targets }) => targets.length > 0);
  const met = judged.filter((finding) => verdict(finding) === 'met').length;
  return { met, missed: judged.length - met };
};

/** Keeps what a part found, for a page that is written later. */
export const keep = (name: string, findings: readonly Finding[]): void => keepResult(name, findings);

/** What all parts found when they last ran. */
export function kept(names: readonly string[]): readonly Finding[] {
  const findings = names.flatMap((name) => (keptResult(name) ?? []) as readonly Finding[]);
  return partNames.flatMap((part) => findings.filter((finding) => finding.part === part));
}

/** Renews the table of the page between its markers. */
export function writePage(findings: readonly Finding[]): void {
  putBetween('lab', markdown(head, findings.map(row)));
}

/** Puts Markdown between two markers of the page, `<!-- name -->` and `<!-- /name -->`. */
export function putBetween(name: string, body: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/lab.md has no place for a table: ${begin} … ${end}`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${body}\n\n${text.slice(to)}`);
}
