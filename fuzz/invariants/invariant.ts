import type { Entry, Recording } from '../recording.js';
import type { Frame, World } from '../world.js';

/** Looks at one thing that happened, after the world has taken it in; answers what is wrong with it. */
export type Visitor = (entry: Entry, world: World) => string | undefined;

/** A promise that holds in every recording. */
export interface Invariant {
  readonly name: string;
  /** The rows of the contract that it guards. */
  readonly rows: readonly string[];
  /** A new visitor for one recording. */
  readonly visit: (recording: Recording) => Visitor;
}

export interface Violation {
  readonly invariant: string;
  readonly rows: readonly string[];
  readonly at: number;
  readonly message: string;
}

export const invariant = (name: string, rows: string, visit: Invariant['visit']): Invariant => ({
  name,
  rows: rows.split(' '),
  visit,
});

/** An invariant that needs no memory of its own. */
export const always = (name: string, rows: string, visitor: Visitor): Invariant => invariant(name, rows, () => visitor);

/** Judges every frame that was live once all of it has been told. */
export const afterFrame = (name: string, rows: string, judge: (frame: Frame) => string | undefined): Invariant =>
  invariant(name, rows, () => {
    let open: Frame | null = null;
    return (entry, { frame }) => {
      const done = open !== null && (entry.kind === 'instant' || frame !== open) ? open : null;
      if (entry.kind === 'frame') open = frame.live ? frame : null;
      else if (done !== null) open = null;
      return done === null ? undefined : judge(done);
    };
  });
