import type { Random } from '../../bench/simulate/random.js';

/** What is done to A's network, or to the server. */
export const troubleKinds = [
  'everything',
  'outbound',
  'inbound',
  'udp',
  'tcp',
  'server stopped',
  'server restarted',
] as const;

export type TroubleKind = (typeof troubleKinds)[number];

/** One cycle of the chaos. */
export interface Plan {
  readonly kind: TroubleKind;
  /** Milliseconds of rest before it. */
  readonly rest: number;
  /** Milliseconds: trouble, heal, trouble … with a trouble at the end. */
  readonly pieces: readonly number[];
  /** The last trouble lasts until whom it concerns has given up. */
  readonly pastDeadline: boolean;
  /** A leaves just before the trouble, or in the midst of it, and joins after the heal, or while it still lasts. */
  readonly leave: { readonly when: 'before' | 'during'; readonly join: 'during' | 'after' } | null;
}

const [shortest, longest] = [300, 20_000];
const flapping = 0.2;
const giving = 0.08;
const leaving = 0.12;

/** Short troubles are as likely as long ones: 0.3–3 s, 3–20 s. */
const lengthOf = (random: Random): number => Math.round(shortest * (longest / shortest) ** random());

export function drawPlan(random: Random): Plan {
  const kind = troubleKinds[Math.floor(random() * troubleKinds.length)] ?? 'everything';
  const rest = Math.round(random() * 3_000);
  const pieces = [lengthOf(random)];
  if (random() < flapping) pieces.push(Math.round(100 + random() * 2_900), lengthOf(random));
  const fate = random();
  const [early, at] = [random() < 0.5, random() < 0.5];
  return {
    kind,
    rest,
    pieces,
    pastDeadline: fate < giving,
    leave:
      fate >= giving && fate < giving + leaving
        ? { when: early ? 'before' : 'during', join: at ? 'during' : 'after' }
        : null,
  };
}

export function planText({ kind, pieces, pastDeadline, leave }: Plan): string {
  const lengths = pieces.map((ms) => (ms / 1000).toFixed(1));
  if (pastDeadline) lengths[lengths.length - 1] = 'until failed';
  const words = leave === null ? '' : `, A leaves ${leave.when} and joins ${leave.join}`;
  return `${kind} ${lengths.join(' / ')} s${words}`;
}
