import { deriveOnly } from '../../lib/core/machine/derive-only.js';
import { transition } from '../../lib/core/machine/transition.js';
import { nextAt } from '../../lib/core/machine/due-times.js';
import { staleReports, type Alphabet, type Step } from './alphabet.js';
import type { Setting, Terms } from './policies.js';
import { drive, keyOfWorld, newWorld, START_AT, type Driven, type Input, type Transit, type World } from './world.js';

export interface ExploreOptions {
  readonly setting: Setting;
  readonly alphabet: Alphabet;
  readonly transit?: Transit;
  /** Steps from the beginning, or from every place of the life that is walked along. */
  readonly depth: number;
  /** A life, as labels of steps; those that a setting does not know are left out. */
  readonly along?: readonly string[];
  /** Told of every edge. */
  readonly visit?: (from: World, step: Step, driven: Driven) => void;
  /** Where to stop, if the depth is not reached before. */
  readonly mostStates?: number;
  readonly mostWrong?: number;
  /** Also ask for purity, silence before `nextAt` and deafness to what is stale, in every state. */
  readonly thorough?: boolean;
}

export interface Disagreement {
  readonly kind: string;
  readonly wrong: readonly string[];
  /** The sequence that leads to it, none shorter. */
  readonly sequence: readonly Step[];
  readonly setting: string;
}

export interface Exploration {
  readonly states: number;
  readonly edges: number;
  /** Sequences of up to `depth` steps that the edges stand for. */
  readonly sequences: number;
  /** Up to how many steps every sequence is covered; `Infinity` when no state is left to look at. */
  readonly depth: number;
  readonly disagreements: readonly Disagreement[];
  /** How often each kind of disagreement was met. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** What judges a room in this setting. */
const engineOf = ({ policy }: Setting): Transit => (policy.attempts ? transition : deriveOnly);

interface Node {
  readonly world: World;
  readonly from: Node | null;
  readonly step: Step | null;
}

export function take({ model, story }: World, { at, inputs }: Step, { policy }: Setting, transit: Transit): Driven {
  if (inputs === 'late') return { world: { model, story, now: at }, wrong: [], told: [] };
  return drive({ model, story, now: at }, inputs, at, policy, transit);
}

/**
 * Every sequence of steps, breadth first; worlds with the same future are one.
 *
 * A disagreement ends its branch: what follows from it would only repeat it.
 */
export function explore(options: ExploreOptions): Exploration {
  return withoutStacks(() => search(options));
}

function search(options: ExploreOptions): Exploration {
  const {
    setting,
    alphabet,
    depth,
    along = [],
    visit,
    thorough = true,
    transit = engineOf(setting),
    mostStates = Infinity,
    mostWrong = 1,
  } = options;
  const { policy } = setting;
  const seen = new Map<string, number>();
  const targets: number[][] = [];
  const disagreements: Disagreement[] = [];
  const kinds = new Map<string, number>();
  let edges = 0;
  let states = 0;
  let level: Node[] = [];
  let reached = 0;

  const disagree = (wrong: readonly string[], node: Node, step: Step): void => {
    const kind = kindOf(wrong);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (kinds.get(kind) === 1)
      disagreements.push({ kind, wrong, sequence: [...pathTo(node), step], setting: setting.name });
  };

  let node: Node = { world: newWorld(setting.endpoints), from: null, step: null };
  for (const label of [null, ...along]) {
    if (label !== null) {
      const step = alphabet(node.world, policy).find((possible) => possible.label === label);
      if (step === undefined) continue;
      edges++;
      const driven = take(node.world, step, setting, transit);
      visit?.(node.world, step, driven);
      if (driven.wrong.length > 0) {
        disagree(driven.wrong, node, step);
        break;
      }
      node = { world: driven.world, from: node, step };
    }
    const key = keyOfWorld(node.world, policy);
    if (seen.has(key)) continue;
    seen.set(key, states++);
    level.push(node);
  }
  const starts = states;

  for (; reached < depth && level.length > 0 && states < mostStates && kinds.size < mostWrong; reached++) {
    const next: Node[] = [];
    for (const node of level) {
      const out: number[] = [];
      targets.push(out);
      if (thorough) {
        const { checked, wrong } = checkState(node.world, setting, transit);
        edges += checked;
        for (const { what, step } of wrong) disagree([what], node, step);
      }
      for (const step of alphabet(node.world, policy)) {
        edges++;
        const driven = take(node.world, step, setting, transit);
        const { world, wrong } = driven;
        visit?.(node.world, step, driven);
        if (wrong.length > 0) {
          disagree(wrong, node, step);
          continue;
        }
        const key = keyOfWorld(world, policy);
        let index = seen.get(key);
        if (index === undefined) {
          index = states++;
          seen.set(key, index);
          next.push({ world, from: node, step });
        }
        out.push(index);
        if (thorough && edges % 4 === 0 && step.inputs !== 'late') {
          const again = take(node.world, step, setting, transit);
          if (keyOfWorld(again.world, policy) !== key)
            disagree(['not pure: the same frame had two outcomes'], node, step);
        }
      }
    }
    level = next;
  }
  const covered = level.length === 0 ? Infinity : reached;
  return {
    states,
    edges,
    sequences: sequencesOf(targets, starts, Math.min(depth, covered)),
    depth: covered,
    disagreements,
    kinds,
  };
}

/** Thousands of errors are made that nobody throws. */
function withoutStacks<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What holds in a state whatever comes next: silence before `nextAt`, deafness to what is over. */
function checkState(
  world: World,
  { policy }: Setting,
  transit: Transit,
): { checked: number; wrong: { what: string; step: Step }[] } {
  const { model, now } = world;
  const wrong: { what: string; step: Step }[] = [];
  let checked = 0;
  const isHeard = (inputs: readonly Input[], at: number, key: string): boolean => {
    checked++;
    try {
      const { model: after, events } = transit(model, inputs, at, policy);
      return differs(world, key, after, policy) || events.length > 0;
    } catch {
      return true;
    }
  };
  const next = nextAt(model, policy);
  if (next > now) {
    const key = keyOfWorld(world, policy);
    for (const at of new Set([now, Math.min(next - 1, now + 100_000)])) {
      if (isHeard([], at, key)) {
        wrong.push({ what: 'something came before nextAt', step: { label: 'nothing', at, inputs: [] } });
      }
    }
    for (const input of staleReports(world, policy)) {
      if (isHeard([input], now, key)) {
        wrong.push({
          what: `H6: a stale ${input.type} changed something`,
          step: { label: 'stale', at: now, inputs: [input] },
        });
      }
    }
  }
  return { checked, wrong };
}

const differs = (world: World, key: string, after: World['model'], policy: Terms): boolean =>
  after !== world.model &&
  (after.lastId !== world.model.lastId || keyOfWorld({ ...world, model: after }, policy) !== key);

/** Without the names and times: what kind of disagreement it is. */
const kindOf = (wrong: readonly string[]): string => wrong.map((text) => text.replace(/\d+/g, 'n')).join('; ');

function pathTo(node: Node): Step[] {
  const path: Step[] = [];
  for (let at: Node | null = node; at?.step != null; at = at.from) path.unshift(at.step);
  return path;
}

/** The number of paths of at most so many steps from the first states. */
function sequencesOf(targets: readonly (readonly number[])[], starts: number, depth: number): number {
  let ways = new Map<number, number>(Array.from({ length: starts }, (_, index) => [index, 1]));
  let sequences = 0;
  for (let step = 0; step < depth; step++) {
    const next = new Map<number, number>();
    for (const [index, n] of ways) {
      for (const target of targets[index] ?? []) {
        sequences += n;
        next.set(target, (next.get(target) ?? 0) + n);
      }
    }
    ways = next;
  }
  return sequences;
}

/** Every sequence one by one, nothing merged: what merging could hide, this shows. */
export function enumerate({
  setting,
  alphabet,
  depth,
  transit = engineOf(setting),
  mostWrong = 1,
}: ExploreOptions): Exploration {
  const { policy } = setting;
  const disagreements: Disagreement[] = [];
  const kinds = new Map<string, number>();
  let sequences = 0;
  const keys = new Set<string>();
  const visit = (node: Node, left: number): void => {
    keys.add(keyOfWorld(node.world, policy));
    if (left === 0) return;
    for (const step of alphabet(node.world, policy)) {
      if (kinds.size >= mostWrong) return;
      sequences++;
      const { world, wrong } = take(node.world, step, setting, transit);
      if (wrong.length === 0) visit({ world, from: node, step }, left - 1);
      else {
        const kind = kindOf(wrong);
        if (!kinds.has(kind))
          disagreements.push({ kind, wrong, sequence: [...pathTo(node), step], setting: setting.name });
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
  };
  withoutStacks(() => visit({ world: newWorld(setting.endpoints), from: null, step: null }, depth));
  return { states: keys.size, edges: sequences, sequences, depth, disagreements, kinds };
}

/** A disagreement as a list that can be read and replayed. */
export function told({ wrong, sequence, setting }: Disagreement): string {
  const lines = sequence.map(({ label, at }) => `  ${String(at - START_AT).padStart(7)} ms  ${label}`);
  return [`setting: ${setting}`, ...lines, ...wrong.map((text) => `       =>  ${text}`)].join('\n');
}
