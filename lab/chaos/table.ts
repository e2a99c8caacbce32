import { markdown, table } from '../../bench/simulate/table.js';
import { statistic } from '../finding.js';
import { putBetween } from '../report.js';
import { troubleKinds, type Plan } from './plan.js';

/** What became of one cycle. */
export interface ChaosRow {
  readonly plan: Plan;
  readonly back: number | null;
  readonly wrong: boolean;
  readonly voids: number;
  /** Somebody had given up, at the deadline. */
  readonly failed: boolean;
  readonly keptSession: boolean;
}

export interface ChaosRun {
  readonly seed: number;
  readonly minutes: number;
  readonly rows: readonly ChaosRow[];
  /** What was left behind, by name. */
  readonly left: readonly (readonly [what: string, count: number])[];
}

const names: Readonly<Record<Plan['kind'], string>> = {
  everything: 'everything',
  outbound: 'what A sends',
  inbound: 'what is sent to A',
  udp: 'UDP alone',
  tcp: 'TCP alone',
  'server stopped': 'server stopped',
  'server restarted': 'server killed and restarted',
};

const head = [
  'trouble',
  'cycles',
  'wrong',
  'void',
  'A left',
  'somebody failed',
  'A kept its session',
  'back: median (worst)',
];

const row = (name: string, rows: readonly ChaosRow[]): string[] => {
  const count = (is: (one: ChaosRow) => boolean): string => String(rows.filter(is).length);
  const backs = rows.map(({ back }) => back);
  const [median, worst] = (['median', 'worst'] as const).map((of) => (statistic(backs, of) / 1000).toFixed(2));
  return [
    name,
    String(rows.length),
    count(({ wrong }) => wrong),
    String(rows.reduce((sum, { voids }) => sum + voids, 0)),
    count(({ plan }) => plan.leave !== null),
    count(({ failed }) => failed),
    count(({ keptSession }) => keptSession),
    rows.length === 0 ? '' : `${median} s (${worst} s)`,
  ];
};

const body = ({ rows }: ChaosRun): string[][] => [
  ...troubleKinds.map((kind) =>
    row(
      names[kind],
      rows.filter(({ plan }) => plan.kind === kind),
    ),
  ),
  row('all', rows),
];

export const chaosText = (run: ChaosRun): string => table(head, body(run));

/** Renews the table of docs/lab.md. */
export function writeChaos(run: ChaosRun): void {
  const left = run.left.map(([what, count]) => `${count} ${what}`).join(', ');
  putBetween(
    'chaos',
    `Seed ${run.seed}, ${run.minutes.toFixed(1)} minutes.\n\n${markdown(head, body(run))}\n\nLeft behind: ${left}.`,
  );
}
