import type { ServerKind } from './page/member.js';
import type { MemberRecord } from './record.js';

/** A's state over some time; ms since the cut. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly state: string;
  readonly reason: string | null;
}

/** A as B sees it. */
export interface Sight {
  readonly from: number;
  readonly to: number;
  readonly what: 'here' | 'frozen' | 'gone';
  /** Of `gone`: why, as B was told. */
  readonly reason: string | null;
  readonly code: number | null;
}

/** One cut of A's network, and what A and B saw of it. */
export interface Scene {
  readonly server: ServerKind;
  /** Milliseconds from the cut to the heal; `null`: there was none. */
  readonly healedAfter: number | null;
  readonly A: readonly Band[];
  readonly B: readonly Sight[];
  /** B's own states. */
  readonly ofB: readonly Band[];
  /** A's links that are new: a claimed session is none. */
  readonly newLinks: number;
  /** A's deadline, since the cut; `null`: A was never away. */
  readonly deadlineAt: number | null;
}

/** Pictures come every 67 ms and are looked at four times a second: this is no jitter. */
const frozenAfter = 750;

export interface SceneTimes {
  readonly from: number;
  readonly cutAt: number;
  readonly healedAt: number | null;
  readonly to: number;
}

/** What two records say of one cut; A and B were connected when it began. */
export function sceneOf(
  server: ServerKind,
  { A, B }: { readonly A: MemberRecord; readonly B: MemberRecord },
  linksBefore: number,
  { from, cutAt, healedAt, to }: SceneTimes,
): Scene {
  const since = (at: number): number => Math.min(at, to) - cutAt;
  const bandsOf = ({ states }: MemberRecord): readonly Band[] => {
    const all = [{ at: from, state: 'connected', reason: null }, ...states];
    return all.map(({ at, state, reason }, index) => ({
      from: since(at),
      to: since(all[index + 1]?.at ?? to),
      state,
      reason,
    }));
  };
  return {
    server,
    healedAfter: healedAt === null ? null : healedAt - cutAt,
    A: bandsOf(A),
    B: sightsOf(B, from, to).map((sight) => ({ ...sight, from: since(sight.from), to: since(sight.to) })),
    ofB: bandsOf(B),
    newLinks: A.links - linksBefore,
    deadlineAt: A.deadlineAt === null ? null : A.deadlineAt - cutAt,
  };
}

/** Here while pictures come, frozen when none has come for a while, gone from a leave to the next join. */
function sightsOf({ users, pictures }: MemberRecord, from: number, to: number): readonly Sight[] {
  const moves: number[] = [];
  let shown = pictures[0]?.count;
  for (const { at, count } of pictures) {
    if (count !== shown) moves.push(at);
    shown = count;
  }
  const marks: Omit<Sight, 'to'>[] = [{ from, what: 'here', reason: null, code: null }];
  let last = from;
  for (const at of [...moves, to]) {
    if (at - last > frozenAfter) {
      marks.push({ from: last, what: 'frozen', reason: null, code: null });
      if (at !== to) marks.push({ from: at, what: 'here', reason: null, code: null });
    }
    last = at;
  }
  for (const { at, type, reason, code } of users) {
    // Who is gone has no picture, and who comes has one at its own time.
    const next = users.find((one) => one.type === 'userJoined' && one.at >= at)?.at ?? to;
    if (type !== 'userLeave') continue;
    for (const mark of marks.filter((one) => one.from >= at && one.from < next)) marks.splice(marks.indexOf(mark), 1);
    marks.push({ from: at, what: 'gone', reason, code });
    if (next < to) marks.push({ from: next, what: 'here', reason: null, code: null });
  }
  marks.sort((a, b) => a.from - b.from);
  return marks.map((mark, index) => ({ ...mark, to: marks[index + 1]?.from ?? to }));
}
